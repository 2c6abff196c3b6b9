"""Accounts: registering, logging in and out, and the password."""

import functools
import re
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
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.wrappers import Response

from . import errors
from .models import sessions
from .models import users
from .text import names
from .web import cookies
from .web import devices
from .web import security
from .web import setup_token
from .web import template_helpers

bp = Blueprint("auth", __name__, url_prefix="/auth")

MINUTES = 60
LOGINS_BY_ADDRESS = {"limit": 30, "seconds": 15 * MINUTES}
LOGINS_BY_NAME_AND_ADDRESS = {"limit": 10, "seconds": 15 * MINUTES}
# By all browsers together with which this user has not logged in yet.
LOGINS_BY_NAME = {"limit": 100, "seconds": 15 * MINUTES}
LOGINS_BY_DEVICE = {"limit": 10, "seconds": 15 * MINUTES}
PASSWORD_CHANGES = {"limit": 10, "seconds": 15 * MINUTES}
REGISTRATIONS = {"limit": 10, "seconds": 60 * MINUTES}
LOGGED_NAME_CHARS = 64


def login_required(view: Callable[..., Any]) -> Callable[..., Any]:
    """View decorator that sends a visitor to the log-in page, and from there back."""

    @functools.wraps(view)
    def wrapped_view(**kwargs: Any) -> Any:
        if g.user is None:
            if request.method in ("GET", "HEAD"):
                return redirect(url_for("auth.login", next=_asked()))
            return redirect(url_for("auth.login"))

        return view(**kwargs)

    return wrapped_view


@bp.before_app_request
def load_logged_in_user() -> None:
    """Put the row of whoever is logged in into `g.user`; None for a visitor."""
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
        # Tests log in by writing the id alone into the session.
        g.user = users.find(user_id) if current_app.testing else None


def _asked() -> str:
    """Return the path and query of the request."""
    return request.script_root + request.full_path.rstrip("?")


def _end_cookie(user_id: int) -> None:
    """Take a session that has ended out of the cookie, and note whose it was."""
    del session["user_id"], session["token"]
    # What else it holds, such as a message, is not sent anew with every page.
    session.permanent = False
    if session.keys() <= {"_permanent"}:
        session.clear()

    @after_this_request
    def remember_former(response: FlaskResponse) -> FlaskResponse:
        if not response.cache_control.public:
            devices.remember_former(response, user_id)
        return response


def former_user_id() -> int | None:
    """The id in the validly signed cookie of a session that has ended; None for all others."""
    if g.user is not None:
        return None
    return session.get("user_id") or devices.former_user_id(current_app, request)


@bp.route("/register", methods=("GET", "POST"))
def register() -> Response:
    """Make an account. The first one owns the blog."""
    first = not users.has_accounts()
    problem = None
    if not template_helpers.registration_is_open():
        raise errors.Forbidden("Registration is closed. Ask the blog's owner for an account.")
    if first:
        setup_token.check(setup_token.get_submitted())
    if request.method == "POST":
        try:
            _register(first)
        except errors.Invalid as error:
            problem = error
        else:
            flash("Your account is ready. Log in to write.")
            return redirect(url_for("auth.login"))

    token = setup_token.get_submitted() if first else ""
    page = render_template("auth/register.html", first=first, problem=problem, setup_token=token)
    # Neither other sites nor logs of what the page loads learn the token.
    headers = {"Referrer-Policy": "strict-origin", "Cache-Control": "no-store"}
    return make_response(page, headers)


def _register(first: bool) -> None:
    security.throttle(f"register from {security.client_network()}", **REGISTRATIONS)
    users.register(
        request.form.get("username", ""),
        request.form.get("password", ""),
        password_min_length=current_app.config["PASSWORD_MIN_LENGTH"],
        first=first,
    )
    if first:
        setup_token.discard()


