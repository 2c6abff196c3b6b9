"""Describe this blog and its users to programs that users log in to (IndieAuth)."""

from typing import Any

from flask import current_app
from flask import request
from flask import url_for

from .. import errors
from ..models import profiles
from . import security
from . import urls


class Refusal(errors.Invalid):
    """A program sent an invalid request. `code` is its error code (RFC 6749, 4.1.2.1 and 5.2)."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def issuer() -> str:
    """Return the URL that names this blog to programs."""
    return urls.make_absolute(url_for("index"))


def profile_url(user: Any) -> str:
    """Return the URL that names a user to programs: the author page."""
    return urls.make_absolute(urls.person_url(user["id"], user["username"]))


def describe(user: Any) -> dict[str, str]:
    """Return the profile of a user, for programs with the scope `profile`."""
    described = {"name": user["display_name"] or user["username"], "url": profile_url(user)}
    picture = profiles.find_portraits([user]).get(user["id"])
    return {**described, "photo": urls.make_absolute(picture)} if picture else described


def require_https() -> None:
    """Raise `Forbidden` if others could read a token or code on its way."""
    if not (request.is_secure or security.is_local() or current_app.config["TOKENS_OVER_HTTP"]):
        raise errors.Forbidden(
            "Programs can log in over https:// only. If a proxy of this blog handles HTTPS, the"
            " owner has to name it in TRUSTED_PROXIES. See docs/tokens.md."
        )
