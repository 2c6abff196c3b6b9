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

# The name before version 0.4: the default of every Flask application.
FORMER_NAME = "session"
NAME = re.compile(r"[A-Za-z0-9_-]{1,100}")


def default_name(secret_key: str | bytes) -> str:
    """Return a cookie name unique to this blog, since all ports of a host share cookies."""
    key = secret_key.encode() if isinstance(secret_key, str) else secret_key
    return f"session_{hashlib.sha256(b'name of the session cookie' + key).hexdigest()[:10]}"


def names(config: Mapping[str, Any]) -> list[str]:
    """Return the names that a session cookie of this blog may have, the current one first."""
    keys = [config["SECRET_KEY"], *(config["SECRET_KEY_FALLBACKS"] or ())]
    own = config["SESSION_COOKIE_NAME"]
    return list(dict.fromkeys([own, *map(default_name, keys), FORMER_NAME]))


def is_page_request() -> bool:
    """Return True if a browser requests a page, and not a script or an image."""
    return request.method == "GET" and "text/html" in request.headers.get("Accept", "text/html")


class Session(SecureCookieSession):
    """A session that remembers if it was read from a cookie with a former name."""

    former_cookie: str | None = None


class SessionInterface(SecureCookieSessionInterface):
    """Flask's signed session cookie, restricted to HTTPS if the page was sent over HTTPS."""

    session_class = Session

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session in the cookie, or an empty one without computing a signature."""
        if self.get_cookie_name(app) in request.cookies:
            return super().open_session(app, request)
        for name in names(app.config)[1:] if request.cookies else ():
            if name in request.cookies and (session := self._read(app, request.cookies[name])):
                session.former_cookie = name
                return session
        return Session()

    def _read(self, app: Flask, cookie: str) -> Session | None:
        serializer = self.get_signing_serializer(app)
        assert serializer is not None, "config.load sets a key"  # noqa: S101  # for the types
        lifetime = int(app.permanent_session_lifetime.total_seconds())
        try:
            return Session(serializer.loads(cookie, max_age=lifetime))
        except BadSignature:
            # The cookie belongs to another application on the same host.
            return None

    def get_cookie_path(self, app: Flask) -> str:
        """Return the path prefix of the blog."""
        return app.config["SESSION_COOKIE_PATH"] or request.script_root or "/"

    def get_cookie_secure(self, app: Flask) -> bool:
        """Return True if the cookie may be sent over HTTPS only."""
        return bool(app.config["SESSION_COOKIE_SECURE"]) or request.is_secure

    def should_set_cookie(self, app: Flask, session: Any) -> bool:
        """Return True if the session changed, or to renew the cookie with a page.

        A response to a script does not renew it: arriving late, it would restore an old session.
        """
        return bool(session.modified) or (
            is_page_request() and super().should_set_cookie(app, session)
        )

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        """Send or renew the cookie, except with a response that shared caches may store."""
        if response.cache_control.public:
            return
        if not session and self.get_cookie_name(app) in request.cookies and is_page_request():
            # Delete a forged or expired cookie, so that it is not verified again.
            session.modified = True
        super().save_session(app, session, response)
        if session.former_cookie and self.should_set_cookie(app, session):
            path = super().get_cookie_path(app)
            response.delete_cookie(session.former_cookie, path, self.get_cookie_domain(app))
