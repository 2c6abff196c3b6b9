"""Turn exceptions that rules raise into errors of a command."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import click

from .. import db
from .. import errors


@contextmanager
def rule_errors() -> Iterator[None]:
    """Turn exceptions that rules raise into errors of the command."""
    try:
        db.check_schema()
        yield
    except errors.AppError as error:
        raise click.ClickException("\n".join([error.message, *db.advice(error)])) from error
    except sqlite3.DatabaseError as error:
        raise click.ClickException(db.error_message(error) or str(error)) from error
