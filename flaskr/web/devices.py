"""Signed cookies that outlive a session.

The `device` cookie lists users that have logged in with this browser. Failed logins from other
devices do not lock them out (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"). The
`former` cookie names the user of a session that has ended, so that text they still send is saved.
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
MAX_USERS_PER_DEVICE = 5


class Device(NamedTuple):
    """A browser that users have logged in with."""

    id: str
    user_ids: list[int]


def current() -> Device | None:
    """Return the known device that sent this request, if any."""
    content = _load(current_app, request, DEVICE)
    return Device(content["id"], content["users"]) if content else None


def remember_user(response: Response, user_id: int) -> None:
    """Add a user to the device cookie."""
    device = current() or Device(secrets.token_urlsafe(16), [])
    others = [one for one in device.user_ids if one != user_id]
    content = {"id": device.id, "users": [user_id, *others][:MAX_USERS_PER_DEVICE]}
    _set(response, DEVICE, content, path=url_for("auth.login"), max_age=DEVICE_SECONDS)


def former_user_id(app: Flask, request: Request) -> int | None:
    """Return the id of the user with an ended session in this browser, if any."""
    content = _load(app, request, FORMER)
    return int(content["user"]) if content else None


def remember_former(response: Response, user_id: int) -> None:
    """Set the cookie that names the user of an ended session."""
    seconds = int(current_app.permanent_session_lifetime.total_seconds())
    path = current_app.session_interface.get_cookie_path(current_app)
    _set(response, FORMER, {"user": user_id}, path=path, max_age=seconds)


def forget_former(response: Response) -> None:
    """Delete the cookie that names the user of an ended session."""
    interface = current_app.session_interface
    path = interface.get_cookie_path(current_app)
    for name in _names(current_app, FORMER):
        if name in request.cookies:
            response.delete_cookie(name, path, interface.get_cookie_domain(current_app))


def _names(app: Flask, kind: str) -> list[str]:
    """Return the names that the cookie may have, the current one first."""
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
