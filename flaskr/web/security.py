"""Guard against cross-site requests, framing, forged addresses and password guessing."""

import ipaddress
import secrets
from typing import Any

import flask
from flask import Flask
from flask import Response
from flask import current_app
from flask import g
from flask import request
from flask import session
from werkzeug.exceptions import RequestEntityTooLarge

from .. import errors
from ..models import rate_limits
from . import cookies
from . import credentials
from . import devices
from . import form_parser
from . import problems
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
    # A stricter policy would make browsers send "Origin: null" with forms.
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CROSS_SITE_MESSAGE = (
    "This form was sent from another site, so nothing was changed. Open the page here and submit"
    " it again."
)
ORIGIN_MISMATCH_MESSAGE = (
    "The address in your browser differs from the one that this request arrived at, so nothing was"
    " changed. A reverse proxy probably changes the Host header or its port. Configure it to pass"
    " on the browser's Host header (in nginx, proxy_set_header Host $http_host;), or set SITE_URL"
    " to the address in the browser. See docs/hosting.md."
)
# Enough for every form that anonymous visitors can submit.
MAX_ANONYMOUS_BODY_BYTES = 64 * 1024
MAX_ANONYMOUS_FORM_FIELDS = 20
MAX_FILES_PER_UPLOAD = 10
MULTIPART_OVERHEAD_BYTES = 1024 * 1024
UPLOAD_PATHS = ("/media", "/settings/import")
# Pages of other sites may send requests to its views, which ignore the session.
ANY_SITE_BLUEPRINT = "oauth"
FORWARDING_HEADERS = ("Forwarded", "Via", "X-Real-Ip", "X-Client-Ip", "True-Client-Ip")


def limit_anonymous_body() -> None:
    """Lower the limits of a request body unless a signed cookie or a token names a user.

    A user with an ended session keeps the higher limits, so that no text is lost.
    """
    if _signed_user_id(current_app, request, session) is not None or credentials.holder():
        return
    request.max_form_memory_size = MAX_ANONYMOUS_BODY_BYTES
    request.max_form_parts = MAX_ANONYMOUS_FORM_FIELDS
    if _is_xmlrpc(current_app, request):
        return
    request.max_content_length = MAX_ANONYMOUS_BODY_BYTES
    # A request with a wrong token is refused for that, which is more helpful.
    is_long = (request.content_length or 0) > MAX_ANONYMOUS_BODY_BYTES
    if is_long and not credentials.are_sent(request):
        raise RequestEntityTooLarge


def body_limit(app: Flask, environ: dict[str, Any]) -> int:
    """Return the maximum body size of a request in bytes, before its body is read."""
    request = app.request_class(environ)
    session = app.session_interface.open_session(app, request)
    is_known = _signed_user_id(app, request, session) is not None or _has_token(app, request)
    if not (is_known or _is_xmlrpc(app, request)):
        return MAX_ANONYMOUS_BODY_BYTES
    default = int(app.config["MAX_CONTENT_LENGTH"])
    is_upload = request.method == "POST" and request.path.rstrip("/").endswith(UPLOAD_PATHS)
    return max(default, max_upload_bytes(app)) if is_upload else default


def _has_token(app: Flask, request: flask.Request) -> bool:
    if not credentials.are_sent(request):
        return False
    with app.app_context():
        return credentials.find_holder(request) is not None


def _is_xmlrpc(app: Flask, request: flask.Request) -> bool:
    """Return True for a call that has its token in the body, which may contain a file."""
    return bool(app.config["XMLRPC"]) and request.path in problems.XMLRPC_PATHS


def max_body_bytes(app: Flask) -> int:
    """Return the maximum body size of any request, in bytes."""
    return max(int(app.config["MAX_CONTENT_LENGTH"]), max_upload_bytes(app))


def max_upload_bytes(app: Flask) -> int:
    """Return the maximum body size of an upload, in bytes."""
    return MAX_FILES_PER_UPLOAD * int(app.config["MAX_UPLOAD"]) + MULTIPART_OVERHEAD_BYTES


def _signed_user_id(app: Flask, request: flask.Request, session: Any) -> int | None:
    """Return the user id in a signed cookie, even if the session has ended."""
    user_id: int | None = session.get("user_id") if session else None
    return devices.former_user_id(app, request) if user_id is None else user_id


def reject_cross_site_requests() -> None:
    """Raise `Forbidden` if another site's page made the browser send an unsafe request.

    This is the rule of OWASP's "Fetch Metadata" and of Go's `http.CrossOriginProtection`.
    """
    # Another site's page can send a token of its own, but not one of the browser's user.
    if request.method in SAFE_METHODS or credentials.is_bearer(request):
        return
    if is_cross_site() and request.blueprint != ANY_SITE_BLUEPRINT:
        raise errors.Forbidden(
            ORIGIN_MISMATCH_MESSAGE if _is_proxy_mismatch() else CROSS_SITE_MESSAGE
        )