@bp.route("/login", methods=("GET", "POST"))
def login() -> str | Response:
    """Log in: a new session, whatever there was before."""
    problem = None
    if request.method == "POST":
        try:
            user = _authenticate()
        except errors.Invalid as error:
            problem = error
        else:
            _start_session(user["id"])
            response = redirect(_next_page() or url_for("index"))
            devices.remember_user(response, user["id"])
            devices.forget_former(response)
            return response

    return render_template("auth/login.html", problem=problem)


def _authenticate() -> Any:
    device = devices.current()
    username = ""
    try:
        if device is None:
            # Before the form is read.
            security.throttle(f"log-in from {security.client_network()}", **LOGINS_BY_ADDRESS)
        username = request.form.get("username", "")
        tries = _tries(username, device)
        for what, limit in tries.items():
            security.throttle(what, **limit)
        user = users.authenticate(username, request.form.get("password", ""))
    except (errors.Invalid, errors.TooManyRequests):
        _log_failure(username)
        raise
    for what in tries:
        security.reset_throttle(what)
    return user


def _tries(username: str, device: devices.Device | None) -> dict[str, dict[str, int]]:
    """Return what to count this log-in as, and begin anew when it succeeds."""
    known = users.find_by_name(username)
    if device and known and known["id"] in device.user_ids:
        return {f"log-in as {known['id']} with {device.id}": LOGINS_BY_DEVICE}
    if device:
        security.throttle(f"log-in from {security.client_network()}", **LOGINS_BY_ADDRESS)
    if names.is_too_long(username):
        return {}
    name = f"log-in as {names.key(username)}"
    return {
        f"{name} from {security.client_network()}": LOGINS_BY_NAME_AND_ADDRESS,
        name: LOGINS_BY_NAME,
    }


def _log_failure(username: str) -> None:
    # docs/security.md gives this line to programs that read logs.
    name = re.sub(r"[^\w .@+-]", "?", username[:LOGGED_NAME_CHARS])
    current_app.logger.warning('Failed log-in from %s as "%s"', security.client_address(), name)


def _start_session(user_id: int) -> None:
    sessions.drop_expired(current_app.permanent_session_lifetime)
    kept = session.get("unsaved")
    session.clear()
    session.permanent = True
    session["user_id"] = user_id
    if kept:
        session["unsaved"] = kept
    session["token"] = sessions.start(
        user_id, address=request.remote_addr or "", user_agent=request.headers.get("User-Agent", "")
    )


def _next_page() -> str | None:
    """The page to go on to, if `next` names one of this site's that a browser may open."""
    target = request.args.get("next", "")
    # Browsers take "//host" and "/\\host" for another site, and pass over tabs and line ends.
    if not re.match(r"/(?![/\\])", target) or re.search(r"[\x00-\x20]", target):
        return None
    try:
        path = urlsplit(target).path
        if not path.startswith(f"{request.script_root}/"):
            return None
        path = path.removeprefix(request.script_root)
        endpoint, _ = _addresses().match(path, method="GET")
    except HTTPException:
        return None
    return None if endpoint.startswith("auth.") else target


def _addresses() -> MapAdapter:
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None, "there is one for every request"  # noqa: S101  # for the types
    return adapter


@bp.route("/password", methods=("GET", "POST"))
@login_required
def password() -> str | Response:
    """Change one's password; whoever else is logged in with the old one no longer is."""
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
            flash("Your password is changed. Everywhere else you are logged out.")
            return redirect(url_for("index"))

    return render_template("auth/password.html", problem=problem)


@bp.route("/logout", methods=("GET", "POST"))
def logout() -> str | Response:
    """Log out: this cookie and every copy of it are worth nothing any more.

    A picture in a post or a link on another site logs nobody out: the page asks first.
    """
    if request.method != "POST" and not security.is_own_navigation():
        return redirect(url_for("index")) if g.user is None else render_template("auth/logout.html")
    if "token" in session:
        sessions.end(session["token"])
    session.clear()
    response = redirect(url_for("index"))
    devices.forget_former(response)
    return response
