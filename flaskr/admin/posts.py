"""The list of posts for authors: drafts, publishing, bulk actions and the trash."""

from typing import Any

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
from ..models import autosaves
from ..models import bulk_actions
from ..models import post_lists
from ..models import post_titles
from ..models import posts
from ..models import trash
from ..web import post_form
from ..web import template_dates
from ..web import urls
from ..web.error_pages import form_status

bp = Blueprint("posts", __name__)

FILTERS = {
    "published": "Published",
    "drafts": "Drafts",
    "scheduled": "Scheduled",
    "pages": "Pages",
    "trash": "Trash",
}


@bp.route("/posts")
@login_required
def index() -> str:
    """List the posts that the user may edit, filtered by state."""
    show = request.args.get("show", "published")
    search = request.args.get("q", "").strip()
    if show not in FILTERS:
        raise errors.NotFound("There is no such list of posts.")
    before, after = request.args.get("before"), request.args.get("after")
    if show == "trash":
        page = trash.for_writer(g.user, before=before, after=after)
    else:
        page = post_lists.editable_by(g.user, show, search=search, before=before, after=after)
    return render_template(
        "admin/posts/index.html", filters=FILTERS, show=show, page=page, search=search
    )


@bp.route("/posts", methods=("POST",))
@login_required
def change_selected() -> Response:
    """Apply a bulk action to the selected posts."""
    ids = request.form.getlist("id", type=int)
    try:
        match request.form.get("action"):
            case "publish":
                message = _count("Published {}.", bulk_actions.set_status(ids, g.user, "published"))
            case "unpublish":
                message = _count("Unpublished {}.", bulk_actions.set_status(ids, g.user, "draft"))
            case "tag":
                message = _count(
                    "Tagged {}.", bulk_actions.add_tag(ids, g.user, request.form.get("tag", ""))
                )
            case "delete":
                message = _count("Moved {} to the trash.", bulk_actions.delete(ids, g.user))
            case "restore":
                message = _count("Restored {}.", bulk_actions.restore(ids, g.user))
            case _:
                raise errors.NotFound("There is no such action.")
    except errors.Invalid as error:
        flash(error.message, "error")
    else:
        flash(message)
    arguments: dict[str, Any] = {
        name: request.form[name] for name in ("show", "q") if name in request.form
    }
    return redirect(url_for("posts.index", **arguments))


@bp.route("/posts/titles")
@login_required
def titles() -> list[dict[str, Any]]:
    """Return the posts to link to as JSON, newest first."""
    found = post_titles.find(g.user, request.args.get("q", ""))
    return [
        {
            # Without the path prefix, which may change.
            "url": urls.post_url(post).removeprefix(request.script_root),
            "title": post["title"],
            "is_public": posts.is_visible(post),
        }
        for post in found
    ]


def _count(message: str, number: int) -> str:
    return message.format(f"{number} post{'' if number == 1 else 's'}")


@bp.route("/drafts", methods=("POST",))
@login_required
def draft() -> tuple[str, int] | Response:
    """Create a draft."""
    try:
        post_id = posts.create(author_id=g.user["id"], status="draft", **post_form.read_fields())
    except (errors.Invalid, errors.Unavailable) as error:
        status = form_status(error)
        return render_template("blog/create.html", problem=error), status
    autosaves.delete(g.user["id"], request.form.get("key", ""))
    flash("Draft saved.")
    return redirect(url_for("blog.update", id=post_id))


@bp.route("/<int:id>/publication", methods=("POST",))
@login_required
def publish(id: int) -> tuple[str, int] | Response:
    """Save a draft and publish it, now or on its date."""
    return _save_as("published", id) or _redirect_to_post(id)


def _save_as(status: str, post_id: int) -> tuple[str, int] | None:
    """Save the form with this status. Return the form with its error if that fails."""
    post = posts.get_for_edit(post_id, g.user)
    try:
        posts.update(post_id, g.user, status=status, **post_form.read_fields(post))
    except (errors.Invalid, errors.Unavailable) as error:
        code = form_status(error)
        return render_template("blog/update.html", post=post, problem=error), code
    autosaves.delete(g.user["id"], request.form.get("key", ""))
    return None


def _redirect_to_post(post_id: int) -> Response:
    post = posts.get(post_id, g.user)
    when = template_dates.format_time(post["created"])
    flash(f"Scheduled for {when}." if posts.is_scheduled(post) else "Published.")
    return redirect(urls.post_url(post))


@bp.route("/<int:id>/withdrawal", methods=("POST",))
@login_required
def unpublish(id: int) -> tuple[str, int] | Response:
    """Save a published post and make it a draft again."""
    error_page = _save_as("draft", id)
    if error_page:
        return error_page
    flash("Unpublished. The post is a draft again.")
    return redirect(url_for("blog.update", id=id))


@bp.route("/trash/<int:id>/restoration", methods=("POST",))
@login_required
def restore(id: int) -> Response:
    """Restore a post from the trash."""
    trash.restore(id, g.user)
    flash("Restored.")
    return redirect(urls.post_url(posts.get(id, g.user)))
