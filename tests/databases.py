"""Helpers of tests for both kinds of database, SQLite and PostgreSQL."""

from contextlib import closing
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from flaskr import db


def ago(**units):
    """Return a time in the past in its stored form, such as `ago(days=1)`."""
    return db.format_timestamp(datetime.now(UTC) - timedelta(**units))


def dump():
    """Return all rows with the names of their tables."""
    tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
    if db.is_postgres():
        tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    rows = [
        (table, *row) for (table,) in db.all(tables) for row in db.all(f'SELECT * FROM "{table}"')
    ]
    return sorted(rows, key=repr)


@contextmanager
def another_writer(app):
    """Connect once more, and write in a transaction that does not end."""
    with closing(db.connect(app.config["DATABASE"])) as other:
        other.execute("DELETE FROM throttle WHERE hits < 0")
        yield other


def content_version():
    """Return the value that every change of visible rows changes."""
    (version,) = db.one("SELECT version FROM content")
    return version
