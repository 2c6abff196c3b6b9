"""The setup token, which is required to create the first account.

It is stored in the instance folder, where only the operating system user that runs the blog can
read it, and is deleted once there is an account.
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
ATTEMPT_LIMIT = {"limit": 10, "seconds": 15 * 60}
WRITE_TIMEOUT_SECONDS = 1.0
SETUP_LINK_MESSAGE = (
    "This blog has no owner yet. To create the owner's account, run flaskr setup-link on the server"
    " and open the link that it prints."
)
NO_OWNER_MESSAGE = "This blog has no owner yet. To name one, run: flaskr user role NAME owner"


def is_required() -> bool:
    """Return True if creating the first account requires the token.

    It does not in tests, and on this machine in debug mode, as in the tutorial.
    """
    return not (current_app.testing or (current_app.debug and security.is_local()))


def check(token: str) -> None:
    """Raise `Forbidden` unless the token is right or not required."""
    if not is_required() or _is_correct(token):
        return
    if token:
        security.throttle(f"setup token from {security.client_network()}", **ATTEMPT_LIMIT)
    raise errors.Forbidden(SETUP_LINK_MESSAGE)


def _is_correct(token: str) -> bool:
    expected = current_app.config["SETUP_TOKEN"] or _read()
    return bool(expected) and compare_digest(token.encode(errors="replace"), expected.encode())


def get_submitted() -> str:
    """Return the token in the submitted form or in the URL, or an empty string."""
    form = request.form if request.method == "POST" else {}
    return str(form.get("setup") or request.args.get("setup", ""))


def _path() -> Path:
    return Path(current_app.instance_path, FILE_NAME)


def _read() -> str:
    """Return the token in the file, or an empty string if it is missing or incomplete."""
    try:
        token = _path().read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return ""
    return token if TOKEN.fullmatch(token) else ""


def get_or_create() -> str:
    """Return the token, creating it if necessary. Raises `Unavailable`."""
    token: str = current_app.config["SETUP_TOKEN"] or _read()
    try:
        return token or _create()
    except OSError as error:
        raise errors.Unavailable(
            f"The setup token {_path()} cannot be written: {error.strerror}. To create the owner's"
            " account, run: flaskr user add NAME --role owner"
        ) from error


def _create() -> str:
    try:
        file = os.open(_path(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _wait_for_other_process() or _replace()
    with os.fdopen(file, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(24))
    return _read()


def _wait_for_other_process() -> str:
    end = time.monotonic() + WRITE_TIMEOUT_SECONDS
    while not (token := _read()) and time.monotonic() < end:
        time.sleep(0.02)
    return token


def _replace() -> str:
    # The process that wrote the file was killed, or the file was emptied.
    _path().unlink(missing_ok=True)
    return _create()


def discard() -> None:
    """Delete the token."""
    with suppress(OSError):
        _path().unlink(missing_ok=True)


def build_link(base: str = "") -> str:
    """Return the link that creates the first account, below `SITE_URL` or `base`, or as a path."""
    config = current_app.config
    site: str = config["SITE_URL"] or base or proxies.read_settings(config).prefix
    return f"{site.rstrip('/')}/auth/register?{urlencode({'setup': get_or_create()})}"


def next_steps(base: str = "") -> list[str]:
    """Return lines that tell how to create or name the owner if there is none."""
    try:
        db.check_schema()
    except errors.Unavailable:
        # The server shows a page about it.
        return []
    if users.has_accounts():
        discard()
        return [] if users.has_owner() else [NO_OWNER_MESSAGE]
    try:
        address = build_link(base)
    except errors.Unavailable as error:
        return [error.message]
    where = " at your blog's address" if address.startswith("/") else ""
    return [f"To create the owner's account, open {address}{where}"]


@click.command("setup-link")
@with_blog
def setup_link_command() -> None:
    """Print the link that creates the owner's account."""
    try:
        db.check_schema()
        if users.has_accounts():
            raise errors.Conflict(
                "This blog already has accounts. To add an owner, run:"
                " flaskr user add NAME --role owner"
            )
        click.echo(build_link())
    except errors.AppError as error:
        raise click.ClickException(error.message) from error


def init_app(app: Flask) -> None:
    """Let `init-db` print how to create the owner's account."""
    app.extensions["flaskr.next_steps"] = _after_init_db


def _after_init_db() -> list[str]:
    # The tutorial's tests replace `init_db` with a function that creates no tables.
    with suppress(errors.Unavailable):
        db.check_schema()
        return [] if current_app.testing else next_steps()
    return []
