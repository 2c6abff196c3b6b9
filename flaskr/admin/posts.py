"""The list of posts for authors: drafts, publishing, bulk actions and the trash."""

import sqlite3
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
from ..models import bulk_actions
from ..models import drafts
from ..models import post_lists
from ..models import post_titles
from ..models import posts
from ..models import trash
from ..models import undo
from ..web import post_form
from ..web import template_dates
from ..web import urls
from ..web.error_pages import form_status
from ..web.flashes import flash_with_undo

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
        "admin/posts/index.html",
        filters=FILTERS,
        counts={name: _count(name) for name in FILTERS},
        show=show,
        page=page,
        search=search,
        before=before,
        after=after,
        is_selected=request.args.get("select") == "all",
    )


def _count(show: str) -> str:
    """Return how many posts a list has, such as "1,234", or an empty string if it has none."""
    is_trash = show == "trash"
    number = trash.count(g.user) if is_trash else post_lists.count_editable(g.user, show)
    if not number:
        return ""
    return f"{number:,}+" if number == post_lists.MAX_COUNTED else f"{number:,}"


@bp.route("/posts", methods=("POST",))
@login_required
def change_selected() -> Response:
    """Apply a bulk action to the selected posts."""
    try:
        message, changed = _change(request.form.getlist("id", type=int))
    except errors.Invalid as error:
        flash(error.message, "error")
    else:
        flash_with_undo(
            _name_number(message, changed.number),
            _undo_url(changed.undo_key, request.form.get("show")),
        )
    arguments: dict[str, Any] = {
        name: request.form[name] for name in ("show", "q") if name in request.form
    }
    return redirect(url_for("posts.index", **arguments))


def _change(ids: list[int]) -> tuple[str, bulk_actions.Changed]:
    """Apply the action in the form. Return the message and the changed posts."""
    match request.form.get("action"):
        case "publish":
            return "Published {}.", bulk_actions.set_status(ids, g.user, "published")
        case "unpublish":
            return "Unpublished {}.", bulk_actions.set_status(ids, g.user, "draft")
        case "tag":
            tag = request.form.get("tag", "")
            return "Tagged {}.", bulk_actions.add_tag(ids, g.user, tag)
        case "delete":
            return "Moved {} to the trash.", bulk_actions.delete(ids, g.user)
        case "restore":
            return "Restored {}.", bulk_actions.restore(ids, g.user)
        case _:
            raise errors.NotFound("There is no such action.")


def _undo_url(key: str, show: str | None = None) -> str:
    return url_for("undo.apply", key=key, show=show) if key else ""


def _name_number(message: str, number: int) -> str:
    return message.format(f"{number} post{'' if number == 1 else 's'}")


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


@bp.route("/drafts", methods=("POST",))
@login_required
def draft() -> tuple[str, int] | Response:
    """Create a draft."""
    try:
        fields = post_form.read_fields()
        post_id = drafts.submit(g.user, post_form.read_form(), status="draft", **fields)
    except (errors.Invalid, errors.Unavailable) as error:
        status = form_status(error)
        return render_template("blog/create.html", problem=error), status
    flash("Draft saved.")
    return redirect(url_for("blog.update", id=post_id))


@bp.route("/publications", methods=("POST",))
@login_required
def publish_new() -> tuple[str, int] | Response:
    """Create a post and publish it, now or on its date."""
    try:
        fields = post_form.read_fields()
        post_id = drafts.submit(g.user, post_form.read_form(), status="published", **fields)
    except (errors.Invalid, errors.Unavailable) as error:
        return render_template("blog/create.html", problem=error), form_status(error)
    draft = undo.snapshot(posts.get(post_id, g.user), status="draft")
    return _end_on_post(post_id, undo.store(g.user, undo.STATE, [draft]))


@bp.route("/<int:id>/publication", methods=("POST",))
@login_required
def publish(id: int) -> tuple[str, int] | Response:
    """Save a post and publish it, now or on its date; or update it if it is published."""
    post = posts.get_for_edit(id, g.user)
    try:
        key = _save_as("published", post)
    except (errors.Invalid, errors.Unavailable) as error:
        return _show_form(post, error)
    return _end_on_post(id, key, "Updated." if posts.is_visible(post) else "Published.")


def _save_as(status: str, post: sqlite3.Row) -> str:
    """Save the form with this status, and return the key to undo it. Raises `Invalid`."""
    before = undo.snapshot(post)
    form = post_form.read_form(post["id"])
    posts.update(post["id"], g.user, status=status, form=form.key, **post_form.read_fields(post))
    drafts.finish(g.user, form)
    # Undoing a first publication keeps the text that was published.
    was_draft = post["status"] == "draft"
    return undo.store(g.user, undo.STATE if was_draft else undo.EVERYTHING, [before])


def _show_form(post: sqlite3.Row, error: errors.AppError) -> tuple[str, int]:
    code = form_status(error)
    return render_template("blog/update.html", post=post, problem=error), code


def _end_on_post(post_id: int, key: str, message: str = "Published.") -> Response:
    """Redirect to a published post, or to the list of scheduled ones, with an Undo button."""
    post = posts.get(post_id, g.user)
    if posts.is_scheduled(post):
        when = template_dates.format_time(post["created"])
        flash_with_undo(f"Scheduled for {when}.", _undo_url(key))
        return redirect(url_for("posts.index", show="scheduled"))
    flash_with_undo(message, _undo_url(key))
    return redirect(urls.post_url(post))


@bp.route("/<int:id>/withdrawal", methods=("POST",))
@login_required
def unpublish(id: int) -> tuple[str, int] | Response:
    """Save a published post and make it a draft again."""
    post = posts.get_for_edit(id, g.user)
    try:
        key = _save_as("draft", post)
    except (errors.Invalid, errors.Unavailable) as error:
        return _show_form(post, error)
    flash_with_undo("Unpublished. It is a draft again.", _undo_url(key))
    return redirect(urls.post_url(posts.get(id, g.user)))


@bp.route("/trash/<int:id>/restoration", methods=("POST",))
@login_required
def restore(id: int) -> Response:
    """Restore a post from the trash."""
    trash.restore(id, g.user)
    flash("Restored.")
    return redirect(urls.post_url(posts.get(id, g.user)))
