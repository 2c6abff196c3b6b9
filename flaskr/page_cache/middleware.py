"""Cache whole pages in memory for anonymous visitors.

`PageCache` is a WSGI middleware in front of the application. A view decorated with `@cacheable()`
declares that it sends the same page to every visitor; its response is stored and served to others.
A stored page is used only while the content version it was rendered from is still current, which
is checked at each request (see `version.py`). There is therefore no code to invalidate pages.

Requests with a session cookie, and responses of other views, pass through unchanged.

A cached page takes about 60 µs of processor time, a rendered page about 1 ms (see
docs/performance.md). To remove the cache, delete the last statement of `init_app`.
"""

import functools
import re
import threading
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
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
from . import version
from .responses import COMPRESSIBLE
from .responses import MARKDOWN
from .responses import CachedResponse
from .responses import Headers
from .responses import prefers_markdown
from .version import ContentVersion
from .version import VersionWatcher

# The key of the `CacheHint` in the WSGI environ.
CACHE_HINT = "flaskr.page"
# Set in the environ by a server that wants an answer only if it is ready in memory.
MEMORY_ONLY = "flaskr.memory_only"
# Returned for such a request if the page is not in memory; `start_response` was not called.
NOT_IN_MEMORY: list[bytes] = []
# Other sites append these to links to recognize visitors. No view reads them, so links with and
# without them share one cached page.
TRACKING_PARAMETERS = re.compile(
    r"(?:^|&)(?:utm_[a-z_]+|fbclid|gclid|dclid|msclkid|yclid|twclid|igshid|mc_[ce]id)=[^&]*"
)
# Longer files are streamed: those that compressing does not shorten, mostly pictures, and others.
MAX_FILE_BYTES = 1024 * 1024
MAX_TEXT_FILE_BYTES = 8 * 1024 * 1024
# Longer pages are sent as they are, because compressing one takes its length in memory again.
MAX_PAGE_BYTES = 64 * 1024 * 1024
# An entry that takes a larger part of the cache is not stored: a few would displace all others.
MAX_SHARE_OF_CACHE = 1 / 4
RENDER_WAIT_SECONDS = 0.02
Key = tuple[str, str, str, str, str, str]
View = Callable[..., Any]
Arguments = Mapping[str, Callable[[str], bool]]


class CacheHint:
    """Tells the cache how it may use the response to a request."""

    # The response is the same for every visitor.
    is_cacheable = False
    # The URL is one that the blog itself links to.
    is_storable = False


def cacheable(arguments: Arguments | None = None) -> Callable[[View], View]:
    """Decorate a view that sends the same page to every anonymous visitor.

    `arguments` has the query parameters of the view, each with a function that returns True for
    values that the blog links to.
    """

    def decorator(view: View) -> View:
        @functools.wraps(view)
        def wrapped_view(**kwargs: Any) -> Any:
            response = view(**kwargs)
            hint = request.environ.get(CACHE_HINT)
            if hint is not None:
                hint.is_cacheable = True
                hint.is_storable = _is_canonical_url(arguments or {})
            return response

        return wrapped_view

    return decorator


def _is_canonical_url(known: Arguments) -> bool:
    """Return True if the blog links to this exact URL.

    Other spellings of it are not stored, so that a client cannot fill the cache with them.
    """
    arguments: dict[str, Any] = request.args.to_dict()
    if not set(arguments) <= set(known) or len(arguments) > 1:
        return False
    canonical = urlsplit(url_for(request.endpoint or "", **request.view_args or {}, **arguments))
    requested = (request.root_path + request.path, request.query_string.decode("latin-1"))
    return requested == (unquote(canonical.path), canonical.query) and all(
        known[name](value) for name, value in arguments.items()
    )


class Entry(NamedTuple):
    """A cached page and the content version it was rendered from."""

    page: CachedResponse
    version: ContentVersion


