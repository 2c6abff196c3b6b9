"""Helpers of tests for both kinds of database, SQLite and PostgreSQL."""

from contextlib import closing
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr import db

# Marks of tests that PostgreSQL makes pointless.
other_types = pytest.mark.sqlite_only("PostgreSQL refuses values that are not of a column's type.")
orphans = pytest.mark.sqlite_only("PostgreSQL keeps no rows that refer to missing ones.")
plans = pytest.mark.sqlite_only("PostgreSQL's plans are others, and depend on the number of rows.")
replace = pytest.mark.sqlite_only("PostgreSQL has no REPLACE.")
last_ids = pytest.mark.sqlite_only("PostgreSQL returns the id of a new row with RETURNING.")
damaged_files = pytest.mark.sqlite_only("PostgreSQL looks after its own files.")


def ago(**units):
    """Return a time in the past in its stored form, such as `ago(days=1)`."""
    return db.format_timestamp(datetime.now(UTC) - timedelta(**units))


def damaged_text():
    """Return what is least like text and can be stored in a column for text."""
    return "\0\ufffd" if db.is_postgres() else b"\xff\0"


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


def refuse(event, table):
    """Let a trigger fail each such change of a table with the words "no room"."""
    before = f"CREATE TRIGGER refuse BEFORE {event} ON {table}"
    if not db.is_postgres():
        db.get_db().execute(f"{before} BEGIN SELECT RAISE(ABORT, 'no room'); END")
        return
    db.get_db().executescript(
        f"""
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE integrity_constraint_violation USING MESSAGE = 'no room';
        END $$;
        {before} FOR EACH ROW EXECUTE FUNCTION refuse();
        """
    )