def is_cross_site() -> bool:
    """Return True if a browser says that another site's page made this request."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    # Browsers send no Sec-Fetch-Site over plain HTTP, but an Origin with every form. A client that
    # sends neither is not a browser with a user's cookies.
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


def _is_proxy_mismatch() -> bool:
    """Return True if a proxy, rather than another site, may be why Origin and Host differ."""
    origin = request.headers.get("Origin", "").lower().partition("://")[2]
    if not origin or request.headers.get("Sec-Fetch-Site") is not None:
        return False
    is_same_name = proxies.without_port(origin) == proxies.without_port(request.host.lower())
    # By default, proxies send the address that they forward to as the Host.
    is_default_host = _is_loopback_host(request.host) and not _is_loopback_host(origin)
    return is_same_name or is_default_host or proxies.IS_FORWARDED in request.environ


def add_headers(response: Response) -> Response:
    """Add the security headers that the response does not have."""
    headers = HEADERS
    seconds = current_app.config["HSTS_SECONDS"]
    if seconds and request.is_secure:
        headers = HEADERS | {"Strict-Transport-Security": f"max-age={seconds}"}
    if "policy_changes" in g:
        headers = headers | {"Content-Security-Policy": _changed_policy()}
    existing = {name.lower() for name, _ in response.headers}
    response.headers.extend(
        (name, value) for name, value in headers.items() if name.lower() not in existing
    )
    return response


def _changed_policy() -> str:
    policy = CONTENT_SECURITY_POLICY
    for rule, replacement in g.policy_changes.items():
        policy = policy.replace(rule, replacement)
    return policy


def _change_policy(rule: str, replacement: str) -> None:
    g.setdefault("policy_changes", {})[rule] = replacement


def style_nonce() -> str:
    """Allow `<style>` elements with the returned nonce on the page of this request."""
    nonce: str = g.setdefault("style_nonce", secrets.token_urlsafe(16))
    _change_policy("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    return nonce


def allow_frames() -> None:
    """Let the page of this request show pages of this blog in frames, if they allow it too."""
    _change_policy("default-src 'none'", "default-src 'none'; frame-src 'self'")


def allow_framing() -> None:
    """Let other pages of this blog show the page of this request in a frame."""
    _change_policy("frame-ancestors 'none'", "frame-ancestors 'self'")


def allow_form_redirects(scheme: str) -> None:
    """Let the response to a form on the page of this request redirect to other sites.

    Chromium applies the policy to each redirect, also to those of the other site.
    """
    _change_policy("form-action 'self'", f"form-action 'self' {scheme}:")


def throttle(key: str, *, limit: int, seconds: int) -> None:
    """Count an attempt. Raises `TooManyRequests` past the limit, unless rate limits are off."""
    if current_app.config["RATELIMIT_ENABLED"]:
        rate_limits.record(key, limit=limit, seconds=seconds)


def reset_throttle(key: str) -> None:
    """Reset the count of attempts, unless rate limits are off."""
    if current_app.config["RATELIMIT_ENABLED"]:
        rate_limits.reset(key)


def is_own_navigation() -> bool:
    """Return True if the user followed a link of this blog, or typed the URL.

    Images and other resources that a page loads do not count, and neither does prefetching.
    """
    site, mode, dest, purpose = (
        request.headers.get(f"Sec-{name}", "")
        for name in ("Fetch-Site", "Fetch-Mode", "Fetch-Dest", "Purpose")
    )
    if request.method != "GET" or "prefetch" in purpose:
        return False
    if mode or dest:
        is_own_site = site in ("", "same-origin", "none")
        return is_own_site and mode in ("", "navigate") and dest in ("", "document")
    if site not in ("", "same-origin", "none"):
        return False
    # Browsers send no Sec-Fetch headers over plain HTTP.
    return current_app.testing or _has_own_referer()


def _has_own_referer() -> bool:
    scheme, _, rest = request.headers.get("Referer", "").lower().partition("://")
    is_own = _is_own(f"{scheme}://{rest.partition('/')[0]}")
    return is_own and "text/html" in request.headers.get("Accept", "")


def client_network() -> str:
    """Return the visitor's IPv4 address or IPv6 /64 network, as the key of rate limits."""
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
    """Return the visitor's address for log messages, or `unknown` if it is not valid."""
    try:
        return str(ipaddress.ip_address(request.remote_addr or ""))
    except ValueError:
        return "unknown"


def is_local() -> bool:
    """Return True if the request comes from this machine and passed no proxy."""
    try:
        is_loopback = ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False
    return is_loopback and _is_loopback_host(request.host) and not _is_forwarded()


def _is_loopback_host(host: str) -> bool:
    """Return True if a Host header names this machine as `localhost` or a loopback address."""
    name = proxies.without_port(host)
    address = proxies.parse_address(name.strip("[]"))
    return name == "localhost" or (address is not None and address.is_loopback)


def _is_forwarded() -> bool:
    return proxies.IS_FORWARDED in request.environ or any(
        name in FORWARDING_HEADERS or name.startswith(("X-Forwarded", "Cf-", "Cdn-"))
        for name in request.headers.keys()  # noqa: SIM118  # not a mapping
    )


def init_app(app: Flask) -> None:
    """Register the request hooks and put the gateway in front of the application."""
    app.session_interface = cookies.SessionInterface()
    app.request_class = form_parser.Request
    app.before_request(limit_anonymous_body)
    app.before_request(reject_cross_site_requests)
    app.after_request(add_headers)
    proxies.init_app(app)