class PageCache:
    """WSGI middleware that answers from memory where it can."""

    def __init__(
        self, app: Any, *, database: str, megabytes: int, session_cookies: Iterable[str]
    ) -> None:
        self._app = app
        max_bytes = megabytes * 1024 * 1024
        self._entries: LRUCache[Key, Entry] = LRUCache(
            max_bytes, getsizeof=lambda entry: entry.page.size
        )
        self._max_entry_bytes = max_bytes * MAX_SHARE_OF_CACHE
        self._entries_lock = threading.Lock()
        self._key_locks: dict[Key, threading.Lock] = {}
        self._render_lock = threading.Lock()
        self._session_cookies = frozenset(session_cookies)
        self._watchers = _ThreadWatchers(database, use_wal_index=megabytes > 0)
        self._event_loop_watcher = VersionWatcher(
            database, use_wal_index=megabytes > 0, timeout_seconds=0
        )

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        key = self._make_key(environ)
        if MEMORY_ONLY in environ:
            return self._answer_from_memory(key, environ, start_response)
        if key is None:
            return self._app(environ, start_response)  # type: ignore[no-any-return]  # WSGI
        page = self._find_page(key)
        if page is None:
            with self._single_flight(key):
                page = self._find_page(key)
                if page is None:
                    return self._render(key, environ, start_response)
        return page.send(environ, start_response)

    def _answer_from_memory(
        self, key: Key | None, environ: dict[str, Any], start_response: Any
    ) -> Iterable[bytes]:
        """Answer without waiting, or return `NOT_IN_MEMORY`. Only an event loop calls this."""
        with self._entries_lock:
            entry = self._entries.get(key) if key else None
        if (
            entry is None
            or not entry.page.is_ready(environ)
            or entry.version != self._event_loop_watcher.current()
        ):
            return NOT_IN_MEMORY
        return entry.page.send(environ, start_response)

    def _find_page(self, key: Key) -> CachedResponse | None:
        """Return the cached page if its content has not changed."""
        with self._entries_lock:
            entry = self._entries.get(key)
        return entry.page if entry and entry.version == self._watchers.watcher.current() else None

    @contextmanager
    def _single_flight(self, key: Key) -> Iterator[None]:
        """Let one thread render a page while others wait for its result.

        Renderings of different pages wait for each other as well, but only for
        `RENDER_WAIT_SECONDS`: threads that pass Python's lock back and forth at each step of a
        query lose more time than a second core gains.
        """
        key_lock = self._key_locks.setdefault(key, threading.Lock())
        try:
            with key_lock:
                has_render_lock = self._render_lock.acquire(timeout=RENDER_WAIT_SECONDS)
                try:
                    yield
                finally:
                    if has_render_lock:
                        self._render_lock.release()
        finally:
            self._key_locks.pop(key, None)

    def _make_key(self, environ: dict[str, Any]) -> Key | None:
        """Return the cache key of a request, or None to bypass the cache."""
        if (
            environ["REQUEST_METHOD"] not in ("GET", "HEAD")
            or ("HTTP_COOKIE" in environ and self._has_session(environ["HTTP_COOKIE"]))
            or "HTTP_AUTHORIZATION" in environ
            or "HTTP_RANGE" in environ
        ):
            return None
        # Pages contain absolute links, so they differ by scheme and host.
        return (
            environ["wsgi.url_scheme"],
            environ.get("HTTP_HOST", ""),
            environ.get("SCRIPT_NAME", ""),
            environ.get("PATH_INFO", ""),
            # A post is sent as Markdown to programs that prefer it.
            MARKDOWN if prefers_markdown(environ.get("HTTP_ACCEPT", "")) else "",
            TRACKING_PARAMETERS.sub("", environ.get("QUERY_STRING", "")).lstrip("&"),
        )

    def _has_session(self, cookies: str) -> bool:
        # Parsing the header takes longer than sending a page, and a name has only one spelling.
        if not any(name in cookies for name in self._session_cookies):
            return False
        return not self._session_cookies.isdisjoint(parse_cookie(cookies))

    def _render(self, key: Key, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Let the application answer, and store the response if it is cacheable."""
        # The version is read before rendering, so that a commit during it invalidates the page.
        watcher = self._watchers.watcher
        started_at, before = watcher.clock(), watcher.current()
        hint = CacheHint()
        started: list[Any] = []
        body = self._app(
            {**environ, "REQUEST_METHOD": "GET", "QUERY_STRING": key[-1], CACHE_HINT: hint},
            lambda *arguments: started.append(arguments),
        )
        status, headers, *_ = started[-1]
        if not _is_shareable(hint, status, headers):
            with self._entries_lock:
                self._entries.pop(key, None)
            start_response(*started[-1])
            return _discard_body(body) if environ["REQUEST_METHOD"] == "HEAD" else body
        page = CachedResponse(headers, _read_body(body), _last_modified(before, started_at))
        is_storable = hint.is_storable and page.size <= self._max_entry_bytes
        # A page with changes from after `before` would reappear if that version were restored.
        if is_storable and before is not None and before == watcher.current():
            with self._entries_lock:
                self._entries[key] = Entry(page, before)
        return page.send(environ, start_response)


class _ThreadWatchers(threading.local):
    # A watcher holds a connection and its last answer, which threads must not share.
    def __init__(self, database: str, *, use_wal_index: bool) -> None:
        self.watcher = VersionWatcher(database, use_wal_index=use_wal_index)


def _is_shareable(hint: CacheHint, status: str, headers: Headers) -> bool:
    by_name = {name.lower(): value for name, value in headers}
    return (
        hint.is_cacheable
        and status.startswith("200 ")
        and "set-cookie" not in by_name
        and int(by_name.get("content-length", MAX_PAGE_BYTES)) < _max_bytes(by_name)
    )


def _max_bytes(by_name: Mapping[str, str]) -> int:
    if not COMPRESSIBLE.match(by_name.get("content-type", "")):
        return MAX_FILE_BYTES
    # Only files have an ETag already.
    return MAX_TEXT_FILE_BYTES if "etag" in by_name else MAX_PAGE_BYTES


def _last_modified(version: ContentVersion | None, started_at: float) -> float | None:
    """Return the page's date unless the same second may bring another change."""
    if version is not None and version.changed_at < int(started_at):
        return version.changed_at
    return None


def _read_body(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        _close(body)


def _discard_body(body: Iterable[bytes]) -> list[bytes]:
    _close(body)
    return []


def _close(body: Any) -> None:
    if hasattr(body, "close"):
        body.close()


def reuse_connection() -> None:
    """Read over a reusable connection if the visitor is not logged in."""
    if CACHE_HINT in request.environ:
        db.use_reusable_db()


def set_cache_control(response: Response) -> Response:
    """Let browsers and proxies store cacheable pages if they revalidate them at each use."""
    hint = request.environ.get(CACHE_HINT)
    is_cacheable = hint is not None and hint.is_cacheable and _is_impersonal()
    if hint is not None:
        hint.is_cacheable = is_cacheable
    if hint is not None and response.status_code < 400:
        db.mark_db_reusable()
    response.headers.setdefault(
        "Cache-Control", "no-cache" if is_cacheable else "private, no-cache"
    )
    return response


def _is_impersonal() -> bool:
    """Return True if neither a user nor a session had a part in the response."""
    return g.get("user") is None and not session and not session.modified


def init_app(app: Flask) -> None:
    """Put the cache in front of the application."""
    app.extensions["flaskr.triggers"].append(version.triggers)
    app.before_request(reuse_connection)
    app.after_request(set_cache_control)
    app.wsgi_app = PageCache(  # type: ignore[method-assign]  # as Flask documents it
        app.wsgi_app,
        database=app.config["DATABASE"],
        megabytes=app.config["PAGE_CACHE_MB"],
        session_cookies=app.extensions["flaskr.session_cookies"],
    )
