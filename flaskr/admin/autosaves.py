"""Save the form of the editor's scripts, and list and restore autosaves."""

import sqlite3
from datetime import UTC
from datetime import datetime
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

from .. import errors
from ..auth import former_user_id
from ..auth import login_required
from ..models import autosaves
from ..models import drafts
from ..models import post_fields
from ..models import posts
from ..models import revisions
from ..models import users
from ..text import diff
from ..web import conflicts
from ..web import post_form
from ..web import security
from ..web import template_dates
from ..web.error_pages import script_status
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
COMPARED_FIELDS = ("title", "body")
OPENING_CHARS = 100
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
    form = post_form.read_form(_post_id())
    key = form.key or autosaves.new_key()
    autosaves.save(user_id, key, form.texts, post_id=form.post_id, base=form.base)
    session["unsaved"] = key
    flash("You were logged out. Your text is autosaved. Log in to continue editing.")


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
        flash(message.format(template_dates.recent_time(row["kept"]), editor_url(row)))


@bp.route("/unsaved/<key>", methods=("PUT", "POST"))
def save(key: str) -> dict[str, Any] | tuple[dict[str, Any], int] | Response:
    """Save the form of the editor's scripts: a draft, or private changes to a published post.

    `POST` is for networks that refuse `PUT`.
    """
    # Another user may have logged in since the page was loaded; the text is not theirs.
    if g.user is None or request.args.get("user", g.user["id"], type=int) != g.user["id"]:
        if wants_json():
            return {"error": "You are logged out.", "logged_in": False}, 401
        return redirect(url_for("auth.login"))
    form = post_form.read_form(_post_id(), key)
    try:
        fields, problems = post_form.read_valid_fields(drafts.find_post(g.user, form))
        saved = drafts.save(
            g.user,
            form,
            fields,
            {problem.field: problem.message for problem in problems},
            explicit="explicit" in request.args,
        )
    except errors.EditConflict as error:
        return {"error": error.message, "conflict": conflicts.describe(error)}, 409
    except errors.AppError as error:
        return {"error": error.message}, script_status(error)
    return _saved(saved)


def _saved(saved: drafts.Saved) -> dict[str, Any]:
    """Return the JSON for the editor's scripts."""
    post = saved.post
    answer: dict[str, Any] = {"errors": saved.problems, "base": saved.base}
    if post is None:
        return answer | {"state": "", "status": "new", "url": url_for("blog.create")}
    if saved.merged:
        answer["merged"] = {"title": saved.merged.title, "body": saved.merged.body}
    is_saved_now = saved.is_private or post["status"] == "draft"
    return answer | {
        "state": describe(post, datetime.now(UTC) if is_saved_now else None),
        "status": "scheduled" if posts.is_scheduled(post) else post["status"],
        "post": post["id"],
        "url": url_for("blog.update", id=post["id"]),
        "publish_url": url_for("posts.publish", id=post["id"]),
    }


def describe(post: sqlite3.Row, saved: datetime | None = None) -> str:
    """Return a sentence with the time of the save, and of the version that readers see."""
    published = template_dates.recent_time(post["updated"] or post["created"])
    if saved is None:
        return f"Saved {published}."
    if post["status"] == "draft":
        return f"Saved {template_dates.recent_time(saved)}."
    seen = "Scheduled: the version of" if posts.is_scheduled(post) else "Readers see the version of"
    return f"Saved privately {template_dates.recent_time(saved)}. {seen} {published}."


@bp.route("/unsaved")
@login_required
def index() -> str:
    """List the user's autosaves of a post, or of new posts."""
    post_id = _post_id()
    post = posts.get_for_edit(post_id, g.user) if post_id else None
    rows = autosaves.for_post(g.user["id"], post_id)
    return render_template("admin/autosaves/index.html", rows=rows, post=post)


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


def opening(row: sqlite3.Row) -> str:
    """Return the beginning of an autosave or post, to tell it from others."""
    fields = dict(row)
    if "fields" in fields:
        fields = autosaves.load_fields(row)
    # The form of an autosave may have lacked one of them.
    opening = fields.get("title") or fields.get("body", "")
    return " ".join(opening[:OPENING_CHARS].split())


def editor_url(row: sqlite3.Row) -> str:
    """Return the URL of the editor with this autosave restored."""
    if row["post_id"]:
        return url_for("blog.update", id=row["post_id"], unsaved=row["key"])
    return url_for("blog.create", unsaved=row["key"])


def typed(name: str, default: str = "") -> str:
    """Return the value of an editor field: submitted, else autosaved, else the default."""
    if request.method == "POST":
        return request.form.get(name, default)
    row = _shown_autosave()
    return autosaves.load_fields(row).get(name, default) if row else default


def _shown_autosave() -> sqlite3.Row | None:
    """Return the autosave that fills the form: the one in the URL, or the newest of the post."""
    if "shown_autosave" not in g:
        g.shown_autosave = _find_shown()
    return g.shown_autosave  # type: ignore[no-any-return]  # `g` holds anything


def _find_shown() -> sqlite3.Row | None:
    post_id = (request.view_args or {}).get("id")
    row = autosaves.find(g.user["id"], request.args.get("unsaved", ""))
    if row and post_id in (None, row["post_id"]):
        return row
    return autosaves.find_newer(g.user["id"], posts.get_stored(post_id)) if post_id else None


def max_text_bytes() -> int:
    """Return the size above which the server refuses a text, for the editor's scripts."""
    return min(int(current_app.config["MAX_CONTENT_LENGTH"]), post_fields.MAX_BODY_BYTES)


class EditorState(NamedTuple):
    """The state of the editor's form, with its hidden fields.

    `unsaved` is the autosave that fills the form, and `others` the number of further ones. `age` is
    the age of the text in seconds, and `clock` the current time in seconds since 1970.
    """

    key: str
    base: str
    restored: str
    unsaved: sqlite3.Row | None
    others: int
    text: str
    now: datetime
    clock: int
    age: int


def editing(post: sqlite3.Row | None) -> EditorState:
    """Return the state of the form for a new post, or for `post`."""
    row = _shown_autosave() if request.method == "GET" else None
    rows = autosaves.for_post(g.user["id"], post["id"] if post else None)
    form = post_form.read_form()
    now = datetime.now(UTC)
    saved = row["kept"] if row else post and (post["updated"] or post["created"])
    return EditorState(
        key=form.key or autosaves.new_key(),
        base=row["base"] if row else form.base or _newest_revision(post),
        restored=autosaves.version(row) if row else form.restored,
        unsaved=row,
        others=sum(other["key"] not in (form.key, row and row["key"]) for other in rows),
        text=_state_text(post, row),
        now=now,
        clock=int(now.timestamp()),
        age=abs(int((now - saved.replace(tzinfo=UTC)).total_seconds())) if saved else 0,
    )


def _state_text(post: sqlite3.Row | None, row: sqlite3.Row | None) -> str:
    if post is None or request.method != "GET":
        return ""
    return describe(post, row["kept"] if row else None)


def _newest_revision(post: sqlite3.Row | None) -> str:
    return str(revisions.newest_id(post["id"])) if post else ""


@bp.record_once
def _register_template_helpers(state: Any) -> None:
    state.app.add_template_filter(opening)
    for helper in (typed, editing, editor_url, max_text_bytes):
        state.app.add_template_global(helper)
