"""Print or log the blog's folder, and notices for the operator."""

import os
import sys
from collections.abc import Callable
from collections.abc import Iterable
from functools import wraps
from io import TextIOWrapper
from typing import ParamSpec
from typing import TypeVar

import click
from flask import Flask
from flask import current_app
from flask.cli import run_command
from flask.cli import with_appcontext
from werkzeug.serving import is_running_from_reloader

from . import INSTANCE_PATH

NOTICES = "flaskr.notices"
# Set for child processes, which must not repeat the notices.
PRINTED = "_FLASKR_NOTICES_PRINTED"

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def with_blog(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Decorate a command to print the blog's folder and run in an application context."""

    @wraps(command)
    def wrapped_command(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        _allow_any_character()
        if not current_app.testing:
            announce(current_app)
            # Worker processes must find the same folder.
            os.environ[INSTANCE_PATH] = current_app.instance_path
        for prepare in current_app.extensions["flaskr.command_hooks"]:
            prepare()
        return command(*args, **kwargs)

    return with_appcontext(wrapped_command)


def _allow_any_character() -> None:
    # A terminal's encoding may lack characters of user names.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def announce(app: Flask) -> None:
    """Print the blog's folder and the notices to stderr."""
    click.echo(f"Blog: {click.format_filename(app.instance_path)}", err=True)
    for notice in app.extensions[NOTICES]:
        click.echo(f"Warning: {notice}", err=True)
    os.environ[PRINTED] = "1"


def init_app(app: Flask, notices: Iterable[str]) -> None:
    """Store the notices for commands, print them for `flask run`, or log them on a WSGI server."""
    app.extensions[NOTICES] = list(notices)
    context = click.get_current_context(silent=True)
    if context is not None and context.command is run_command and not is_running_from_reloader():
        announce(app)
    for notice in app.extensions[NOTICES]:
        log(app, notice)


def log(app: Flask, notice: str) -> None:
    """Log a notice on a WSGI server. Commands print notices, also for their workers."""
    if click.get_current_context(silent=True) is None and not os.environ.get(PRINTED):
        app.logger.warning("%s", notice)
