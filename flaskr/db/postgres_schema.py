"""The schema on PostgreSQL: create it, upgrade it, or start again, on one machine at a time."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .. import errors
from .. import migrations
from . import copying
from . import sqlite
from .postgres import Connection
from .postgres import Unavailable

SCHEMA = Path(__file__).parents[1] / "schema.postgresql.sql"
# The advisory lock held during an upgrade. Requests check it to explain why they fail.
UPGRADES = 0x666C61736B73
UPGRADING = "The blog is being upgraded. Try again in a moment."
CREATED = re.compile(r'^CREATE (TABLE|VIEW|FUNCTION|DOMAIN) ("?\w+"?)', re.MULTILINE)


def upgrade(db: Connection) -> migrations.Upgrade | None:
    """Create or upgrade the schema, or wait while another machine does.

    Returns the upgrade if one took place. Raises `Conflict` if it is impossible.
    """
    check_settings(db)
    if db.version == migrations.latest():
        return None
    with changes(db):
        # Another machine may have upgraded it during the wait.
        return _upgrade(db, db.version)


def _upgrade(db: Connection, before: int) -> migrations.Upgrade | None:
    latest = migrations.latest()
    if before > latest:
        raise errors.Conflict(migrations.newer_version_message(before))
    if before == latest:
        return None
    if before == 0:
        _run_scripts(db, [SCHEMA])
        db.execute("INSERT INTO schema_version (version) VALUES (?)", (latest,))
        return None
    db.execute("SELECT pg_advisory_xact_lock(?)", (UPGRADES,))
    snapshot = copying.take_snapshot(f"before-version-{latest}")
    _run_scripts(db, migrations.pending_on_postgres(before))
    db.execute("UPDATE schema_version SET version = ?", (latest,))
    migrations.name_snapshot(db, snapshot)  # type: ignore[arg-type]  # used in the same way
    return migrations.Upgrade(before, latest, snapshot)


def check_settings(db: Connection) -> None:
    """Raise `Conflict` unless the database stores all letters, and sorts them as SQLite does."""
    encoding, locale = _row(
        db,
        """
        SELECT pg_encoding_to_char(encoding),
            coalesce(names ->> 'datlocale', names ->> 'daticulocale', names ->> 'datcollate')
        FROM pg_database
        CROSS JOIN LATERAL to_jsonb(pg_database) AS names
        WHERE datname = current_database()
        """,
    )
    if encoding == "UTF8":
        (is_suitable,) = _row(db, "SELECT 'B' < 'a' AND 'z' < 'é' AND lower('É') = 'é'")
        if is_suitable:
            return
    raise errors.Conflict(
        f"This database has the encoding {encoding} and the locale {locale}, with which lists would"
        " be in another order. Create another database, and set DATABASE to it: CREATE DATABASE"
        " blog TEMPLATE template0 LOCALE 'C.UTF-8' ENCODING 'UTF8'"
    )


@contextmanager
def changes(db: Connection) -> Iterator[None]:
    """Commit changes of the schema or of all rows, however long they take and wait for others."""
    limits = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    try:
        db.execute(f"SET lock_timeout = '{sqlite.UPGRADE_BUSY_TIMEOUT_SECONDS}s'")
        db.execute("SET statement_timeout = 0")
        db.execute("SET idle_in_transaction_session_timeout = 0")
        db.begin()
        yield
        db.commit()
    finally:
        db.rollback()
        for limit in limits:
            db.execute(f"RESET {limit}")


def _run_scripts(db: Connection, files: list[Path]) -> None:
    try:
        for file in files:
            db.execute_script(file.read_text(encoding="utf-8"))
    except Unavailable:
        raise
    except sqlite3.DatabaseError as error:
        raise errors.Conflict(
            f"The database was not changed, because its schema cannot be created: {error}"
        ) from error


def create_again(db: Connection) -> None:
    """Drop everything that the schema creates, and create it, in the caller's transaction."""
    for kind, name in CREATED.findall(SCHEMA.read_text(encoding="utf-8")):
        db.execute(f"DROP {kind} IF EXISTS {name} CASCADE")
    _upgrade(db, 0)


def reset(db: Connection) -> str:
    """Empty all tables of flaskr, and return the path of the snapshot taken before."""
    with changes(db):
        snapshot = copying.take_snapshot("before-reset")
        create_again(db)
    return snapshot


def check_upgrades(db: Connection) -> None:
    """Raise `Unavailable` while another machine upgrades the schema."""
    (is_free,) = _row(db, "SELECT pg_try_advisory_xact_lock_shared(?)", UPGRADES)
    if not is_free:
        raise errors.Unavailable(UPGRADING)


def count_others(db: Connection) -> int:
    """Return the number of connections of other programs to this database."""
    (number,) = _row(
        db,
        """
        SELECT count(*)
        FROM pg_stat_activity
        WHERE datname = current_database() AND usename IS NOT NULL AND pid <> pg_backend_pid()
        """,
    )
    return int(number)


def holds_blog(db: Connection) -> bool:
    """Return True if there are users or posts."""
    query = """SELECT EXISTS (SELECT 1 FROM "user") OR EXISTS (SELECT 1 FROM post)"""
    return bool(_row(db, query)[0])


def _row(db: Connection, query: str, *values: int) -> Any:
    return db.execute(query, values).fetchone()
