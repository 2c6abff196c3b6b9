"""Whole pages from memory, for readers who are not logged in: as fast as can be, and never stale.

`PageCache` stands in front of the application. A view that shows everyone the same says so with the
decorator `public`; what it answers is kept, finished, and sent again for as long as there is the
same to read. Whether there is, is asked at every request (see `Watch`), so nothing ever has to say
that a page is out of date.

A request that comes with a session, and whatever no view called public, goes by untouched.
"""

import functools
import re
import threading
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from typing import Any
from typing import NamedTuple
from urllib.parse import unquote
from urllib.parse import urlsplit

from cachetools import LRUCache
from flask import Flask
from flask import Response
from flask import g
from flask import request
from flask import session
from flask import url_for
from werkzeug.sansio.http import parse_cookie

from .. import db
from ..models import post_lists
from . import version
from .responses import CachedResponse
from .responses import Headers
from .version import ContentVersion
from .version import VersionWatcher

CACHE_HINT = "flaskr.page"
# With this in the environment a request is answered only if that takes neither work nor waiting.
MEMORY_ONLY = "flaskr.memory_only"
# The answer to such a request where it would; `start_response` was not called.
NOT_IN_MEMORY: list[bytes] = []
# What other sites hang on to the links that lead here, to know again who followed them. No page
# here is another for it, and a rush of readers mostly comes by such links.
TRACKING_PARAMETERS = re.compile(
    r"(?:^|&)(?:utm_[a-z_]+|fbclid|gclid|dclid|msclkid|yclid|twclid|igshid|mc_[ce]id)=[^&]*"
)
# Longer answers, such as large pictures, are sent as they come.
MAX_CACHED_BYTES = 1024 * 1024
# How long a page waits for another to be made first, in seconds.
RENDER_WAIT_SECONDS = 0.02
Key = tuple[str, str, str, str, str]


class CacheHint:
    """What the application tells the cache of an answer."""

    is_public = False
    is_worth_keeping = False


