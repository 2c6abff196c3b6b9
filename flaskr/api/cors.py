"""Let pages of other sites use the API (CORS) if the setting `API_ORIGINS` allows them.

The middleware is outside the page cache, because cached responses are the same for every origin.
The REST API can only be read, without a token. Micropub always needs the page's own token. Browsers
send cookies to neither.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask

from ..web.problems import API_ROOT
from ..web.problems import MICROPUB

Headers = list[tuple[str, str]]
ANY = "*"
MAX_AGE = ("Access-Control-Max-Age", "3600")
READS = [
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match"),
    ("Access-Control-Expose-Headers", "ETag, Link"),
    MAX_AGE,
]
MICROPUB_CALLS = [
    ("Access-Control-Allow-Methods", "GET, HEAD, POST"),
    ("Access-Control-Allow-Headers", "Authorization, Content-Type"),
    ("Access-Control-Expose-Headers", "Location, WWW-Authenticate"),
    MAX_AGE,
]


class CrossOriginCalls:
    """WSGI middleware that adds the headers of CORS to responses for programs."""

    def __init__(self, wsgi_app: Any, app: Flask) -> None:
        self._wsgi_app = wsgi_app
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        origins, allowed = self._app.config["API_ORIGINS"], _find_allowed(environ)
        if not (origins and allowed):
            return self._wsgi_app(environ, start_response)  # type: ignore[no-any-return]  # WSGI
        added = _headers(origins, environ.get("HTTP_ORIGIN", ""), allowed)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, *added], *rest)

        return self._wsgi_app(environ, start)  # type: ignore[no-any-return]  # WSGI


def _find_allowed(environ: dict[str, Any]) -> Headers:
    """Return the headers for a request of an allowed origin."""
    path = environ.get("PATH_INFO", "")
    if MICROPUB.match(path):
        return MICROPUB_CALLS
    is_read = environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS")
    return READS if is_read and path.startswith(API_ROOT) else []


def _headers(origins: Iterable[str], origin: str, allowed: Headers) -> Headers:
    if ANY in origins:
        return [("Access-Control-Allow-Origin", ANY), *allowed]
    varying = [("Vary", "Origin")]
    if origin.lower() not in {str(one).lower().rstrip("/") for one in origins}:
        return varying
    return [("Access-Control-Allow-Origin", origin), *allowed, *varying]


def init_app(app: Flask) -> None:
    """Put the middleware before the page cache."""
    app.wsgi_app = CrossOriginCalls(app.wsgi_app, app)  # type: ignore[method-assign]  # as Flask documents it
