"""Tell the person who starts the blog which folder it uses, and what needs attention."""

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
# Set for the processes that a command starts, which need not say the same again.
GIVEN = "_FLASKR_NOTICES_GIVEN"

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def with_blog(command: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run a command in an application context, after printing the blog's folder on stderr."""

    @wraps(command)
    def announced(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        _print_any_text()
        if not current_app.testing:
            announce(current_app)
            # Workers use the same folder, whichever way the command was started.
            os.environ[INSTANCE_PATH] = current_app.instance_path
        return command(*args, **kwargs)

    return with_appcontext(announced)


def _print_any_text() -> None:
    # A terminal or pipe may not know all the characters that names have.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def announce(app: Flask) -> None:
    """Print the blog's folder and the notices on stderr."""
    click.echo(f"Blog: {click.format_filename(app.instance_path)}", err=True)
    for notice in app.extensions[NOTICES]:
        click.echo(f"Warning: {notice}", err=True)
    os.environ[GIVEN] = "1"


def init_app(app: Flask, notices: Iterable[str]) -> None:
    """Keep the notices for the command, print them for `run`, or log them under a WSGI server."""
    app.extensions[NOTICES] = list(notices)
    context = click.get_current_context(silent=True)
    if context is not None and context.command is run_command and not is_running_from_reloader():
        announce(app)
    for notice in app.extensions[NOTICES]:
        log(app, notice)


def log(app: Flask, notice: str) -> None:
    """Log a sentence under a WSGI server. Commands print theirs, also for their workers."""
    if click.get_current_context(silent=True) is None and not os.environ.get(GIVEN):
        app.logger.warning("%s", notice)
