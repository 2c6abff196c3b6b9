"""Accounts: register, log in, log out and change the password."""

import functools
import re
import sqlite3
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint
from flask import Response as FlaskResponse
from flask import after_this_request
from flask import current_app
from flask import flash
from flask import g
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.wrappers import Response

from . import errors
from .models import permissions
from .models import sessions
from .models import tokens as stored_tokens
from .models import users
from .web import cookies
from .web import credentials
from .web import devices
from .web import redirects
from .web import security
from .web import setup_token
from .web import template_helpers
from .web import tokens

bp = Blueprint("auth", __name__, url_prefix="/auth")

MINUTE_SECONDS = 60
LOGINS_PER_IP = {"limit": 30, "seconds": 15 * MINUTE_SECONDS}
LOGINS_PER_NAME_AND_IP = {"limit": 10, "seconds": 15 * MINUTE_SECONDS}
# For all browsers together that the user has not logged in with before.
LOGINS_PER_NAME = {"limit": 100, "seconds": 15 * MINUTE_SECONDS}
LOGINS_PER_DEVICE = {"limit": 10, "seconds": 15 * MINUTE_SECONDS}
PASSWORD_CHANGES = {"limit": 10, "seconds": 15 * MINUTE_SECONDS}
REGISTRATIONS = {"limit": 10, "seconds": 60 * MINUTE_SECONDS}
MAX_LOGGED_NAME_CHARS = 64


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """View decorator that redirects anonymous visitors to the login page, and back afterwards."""

    @functools.wraps(view)
    def wrapped_view(**kwargs: Any) -> Any:
        if g.user is None:
            if request.method in ("GET", "HEAD"):
                # The browser of a writer whose session has ended still has the cookie.
                is_visitor = current_app.session_interface.get_cookie_name(current_app) not in (
                    request.cookies
                )
                if is_visitor and (public := redirects.find_for_visitors()):
                    return public
                return redirect(url_for("auth.login", next=_request_target()))
            return redirect(url_for("auth.login"))

        return view(**kwargs)

    return wrapped_view


def permission_required(action: str) -> Callable[[], None]:
    """Return a request hook for a blueprint that raises `Forbidden` unless the user may do this.

    Visitors pass it: `login_required` sends them to the login page.
    """

    def require_permission() -> None:
        if g.user:
            permissions.require(g.user, action)

    return require_permission


@bp.before_app_request
def load_logged_in_user() -> None:
    """Load the logged-in user, or the holder of a program's token, into `g.user`."""
    if not credentials.are_read(request):
        _load_session_user()
    elif not tokens.load_user():
        _load_session_user()
        tokens.load_session_scopes()


def _load_session_user() -> None:
    user_id = session.get("user_id")
    if user_id is None:
        g.user = None
    elif "token" in session:
        lifetime = current_app.permanent_session_lifetime
        user = sessions.find_user(session["token"], lifetime=lifetime)
        g.user = user if user and user["id"] == user_id else None
        if g.user is None and cookies.is_page_request():
            _end_cookie(user_id)
    else:
        # Tests may log in by storing only the id in the session.
        g.user = users.find(user_id) if current_app.testing else None


def user_finder() -> Callable[[], sqlite3.Row | None] | None:
    """Return a function that later finds the user of this token or session, unless it has ended."""
    if find_holder := tokens.holder_finder():
        return find_holder
    user_id, token = session.get("user_id"), session.get("token")
    lifetime = current_app.permanent_session_lifetime
    if token is None:
        return functools.partial(users.find, user_id) if user_id and current_app.testing else None
    # An open page does not keep a session alive.
    return functools.partial(sessions.find_user, token, lifetime=lifetime, is_visit=False)


def _request_target() -> str:
    """Return the path and query string of the request."""
    return request.script_root + request.full_path.rstrip("?")


def _end_cookie(user_id: int) -> None:
    """Remove an ended session from the cookie, and remember its user."""
    del session["user_id"], session["token"]
    # Do not send the cookie again with every page for its other values.
    session.permanent = False
    if session.keys() <= {"_permanent"}:
        session.clear()

    @after_this_request
    def remember_former(response: FlaskResponse) -> FlaskResponse:
        if not response.cache_control.public:
            devices.remember_former(response, user_id)
        return response


def former_user_id() -> int | None:
    """Return the user id from the signed cookie of an ended session."""
    if g.user is not None:
        return None
    return session.get("user_id") or devices.former_user_id(current_app, request)


@bp.route("/register", methods=("GET", "POST"))
def register() -> Response:
    """Create an account and log in with it. The first one gets the role owner."""
    first = not users.has_accounts()
    problem = None
    if not template_helpers.registration_is_open():
        raise errors.Forbidden("Registration is closed. Ask the blog's owner for an account.")
    if first:
        setup_token.check(setup_token.get_submitted())
    if request.method == "POST":
        try:
            user_id = _register(first)
        except errors.Invalid as error:
            problem = error
        else:
            return _welcome(user_id, first)

    token = setup_token.get_submitted() if first else ""
    page = render_template("auth/register.html", first=first, problem=problem, setup_token=token)
    # Keep the token out of the referrer that other sites and logs receive.
    headers = {"Referrer-Policy": "strict-origin", "Cache-Control": "no-store"}
    return make_response(page, headers)


def _register(first: bool) -> int:
    security.throttle(f"register from {security.client_network()}", **REGISTRATIONS)
    user_id = users.register(
        request.form.get("username", ""),
        request.form.get("password", ""),
        password_min_length=current_app.config["PASSWORD_MIN_LENGTH"],
        first=first,
    )
    if first:
        setup_token.discard()
    return user_id


