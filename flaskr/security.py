"""What the web must not do to the blog: foreign forms, framing, forged addresses, guessing."""

import ipaddress
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import click
from flask import Flask
from flask import Request
from flask import Response
from flask import current_app
from flask import request
from flask.sessions import SecureCookieSession
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from . import errors
from .models import throttles

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "img-src 'self' data: blob: https:",
        "media-src 'self' https:",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # A form's Origin would be "null" under a stricter policy.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
# The largest request of somebody who has not logged in.
ANONYMOUS_BODY_BYTES = 64 * 1024
UPLOADS_AT_ONCE = 10
FORM_AROUND_FILES_BYTES = 1024 * 1024
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}


def refuse_foreign_forms() -> None:
    """Raise `Forbidden` when another site's page makes the browser send something here.

    The rule of OWASP's "Fetch Metadata" and of Go's `http.CrossOriginProtection`.
    """
    if request.method not in SAFE_METHODS and comes_from_elsewhere():
        raise errors.Forbidden(
            "This form was sent from another site, so nothing was changed. Open the page here and"
            " send it again."
        )


def comes_from_elsewhere() -> bool:
    """Whether a browser says that another site's page made this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    # Over plain HTTP browsers send no Sec-Fetch-Site. What sends no Origin with a form is no
    # browser, and carries nobody's cookies.
    origin = request.headers.get("Origin")
    return origin is not None and _host_and_port(origin) != request.host.lower()


def _host_and_port(origin: str) -> str:
    return origin.lower().partition("://")[2]


def add_headers(response: Response) -> Response:
    """Tell the browser what pages of this site may do."""
    headers = HEADERS | HTTPS_HEADERS if request.is_secure else HEADERS
    given = {name.lower() for name, _ in response.headers}
    response.headers.extend(
        (name, value) for name, value in headers.items() if name.lower() not in given
    )
    return response


class SessionInterface(SecureCookieSessionInterface):
    """Flask's signed cookie, kept off plain HTTP when the page came by HTTPS."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """The session of the cookie; for a reader who brings none, an empty one at no cost."""
        if self.get_cookie_name(app) not in request.cookies:
            return self.session_class()
        return super().open_session(app, request)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Whether the cookie may travel over HTTPS only."""
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure

    def should_set_cookie(self, app: Flask, session: Any) -> bool:
        """Whether to send it: when it changed, and with pages, to renew it.

        The answer to a script may arrive after a page's, and would bring back an older session.
        """
        asks_for_page = "text/html" in request.headers.get("Accept", "")
        return bool(session.modified) or (asks_for_page and super().should_set_cookie(app, session))

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Renew the cookie, but never on what a cache may hand to others."""
        if not response.cache_control.public:
            super().save_session(app, session, response)


class TrustedProxies:
    """Believe the X-Forwarded headers of the named proxies, and of nobody else."""

    def __init__(self, app: Any, networks: list[Any]) -> None:
        self.app = app
        self.behind_proxy = ProxyFix(app, x_for=1, x_proto=1, x_host=1)
        self.networks = networks

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        """Answer the request, as the proxy saw it where one is trusted."""
        try:
            peer = ipaddress.ip_address(environ.get("REMOTE_ADDR", ""))
        except ValueError:
            return self.app(environ, start_response)
        trusted = any(peer in network for network in self.networks)
        return (self.behind_proxy if trusted else self.app)(environ, start_response)


def _behind_proxies(app: Flask) -> None:
    proxies = str(app.config["TRUSTED_PROXIES"]).strip()
    if not proxies or proxies == "0":
        app.before_request(_warn_of_unknown_proxy)
    elif proxies.isdecimal():
        count = int(proxies)
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]  # as Flask documents it
    else:
        try:
            networks = [ipaddress.ip_network(part.strip()) for part in proxies.split(",")]
        except ValueError as error:
            raise click.ClickException(
                f"TRUSTED_PROXIES has to be a number or addresses with commas between: {error}."
            ) from None
        app.wsgi_app = TrustedProxies(app.wsgi_app, networks)  # type: ignore[method-assign]  # as Flask documents it


def _warn_of_unknown_proxy() -> None:
    if "X-Forwarded-For" in request.headers and not current_app.extensions.get("flaskr.warned"):
        current_app.extensions["flaskr.warned"] = True
        current_app.logger.warning(
            "A request came with X-Forwarded-For, but TRUSTED_PROXIES is empty, so visitors cannot"
            " be told apart. If there is a reverse proxy in front, name it there."
        )


def throttle(what: str, *, limit: int, seconds: int) -> None:
    """Count one try. Raises `TooMany` past the limit, unless throttles are off."""
    if current_app.config["RATELIMIT_ENABLED"]:
        throttles.hit(what, limit=limit, seconds=seconds)


def forget(what: str) -> None:
    """Begin to count anew, unless throttles are off."""
    if current_app.config["RATELIMIT_ENABLED"]:
        throttles.forget(what)


def client() -> str:
    """The visitor's address to count by: whole for IPv4, the /64 for IPv6."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "")
    except ValueError:
        return request.remote_addr or ""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


def is_local() -> bool:
    """Whether the visitor sits at this machine, with no proxy in between."""
    try:
        here = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    host = urlsplit(f"//{request.host}").hostname or ""
    named_here = host == "localhost" or host == "::1" or host.startswith("127.")
    forwarded = "X-Forwarded-For" in request.headers or "Forwarded" in request.headers
    return here and named_here and not forwarded


def body_limit(app: Flask, environ: Mapping[str, Any]) -> int:
    """Return how many bytes a request may send: little, unless it comes with a signed log-in.

    The database is not asked, since this runs before a thread is taken.
    """
    session = app.session_interface.open_session(app, app.request_class(dict(environ)))
    if session is None or "user_id" not in session:
        return ANONYMOUS_BODY_BYTES
    return largest_body(app)


def largest_body(app: Flask) -> int:
    """Return how many bytes the largest request has that anybody may send."""
    uploads = UPLOADS_AT_ONCE * app.config["MAX_UPLOAD"] + FORM_AROUND_FILES_BYTES
    return int(max(app.config["MAX_CONTENT_LENGTH"], uploads))


def init_app(app: Flask) -> None:
    """Guard every request and mark every response."""
    app.session_interface = SessionInterface()
    app.before_request(refuse_foreign_forms)
    app.after_request(add_headers)
    _behind_proxies(app)
