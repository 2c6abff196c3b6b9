"""The page on which users allow a program to log in as them (IndieAuth, RFC 6749, RFC 7636)."""

import re
from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

from flask import Blueprint
from flask import g
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from .. import errors
from ..models import authorization_codes
from ..models import profiles
from ..models import tokens
from ..text import client_urls
from ..web import indieauth
from ..web import security
from ..web.indieauth import Refusal
from .tokens import LIFETIMES
from .tokens import SCOPE_LABELS

bp = Blueprint("authorization", __name__, url_prefix="/auth/authorization")

CODES = {"limit": 60, "seconds": 15 * 60}
LABELS = SCOPE_LABELS | {tokens.PROFILE: "See your name and profile image"}
PARAMETERS = (
    "client_id",
    "redirect_uri",
    "response_type",
    "state",
    "code_challenge",
    "code_challenge_method",
    "scope",
    "me",
)
MAX_VALUE_CHARS = 2000
STATE = re.compile(r"[ -~]+")
NO_PKCE_MESSAGE = (
    "The program does not use PKCE, without which a code for it could be stolen. It has to send a"
    " code_challenge with the code_challenge_method S256 (RFC 7636). Look for a newer version."
)


class Client(NamedTuple):
    """A program that asks, and where it wants the answer."""

    id: str
    origin: client_urls.Origin
    redirect_uri: str
    state: str

    def answer_url(self, **answer: str) -> str:
        """Return the URL that tells the program the answer."""
        state = {"state": self.state} if self.state else {}
        return client_urls.add_query(self.redirect_uri, **answer, **state, iss=indieauth.issuer())


@bp.route("", provide_automatic_options=False)
def ask() -> Response:
    """Ask if a program may log in as the user."""
    return _answer(request.args)


@bp.route("/consent", methods=("POST",))
def decide() -> Response:
    """Send the user back to the program, with a code if they allowed it."""
    return _answer(request.form, is_decision=True)


def _answer(values: MultiDict[str, str], *, is_decision: bool = False) -> Response:
    indieauth.require_https()
    client = None
    try:
        client = _read_client(values)
        asked = _check(values)
    except errors.Invalid as error:
        return _refuse(error, client)
    if g.user is None:
        request_url = url_for("authorization.ask", **_parameters(values))
        return redirect(url_for("auth.login", next=request_url))
    return (_send_back if is_decision else _page)(client, asked, values)


def _refuse(error: errors.Invalid, client: Client | None) -> Response:
    """Show an error, with a link that tells it a program whose address is valid."""
    back = ""
    if client and isinstance(error, Refusal):
        # Anyone can call a site a program, so only the user's click leads there.
        back = client.answer_url(error=error.code, error_description=error.message)
    page = render_template(
        "admin/authorization/refused.html", message=error.message, client=client, back=back
    )
    return make_response(page, 400)


def _send_back(client: Client, asked: list[str], values: MultiDict[str, str]) -> Response:
    """Redirect to the program with the user's answer, or show the form again."""
    if "deny" in values:
        denied = "The user did not allow this."
        return redirect(client.answer_url(error="access_denied", error_description=denied), 303)
    try:
        code = _issue(client, asked, values)
    except errors.Invalid as error:
        return _page(client, asked, values, error)
    return redirect(client.answer_url(code=code), 303)


def _read_client(values: MultiDict[str, str]) -> Client:
    """Return the program that asks. Raises `Invalid` if it must get no answer."""
    for name in ("client_id", "redirect_uri"):
        if len(values.getlist(name)) > 1:
            raise errors.Invalid(f"The program sent more than one {name}.")
    client_id, origin = client_urls.parse_client_id(values.get("client_id", ""))
    redirect_uri = values.get("redirect_uri", "")
    client_urls.check_redirect_uri(redirect_uri, origin)
    state = values.get("state", "")
    is_usable = len(state) <= MAX_VALUE_CHARS and STATE.fullmatch(state)
    return Client(client_id, origin, redirect_uri, state if is_usable else "")


def _check(values: MultiDict[str, str]) -> list[str]:
    """Return the scopes that a program asks for. Raises `Refusal`."""
    for name in PARAMETERS:
        if len(values.getlist(name)) > 1 or len(values.get(name, "")) > MAX_VALUE_CHARS:
            raise Refusal(
                "invalid_request",
                f"The program sent {name} more than once, or longer than"
                f" {MAX_VALUE_CHARS:,} characters.",
            )
    if values.get("response_type") != "code":
        code = "unsupported_response_type" if values.get("response_type") else "invalid_request"
        raise Refusal(code, "The program has to send the response_type code.")
    if not STATE.fullmatch(values.get("state", "")):
        raise Refusal("invalid_request", "The program has to send a state, in ASCII.")
    challenge = values.get("code_challenge", "")
    if values.get("code_challenge_method") != "S256" or not challenge:
        raise Refusal("invalid_request", NO_PKCE_MESSAGE)
    if not authorization_codes.CHALLENGE.fullmatch(challenge):
        raise Refusal(
            "invalid_request", "The code_challenge has to be 43 characters long: a SHA-256."
        )
    asked = values.get("scope", "").split()
    if asked and not authorization_codes.SCOPES.keys() & set(asked):
        raise Refusal(
            "invalid_scope",
            "This blog has none of the scopes that the program asks for. It has"
            f" {', '.join(authorization_codes.NAMED_SCOPES)}.",
        )
    return [name for name in authorization_codes.SCOPES if name in asked]


def _parameters(values: MultiDict[str, str]) -> dict[str, Any]:
    return {name: values[name] for name in PARAMETERS if name in values}


def _issue(client: Client, asked: list[str], values: MultiDict[str, str]) -> str:
    """Return a code for the scopes that the user chose. Raises `Invalid`, `TooManyRequests`."""
    if values.get("user") != str(g.user["id"]):
        raise errors.Invalid(
            "You have logged in with another account meanwhile. Check what you allow."
        )
    offered = authorization_codes.find_offered(asked, g.user)
    chosen = [scope for scope in offered if scope in values.getlist("scopes")]
    if not chosen and set(offered) - {tokens.PROFILE}:
        raise errors.Invalid("Choose what the program may do, or deny it.", "scopes")
    lifetime = values.get("lifetime", "")
    if chosen and lifetime not in LIFETIMES:
        raise errors.Invalid("Choose when the access expires.", "lifetime")
    security.throttle(f"codes of {g.user['id']}", **CODES)
    return authorization_codes.issue(
        g.user,
        authorization_codes.Grant(
            client_id=client.id,
            redirect_uri=client.redirect_uri,
            challenge=values["code_challenge"],
            asked=asked,
            scopes=chosen,
            name=client.origin.netloc[: tokens.MAX_NAME_CHARS],
            days=None if lifetime in ("", "never") else int(lifetime),
        ),
    )


def _page(
    client: Client,
    asked: Iterable[str],
    values: MultiDict[str, str],
    problem: errors.Invalid | None = None,
) -> Response:
    security.allow_form_redirects(client.origin.scheme)
    offered = authorization_codes.find_offered(asked, g.user)
    page = render_template(
        "admin/authorization/index.html",
        client=client,
        problem=problem,
        offered=offered,
        chosen=values.getlist("scopes") if problem else offered,
        lifetime=values.get("lifetime", "") if problem else "90",
        labels=LABELS,
        lifetimes=LIFETIMES,
        parameters=_parameters(values),
        me=indieauth.profile_url(g.user),
        is_public=profiles.is_public(g.user["id"]),
    )
    return make_response(page, {"Cache-Control": "no-store"})
