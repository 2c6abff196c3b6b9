"""What the web must not do to the blog: foreign forms, framing, forged addresses, guessing."""

import ipaddress
from typing import Any
from urllib.parse import urlsplit

import click
import flask
from flask import Flask
from flask import Response
from flask import current_app
from flask import request
from flask import session
from flask.sessions import SecureCookieSession
from flask.sessions import SecureCookieSessionInterface
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.middleware.proxy_fix import ProxyFix

from . import devices
from . import errors
from . import form_parser
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
# What a request may send whose sender has not logged in: enough for every form there is for them.
ANONYMOUS_BODY_BYTES = 64 * 1024
ANONYMOUS_FORM_FIELDS = 20
# Of one upload.
MAX_FILES = 10
FORM_AROUND_FILES_BYTES = 1024 * 1024
FORWARDING_HEADERS = ("Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip")
HTTPS_HEADERS = {"Strict-Transport-Security": "max-age=31536000"}


def limit_anonymous_body() -> None:
    """Lower what a request may send unless its cookie was signed for a user.

    A user whose session has ended keeps the limit of one who is logged in, so that no text is lost.
    """
    if _signed_user_id(current_app, request, session) is not None:
        return
    request.max_content_length = ANONYMOUS_BODY_BYTES
    request.max_form_memory_size = ANONYMOUS_BODY_BYTES
    request.max_form_parts = ANONYMOUS_FORM_FIELDS
    if (request.content_length or 0) > ANONYMOUS_BODY_BYTES:
        raise RequestEntityTooLarge


def body_limit(app: Flask, environ: dict[str, Any]) -> int:
    """Return how many bytes of its body to take of this request, before anything is parsed."""
    request = app.request_class(environ)
    if _signed_user_id(app, request, app.session_interface.open_session(app, request)) is None:
        return ANONYMOUS_BODY_BYTES
    usual = int(app.config["MAX_CONTENT_LENGTH"])
    is_upload = request.method == "POST" and request.path.rstrip("/").endswith("/media")
    return max(usual, upload_limit(app)) if is_upload else usual


def upload_limit(app: Flask) -> int:
    """Return how many bytes may be uploaded at once."""
    return MAX_FILES * int(app.config["MAX_UPLOAD"]) + FORM_AROUND_FILES_BYTES


def _signed_user_id(app: Flask, request: flask.Request, session: Any) -> int | None:
    """Return the id in a cookie that we signed, whether the session lasts or has ended."""
    user_id: int | None = session.get("user_id") if session else None
    return devices.former_user_id(app, request) if user_id is None else user_id


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


def asks_for_page() -> bool:
    """Return whether this asks for a page, and no script or page of ours for something else."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "text/html")


class SessionInterface(SecureCookieSessionInterface):
    """Flask's signed cookie, kept off plain HTTP when the page came by HTTPS."""

    def open_session(self, app: Flask, request: flask.Request) -> SecureCookieSession | None:
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
        if session.modified:
            return True
        return asks_for_page() and super().should_set_cookie(app, session)

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Renew the cookie, but never on what a cache may hand to others."""
        if not session and self.get_cookie_name(app) in request.cookies and asks_for_page():
            # A cookie that is forged or out of date is deleted, and not read again.
            session.modified = True
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


def asks_to_come_here() -> bool:
    """Return whether a person goes to this address from a page of this site, or typed it.

    What a page loads by itself, such as a picture, does not; nor does what a browser fetches ahead.
    """
    site, mode, dest, purpose = (
        request.headers.get(f"Sec-{name}", "")
        for name in ("Fetch-Site", "Fetch-Mode", "Fetch-Dest", "Purpose")
    )
    if request.method != "GET" or "prefetch" in purpose:
        return False
    if mode or dest:
        is_from_here = site in ("", "same-origin", "none")
        return is_from_here and mode in ("", "navigate") and dest in ("", "document")
    if site not in ("", "same-origin", "none"):
        return False
    # Over plain HTTP browsers send no Sec-Fetch headers.
    return current_app.testing or _came_from_here()


def _came_from_here() -> bool:
    referrer = _host_and_port(request.headers.get("Referer", "")).partition("/")[0]
    return referrer == request.host.lower() and "text/html" in request.headers.get("Accept", "")


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


def address() -> str:
    """Return the visitor's address as it is logged; `unknown` for what is none."""
    try:
        return str(ipaddress.ip_address(request.remote_addr or ""))
    except ValueError:
        return "unknown"


def is_local() -> bool:
    """Whether the visitor sits at this machine, with no proxy in between."""
    try:
        here = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return here and _names_this_machine(request.host) and not _is_forwarded()


def _names_this_machine(host: str) -> bool:
    try:
        name = urlsplit(f"//{host}").hostname or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _is_forwarded() -> bool:
    return any(
        name in FORWARDING_HEADERS or name.startswith(("X-Forwarded", "Cf-", "Cdn-"))
        for name in request.headers.keys()  # noqa: SIM118  # they are no mapping
    )


def init_app(app: Flask) -> None:
    """Guard every request and mark every response."""
    app.session_interface = SessionInterface()
    app.request_class = form_parser.Request
    app.before_request(limit_anonymous_body)
    app.before_request(refuse_foreign_forms)
    app.after_request(add_headers)
    _behind_proxies(app)
