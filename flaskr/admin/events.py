"""Server-sent events for open pages: posts that were saved, came out, or are being imported."""

import hashlib
import re
import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from flask import Blueprint
from flask import Response
from flask import g
from flask import request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import NotImplemented as NotImplementedOnServer
from werkzeug.exceptions import Unauthorized

from .. import auth
from .. import errors
from ..models import live_changes
from ..models import permissions
from ..models.permissions import User
from ..site_import import background
from ..web import credentials
from ..web import live_events
from ..web import tokens
from ..web.live_events import Event

bp = Blueprint("events", __name__, url_prefix="/api/v1")

STATE_ID = re.compile(r"[0-9a-f]{16}")
LOG_IN_MESSAGE = "Log in, or send a token with the scope read."
NO_STREAMS_MESSAGE = "Events need the server of the command flaskr serve. This is another one."
TOO_MANY_MESSAGE = "Too many pages receive events. Close some of them."
RETRY_SECONDS = 60
HEADERS = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    # nginx would wait for more.
    "X-Accel-Buffering": "no",
}


@bp.route("/events", methods=("GET",))
def stream() -> Response:
    """Stream events, if the server can. Otherwise end the browser's attempts with 204."""
    _require_reader()
    find_user = auth.user_finder()
    offer = request.environ.get(live_events.OFFER)
    if offer is None and credentials.holder() is not None:
        raise NotImplementedOnServer(NO_STREAMS_MESSAGE)
    if offer is None or find_user is None or request.method != "GET":
        return Response(status=204, headers={"Cache-Control": "no-store"})
    page = Page(
        find_user,
        post_id=request.args.get("post", 0, type=int),
        form=request.args.get("form", ""),
        known=request.headers.get("Last-Event-ID") or request.args.get("since", ""),
    )
    first = page.poll()
    if first is None or not offer.accept(live_events.Listener(page.poll, g.user["id"], first)):
        raise errors.TooManyRequests(TOO_MANY_MESSAGE, RETRY_SECONDS)
    return Response(headers=HEADERS)


def _require_reader() -> None:
    """Raise `Unauthorized` without a log-in, and `InsufficientScope` without the scope read."""
    if g.user is None:
        # A page over plain HTTP must not ask for a name and a password when the log-in has ended.
        challenge = WWWAuthenticate("bearer", {"realm": tokens.REALM})
        raise Unauthorized(LOG_IN_MESSAGE, www_authenticate=challenge)
    tokens.check_scope("read")


class State(NamedTuple):
    """The state that a page shows."""

    posts: dict[int, live_changes.PostState]
    post_id: int
    save: live_changes.Save | None
    progress: dict[str, Any]

    @property
    def id(self) -> str:
        """Return a hash of the posts, which a page names when it connects again."""
        content = repr(sorted(self.posts.items())).encode(errors="replace")
        return hashlib.sha256(content).hexdigest()[:16]


class Page:
    """An open page: it knows a state, and gets the differences as events.

    `post_id` and `form` are those of an editing form. `known` is the id of the last state that the
    page got before it lost the connection.
    """

    def __init__(
        self,
        find_user: Callable[[], sqlite3.Row | None],
        *,
        post_id: int = 0,
        form: str = "",
        known: str = "",
    ) -> None:
        self._find_user = find_user
        self._post_id = post_id
        self._form = form
        self._known = known if STATE_ID.fullmatch(known) else ""
        self._state: State | None = None

    def poll(self) -> bytes | None:
        """Return the events since the last call, or None if the user has logged out."""
        user = self._find_user()
        if user is None:
            return None
        before, after = self._state, self._read(user)
        self._state = after
        if before is not None:
            return live_events.serialize(_differences(before, after, user), after.id)
        first = live_events.serialize(self._first_events(after, user), after.id)
        return live_events.start(after.id) + first

    def _read(self, user: User) -> State:
        return State(
            live_changes.read_posts(user),
            self._post_id,
            live_changes.last_save(self._post_id, user, self._form) if self._post_id else None,
            _import_progress(user),
        )

    def _first_events(self, state: State, user: User) -> Iterator[Event]:
        if self._known not in ("", state.id):
            yield Event("posts", {"changed": [], "published": []})
        if state.save:
            yield _save_event(state.post_id, state.save, user)


def _differences(before: State, after: State, user: User) -> Iterator[Event]:
    changed = before.posts.items() ^ after.posts.items()
    if changed:
        published = live_changes.published_since(before.posts, after.posts)
        data = {"changed": sorted({id for id, _ in changed}), "published": sorted(published)}
        yield Event("posts", data)
    if after.save and after.save != before.save:
        yield _save_event(after.post_id, after.save, user)
    if after.progress != before.progress:
        yield Event("import", after.progress)


def _save_event(post_id: int, save: live_changes.Save, user: User) -> Event:
    data = {
        "id": post_id,
        "revision": save.revision,
        "editor": save.editor,
        "is_own": save.editor_id == user["id"],
        "saved": f"{save.saved.replace(' ', 'T')}Z",
    }
    return Event("post", data)


def _import_progress(user: User) -> dict[str, Any]:
    """Return the progress of a site import, for users who may see it."""
    if not permissions.may(user, "change settings"):
        return {}
    state = background.state()
    return {name: state[name] for name in ("running", "phase", "done", "total") if name in state}
