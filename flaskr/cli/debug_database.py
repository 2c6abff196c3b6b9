"""Let `flask --app flaskr run --debug` work on a fresh clone."""

import sqlite3
from pathlib import Path

import click
from flask import Flask
from flask.cli import run_command

from .. import db
from .. import errors


def init_app(app: Flask) -> None:
    """Create a missing database when the development server starts in debug mode."""
    context = click.get_current_context(silent=True)
    if not app.debug or context is None or context.command is not run_command:
        return
    database = app.config["DATABASE"]
    if database == ":memory:" or (not db.is_postgres(database) and Path(database).exists()):
        return
    # A URL may contain a password.
    shown = "on PostgreSQL" if db.is_postgres(database) else click.format_filename(database)
    try:
        with app.app_context():
            if db.is_postgres() and db.version():
                return
            db.init_db()
    except (errors.AppError, sqlite3.DatabaseError) as error:
        raise click.ClickException(f"The database {shown} cannot be created: {error}") from error
    app.logger.info("Created the database %s.", shown)