def cacheable(*positions: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """View decorator: whoever is not logged in gets the same.

    It names the parameters of the query that the page knows, all of them positions in lists.
    """

    def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def wrapped_view(**kwargs: Any) -> Any:
            answer = view(**kwargs)
            note = request.environ.get(CACHE_HINT)
            if note is not None:
                note.is_public = True
                note.is_worth_keeping = _is_canonical_url(positions)
            return answer

        return wrapped_view

    return decorator


def _is_canonical_url(positions: tuple[str, ...]) -> bool:
    """Whether a link of ours leads here: nobody can fill the memory with other spellings."""
    arguments: dict[str, Any] = request.args.to_dict()
    if not set(arguments) <= set(positions) or len(arguments) > 1:
        return False
    ours = urlsplit(url_for(request.endpoint or "", **request.view_args or {}, **arguments))
    asked = (request.root_path + request.path, request.query_string.decode("latin-1"))
    return asked == (unquote(ours.path), ours.query) and all(
        post_lists.position_exists(position) for position in arguments.values()
    )


class Entry(NamedTuple):
    """A page that is kept, and what there was to read when it was made."""

    page: CachedResponse
    state: ContentVersion


class PageCache:
    """WSGI middleware that answers from memory what it can."""

    def __init__(
        self, app: Any, *, database: str, megabytes: int, session_cookies: Iterable[str]
    ) -> None:
        self._app = app
        self._kept: LRUCache[Key, Entry] = LRUCache(
            megabytes * 1024 * 1024, getsizeof=lambda entry: entry.page.size
        )
        self._changing = threading.Lock()
        self._turns: dict[Key, threading.Lock] = {}
        self._making = threading.Lock()
        self._session_cookies = frozenset(session_cookies)
        self._watches = _Watches(database, mapped=megabytes > 0)
        self._loop_watch = VersionWatcher(database, mapped=megabytes > 0, patience=0)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer the request."""
        key = self._key(environ)
        if MEMORY_ONLY in environ:
            return self._answer_from_memory(key, environ, start_response)
        if key is None:
            return self._app(environ, start_response)  # type: ignore[no-any-return]  # WSGI
        page = self._find(key)
        if page is None:
            with self._single_flight(key):
                page = self._find(key)
                if page is None:
                    return self._render(key, environ, start_response)
        return page.send(environ, start_response)

    def _answer_from_memory(
        self, key: Key | None, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        """Answer on a server's event loop, the only thread that asks for this."""
        with self._changing:
            entry = self._kept.get(key) if key else None
        if (
            entry is None
            or not entry.page.is_ready(environ)
            or entry.state != self._loop_watch.state()
        ):
            return NOT_IN_MEMORY
        return entry.page.send(environ, start_response)

    def _find(self, key: Key) -> CachedResponse | None:
        """The page that is kept, if it is what there is to read now."""
        with self._changing:
            entry = self._kept.get(key)
        return entry.page if entry and entry.state == self._watches.mine.state() else None

    @contextmanager
    def _single_flight(self, key: Key) -> Iterator[None]:
        """One at a time makes a page; who wants the same meanwhile waits, and takes what came.

        Other pages wait too, but not for long: threads that hand over Python's lock at each step of
        SQLite lose more by it than a second core brings.
        """
        turn = self._turns.setdefault(key, threading.Lock())
        try:
            with turn:
                is_alone = self._making.acquire(timeout=RENDER_WAIT_SECONDS)
                try:
                    yield
                finally:
                    if is_alone:
                        self._making.release()
        finally:
            self._turns.pop(key, None)

    def _key(self, environ: dict[str, Any]) -> Key | None:
        """What tells the answer from others; None where it may be for this one person."""
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or ("HTTP_COOKIE" in environ and self._has_session(environ["HTTP_COOKIE"]))
            or "HTTP_AUTHORIZATION" in environ
            or "HTTP_RANGE" in environ
        ):
            return None
        # Pages hold absolute links, hence the scheme and the host.
        return (
            environ["wsgi.url_scheme"],
            environ.get("HTTP_HOST", ""),
            environ.get("SCRIPT_NAME", ""),
            environ.get("PATH_INFO", ""),
            TRACKING_PARAMETERS.sub("", environ.get("QUERY_STRING", "")).lstrip("&"),
        )

    def _has_session(self, cookies: str) -> bool:
        # Parsing takes longer than sending the page, and no name is spelt in another way.
        if not any(name in cookies for name in self._session_cookies):
            return False
        return not self._session_cookies.isdisjoint(parse_cookie(cookies))

    def _render(self, key: Key, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Let the application answer, and keep what it called public."""
        # Looked up before the page is made: what is committed meanwhile must not count as seen.
        began, state = time.time(), self._watches.mine.state()
        note = CacheHint()
        started: list[Any] = []
        answer = self._app(
            {**environ, "REQUEST_METHOD": "GET", "QUERY_STRING": key[-1], CACHE_HINT: note},
            lambda *arguments: started.append(arguments),
        )
        status, headers, *_ = started[-1]
        if not _is_shareable(note, status, headers):
            with self._changing:
                self._kept.pop(key, None)
            start_response(*started[-1])
            return _without_body(answer) if environ["REQUEST_METHOD"] == "HEAD" else answer
        page = CachedResponse(headers, _read_body(answer), _last_modified(state, began))
        # A page may be newer than the state, and must not come back with a restored database.
        if note.is_worth_keeping and state is not None and state == self._watches.mine.state():
            # A page that is larger than all the room is not kept.
            with self._changing, suppress(ValueError):
                self._kept[key] = Entry(page, state)
        return page.send(environ, start_response)


class _Watches(threading.local):
    # What one thread has seen another may not have: each has a watch of its own.
    def __init__(self, database: str, *, mapped: bool) -> None:
        self.mine = VersionWatcher(database, mapped=mapped)


def _is_shareable(note: CacheHint, status: str, headers: Headers) -> bool:
    given = {name.lower(): value for name, value in headers}
    return (
        note.is_public
        and status.startswith("200 ")
        and "set-cookie" not in given
        and int(given.get("content-length", MAX_CACHED_BYTES)) < MAX_CACHED_BYTES
    )


def _last_modified(state: ContentVersion | None, began: float) -> float | None:
    """The date of the page; None when its second may have brought another change."""
    return state.since if state is not None and state.since < int(began) else None


def _read_body(answer: Iterable[bytes]) -> bytes:
    try:
        return b"".join(answer)
    finally:
        _close(answer)


def _without_body(answer: Iterable[bytes]) -> list[bytes]:
    _close(answer)
    return []


def _close(answer: Any) -> None:
    if hasattr(answer, "close"):
        answer.close()


def use_kept_db() -> None:
    """Read over a connection that stays open, where nobody is logged in."""
    if CACHE_HINT in request.environ:
        db.use_reusable_db()


def set_cache_control(response: Response) -> Response:
    """Let browsers and proxies keep what is public, and ask each time whether it is still good."""
    note = request.environ.get(CACHE_HINT)
    is_public = note is not None and note.is_public and _is_nobodys()
    if note is not None:
        note.is_public = is_public
    if note is not None and response.status_code < 400:
        db.mark_db_reusable()
    response.headers.setdefault("Cache-Control", "no-cache" if is_public else "private, no-cache")
    return response


def _is_nobodys() -> bool:
    """Return whether the answer was made for nobody in particular, whatever cookies came."""
    return g.get("user") is None and not session and not session.modified


def init_app(app: Flask) -> None:
    """Put the cache in front of the application."""
    app.extensions["flaskr.triggers"].append(version.triggers)
    app.before_request(use_kept_db)
    app.after_request(set_cache_control)
    app.wsgi_app = PageCache(  # type: ignore[method-assign]
        app.wsgi_app,
        database=app.config["DATABASE"],
        megabytes=app.config["PAGE_CACHE_MB"],
        session_cookies=app.extensions["flaskr.session_cookies"],
    )
