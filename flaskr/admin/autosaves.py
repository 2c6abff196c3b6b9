"""Text that was typed and not saved: kept while one types, offered when one comes back."""

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

# The addresses to which an editing form is sent.
FORMS = (
    "blog.create",
    "blog.update",
    "posts.draft",
    "posts.publish",
    "posts.unpublish",
    "previews.preview_page",
)
# What a form says of itself is no part of the text.
OWN_FIELDS = ("key", "base")
SHOWN = ("title", "body")
SAVES_WHEN_LOGGED_OUT = {"limit": 30, "seconds": 60 * 60}


@bp.before_app_request
def save_when_logged_out() -> None:
    """Keep the text of a form whose sender's session has ended, until they log in again."""
    if request.method != "POST" or request.endpoint not in FORMS:
        return
    user_id = former_user_id()
    if user_id is None or users.find(user_id) is None:
        return
    security.throttle(f"text kept for {user_id}", **SAVES_WHEN_LOGGED_OUT)
    session["unsaved"] = key = _key()
    _keep(user_id, key)
    flash("You were logged out. Your text is kept: log in to go on with it.")


def _key() -> str:
    key = request.form.get("key", "")
    return key if autosaves.is_key(key) else autosaves.new_key()


def _keep(user_id: int, key: str) -> None:
    form = request.form
    fields = {name: value for name, value in form.items() if name not in OWN_FIELDS}
    age = timedelta(seconds=max(0, min(request.args.get("age", 0, type=int), 10**9)))
    autosaves.save(user_id, key, fields, post_id=_post_id(), base=form.get("base", ""), age=age)


def _post_id() -> int | None:
    return (request.view_args or {}).get("id") or request.args.get("post", type=int)


@bp.before_app_request
def restore_after_login() -> None:
    """Say where to go on, to those who have logged in again."""
    if g.user is None or "unsaved" not in session or request.endpoint == "static":
        return
    row = autosaves.find(g.user["id"], session.pop("unsaved"))
    if row is not None:
        words = Markup('Your text from {} is kept. <a href="{}">Go on with it</a>')
        flash(words.format(when(row["kept"]), editor_url(row)))


@bp.route("/unsaved/<key>", methods=("PUT",))
def save(key: str) -> dict[str, str] | tuple[dict[str, Any], int] | Response:
    """Keep what a form holds, and answer when that was."""
    # Someone else may have logged in meanwhile: the text is not theirs.
    if g.user is None or request.args.get("user", g.user["id"], type=int) != g.user["id"]:
        if wants_json():
            return {"error": "You are logged out.", "logged_in": False}, 401
        return redirect(url_for("auth.login"))
    try:
        _keep(g.user["id"], key)
    except AppError as error:
        return {"error": error.message}, STATUSES[type(error)]
    return {"kept": f"{template_dates.to_local(datetime.now(UTC)):%H:%M}"}


@bp.route("/unsaved")
@login_required
def index() -> str:
    """The bar that offers one's texts for a post, for scripts to put on the page."""
    rows = autosaves.for_post(g.user["id"], _post_id(), except_key=request.args.get("but", ""))
    return render_template("admin/autosaves/_offers.html", offers=rows)


@bp.route("/unsaved/<key>")
@login_required
def show(key: str) -> str:
    """Compare a text with its post as it is."""
    row = autosaves.get(g.user["id"], key)
    fields = autosaves.load_fields(row)
    post = posts.get_for_edit(row["post_id"], g.user) if row["post_id"] else None
    return render_template(
        "admin/autosaves/show.html", row=row, differences=_differences(post, fields)
    )


def _differences(post: sqlite3.Row | None, fields: dict[str, str]) -> dict[str, Any]:
    if post is None:
        return {name: [diff.Part("same", fields.get(name, ""))] for name in SHOWN}
    return {
        name: diff.compare(post[name], fields[name])
        for name in SHOWN
        if name in fields and fields[name] != post[name]
    }


@bp.route("/unsaved/<key>/delete", methods=("POST",))
@login_required
def delete(key: str) -> Response:
    """Discard a text; for a while it can be had back."""
    row = autosaves.get(g.user["id"], key)
    autosaves.discard(g.user["id"], key)
    flash(Markup('Discarded. <a href="{}">Undo</a>').format(editor_url(row)))
    return redirect(
        url_for("blog.update", id=row["post_id"]) if row["post_id"] else url_for("blog.create")
    )


def when(moment: datetime) -> str:
    """A stored time as one would say it: `14:03`, before today with its day."""
    here, today = template_dates.to_local(moment), template_dates.to_local(datetime.now(UTC)).date()
    return f"{here:%H:%M}" if here.date() == today else f"{here:%Y-%m-%d %H:%M}"


def opening(row: sqlite3.Row) -> str:
    """The first words of a text, to tell it from others."""
    fields = autosaves.load_fields(row)
    return (fields.get("title") or fields.get("body", "")).strip()[:100]


def editor_url(row: sqlite3.Row) -> str:
    """The address of the editor with this text in it."""
    if row["post_id"]:
        return url_for("blog.update", id=row["post_id"], unsaved=row["key"])
    return url_for("blog.create", unsaved=row["key"])


def typed(name: str, default: str = "") -> str:
    """What a field of the editor holds: as typed just now, else as kept, else the default."""
    if request.method == "POST":
        return request.form.get(name, default)
    row = _restored()
    return autosaves.load_fields(row).get(name, default) if row else default


def _restored() -> sqlite3.Row | None:
    """The text that the address asks for, where it is one's own and of this post."""
    if "restored" not in g:
        row = autosaves.find(g.user["id"], request.args.get("unsaved", ""))
        at = (request.view_args or {}).get("id")
        g.restored = row if row and at in (None, row["post_id"]) else None
    return g.restored  # type: ignore[no-any-return]  # `g` holds anything


def max_text_bytes() -> int:
    """How many bytes a script need not try to send."""
    return min(int(current_app.config["MAX_CONTENT_LENGTH"]), post_fields.MAX_BODY_BYTES)


class Editing(NamedTuple):
    """What an editing form says of itself, and the other texts to offer beside it."""

    key: str
    base: str
    kept: datetime | None
    offers: list[sqlite3.Row]
    now: datetime


def editing(post: sqlite3.Row | None) -> Editing:
    """The state of the editing form on this page; the post is None for a new one."""
    row = _restored()
    key = row["key"] if row else _key()
    base = row["base"] if row else typed("base", _base(post))
    offers = autosaves.for_post(g.user["id"], post["id"] if post else None, except_key=key)
    return Editing(key, base, row["kept"] if row else None, offers, datetime.now(UTC))


def _base(post: sqlite3.Row | None) -> str:
    """The revision of the post that a form begins with."""
    return str(revisions.newest_id(post["id"])) if post else ""


@bp.record_once
def _give_templates_these_words(state: Any) -> None:
    state.app.add_template_filter(opening)
    state.app.add_template_filter(when)
    for word in (typed, editing, editor_url, max_text_bytes):
        state.app.add_template_global(word)
