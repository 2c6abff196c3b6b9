"""Upgrade an older database to the current schema in one transaction."""

import glob
import sqlite3
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from datetime import UTC
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from .. import data_folder
from .. import errors
from ..data_folder import disk_errors
from ..data_folder import swapping

MIGRATIONS = Path(__file__).parent
SCHEMA = MIGRATIONS.with_name("schema.sql")
# The tables of the tutorial, which the first migration starts from.
TUTORIAL = """
CREATE TABLE "user" (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT UNIQUE NOT NULL,
  password TEXT NOT NULL
);

CREATE TABLE post (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  author_id INTEGER NOT NULL,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  FOREIGN KEY (author_id) REFERENCES "user" (id)
);
"""
# Up to this version, branches numbered their migrations independently, so the number does not tell
# which migrations a database has had. The table or column that each one added does.
LAST_AMBIGUOUS = 11
ADDED_OBJECTS = {
    1: "user.role",
    2: "trash",
    3: "media",
    4: "former_tag",
    5: "unsaved",
    6: "post.cover",
    7: "series",
    8: "setting",
    9: "content",
    10: "post_words",
    11: "former_series",
}

# The row of the table `setting` with the name of the snapshot taken before the last upgrade.
SNAPSHOT = "SNAPSHOT"
HOW_TO_GO_ON = (
    "If you made that object, rename it, then run init-db again. If a development version of"
    " flaskr created this database, run init-db in a new instance folder and copy the rows of"
    ' "user" and post into the new database with plain SQL.'
)


class Upgrade(NamedTuple):
    """A completed upgrade: its versions, and the snapshot taken before."""

    before: int
    after: int
    snapshot: str

    @property
    def message(self) -> str:
        """Return the message for the operator."""
        return (
            f"Upgraded the database from version {self.before} to {self.after}."
            f" The previous database is in {self.snapshot}. To go back to it, stop the blog and"
            f" run: {data_folder.command_prefix()} upgrade --undo"
        )


def latest() -> int:
    """Return the number of the newest migration, which is the version of schema.sql."""
    return _latest(MIGRATIONS)


@cache
def _latest(folder: Path) -> int:
    # Cached because every request checks the version.
    return max(_number(file) for file in folder.glob("*.sql"))


def _number(file: Path) -> int:
    return int(file.name.partition("_")[0])


