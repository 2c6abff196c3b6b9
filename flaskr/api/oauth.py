"""Give tokens to programs that users log in to (IndieAuth, RFC 6749, 7009, 7662, 8414).

The views answer pages of all sites (CORS) and ignore the session of a browser.
"""

from datetime import UTC
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import g
from flask import jsonify
from flask import request
from flask import url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from .. import errors
from ..models import authorization_codes
from ..models import tokens
from ..page_cache.middleware import cacheable
from ..text import client_urls
from ..web import error_pages
from ..web import indieauth
from ..web import security
from ..web import tokens as web_tokens
from ..web import urls
from ..web.indieauth import Refusal

bp = Blueprint(security.ANY_SITE_BLUEPRINT, __name__)

DAY_SECONDS = 24 * 60 * 60
INVALID_CODE_MESSAGE = (
    "The code does not exist, has expired, was used before, or was issued for another client_id,"
    " redirect_uri, code_challenge or scope. Log in again."
)


@bp.before_request
def limit_body() -> None:
    """Limit the body as that of a visitor."""
    request.max_content_length = security.MAX_ANONYMOUS_BODY_BYTES


@bp.after_request
def add_headers(response: Response) -> Response:
    """Let pages of other sites read the response. Only the metadata may be stored."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Headers"] = "Authorization"
    elif request.endpoint != "oauth.metadata":
        response.headers["Cache-Control"] = "no-store"
    return response


@bp.errorhandler(errors.AppError)
def show_app_error(error: errors.AppError) -> Response:
    """Show an error of a rule as RFC 6749 and RFC 6750 ask."""
    status = 400 if isinstance(error, errors.Invalid) else error_pages.STATUSES[type(error)]
    code = "temporarily_unavailable" if status in (429, 503) else "invalid_request"
    if isinstance(error, Refusal):
        code = error.code
    elif isinstance(error, errors.InsufficientScope):
        code = "insufficient_scope"
    response = _respond_to_error(status, code, error_pages.hide_cause(error).message)
    if isinstance(error, errors.TooManyRequests):
        response.headers["Retry-After"] = str(error.seconds)
    return response


@bp.errorhandler(HTTPException)
def show_http_error(error: HTTPException) -> Response:
    """Show an error of the protocol in the same form."""
    status = error.code or 500
    if status == 413:
        error_pages.drain_body()
    # A request without a token is not told more (IndieAuth, 8.1).
    code = g.challenge.get("error", "") if status == 401 else "invalid_request"
    response = _respond_to_error(status, code, error.description or HTTPStatus(status).phrase)
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    response.headers.extend(headers)
    return response


def _respond_to_error(status: int, code: str, message: str) -> Response:
    response = jsonify({"error": code, "error_description": message} if code else {})
    response.status_code = status
    return response


@bp.route("/.well-known/oauth-authorization-server")
@cacheable()
def metadata() -> Response:
    """Tell programs how to log in."""
    endpoints = {
        "authorization_endpoint": "authorization.ask",
        "token_endpoint": "oauth.token",
        "introspection_endpoint": "oauth.introspect",
        "revocation_endpoint": "oauth.revoke",
        "userinfo_endpoint": "oauth.userinfo",
    }
    return jsonify(
        {
            "issuer": indieauth.issuer(),
            **{name: urls.make_absolute(url_for(view)) for name, view in endpoints.items()},
            "token_endpoint_auth_methods_supported": ["none"],
            "introspection_endpoint_auth_methods_supported": ["Bearer"],
            "revocation_endpoint_auth_methods_supported": ["none"],
            "scopes_supported": authorization_codes.NAMED_SCOPES,
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


@bp.route("/auth/authorization", methods=("POST",))
def identify() -> Response:
    """Tell a program with a code the URL of the user."""
    return jsonify(_describe(_redeem(for_token=False)))


@bp.route("/auth/token", methods=("POST",))
def token() -> Response:
    """Give a program with a code its token."""
    if request.form.get("action") == "revoke":
        # Programs of before 2022 revoke a token like this.
        return revoke()
    redemption = _redeem(for_token=True)
    grant = redemption.grant
    names = authorization_codes.name_scopes(grant.scopes, grant.asked)
    expiry = {} if grant.days is None else {"expires_in": grant.days * DAY_SECONDS}
    return jsonify(
        {
            "access_token": redemption.secret,
            "token_type": "Bearer",
            "scope": " ".join(names),
            **expiry,
            **_describe(redemption),
        }
    )


def _describe(redemption: authorization_codes.Redemption) -> dict[str, Any]:
    user = redemption.user
    described: dict[str, Any] = {"me": indieauth.profile_url(user)}
    if tokens.PROFILE in redemption.grant.scopes:
        described["profile"] = indieauth.describe(user)
    return described


def _redeem(*, for_token: bool) -> authorization_codes.Redemption:
    """Use up the code in the request. Raises `Refusal`, `TooManyRequests`."""
    indieauth.require_https()
    if _field("grant_type") != "authorization_code":
        raise Refusal("unsupported_grant_type", "The grant_type has to be authorization_code.")
    fields = {name: _field(name) for name in ("code", "client_id", "redirect_uri")}
    verifier = _field("code_verifier")
    try:
        fields["client_id"], _ = client_urls.parse_client_id(fields["client_id"])
    except errors.Invalid as error:
        raise Refusal("invalid_client", error.message) from None
    redemption = authorization_codes.redeem(**fields, verifier=verifier, for_token=for_token)
    if redemption is None:
        _count_failure("code")
        raise Refusal("invalid_grant", INVALID_CODE_MESSAGE)
    return redemption


def _field(name: str) -> str:
    values = request.form.getlist(name)
    if len(values) != 1 or not values[0]:
        raise Refusal("invalid_request", f"Send {name} once, in a URL-encoded form.")
    return values[0]


def _count_failure(kind: str) -> None:
    current_app.logger.warning("Failed %s from %s", kind, security.client_address())
    security.throttle(f"{kind} from {security.client_network()}", **web_tokens.FAILURES)


@bp.route("/auth/token/revocation", methods=("POST",))
def revoke() -> Response:
    """Revoke a token of the program that sends it."""
    indieauth.require_https()
    holder = tokens.find_holder(_field("token"))
    if holder is None:
        _count_failure("token")
    else:
        tokens.revoke(holder["token_id"], holder)
    return jsonify({})


@bp.route("/auth/token/introspection", methods=("POST",))
def introspect() -> Response:
    """Tell the holder of a token about another token of the same user."""
    _log_in()
    found = tokens.find_holder(_field("token"))
    if found is None or found["id"] != g.user["id"]:
        return jsonify({"active": False})
    scopes, named = tokens.scopes_of(found), authorization_codes.NAMED_SCOPES
    described = {
        "active": True,
        "me": indieauth.profile_url(found),
        "client_id": found["client_id"],
        "scope": " ".join(authorization_codes.name_scopes(scopes, named)),
        "iat": _timestamp(found["token_created"]),
    }
    if found["token_expires"]:
        described["exp"] = _timestamp(found["token_expires"])
    return jsonify(described)


def _timestamp(time: datetime) -> int:
    return int(time.replace(tzinfo=UTC).timestamp())


@bp.route("/auth/userinfo")
def userinfo() -> Response:
    """Tell a program about its user."""
    _log_in()
    web_tokens.check_scope(tokens.PROFILE)
    return jsonify(indieauth.describe(g.user))


def _log_in() -> None:
    """Set `g.user` from the token in the header. Raises `Unauthorized`, `Forbidden`."""
    g.user, g.scopes = None, frozenset()
    if not web_tokens.load_user():
        web_tokens.check_scope(tokens.PROFILE)
