"""The token that whoever makes the first account has to bring.

It lies in the instance folder, readable by the blog's own user alone, and is void once there is an
account.
"""

import os
import re
import secrets
import time
from contextlib import suppress
from hmac import compare_digest
from pathlib import Path
from urllib.parse import urlencode

import click
from flask import Flask
from flask import current_app
from flask import request

from .. import db
from .. import errors
from ..data_folder.notices import with_blog
from ..models import users
from . import proxies
from . import security

FILE_NAME = "setup_token"
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,100}")
GUESSES = {"limit": 10, "seconds": 15 * 60}
SECONDS_TO_WRITE = 1.0
REFUSAL = (
    "This blog has no owner yet. To create the owner's account, run flaskr setup-link where the"
    " blog is installed, and open the link that it prints."
)
NO_OWNER = "The blog has no owner yet. To name one, run: flaskr user role NAME owner"


def is_needed() -> bool:
    """Return whether the first account cannot be made without the token.

    As in Flask's tutorial it can be in tests, and in debug mode from this machine.
    """
    return not (current_app.testing or (current_app.debug and security.is_local()))


def check(given: str) -> None:
    """Raise `Forbidden` unless this is the token, or none is needed."""
    if not is_needed() or _is_token(given):
        return
    if given:
        security.throttle(f"set-up token from {security.client_network()}", **GUESSES)
    raise errors.Forbidden(REFUSAL)


def _is_token(given: str) -> bool:
    token = current_app.config["SETUP_TOKEN"] or _read()
    return bool(token) and compare_digest(given.encode(errors="replace"), token.encode())


def get_submitted() -> str:
    """Return the token in the form of this request, else in its address."""
    form = request.form if request.method == "POST" else {}
    return str(form.get("setup") or request.args.get("setup", ""))


def _path() -> Path:
    return Path(current_app.instance_path, FILE_NAME)


def _read() -> str:
    """Return the token in the file; nothing where there is none, or half of one."""
    try:
        token = _path().read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
    return token if TOKEN.fullmatch(token) else ""


def get_or_create() -> str:
    """Return the token, made now where there is none. Raises `Unavailable`."""
    token: str = current_app.config["SETUP_TOKEN"] or _read()
    try:
        return token or _make()
    except OSError as error:
        raise errors.Unavailable(
            f"The set-up token {_path()} cannot be made: {error.strerror}. To create the owner's"
            " account, run: flaskr user add NAME --role owner"
        ) from error


def _make() -> str:
    try:
        file = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _written_by_another() or _replaced()
    with os.fdopen(file, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(24))
    return _read()


def _written_by_another() -> str:
    end = time.monotonic() + SECONDS_TO_WRITE
    while not (token := _read()) and time.monotonic() < end:
        time.sleep(0.02)
    return token


def _replaced() -> str:
    # A program that was killed left half a token, or somebody emptied the file.
    _path().unlink(missing_ok=True)
    return _make()


def discard() -> None:
    """Delete the token, which is void by now."""
    with suppress(OSError):
        _path().unlink(missing_ok=True)


def build_link(base: str = "") -> str:
    """Return the link to the first account: below `SITE_URL`, else below `base`, else a path."""
    config = current_app.config
    site: str = config["SITE_URL"] or base or proxies.read_settings(config).prefix
    return f"{site.rstrip('/')}/auth/register?{urlencode({'setup': get_or_create()})}"


def next_steps(base: str = "") -> list[str]:
    """Return what to do next for a blog that has no owner, in lines to print."""
    if users.has_accounts():
        discard()
        return [] if users.has_owner() else [NO_OWNER]
    try:
        address = build_link(base)
    except errors.Unavailable as error:
        return [error.message]
    where = " at your blog's address" if address.startswith("/") else ""
    return [f"To create the owner's account, open {address}{where}"]


@click.command("setup-link")
@with_blog
def setup_link_command() -> None:
    """Show the link to create the owner's account with."""
    try:
        db.check_schema()
        if users.has_accounts():
            raise errors.Conflict(
                "There are accounts already. To create another, run: flaskr user add NAME"
                " --role owner"
            )
        click.echo(build_link())
    except errors.AppError as error:
        raise click.ClickException(error.message) from error


def init_app(app: Flask) -> None:
    """Have `init-db` say how to create the owner's account."""
    app.extensions["flaskr.next_steps"] = _after_init_db


def _after_init_db() -> list[str]:
    # The tutorial's tests replace `init_db` by one that makes no tables.
    with suppress(errors.Unavailable):
        db.check_schema()
        return [] if current_app.testing else next_steps()
    return []
