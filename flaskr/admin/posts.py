"""The writer's desk: all one's posts, drafts, publishing, the trash."""

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
    """List the posts that one may edit: published, drafts, scheduled, pages, in the trash."""
    shelf = request.args.get("show", "published")
    words = request.args.get("q", "").strip()
    if shelf not in FILTERS:
        raise errors.NotFound("There is no such list. The lists are Published, Drafts and more.")
    before, after = request.args.get("before"), request.args.get("after")
    if shelf == "trash":
        return _render(shelf, page=trash.for_writer(g.user, before=before, after=after))
    page = post_lists.editable_by(g.user, shelf, search=words, before=before, after=after)
    return _render(shelf, page=page, words=words)


def _render(shelf: str, **values: Any) -> str:
    return render_template("admin/posts/index.html", shelves=FILTERS, shelf=shelf, **values)


@bp.route("/posts", methods=("POST",))
@login_required
def change_selected() -> Response:
    """Do one thing to all posts that were ticked in a list."""
    ids = request.form.getlist("id", type=int)
    try:
        match request.form.get("action"):
            case "publish":
                done = _count("Published", bulk_actions.set_status(ids, g.user, "published"))
            case "unpublish":
                done = _count("Unpublished", bulk_actions.set_status(ids, g.user, "draft"))
            case "tag":
                done = _count(
                    "Tagged", bulk_actions.add_tag(ids, g.user, request.form.get("tag", ""))
                )
            case "delete":
                done = _count("Moved to the trash:", bulk_actions.delete(ids, g.user))
            case "restore":
                done = _count("Restored", bulk_actions.restore(ids, g.user))
            case _:
                raise errors.NotFound("There is no such action.")
    except errors.Invalid as error:
        flash(error.message, "error")
    else:
        flash(done)
    place: dict[str, Any] = {
        name: request.form[name] for name in ("show", "q") if name in request.form
    }
    return redirect(url_for("posts.index", **place))


def _count(what: str, number: int) -> str:
    return f"{what} {number} post{'' if number == 1 else 's'}."


@bp.route("/drafts", methods=("POST",))
@login_required
def draft() -> tuple[str, int] | Response:
    """Store a new post that nobody else sees yet."""
    try:
        post_id = posts.create(author_id=g.user["id"], status="draft", **post_form.read_fields())
    except (errors.Invalid, errors.Unavailable) as error:
        status = form_status(error)
        return render_template("blog/create.html", problem=error), status
    autosaves.delete(g.user["id"], request.form.get("key", ""))
    flash("Saved as a draft.")
    return redirect(url_for("blog.update", id=post_id))


@bp.route("/<int:id>/publication", methods=("POST",))
@login_required
def publish(id: int) -> tuple[str, int] | Response:
    """Save a draft and publish it, now or at its date."""
    return _save_as("published", id) or _show(id)


def _save_as(status: str, post_id: int) -> tuple[str, int] | None:
    """Store what was typed under this status; the form once more where that cannot be."""
    post = posts.get_for_edit(post_id, g.user)
    try:
        typed = post_form.read_fields(post)
        posts.update(post_id, g.user, status=status, **typed)
    except (errors.Invalid, errors.Unavailable) as error:
        code = form_status(error)
        return render_template("blog/update.html", post=post, problem=error), code
    autosaves.delete(g.user["id"], request.form.get("key", ""))
    return None


def _show(post_id: int) -> Response:
    post = posts.get(post_id, g.user)
    when = template_dates.format_time(post["created"])
    flash(f"Scheduled for {when}." if posts.is_scheduled(post) else "Published.")
    return redirect(urls.post_url(post))


@bp.route("/<int:id>/withdrawal", methods=("POST",))
@login_required
def unpublish(id: int) -> tuple[str, int] | Response:
    """Save a published post and make it a draft again."""
    refused = _save_as("draft", id)
    if refused:
        return refused
    flash("Unpublished. It is a draft now.")
    return redirect(url_for("blog.update", id=id))


@bp.route("/trash/<int:id>/restoration", methods=("POST",))
@login_required
def restore(id: int) -> Response:
    """Bring a post back from the trash."""
    trash.restore(id, g.user)
    flash("Restored.")
    return redirect(urls.post_url(posts.get(id, g.user)))
