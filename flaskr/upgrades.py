"""From any older database to the schema of today, in one transaction or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from . import errors
from . import places

HERE = Path(__file__).parent
MIGRATIONS = HERE / "migrations"


class Upgrade(NamedTuple):
    """What was done: the versions, and the file with the database as it was before."""

    before: int
    after: int
    snapshot: str

    @property
    def message(self) -> str:
        """The sentence for the person who ran it."""
        return (
            f"Upgraded the database from version {self.before} to {self.after}."
            f" As it was before, it is in {self.snapshot}."
        )


def latest() -> int:
    """The number of the newest migration: the version of schema.sql."""
    return _latest(MIGRATIONS)


@cache
def _latest(folder: Path) -> int:
    # Every request asks.
    return max(_number(file) for file in folder.glob("*.sql"))


def _number(file: Path) -> int:
    return int(file.name.partition("_")[0])


def version(db: sqlite3.Connection) -> int:
    """The version the database is marked with; 0 for the tutorial's own and for an empty one."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def check(db: sqlite3.Connection) -> None:
    """Raise `Unavailable` unless the database has the schema of today."""
    found = version(db)
    if found > latest():
        raise errors.Unavailable(_newer(found))
    if found < latest():
        raise errors.Unavailable(f"The database is not ready. Run: {places.command()} init-db")


def _newer(found: int) -> str:
    return (
        f"The database was made by a newer flaskr (its version is {found}, this program knows"
        f" {latest()}). Install the newer flaskr to use it."
    )


def upgrade(db: sqlite3.Connection) -> Upgrade | None:
    """Make or upgrade the database inside the caller's transaction.

    Returns None where it was new or up to date. Raises `Conflict` when it cannot be done.
    """
    before = version(db)
    if before > latest():
        raise errors.Conflict(_newer(before))
    if before == latest():
        return None
    if before == 0 and not _is_tutorial(db):
        _run(db, [HERE / "schema.sql"])
        return None
    snapshot = take_snapshot(db, f"before-version-{latest()}")
    _run(db, [file for file in sorted(MIGRATIONS.glob("*.sql")) if _number(file) > before])
    return Upgrade(before, latest(), snapshot)


def _is_tutorial(db: sqlite3.Connection) -> bool:
    return bool(
        db.execute("SELECT 1 FROM sqlite_master WHERE lower(name) IN ('user', 'post')").fetchone()
    )


def _run(db: sqlite3.Connection, files: list[Path]) -> None:
    try:
        for file in files:
            for statement in statements(file.read_text(encoding="utf-8")):
                db.execute(statement)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise errors.Conflict(
            f"The database was left as it was, because it cannot be upgraded: {error}. If that"
            " names something of your own, rename it, then run init-db again."
        ) from error
    db.execute(f"PRAGMA user_version = {latest()}")


def statements(script: str) -> Iterator[str]:
    """The statements of a script one by one: `executescript` would commit first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def take_snapshot(db: sqlite3.Connection, occasion: str) -> str:
    """Copy the database as last committed to a file beside it, and name that file."""
    database = db.execute("PRAGMA database_list").fetchone()[2]
    if not database:
        return ""
    path = Path(database)
    now = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    snapshot = path.with_name(f"{path.stem}-{now}-{occasion}{path.suffix}")
    unfinished = snapshot.with_name(f"{snapshot.name}.part")
    unfinished.touch(mode=0o600)
    try:
        # A connection of its own sees what is committed, whatever `db` is in the middle of.
        with (
            closing(sqlite3.connect(database)) as source,
            closing(sqlite3.connect(unfinished)) as target,
        ):
            source.backup(target)
        unfinished.replace(snapshot)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    return str(snapshot)


def reset(db: sqlite3.Connection) -> str:
    """Empty the database but for tables that are not ours, and name the snapshot taken before."""
    snapshot = take_snapshot(db, "before-reset")
    for kind, name in _tables_and_views():
        db.execute(f'DROP {kind} IF EXISTS "{name}"')
    _run(db, [HERE / "schema.sql"])
    return snapshot


def _tables_and_views() -> list[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        _run(db, [HERE / "schema.sql"])
        rows = db.execute(
            "SELECT type, name FROM sqlite_master"
            " WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY type DESC"
        )
        return rows.fetchall()
