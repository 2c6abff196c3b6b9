"""Accounts: registering, logging in and out, and the password."""

import functools
import re
from collections.abc import Callable
from hmac import compare_digest
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import session
from flask import url_for
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter
from werkzeug.wrappers import Response

from . import errors
from . import pages
from . import security
from .models import sessions
from .models import users

bp = Blueprint("auth", __name__, url_prefix="/auth")

MINUTES = 60
LOGINS_BY_ADDRESS = {"limit": 30, "seconds": 15 * MINUTES}
LOGINS_BY_NAME = {"limit": 10, "seconds": 15 * MINUTES}
REGISTRATIONS = {"limit": 10, "seconds": 60 * MINUTES}


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
    else:
        # Tests log in by writing the id alone into the session.
        g.user = users.find(user_id) if current_app.testing else None


def _asked() -> str:
    """Return the path and query of the request."""
    return request.script_root + request.full_path.rstrip("?")


def former_user_id() -> int | None:
    """The id in the validly signed cookie of a session that has ended; None for all others."""
    return session.get("user_id") if g.user is None else None


@bp.route("/register", methods=("GET", "POST"))
def register() -> str | Response:
    """Make an account. The first one owns the blog."""
    first = not users.anyone()
    problem = None
    if not pages.registration_is_open():
        raise errors.Forbidden("Registration is closed. Ask the blog's owner for an account.")
    if first:
        _check_setup_token()
    if request.method == "POST":
        username, password = request.form.get("username", ""), request.form.get("password", "")
        try:
            security.throttle(f"register from {security.client()}", **REGISTRATIONS)
            users.register(
                username, password, password_min_length=current_app.config["PASSWORD_MIN_LENGTH"]
            )
        except errors.Invalid as error:
            problem = error
        else:
            flash("Your account is ready. Log in to write.")
            return redirect(url_for("auth.login"))

    return render_template("auth/register.html", first=first, problem=problem)


def _check_setup_token() -> None:
    token = current_app.config["SETUP_TOKEN"]
    given = request.args.get("setup", "")
    if token and not security.is_local() and not compare_digest(given.encode(), token.encode()):
        raise errors.Forbidden(
            "This blog has no owner yet. Its first account is made with the link that"
            " flaskr serve printed when it started."
        )


@bp.route("/login", methods=("GET", "POST"))
def login() -> str | Response:
    """Log in: a new session, whatever there was before."""
    problem = None
    if request.method == "POST":
        username, password = request.form.get("username", ""), request.form.get("password", "")
        try:
            user = _authenticate(username, password)
        except errors.Invalid as error:
            problem = error
        else:
            _start_session(user["id"])
            return redirect(_next_page() or url_for("index"))

    return render_template("auth/login.html", problem=problem)


def _authenticate(username: str, password: str) -> Any:
    by_name = f"log-in as {users.key(username)}"
    security.throttle(f"log-in from {security.client()}", **LOGINS_BY_ADDRESS)
    security.throttle(by_name, **LOGINS_BY_NAME)
    user = users.authenticate(username, password)
    security.forget(by_name)
    return user


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
            security.throttle(f"password of {g.user['id']}", **LOGINS_BY_NAME)
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


@bp.route("/logout")
def logout() -> Response:
    """Log out: this cookie and every copy of it are worth nothing any more."""
    if security.comes_from_elsewhere():
        raise errors.Forbidden("Another site tried to log you out. You are still logged in.")
    if "token" in session:
        sessions.end(session["token"])
    session.clear()
    return redirect(url_for("index"))
