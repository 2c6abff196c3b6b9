"""The page on which tags are renamed, merged and deleted."""

from flask import Blueprint
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from .. import errors
from ..auth import login_required
from ..auth import permission_required
from ..models import tags
from ..web.error_pages import form_status

bp = Blueprint("tags", __name__, url_prefix="/tags")
bp.before_request(permission_required("change tags"))


@bp.route("")
@login_required
def index() -> str:
    """List all tags, each with a form to rename it."""
    return render_template("admin/tags/index.html", tags=tags.list_all(), problem=None)


@bp.route("/<int:id>", methods=("POST",))
@login_required
def rename(id: int) -> tuple[str, int] | Response:
    """Rename a tag, or merge it into the tag that already has the name."""
    before = tags.get(id)
    try:
        tag = tags.rename(id, request.form.get("name", ""), g.user)
    except (errors.Invalid, errors.Unavailable) as error:
        page = render_template(
            "admin/tags/index.html", tags=tags.list_all(), problem=error, wrong_id=id
        )
        return page, form_status(error)
    if tag["id"] == id:
        flash(f"Renamed {before['name']} to {tag['name']}.")
    else:
        flash(f"Merged {before['name']} into {tag['name']}.")
    return redirect(url_for("tags.index"))


@bp.route("/<int:id>/deletion", methods=("POST",))
@login_required
def delete(id: int) -> Response:
    """Delete a tag from all posts."""
    tag = tags.get(id)
    tags.delete(id, g.user)
    flash(f"Deleted the tag {tag['name']}. Its posts are kept.")
    return redirect(url_for("tags.index"))