def _welcome(user_id: int, first: bool) -> Response:
    """Log in with a new account, unless a logged-in user created it for another person."""
    response = redirect(url_for("auth.login"))
    if g.user is not None:
        flash("The account is ready.")
        return response
    _log_in(user_id, response)
    if first:
        flash("Your account is ready. You're the owner of this blog.")
    else:
        message = Markup('Your account is ready. <a href="{}">Write your first post</a>')
        flash(message.format(url_for("blog.create")))
    return response


def _log_in(user_id: int, response: Response) -> None:
    _start_session(user_id)
    devices.remember_user(response, user_id)
    devices.forget_former(response)


@bp.route("/login", methods=("GET", "POST"))
def login() -> str | Response:
    """Log in and start a new session. Redirect logged-in users."""
    problem = None
    if request.method != "POST" and g.user is not None:
        response = redirect(_next_page() or url_for("index"))
        response.headers["Cache-Control"] = "no-store"
        return response
    if request.method == "POST":
        try:
            user = _authenticate()
        except errors.Invalid as error:
            problem = error
        else:
            response = redirect(_next_page() or url_for("index"))
            _log_in(user["id"], response)
            return response

    return render_template("auth/login.html", problem=problem)


def _authenticate() -> Any:
    device = devices.current()
    username = ""
    try:
        if device is None:
            # Count before reading the form.
            security.throttle(f"log-in from {security.client_network()}", **LOGINS_PER_IP)
        username = request.form.get("username", "")
        limits = _rate_limits(username, device)
        for action, limit in limits.items():
            security.throttle(action, **limit)
        user = users.authenticate(username, request.form.get("password", ""))
    except (errors.Invalid, errors.TooManyRequests):
        _log_failure(username)
        raise
    for action in limits:
        security.reset_throttle(action)
    return user


def _rate_limits(username: str, device: devices.Device | None) -> dict[str, dict[str, int]]:
    """Return the rate limits of a login by action. A successful login resets them."""
    user = users.find_by_name(username)
    if device and user and user["id"] in device.user_ids:
        return {f"log-in as {user['id']} with {device.id}": LOGINS_PER_DEVICE}
    if device:
        security.throttle(f"log-in from {security.client_network()}", **LOGINS_PER_IP)
    key = users.name_key(username)
    if key is None:
        return {}
    name = f"log-in as {key}"
    return {
        f"{name} from {security.client_network()}": LOGINS_PER_NAME_AND_IP,
        name: LOGINS_PER_NAME,
    }


def _log_failure(username: str) -> None:
    # Programs like fail2ban parse this line; see docs/security.md.
    name = re.sub(r"[^\w .@+-]", "?", username[:MAX_LOGGED_NAME_CHARS])
    current_app.logger.warning('Failed log-in from %s as "%s"', security.client_address(), name)


def _start_session(user_id: int) -> None:
    sessions.delete_expired(current_app.permanent_session_lifetime)
    autosave_key = session.get("unsaved")
    session.clear()
    session.permanent = True
    session["user_id"] = user_id
    if autosave_key:
        session["unsaved"] = autosave_key
    session["token"] = sessions.start(
        user_id, address=request.remote_addr or "", user_agent=request.headers.get("User-Agent", "")
    )


def _next_page() -> str | None:
    """Return the `next` argument if it is the path of a page on this blog."""
    target = request.args.get("next", "")
    # Browsers read "//host" and "/\\host" as another site, and ignore tabs and line breaks.
    if not re.match(r"/(?![/\\])", target) or re.search(r"[\x00-\x20]", target):
        return None
    try:
        path = urlsplit(target).path
        if not path.startswith(f"{request.script_root}/"):
            return None
        path = path.removeprefix(request.script_root)
        endpoint, _ = _url_adapter().match(path, method="GET")
    except HTTPException:
        return None
    return None if endpoint.startswith("auth.") else target


def _url_adapter() -> MapAdapter:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None, "every request has an adapter"  # noqa: S101  # for the types
    return adapter


@bp.route("/password", methods=("GET", "POST"))
@login_required
def password() -> str | Response:
    """Change the password and log out all other sessions."""
    problem = None
    if request.method == "POST":
        try:
            security.throttle(f"password of {g.user['id']}", **PASSWORD_CHANGES)
            users.change_password(
                g.user["id"],
                request.form.get("password", ""),
                old_password=request.form.get("old_password", ""),
                password_min_length=current_app.config["PASSWORD_MIN_LENGTH"],
                keep_token=session.get("token"),
            )
        except errors.Invalid as error:
            problem = error
        else:
            flash("Your password is changed. You're logged out everywhere else.")
            if "revoke_tokens" in request.form:
                stored_tokens.revoke_all(g.user["id"])
                flash("Your tokens are revoked.")
            return redirect(url_for("index"))

    usable = stored_tokens.count_usable(g.user["id"])
    return render_template("auth/password.html", problem=problem, tokens=usable)


@bp.route("/logout", methods=("GET", "POST"))
def logout() -> str | Response:
    """Log out, which makes every copy of the cookie invalid.

    Images in posts and links on other sites cannot log users out: they get a confirmation page.
    """
    if request.method != "POST" and not security.is_own_navigation():
        return redirect(url_for("index")) if g.user is None else render_template("auth/logout.html")
    if "token" in session:
        sessions.end(session["token"])
    session.clear()
    response = redirect(url_for("index"))
    devices.forget_former(response)
    return response
