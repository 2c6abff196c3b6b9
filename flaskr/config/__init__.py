"""Load settings from the defaults, the instance's config.py, the environment and the caller."""

import os
import re
import reprlib
import secrets
import shlex
import sqlite3
import tempfile
import time
import traceback
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import click
from flask import Flask

from .. import data_folder
from .. import default_settings
from .. import errors
from ..data_folder import INSTANCE_PATH
from ..data_folder import notices
from ..data_folder import swapping
from ..db import database_problem
from ..db import is_postgres
from ..db import support
from ..models import settings as stored_settings
from ..models.effective_settings import LOCKED_BY
from ..web import cookies
from ..web import proxies
from . import setting_values
from .setting_values import default_values

SITE_URL_PATTERN = re.compile(rf"https?://[^\s/?#@\"<>]+(?:{proxies.URL_PREFIX.pattern})?/?")
PREFIX = "FLASKR_"
SECRET_KEY_BYTES = 32
# Another process may have created the file but not written the key yet.
KEY_WRITE_TIMEOUT_SECONDS = 1


def load(
    app: Flask, test_config: Mapping[str, Any] | None, folder_notices: tuple[str, ...] = ()
) -> None:
    """Fill `app.config` and create the instance folder. Raises `ClickException`."""
    if problem := support.problem():
        raise click.ClickException(problem)
    _create_folder(app.instance_path)
    _choose_temporary_folder(app.instance_path)
    app.config.from_mapping(default_values())
    if test_config is not None and test_config.get("TESTING"):
        app.config.from_mapping(default_settings.TESTING)
    locked_by: dict[str, str] = {}
    for source, values in _sources(app, test_config):
        app.config.from_mapping(_check_values(source, values))
        locked_by |= {name: source.format(name) for name in values}
    app.extensions[LOCKED_BY] = locked_by
    if is_postgres(app.config["DATABASE"]) and find_spec("psycopg") is None:
        raise click.ClickException(
            "DATABASE names a PostgreSQL, but its driver is missing. Install flaskr[cluster]."
        )
    app.config["DATABASE"] = database_path(app.instance_path, app.config["DATABASE"])
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or load_secret_key(app.instance_path)
    app.config["SESSION_COOKIE_NAME"] = app.config["SESSION_COOKIE_NAME"] or cookies.default_name(
        app.config["SECRET_KEY"]
    )
    if not cookies.NAME.fullmatch(app.config["SESSION_COOKIE_NAME"]):
        raise click.ClickException(
            f"SESSION_COOKIE_NAME is {app.config['SESSION_COOKIE_NAME']!r}. It may contain only"
            " letters, digits, hyphens and underscores."
        )
    app.extensions["flaskr.session_cookies"] = cookies.names(app.config)
    proxies.read_settings(app.config)
    # Werkzeug's default limit for forms, half a megabyte, is less than a long post.
    app.config["MAX_FORM_MEMORY_SIZE"] = app.config["MAX_CONTENT_LENGTH"]
    notices.init_app(app, [*folder_notices, *unknown_variables(os.environ)])
    if reason := database_problem(app.config["DATABASE"]):
        notices.log(app, reason)


