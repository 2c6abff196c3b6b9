"""Where the settings come from: defaults, the instance's config.py, the environment, the caller."""

import os
import re
import secrets
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from flask import Config
from flask import Flask

from . import cookies
from . import defaults
from . import errors
from . import proxies
from . import site
from .models import settings as chosen

SITE_URL = re.compile(rf"https?://[^\s/?#@\"<>]+(?:{proxies.URL_PREFIX.pattern})?/?")
PREFIX = "FLASKR_"
INSTANCE_PATH = "FLASKR_INSTANCE_PATH"
WORDS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def instance_path() -> str | None:
    """The folder named by `FLASKR_INSTANCE_PATH`, made absolute; None for Flask's own choice."""
    path = os.environ.get(INSTANCE_PATH)
    return str(Path(path).absolute()) if path else None


def load(app: Flask, test_config: Mapping[str, Any] | None) -> None:
    """Fill `app.config`, and make the instance folder. Wrong settings raise a `ClickException`."""
    app.config.from_mapping(known())
    if test_config is not None and test_config.get("TESTING"):
        app.config.from_mapping(defaults.TESTING)
    fixed: dict[str, str] = {}
    for place, values in _places(app, test_config):
        app.config.from_mapping(values)
        fixed |= {name: place.format(name) for name in values}
    app.extensions[site.FIXED] = fixed
    _make_folder(app)
    app.config["DATABASE"] = app.config["DATABASE"] or str(Path(app.instance_path, "flaskr.sqlite"))
    app.config["SECRET_KEY"] = app.config["SECRET_KEY"] or secret_key(app.instance_path)
    app.config["SESSION_COOKIE_NAME"] = app.config["SESSION_COOKIE_NAME"] or cookies.default_name(
        app.config["SECRET_KEY"]
    )
    # Werkzeug's own limit for a form is half a megabyte, less than a long post.
    app.config["MAX_FORM_MEMORY_SIZE"] = app.config["MAX_CONTENT_LENGTH"]
    _check(app.config)


def _places(
    app: Flask, test_config: Mapping[str, Any] | None
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Where values come from, in words for the page of settings; the last wins."""
    if test_config is None:
        file = Config(app.config.root_path)
        file.from_pyfile("config.py", silent=True)
        yield "in config.py", file
    yield f"by the variable {PREFIX}{{}}", from_environment(os.environ)
    yield "by the program that runs the blog", test_config or {}


def known() -> dict[str, Any]:
    """Every setting of flaskr's own with its default."""
    return {
        name: value
        for name, value in vars(defaults).items()
        if name.isupper() and name != "TESTING"
    }


def from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """The settings among the environment variables, each read by the type of its default."""
    return {
        name.removeprefix(PREFIX): _parse(name, value)
        for name, value in environment.items()
        if name.startswith(PREFIX) and name != INSTANCE_PATH
    }


def _parse(name: str, value: str) -> Any:
    try:
        default = known()[name.removeprefix(PREFIX)]
    except KeyError:
        raise click.ClickException(
            f"{name} is no setting of flaskr. README.md lists those there are."
        ) from None
    if isinstance(default, bool):
        if value.lower() not in WORDS:
            raise click.ClickException(f"{name} is {value!r}, but has to be true or false.")
        return WORDS[value.lower()]
    if isinstance(default, int):
        try:
            return int(value)
        except ValueError:
            raise click.ClickException(f"{name} is {value!r}, but has to be a number.") from None
    if isinstance(default, list):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _make_folder(app: Flask) -> None:
    try:
        Path(app.instance_path).mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise click.ClickException(
            f"The instance folder {app.instance_path} cannot be made: {error.strerror}."
            f" Name another with {INSTANCE_PATH}."
        ) from error


def secret_key(folder: str) -> bytes:
    """The key in the folder's file `secret_key`: 32 random bytes, made when there is no file."""
    path = Path(folder, "secret_key")
    try:
        if not path.exists():
            _make_secret_key(path)
        key = path.read_bytes()
    except OSError as error:
        raise click.ClickException(
            f"The secret key {path} cannot be read or made: {error.strerror}."
        ) from error
    if len(key) < 32:
        raise click.ClickException(
            f"The secret key {path} is damaged. Delete it: a new one will be made, and everyone"
            " has to log in again."
        )
    return key


def _make_secret_key(path: Path) -> None:
    # Written whole under another name and then linked: of two processes one wins, and nobody
    # ever reads half a key.
    draft = path.with_name(f"{path.name}-{secrets.token_hex(8)}")
    draft.touch(mode=0o600, exist_ok=False)
    try:
        draft.write_bytes(secrets.token_bytes(32))
        with suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        draft.unlink()


def _check(config: Mapping[str, Any]) -> None:
    if config["SITE_URL"] and not SITE_URL.fullmatch(config["SITE_URL"]):
        raise click.ClickException(
            f"SITE_URL is {config['SITE_URL']!r}, but has to be an address such as"
            " https://blog.example.org or https://example.org/blog."
        )
    if not cookies.NAME.fullmatch(config["SESSION_COOKIE_NAME"]):
        raise click.ClickException(
            f"SESSION_COOKIE_NAME is {config['SESSION_COOKIE_NAME']!r}, but may have only letters,"
            " digits, hyphens and underscores."
        )
    proxies.check(config)
    for name in chosen.CHECKS:
        try:
            chosen.check(name, config[name])
        except errors.Invalid as error:
            raise click.ClickException(f"{name} is {config[name]!r}. {error.message}") from None
