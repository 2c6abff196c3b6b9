"""Signed cookies that outlive a session.

The `device` cookie names the users who have logged in with this browser before: nobody else's wrong
passwords lock them out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). The
`former` cookie names the user whose session ended, so that a text they still send is kept.
"""

import secrets
from contextlib import suppress
from typing import Any
from typing import NamedTuple

from flask import Flask
from flask import Request
from flask import current_app
from flask import request
from flask import url_for
from itsdangerous import BadSignature
from itsdangerous import URLSafeSerializer
from werkzeug.wrappers import Response

from . import cookies

DEVICE = "device"
FORMER = "former"
DEVICE_SECONDS = 2 * 365 * 24 * 60 * 60
MAX_USERS = 5


class Device(NamedTuple):
    """A browser with which somebody has logged in."""

    id: str
    user_ids: list[int]


def current() -> Device | None:
    """Return the device of this request, or None for one that is not known."""
    content = _load(current_app, request, DEVICE)
    return Device(content["id"], content["users"]) if content else None


def remember_user(response: Response, user_id: int) -> None:
    """Let the browser tell next time that this user has logged in with it."""
    device = current() or Device(secrets.token_urlsafe(16), [])
    others = [one for one in device.user_ids if one != user_id]
    content = {"id": device.id, "users": [user_id, *others][:MAX_USERS]}
    _set(response, DEVICE, content, path=url_for("auth.login"), max_age=DEVICE_SECONDS)


def former_user_id(app: Flask, request: Request) -> int | None:
    """Return the id of the user whose session ended in this browser, or None."""
    content = _load(app, request, FORMER)
    return int(content["user"]) if content else None


def remember_former(response: Response, user_id: int) -> None:
    """Let the browser tell that this user's session ended."""
    seconds = int(current_app.permanent_session_lifetime.total_seconds())
    path = current_app.session_interface.get_cookie_path(current_app)
    _set(response, FORMER, {"user": user_id}, path=path, max_age=seconds)


def forget_former(response: Response) -> None:
    """Have the browser forget whose session ended."""
    interface = current_app.session_interface
    path = interface.get_cookie_path(current_app)
    for name in _names(current_app, FORMER):
        if name in request.cookies:
            response.delete_cookie(name, path, interface.get_cookie_domain(current_app))


def _names(app: Flask, kind: str) -> list[str]:
    """Return each name under which the cookie may come, the present one first."""
    return [f"{name}_{kind}" for name in cookies.names(app.config)]


def _load(app: Flask, request: Request, kind: str) -> dict[str, Any] | None:
    for name in _names(app, kind) if request.cookies else ():
        with suppress(BadSignature):
            content: dict[str, Any] = _serializer(app, kind).loads(request.cookies.get(name, ""))
            return content
    return None


def _serializer(app: Flask, kind: str) -> URLSafeSerializer:
    keys: list[Any] = [*(app.config["SECRET_KEY_FALLBACKS"] or ()), app.secret_key]
    return URLSafeSerializer(keys, salt=f"flaskr.{kind}")


def _set(response: Response, kind: str, content: Any, *, path: str, max_age: int) -> None:
    interface = current_app.session_interface
    response.set_cookie(
        _names(current_app, kind)[0],
        str(_serializer(current_app, kind).dumps(content)),
        path=path,
        max_age=max_age,
        domain=interface.get_cookie_domain(current_app),
        secure=interface.get_cookie_secure(current_app),
        httponly=True,
        samesite="Lax",
    )
