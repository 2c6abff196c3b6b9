"""The version history of a post: list, compare and restore revisions."""

from flask import Blueprint
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import url_for
from werkzeug.wrappers import Response

from ..auth import login_required
from ..models import posts
from ..models import revisions
from ..text import diff

bp = Blueprint("revisions", __name__)


@bp.route("/<int:id>/revisions")
@login_required
def index(id: int) -> str:
    """List the revisions of a post."""
    post = posts.get_for_edit(id, g.user)
    return render_template(
        "admin/revisions/index.html", post=post, revisions=revisions.for_post(id)
    )


@bp.route("/<int:id>/revisions/<int:revision_id>")
@login_required
def show(id: int, revision_id: int) -> str:
    """Show the changes of a revision from the previous one."""
    post = posts.get_for_edit(id, g.user)
    revision = revisions.get(id, revision_id)
    before = revisions.previous(id, revision_id)
    return render_template(
        "admin/revisions/show.html",
        post=post,
        revision=revision,
        before=before,
        parts=diff.compare(before.body if before else "", revision.body),
    )


@bp.route("/<int:id>/revisions/<int:revision_id>/restoration", methods=("POST",))
@login_required
def restore(id: int, revision_id: int) -> Response:
    """Restore a revision. The current text remains in the version history."""
    posts.get_for_edit(id, g.user)
    revision = revisions.get(id, revision_id)
    posts.update(id, g.user, title=revision.title, body=revision.body)
    flash("Version restored. The previous text is in the version history.")
    return redirect(url_for("blog.update", id=id))
