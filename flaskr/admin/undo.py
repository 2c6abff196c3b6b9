"""Undo a change of posts."""

from flask import Blueprint
from flask import flash
from flask import g
from flask import redirect
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from .. import errors
from ..auth import login_required
from ..models import posts
from ..models import undo
from ..web import template_dates
from ..web import urls

bp = Blueprint("undo", __name__)


@bp.route("/undo/<key>", methods=("POST",))
@login_required
def apply(key: str) -> Response:
    """Undo a change, and show the result."""
    try:
        undone = undo.apply(key, g.user)
    except (errors.NotFound, errors.Invalid) as error:
        flash(error.message, "error")
        return redirect(url_for("posts.index", show=request.args.get("show")))
    if "show" in request.args or len(undone.post_ids) != 1:
        flash("Undone.")
        return redirect(url_for("posts.index", show=request.args.get("show")))
    return _show_post(undone.post_ids[0], undone.part)


def _show_post(post_id: int, part: str) -> Response:
    post = posts.get_for_edit(post_id, g.user)
    if part == undo.TEXT:
        flash("Undone. The previous version is back.")
        return redirect(url_for("revisions.index", id=post_id))
    if post["status"] == "draft":
        flash("Undone. It is a draft again.")
        return redirect(url_for("blog.update", id=post_id))
    if posts.is_scheduled(post):
        flash(f"Undone. Scheduled for {template_dates.format_time(post['created'])}.")
        return redirect(url_for("posts.index", show="scheduled"))
    flash("Undone. Readers see the previous version.")
    return redirect(urls.post_url(post))