def _sources(
    app: Flask, test_config: Mapping[str, Any] | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield each source of values with its name on the settings page; later ones win."""
    if test_config is None:
        yield "in config.py", read_config(Path(app.instance_path, "config.py"))
    yield f"by the environment variable {PREFIX}{{}}", read_environment(os.environ)
    yield "by the program that runs the blog", test_config or {}


def read_config(path: Path) -> dict[str, Any]:
    """Return the settings in a `config.py`, which may be missing. Raises `ClickException`."""
    try:
        source = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise click.ClickException(
            f"{click.format_filename(path)} cannot be read: {error.strerror}."
        ) from error
    values = {"__file__": str(path), "__name__": "config"}
    try:
        exec(compile(source, path, "exec"), values)  # noqa: S102  # the owner's own file
    except (Exception, SystemExit) as error:
        raise click.ClickException(_describe_error(path, error)) from error
    return {name: value for name, value in values.items() if name.isupper()}


def _describe_error(path: Path, error: BaseException) -> str:
    """Return a message with the file, the line if it is known, and the error."""
    reason, line = f"{type(error).__name__}: {error}", None
    if isinstance(error, SyntaxError) and error.filename == str(path):
        reason, line = error.msg, error.lineno
    else:
        for frame in traceback.extract_tb(error.__traceback__):
            line = frame.lineno if frame.filename == str(path) else line
    where = f", line {line}" if line else ""
    return f"{click.format_filename(path)}{where} has an error: {' '.join(reason.split())}."


def read_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """Return the settings in environment variables, parsed by the type of their default.

    An empty variable counts as not set.
    """
    return {
        name: setting_values.parse(name, environment[f"{PREFIX}{name}"])
        for name in default_values()
        if environment.get(f"{PREFIX}{name}", "").strip()
    }


def unknown_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield a warning for each variable with the prefix `FLASKR_` that is not a setting."""
    for variable, value in environment.items():
        name = variable.removeprefix(PREFIX)
        if name == variable or name in default_values() or variable == INSTANCE_PATH:
            continue
        if not setting_values.is_set_by_kubernetes(variable, value):
            similar = setting_values.find_similar(name)
            hint = f" Did you mean {PREFIX}{similar}?" if similar else ""
            yield f"The environment variable {variable} is not a setting and is ignored.{hint}"


def _check_values(source: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values in their final types. Raises `ClickException` for an invalid one."""
    return {name: _check_value(name, value, source) for name, value in values.items()}


def _check_value(name: str, value: Any, source: str) -> Any:
    if name not in default_values():
        return value
    prefix = f"{name} is {_display(name, value)}, set {source.format(name)}."
    try:
        checked = setting_values.check(name, value)
    except errors.Invalid as error:
        raise click.ClickException(f"{prefix} It must be {error.message}.") from None
    if name == "SITE_URL" and checked and not SITE_URL_PATTERN.fullmatch(checked):
        raise click.ClickException(
            f"{prefix} It must be a URL such as https://blog.example.org or"
            " https://example.org/blog."
        )
    if name in stored_settings.CHECKS:
        try:
            stored_settings.check(name, checked)
        except errors.Invalid as error:
            raise click.ClickException(f"{prefix} {error.message}") from None
    return checked


def _display(name: str, value: Any) -> str:
    if name in setting_values.SECRETS:
        return f"of the type {type(value).__name__}"
    # Someone may have put a password into an address.
    if isinstance(value, str) and "://" in value and ("@" in value or name == "MEDIA"):
        return "an address"
    return reprlib.repr(value)


def _create_folder(folder: str) -> None:
    shown = click.format_filename(folder)
    try:
        Path(folder).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"The instance folder {shown} cannot be created: {error.strerror}. Choose another with"
            f" --instance or {INSTANCE_PATH}."
        ) from error
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise click.ClickException(
            f"The instance folder {shown} cannot be read and written. Change its owner to the user"
            f" that runs the blog, or choose another with --instance or {INSTANCE_PATH}."
        )
    try:
        swapping.finish(Path(folder))
    except (OSError, ValueError, TypeError) as error:
        raise click.ClickException(
            f"A restore in {shown} was interrupted and cannot be completed: {error}. Its files and"
            f" where they belong are listed in {swapping.JOURNAL}."
        ) from error
    if source := data_folder.unfinished_move(Path(folder)):
        raise click.ClickException(
            f"{shown} contains an unfinished copy of a blog. To finish it, run: flaskr --instance"
            f" {shlex.quote(str(source))} move-instance {shlex.quote(folder)}"
        )


def _choose_temporary_folder(folder: str) -> None:
    """Use the instance folder for temporary files if the system has no other folder."""
    try:
        tempfile.gettempdir()
    except FileNotFoundError:
        tempfile.tempdir = folder
        with closing(sqlite3.connect(":memory:")) as db:
            db.execute(f"PRAGMA temp_store_directory = '{folder.replace(chr(39), 2 * chr(39))}'")


def database_path(folder: str, database: str) -> str:
    """Return the path of the database. A relative `DATABASE` is below the instance folder."""
    if database == ":memory:" or is_postgres(database):
        return database
    return str(Path(folder, database or "flaskr.sqlite"))


def check_movable(folder: Path) -> None:
    """Raise `Conflict` if DATABASE would name a file in this folder after the blog has moved."""
    values = read_config(folder / "config.py") | read_environment(os.environ)
    database = Path(values.get("DATABASE", ""))
    if database.is_absolute() and database.is_relative_to(folder):
        raise errors.Conflict(
            f"DATABASE is {database}, which is in the folder to move. Set it to"
            f" {str(database.relative_to(folder))!r}, then try again."
        )


def load_secret_key(folder: str) -> bytes:
    """Return the key in the folder's file `secret_key`, creating it if it does not exist."""
    path = Path(folder, "secret_key")
    try:
        with suppress(FileExistsError):
            _create_secret_key(path)
        key = _read_secret_key(path)
    except OSError as error:
        raise click.ClickException(
            f"The secret key {click.format_filename(path)} cannot be read or created:"
            f" {error.strerror}."
        ) from error
    if len(key) < SECRET_KEY_BYTES:
        raise click.ClickException(
            f"The secret key {click.format_filename(path)} is damaged. Delete it to create a"
            " new one; everyone has to log in again."
        )
    return key


def _create_secret_key(path: Path) -> None:
    # O_EXCL lets only one of several processes create the file. Linking a complete file into place
    # would need hard links, which file systems such as exFAT lack.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(secrets.token_bytes(SECRET_KEY_BYTES))
            file.flush()
            os.fsync(descriptor)
    except BaseException:
        path.unlink()
        raise


def _read_secret_key(path: Path) -> bytes:
    deadline = time.monotonic() + KEY_WRITE_TIMEOUT_SECONDS
    while len(key := path.read_bytes()) < SECRET_KEY_BYTES and time.monotonic() < deadline:
        time.sleep(0.01)
    return key
