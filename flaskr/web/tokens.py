"""Let programs act for a user with a token (RFC 6750, RFC 7617).

`load_user` sets `g.user` and `g.scopes` at the addresses for programs. A view there says with
`require_scope` which scope it needs. A browser's session has all of them, but not in a request
that another site's page made.
"""

import functools
import threading
import time
from collections.abc import Callable
from typing import Any
from typing import NoReturn

from cachetools import LRUCache
from flask import Flask
from flask import Response
from flask import current_app
from flask import g
from flask import request
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import Unauthorized

from .. import errors
from ..models import tokens
from ..models import users
from . import credentials
from . import security

REALM = "flaskr"
FAILURES = {"limit": 30, "seconds": 15 * 60}
WINDOW_SECONDS = 60
MAX_COUNTED_TOKENS = 10_000
COUNTER = "flaskr.token_counter"
NO_TOKEN_MESSAGE = "This needs a token. Create one on the page Tokens of your account."  # noqa: S105
INVALID_TOKEN_MESSAGE = (
    "This token does not exist, was revoked or has expired. Create another one on the page Tokens"  # noqa: S105
    " of your account. An account's password is not accepted."
)
PLAIN_HTTP_MESSAGE = (
    "The token was sent over plain HTTP, where others can read it. Revoke it, create another one"
    " and use https://. If a proxy of this blog handles HTTPS, the owner has to name it in"
    " TRUSTED_PROXIES. See docs/tokens.md."
)


def load_user() -> bool:
    """Set `g.user` and `g.scopes` from the token in the request. Returns False without a token."""
    try:
        found = credentials.read(request)
    except credentials.Malformed as error:
        _challenge(error="invalid_request")
        raise BadRequest(str(error)) from None
    if found is None:
        return False
    log_in(found.secret, found.name, holder=credentials.holder())
    return True


def log_in(secret: str, name: str | None = None, *, holder: Any = None) -> None:
    """Set `g.user` and `g.scopes` from a token, also for protocols that send it in the body.

    With a name, it has to be the holder's. Raises `Unauthorized`, `Forbidden`, `TooManyRequests`.
    """
    if not (request.is_secure or security.is_local() or current_app.config["TOKENS_OVER_HTTP"]):
        raise errors.Forbidden(PLAIN_HTTP_MESSAGE)
    holder = holder or tokens.find_holder(secret)
    if holder is None or not _is_name_of(holder, name):
        _refuse()
    _limit_requests(holder["token_id"])
    tokens.record_use(holder["token_id"], security.client_address())
    g.user, g.scopes = holder, tokens.scopes_of(holder)


def _is_name_of(holder: Any, name: str | None) -> bool:
    if name is None:
        return True
    user = users.find_by_name(name)
    return user is not None and user["id"] == holder["id"]


def _refuse() -> NoReturn:
    # The name may be a secret that was typed in the wrong place, so it is not logged.
    current_app.logger.warning("Failed token from %s", security.client_address())
    security.throttle(f"token from {security.client_network()}", **FAILURES)
    _challenge(error="invalid_token", error_description=INVALID_TOKEN_MESSAGE)
    raise Unauthorized(INVALID_TOKEN_MESSAGE)


def holder_finder() -> Callable[[], Any] | None:
    """Return a function that later finds the holder of this request's token, if it has one."""
    sent = credentials.read(request)
    return functools.partial(tokens.find_holder, sent.secret) if sent else None


class Counter:
    """Counts the requests with each token in a minute, in memory: a read writes nothing."""

    def __init__(self) -> None:
        self._counts: LRUCache[tuple[int, int], int] = LRUCache(MAX_COUNTED_TOKENS)
        self._lock = threading.Lock()

    def add(self, token_id: int, limit: int) -> None:
        """Count a request. Raises `TooManyRequests` past the limit."""
        window, passed = divmod(int(time.monotonic()), WINDOW_SECONDS)
        with self._lock:
            count = self._counts.get((token_id, window), 0) + 1
            self._counts[token_id, window] = count
        if count > limit:
            wait = WINDOW_SECONDS - passed
            raise errors.TooManyRequests(
                f"This token may be used for {limit} requests a minute. Try again in {wait}"
                f" second{'' if wait == 1 else 's'}.",
                wait,
            )


def _limit_requests(token_id: int) -> None:
    limit = current_app.config["TOKEN_REQUESTS_PER_MINUTE"]
    if limit and current_app.config["RATELIMIT_ENABLED"]:
        current_app.extensions[COUNTER].add(token_id, limit)


def load_session_scopes() -> None:
    """Set `g.scopes` for a browser: all if it is logged in, unless another site's page asks."""
    if g.user is not None and security.is_cross_site():
        g.user = None
    g.scopes = frozenset(tokens.SCOPES if g.user is not None else ())


def require_scope(scope: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """View decorator that rejects visitors, and tokens without the scope."""

    def decorator(view: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(view)
        def wrapped_view(**kwargs: Any) -> Any:
            check_scope(scope)
            return view(**kwargs)

        return wrapped_view

    return decorator


def check_scope(scope: str) -> None:
    """Raise `Unauthorized` for a visitor, and `InsufficientScope` if a token lacks the scope."""
    if g.user is None:
        _challenge()
        raise Unauthorized(NO_TOKEN_MESSAGE)
    if scope not in g.scopes:
        _challenge(error="insufficient_scope", scope=scope)
        raise errors.InsufficientScope(f"This token lacks the scope {scope}.", scope)


def _challenge(**parameters: str) -> None:
    """Let the response ask for credentials, with these parameters of RFC 6750."""
    g.challenge = parameters


def add_challenge(response: Response) -> Response:
    """Add the header WWW-Authenticate to a page or a JSON response."""
    parameters = g.pop("challenge", None)
    if parameters is None or response.status_code < 400:
        return response
    response.headers.add("WWW-Authenticate", _format("Bearer", realm=REALM, **parameters))
    # A browser would ask for a name and a password, and would send them by itself from then on.
    if "Sec-Fetch-Site" not in request.headers:
        response.headers.add("WWW-Authenticate", _format("Basic", realm=REALM, charset="UTF-8"))
    return response


def _format(scheme: str, **parameters: str) -> str:
    # The realm has to be quoted, which Werkzeug does only if it must.
    return f"{scheme} " + ", ".join(f'{name}="{value}"' for name, value in parameters.items())


def init_app(app: Flask) -> None:
    """Register the response hook."""
    app.extensions[COUNTER] = Counter()
    app.after_request(add_challenge)
