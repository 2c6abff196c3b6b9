"""Let pages of other sites read the API (CORS) if the setting `API_ORIGINS` allows them.

The middleware is outside the page cache, because cached responses are the same for every origin.
Only reads without cookies and tokens are allowed.
"""

from collections.abc import Iterable
from typing import Any

from flask import Flask

from ..web.problems import API_ROOT

ANY = "*"
METHODS = ("GET", "HEAD", "OPTIONS")
ALLOWED = [
    ("Access-Control-Allow-Methods", "GET, HEAD"),
    ("Access-Control-Allow-Headers", "If-None-Match"),
    ("Access-Control-Expose-Headers", "ETag, Link"),
    ("Access-Control-Max-Age", "3600"),
]


class CrossOriginReads:
    """WSGI middleware that adds the headers of CORS to responses of the API."""

    def __init__(self, wsgi_app: Any, app: Flask) -> None:
        self._wsgi_app = wsgi_app
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request."""
        origins = self._app.config["API_ORIGINS"]
        is_read = environ["REQUEST_METHOD"] in METHODS
        if not (origins and is_read and environ.get("PATH_INFO", "").startswith(API_ROOT)):
            return self._wsgi_app(environ, start_response)  # type: ignore[no-any-return]  # WSGI
        added = _headers(origins, environ.get("HTTP_ORIGIN", ""))

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, *added], *rest)

        return self._wsgi_app(environ, start)  # type: ignore[no-any-return]  # WSGI


def _headers(origins: Iterable[str], origin: str) -> list[tuple[str, str]]:
    if ANY in origins:
        return [("Access-Control-Allow-Origin", ANY), *ALLOWED]
    varying = [("Vary", "Origin")]
    if origin.lower() not in {str(one).lower().rstrip("/") for one in origins}:
        return varying
    return [("Access-Control-Allow-Origin", origin), *ALLOWED, *varying]


def init_app(app: Flask) -> None:
    """Put the middleware before the page cache."""
    app.wsgi_app = CrossOriginReads(app.wsgi_app, app)  # type: ignore[method-assign]  # as Flask documents it