def version(db: sqlite3.Connection) -> int:
    """Return the version of the database; 0 if it is empty or from the tutorial."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def check_version(found: int) -> None:
    """Raise `Unavailable` unless this is the version of the current schema."""
    if found > latest():
        raise errors.Unavailable(newer_version_message(found))
    if found < latest():
        raise errors.Unavailable(
            f"The database is not ready. Run: {data_folder.command_prefix()} init-db"
        )


def newer_version_message(found: int) -> str:
    """Return a sentence for a database that this program is too old for."""
    return (
        f"The database was created by a newer flaskr (its version is {found}, this program supports"
        f" {latest()}). Install the newer flaskr to use it."
    )


def upgrade(db: sqlite3.Connection, triggers: Mapping[str, str]) -> Upgrade | None:
    """Create or upgrade the database inside the caller's transaction.

    `triggers` are the generated triggers, created again if they differ. Returns the upgrade if one
    took place. Raises `Conflict` if it is impossible.
    """
    done = _upgrade(db)
    _install(db, triggers)
    return done


def _upgrade(db: sqlite3.Connection) -> Upgrade | None:
    before = version(db)
    if before > latest():
        raise errors.Conflict(newer_version_message(before))
    if before == latest():
        return None
    if before == 0 and not _is_tutorial(db):
        _run_scripts(db, [SCHEMA])
        return None
    snapshot = take_snapshot(db, f"before-version-{latest()}")
    _run_scripts(db, _pending(db, before))
    if mismatch := _find_mismatch(db):
        raise errors.Conflict(
            f"The database was not changed: its {mismatch} differs from the one flaskr creates."
            f" {HOW_TO_GO_ON}"
        )
    name_snapshot(db, snapshot)
    return Upgrade(before, latest(), snapshot)


def create(db: sqlite3.Connection, version: int) -> None:
    """Create the database of an earlier version, without the generated triggers."""
    files = [file for file in sorted(MIGRATIONS.glob("*.sql")) if _number(file) <= version]
    for script in (TUTORIAL, *(file.read_text(encoding="utf-8") for file in files)):
        for statement in statements(script):
            db.execute(statement)
    db.execute(f"PRAGMA user_version = {version}")


def pending_on_postgres(before: int) -> list[Path]:
    """Return the migrations of a PostgreSQL: those in the folder `postgres` where they differ."""
    files = [file for file in sorted(MIGRATIONS.glob("*.sql")) if _number(file) > before]
    own = [MIGRATIONS / "postgres" / file.name for file in files]
    return [one if one.exists() else file for one, file in zip(own, files, strict=True)]


def name_snapshot(db: sqlite3.Connection, snapshot: str) -> None:
    """Let the upgraded database name its snapshot, as dates come from clocks."""
    db.execute(
        """
        INSERT INTO setting (name, value)
        VALUES (?, ?)
        ON CONFLICT (name) DO UPDATE SET value = excluded.value
        """,
        (SNAPSHOT, Path(snapshot).name),
    )


def _pending(db: sqlite3.Connection, before: int) -> list[Path]:
    files = sorted(MIGRATIONS.glob("*.sql"))
    if not 0 < before <= LAST_AMBIGUOUS:
        return [file for file in files if _number(file) > before]
    names = {name for table, columns in _tables(db).items() for name in (table, *columns)}
    return [file for file in files if ADDED_OBJECTS.get(_number(file)) not in names]


def _tables(db: sqlite3.Connection) -> dict[str, set[str]]:
    """Return each table with its columns as `table.column`, in lower case.

    Virtual tables are returned without columns, as their module may not be available.
    """
    rows = db.execute(
        """
        SELECT lower(tables.name) AS name, lower(columns.name) AS column_name
        FROM sqlite_master AS tables
        LEFT JOIN pragma_table_xinfo(
            CASE WHEN tables.sql NOT LIKE 'CREATE VIRTUAL TABLE %' THEN tables.name END
        ) AS columns
        WHERE tables.type = 'table'
        """
    )
    found: dict[str, set[str]] = {}
    for name, column in rows:
        found.setdefault(name, set()).update([f"{name}.{column}"] if column else [])
    return found


def _find_mismatch(db: sqlite3.Connection) -> str | None:
    """Return the name of an object that differs from schema.sql, if any.

    Tables may have more columns, and the database may hold other objects.
    """
    with closing(sqlite3.connect(":memory:")) as new:
        _run_scripts(new, [SCHEMA])
        expected_tables, expected_objects = _tables(new), _objects(new)
    tables, objects = _tables(db), _objects(db)
    for table, columns in expected_tables.items():
        if table not in tables or not columns <= tables[table]:
            return f"table {table}"
    for name, statement in expected_objects.items():
        if objects.get(name) != statement:
            return name
    return None


def _objects(db: sqlite3.Connection) -> dict[str, str]:
    """Return the statements of views, triggers, and virtual tables, with whitespace collapsed."""
    rows = db.execute(
        """
        SELECT type, name, sql
        FROM sqlite_master
        WHERE type IN ('view', 'trigger') OR sql LIKE 'CREATE VIRTUAL TABLE %'
        """
    )
    return {f"{kind} {name.lower()}": " ".join(sql.split()) for kind, name, sql in rows}


def changed_triggers(db: sqlite3.Connection, wanted: Mapping[str, str]) -> dict[str, str]:
    """Return the generated triggers that are missing or different in the database."""
    rows = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    found = dict(rows.fetchall())
    return {name: sql for name, sql in wanted.items() if found.get(name) != sql}


def _install(db: sqlite3.Connection, triggers: Mapping[str, str]) -> None:
    for name, sql in changed_triggers(db, triggers).items():
        db.execute(f"DROP TRIGGER IF EXISTS {name}")
        db.execute(sql)


def _is_tutorial(db: sqlite3.Connection) -> bool:
    return bool(
        db.execute("SELECT 1 FROM sqlite_master WHERE lower(name) IN ('user', 'post')").fetchone()
    )


def _run_scripts(db: sqlite3.Connection, files: list[Path]) -> None:
    try:
        for file in files:
            for statement in statements(file.read_text(encoding="utf-8")):
                db.execute(statement)
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_ERROR:
            raise
        raise errors.Conflict(
            f"The database was not changed, because it cannot be upgraded: {error}. {HOW_TO_GO_ON}"
        ) from error
    db.execute(f"PRAGMA user_version = {latest()}")


def statements(script: str) -> Iterator[str]:
    """Yield the statements of a script; `executescript` would commit first."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def take_snapshot(db: sqlite3.Connection, occasion: str) -> str:
    """Copy the last committed state of the database to a file next to it, and return its path.

    Raises `Unavailable` if the file cannot be written.
    """
    database = db.execute("PRAGMA database_list").fetchone()[2]
    if not database:
        return ""
    path = Path(database)
    now = datetime.now(UTC).strftime("%Y-%m-%d-%H%M%S")
    snapshot = path.with_name(f"{path.stem}-{now}-{occasion}{path.suffix}")
    unfinished = snapshot.with_name(f"{snapshot.name}.part")
    try:
        _delete_unfinished(path)
        unfinished.touch(mode=0o600)
        # A separate connection does not see the uncommitted changes of `db`.
        with (
            closing(sqlite3.connect(database)) as source,
            closing(sqlite3.connect(unfinished)) as target,
        ):
            source.backup(target)
        unfinished.replace(snapshot)
        swapping.sync_folder(path.parent)
    except OSError as error:
        raise errors.Unavailable(disk_errors.describe(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return str(snapshot)


def _delete_unfinished(database: Path) -> None:
    """Delete the snapshot that a killed process has left half-written."""
    for file in database.parent.glob(f"{glob.escape(database.stem)}-*-before-*.part"):
        file.unlink(missing_ok=True)


def reset(db: sqlite3.Connection, triggers: Mapping[str, str]) -> str:
    """Empty all tables of flaskr, and return the path of the snapshot taken before."""
    snapshot = take_snapshot(db, "before-reset")
    for kind, name in _tables_and_views():
        db.execute(f'DROP {kind} IF EXISTS "{name}"')
    _run_scripts(db, [SCHEMA])
    _install(db, triggers)
    return snapshot


def _tables_and_views() -> list[tuple[str, str]]:
    with closing(sqlite3.connect(":memory:")) as db:
        _run_scripts(db, [SCHEMA])
        rows = db.execute(
            """
            SELECT type, name
            FROM sqlite_master
            WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'
            ORDER BY type DESC
            """
        )
        return rows.fetchall()
