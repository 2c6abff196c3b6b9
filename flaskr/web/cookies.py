"""The session cookie: its name, its path, and when it is sent."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask import Request
from flask import Response
from flask import request
from flask.sessions import SecureCookieSession
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature

# The name until version 0.4, which every Flask application has by default.
FORMER_NAME = "session"
NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


def default_name(secret_key: str | bytes) -> str:
    """Return a cookie name of this blog's own: browsers share cookies between a host's ports."""
    key = secret_key.encode() if isinstance(secret_key, str) else secret_key
    return f"session_{hashlib.sha256(b'name of the session cookie' + key).hexdigest()[:10]}"


def names(config: Mapping[str, Any]) -> list[str]:
    """Return each name under which a session of this blog may come, the present one first."""
    keys = [config["SECRET_KEY"], *(config["SECRET_KEY_FALLBACKS"] or ())]
    own = config["SESSION_COOKIE_NAME"]
    return list(dict.fromkeys([own, *map(default_name, keys), FORMER_NAME]))


def is_page_request() -> bool:
    """Return whether this asks for a page, and no script or page of ours for something else."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "text/html")


class Session(SecureCookieSession):
    """A session that knows the former name of the cookie that it came in."""

    former_cookie: str | None = None


class SessionInterface(SecureCookieSessionInterface):
    """Flask's signed cookie, kept off plain HTTP when the page came by HTTPS."""

    session_class = Session

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the cookie; without one, an empty session at no cost."""
        if self.get_cookie_name(app) in request.cookies:
            return super().open_session(app, request)
        for name in names(app.config)[1:] if request.cookies else ():
            if name in request.cookies and (session := self._read(app, request.cookies[name])):
                session.former_cookie = name
                return session
        return Session()

    def _read(self, app: Flask, cookie: str) -> Session | None:
        serializer = self.get_signing_serializer(app)
        assert serializer is not None, "there is always a key"  # noqa: S101  # for the types
        lifetime = int(app.permanent_session_lifetime.total_seconds())
        try:
            return Session(serializer.loads(cookie, max_age=lifetime))
        except BadSignature:
            # Another application's on the same host.
            return None

    def get_cookie_path(self, app: Flask) -> str:
        """Return the path of the blog on its host."""
        return app.config["SESSION_COOKIE_PATH"] or request.script_root or "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return whether the cookie may travel over HTTPS only."""
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure

    def should_set_cookie(self, app: Flask, session: Any) -> bool:
        """Return whether to send it: when it changed, and with pages, to renew it.

        The answer to a script may arrive after a page's, and would bring back an older session.
        """
        return bool(session.modified) or (
            is_page_request() and super().should_set_cookie(app, session)
        )

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Renew the cookie, but never on what a cache may hand to others."""
        if response.cache_control.public:
            return
        if not session and self.get_cookie_name(app) in request.cookies and is_page_request():
            # A cookie that is forged or out of date is deleted, and not read again.
            session.modified = True
        super().save_session(app, session, response)
        if session.former_cookie and self.should_set_cookie(app, session):
            path = super().get_cookie_path(app)
            response.delete_cookie(session.former_cookie, path, self.get_cookie_domain(app))
