"""Autosaves of the editor: store them while an author types, and offer to restore them."""

import sqlite3
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import NamedTuple

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from markupsafe import Markup
from werkzeug.wrappers import Response

from ..auth import former_user_id
from ..auth import login_required
from ..errors import AppError
from ..models import autosaves
from ..models import post_fields
from ..models import posts
from ..models import revisions
from ..models import users
from ..text import diff
from ..web import security
from ..web import template_dates
from ..web.error_pages import STATUSES
from ..web.error_pages import wants_json

bp = Blueprint("autosaves", __name__)

# The endpoints that receive the editor's form.
EDITOR_ENDPOINTS = (
    "blog.create",
    "blog.update",
    "posts.draft",
    "posts.publish",
    "posts.publish_new",
    "posts.unpublish",
    "previews.preview_page",
)
# These fields describe the form itself and are not part of the post.
METADATA_FIELDS = ("key", "base")
COMPARED_FIELDS = ("title", "body")
SAVES_WHEN_LOGGED_OUT = {"limit": 30, "seconds": 60 * 60}


@bp.before_app_request
def save_when_logged_out() -> None:
    """Autosave a form that was submitted after the session ended, and restore it after login."""
    if request.method != "POST" or request.endpoint not in EDITOR_ENDPOINTS:
        return
    user_id = former_user_id()
    if user_id is None or users.find(user_id) is None:
        return
    security.throttle(f"text kept for {user_id}", **SAVES_WHEN_LOGGED_OUT)
    session["unsaved"] = key = _form_key()
    _store_form(user_id, key)
    flash("You were logged out. Your text is autosaved. Log in to continue editing.")


def _form_key() -> str:
    key = request.form.get("key", "")
    return key if autosaves.is_key(key) else autosaves.new_key()


def _store_form(user_id: int, key: str) -> None:
    form = request.form
    fields = {name: value for name, value in form.items() if name not in METADATA_FIELDS}
    age = timedelta(seconds=max(0, min(request.args.get("age", 0, type=int), 10**9)))
    autosaves.save(user_id, key, fields, post_id=_post_id(), base=form.get("base", ""), age=age)


def _post_id() -> int | None:
    return (request.view_args or {}).get("id") or request.args.get("post", type=int)


@bp.before_app_request
def restore_after_login() -> None:
    """Offer the autosave of a form that was sent while logged out."""
    if g.user is None or "unsaved" not in session or request.endpoint == "static":
        return
    row = autosaves.find(g.user["id"], session.pop("unsaved"))
    if row is not None:
        message = Markup('Your text from {} is autosaved. <a href="{}">Continue editing</a>')
        flash(message.format(when(row["kept"]), editor_url(row)))


@bp.route("/unsaved/<key>", methods=("PUT",))
def save(key: str) -> dict[str, str] | tuple[dict[str, Any], int] | Response:
    """Store an autosave and return its time."""
    # Another user may have logged in since the page was loaded; the text is not theirs.
    if g.user is None or request.args.get("user", g.user["id"], type=int) != g.user["id"]:
        if wants_json():
            return {"error": "You are logged out.", "logged_in": False}, 401
        return redirect(url_for("auth.login"))
    try:
        _store_form(g.user["id"], key)
    except AppError as error:
        return {"error": error.message}, STATUSES[type(error)]
    return {"saved_at": f"{template_dates.to_local(datetime.now(UTC)):%H:%M}"}


@bp.route("/unsaved")
@login_required
def index() -> str:
    """Return the HTML that offers the user's autosaves of a post."""
    rows = autosaves.for_post(g.user["id"], _post_id(), except_key=request.args.get("but", ""))
    return render_template("admin/autosaves/_offers.html", offers=rows)


@bp.route("/unsaved/<key>")
@login_required
def show(key: str) -> str:
    """Compare an autosave with the saved post."""
    row = autosaves.get(g.user["id"], key)
    fields = autosaves.load_fields(row)
    post = posts.get_for_edit(row["post_id"], g.user) if row["post_id"] else None
    return render_template(
        "admin/autosaves/show.html", row=row, differences=_differences(post, fields)
    )


def _differences(post: sqlite3.Row | None, fields: dict[str, str]) -> dict[str, Any]:
    if post is None:
        return {name: [diff.Part("same", fields.get(name, ""))] for name in COMPARED_FIELDS}
    return {
        name: diff.compare(post[name], fields[name])
        for name in COMPARED_FIELDS
        if name in fields and fields[name] != post[name]
    }


@bp.route("/unsaved/<key>/delete", methods=("POST",))
@login_required
def delete(key: str) -> Response:
    """Discard an autosave, with an undo link."""
    row = autosaves.get(g.user["id"], key)
    autosaves.discard(g.user["id"], key)
    flash(Markup('Discarded. <a href="{}">Undo</a>').format(editor_url(row)))
    return redirect(
        url_for("blog.update", id=row["post_id"]) if row["post_id"] else url_for("blog.create")
    )


def when(moment: datetime) -> str:
    """Return a UTC time as local text: `14:03` today, otherwise `2026-11-20 14:03`."""
    local, today = (
        template_dates.to_local(moment),
        template_dates.to_local(datetime.now(UTC)).date(),
    )
    return f"{local:%H:%M}" if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def opening(row: sqlite3.Row) -> str:
    """Return the beginning of an autosave, to tell it from others."""
    fields = autosaves.load_fields(row)
    return (fields.get("title") or fields.get("body", "")).strip()[:100]


def editor_url(row: sqlite3.Row) -> str:
    """Return the URL of the editor with this autosave restored."""
    if row["post_id"]:
        return url_for("blog.update", id=row["post_id"], unsaved=row["key"])
    return url_for("blog.create", unsaved=row["key"])


def typed(name: str, default: str = "") -> str:
    """Return the value of an editor field: submitted, else autosaved, else the default."""
    if request.method == "POST":
        return request.form.get(name, default)
    row = _restored_autosave()
    return autosaves.load_fields(row).get(name, default) if row else default


def _restored_autosave() -> sqlite3.Row | None:
    """Return the autosave named in the URL if it belongs to the user and the post."""
    if "restored" not in g:
        row = autosaves.find(g.user["id"], request.args.get("unsaved", ""))
        post_id = (request.view_args or {}).get("id")
        g.restored = row if row and post_id in (None, row["post_id"]) else None
    return g.restored  # type: ignore[no-any-return]  # `g` holds anything


def max_text_bytes() -> int:
    """Return the size above which the server refuses a text, for the editor's scripts."""
    return min(int(current_app.config["MAX_CONTENT_LENGTH"]), post_fields.MAX_BODY_BYTES)


class EditorState(NamedTuple):
    """The autosave state of the editor's form, with the other autosaves to offer."""

    key: str
    base: str
    restored_from: datetime | None
    offers: list[sqlite3.Row]
    now: datetime


def editing(post: sqlite3.Row | None) -> EditorState:
    """Return the state of the form for a new post, or for `post`."""
    row = _restored_autosave()
    key = row["key"] if row else _form_key()
    base = row["base"] if row else typed("base", _newest_revision(post))
    offers = autosaves.for_post(g.user["id"], post["id"] if post else None, except_key=key)
    return EditorState(key, base, row["kept"] if row else None, offers, datetime.now(UTC))


def _newest_revision(post: sqlite3.Row | None) -> str:
    return str(revisions.newest_id(post["id"])) if post else ""


@bp.record_once
def _register_template_helpers(state: Any) -> None:
    state.app.add_template_filter(opening)
    state.app.add_template_filter(when)
    for helper in (typed, editing, editor_url, max_text_bytes):
        state.app.add_template_global(helper)
