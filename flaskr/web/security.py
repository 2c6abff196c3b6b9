"""What the web must not do to the blog: foreign forms, framing, forged addresses, guessing."""

import ipaddress
from typing import Any

import flask
from flask import Flask
from flask import Response
from flask import current_app
from flask import request
from flask import session
from werkzeug.exceptions import RequestEntityTooLarge

from .. import errors
from ..models import rate_limits
from . import cookies
from . import devices
from . import form_parser
from . import proxies

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
CONTENT_SECURITY_POLICY = "; ".join(
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
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # A form's Origin would be "null" under a stricter policy.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CROSS_SITE_MESSAGE = (
    "This form was sent from another site, so nothing was changed. Open the page here and send it"
    " again."
)
ORIGIN_MISMATCH_MESSAGE = (
    "The browser shows another address of this blog than the one that the request came to, so"
    " nothing was changed. A proxy in front seems to change the Host header or its port: let it"
    " pass on the Host that the browser sends (in nginx, proxy_set_header Host $http_host;), or set"
    " SITE_URL to the address that the browser shows. See docs/hosting.md."
)
# What a request may send whose sender has not logged in: enough for every form there is for them.
MAX_ANONYMOUS_BODY_BYTES = 64 * 1024
MAX_ANONYMOUS_FORM_FIELDS = 20
# Of one upload.
MAX_FILES_PER_UPLOAD = 10
FORM_AROUND_FILES_BYTES = 1024 * 1024
FORWARDING_HEADERS = ("Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip")


def limit_anonymous_body() -> None:
    """Lower what a request may send unless its cookie was signed for a user.

    A user whose session has ended keeps the limit of one who is logged in, so that no text is lost.
    """
    if _signed_user_id(current_app, request, session) is not None:
        return
    request.max_content_length = MAX_ANONYMOUS_BODY_BYTES
    request.max_form_memory_size = MAX_ANONYMOUS_BODY_BYTES
    request.max_form_parts = MAX_ANONYMOUS_FORM_FIELDS
    if (request.content_length or 0) > MAX_ANONYMOUS_BODY_BYTES:
        raise RequestEntityTooLarge


def body_limit(app: Flask, environ: dict[str, Any]) -> int:
    """Return how many bytes of its body to take of this request, before anything is parsed."""
    request = app.request_class(environ)
    if _signed_user_id(app, request, app.session_interface.open_session(app, request)) is None:
        return MAX_ANONYMOUS_BODY_BYTES
    usual = int(app.config["MAX_CONTENT_LENGTH"])
    is_upload = request.method == "POST" and request.path.rstrip("/").endswith("/media")
    return max(usual, max_upload_bytes(app)) if is_upload else usual


def max_body_bytes(app: Flask) -> int:
    """Return the size of the largest request body that anybody may send, in bytes."""
    return max(int(app.config["MAX_CONTENT_LENGTH"]), max_upload_bytes(app))


def max_upload_bytes(app: Flask) -> int:
    """Return how many bytes may be uploaded at once."""
    return MAX_FILES_PER_UPLOAD * int(app.config["MAX_UPLOAD"]) + FORM_AROUND_FILES_BYTES


def _signed_user_id(app: Flask, request: flask.Request, session: Any) -> int | None:
    """Return the id in a cookie that we signed, whether the session lasts or has ended."""
    user_id: int | None = session.get("user_id") if session else None
    return devices.former_user_id(app, request) if user_id is None else user_id


def reject_cross_site_requests() -> None:
    """Raise `Forbidden` when another site's page makes the browser send something here.

    The rule of OWASP's "Fetch Metadata" and of Go's `http.CrossOriginProtection`.
    """
    if request.method not in SAFE_METHODS and is_cross_site():
        raise errors.Forbidden(ORIGIN_MISMATCH_MESSAGE if _seems_renamed() else CROSS_SITE_MESSAGE)


def is_cross_site() -> bool:
    """Return whether a browser says that another site's page made this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    # Over plain HTTP browsers send no Sec-Fetch-Site. What sends no Origin with a form is no
    # browser, and carries nobody's cookies.
    origin = request.headers.get("Origin")
    return origin is not None and not _is_own(origin.lower())


def _is_own(origin: str) -> bool:
    scheme, _, host = origin.partition("://")
    own = _without_default_port(scheme, request.host.lower())
    return bool(host) and (
        _without_default_port(scheme, host) == own
        or _without_default_port(scheme, origin) == _site_origin()
    )


def _without_default_port(scheme: str, text: str) -> str:
    return text.removesuffix(f":{proxies.PORTS.get(scheme, '')}")


def _site_origin() -> str:
    scheme, _, rest = current_app.config["SITE_URL"].lower().partition("://")
    return _without_default_port(scheme, f"{scheme}://{rest.partition('/')[0]}")


def _seems_renamed() -> bool:
    """Return whether a proxy, and no other site, may be why the Origin is not the Host."""
    origin = request.headers.get("Origin", "").lower().partition("://")[2]
    if not origin or request.headers.get("Sec-Fetch-Site") is not None:
        return False
    is_same_name = proxies.without_port(origin) == proxies.without_port(request.host.lower())
    # A proxy that was told nothing passes on the address by which it knows the blog.
    is_bare = _is_here(request.host) and not _is_here(origin)
    return is_same_name or is_bare or proxies.IS_FORWARDED in request.environ


def add_headers(response: Response) -> Response:
    """Tell the browser what pages of this site may do."""
    headers = HEADERS
    seconds = current_app.config["HSTS_SECONDS"]
    if seconds and request.is_secure:
        headers = HEADERS | {"Strict-Transport-Security": f"max-age={seconds}"}
    given = {name.lower() for name, _ in response.headers}
    response.headers.extend(
        (name, value) for name, value in headers.items() if name.lower() not in given
    )
    return response


def throttle(what: str, *, limit: int, seconds: int) -> None:
    """Count one try. Raises `TooMany` past the limit, unless throttles are off."""
    if current_app.config["RATELIMIT_ENABLED"]:
        rate_limits.record(what, limit=limit, seconds=seconds)


def reset_throttle(what: str) -> None:
    """Begin to count anew, unless throttles are off."""
    if current_app.config["RATELIMIT_ENABLED"]:
        rate_limits.reset(what)


def is_own_navigation() -> bool:
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
    scheme, _, rest = request.headers.get("Referer", "").lower().partition("://")
    is_own = _is_own(f"{scheme}://{rest.partition('/')[0]}")
    return is_own and "text/html" in request.headers.get("Accept", "")


def client_network() -> str:
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


def client_address() -> str:
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
    return here and _is_here(request.host) and not _is_forwarded()


def _is_here(host: str) -> bool:
    """Return whether a Host header names this machine itself."""
    name = proxies.without_port(host)
    address = proxies.parse_address(name.strip("[]"))
    return name == "localhost" or (address is not None and address.is_loopback)


def _is_forwarded() -> bool:
    return proxies.IS_FORWARDED in request.environ or any(
        name in FORWARDING_HEADERS or name.startswith(("X-Forwarded", "Cf-", "Cdn-"))
        for name in request.headers.keys()  # noqa: SIM118  # they are no mapping
    )


def init_app(app: Flask) -> None:
    """Guard every request and mark every response."""
    app.session_interface = cookies.SessionInterface()
    app.request_class = form_parser.Request
    app.before_request(limit_anonymous_body)
    app.before_request(reject_cross_site_requests)
    app.after_request(add_headers)
    proxies.init_app(app)
