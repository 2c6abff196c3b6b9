"""The SQLite database: one connection for each application context, and transactions.

For visitors' pages a thread keeps its connection from one page to the next (`_Spare`): SQLite reads
the schema for each that is opened, and prepares each query anew. That is 1.5 of the 4.5 ms that the
front page takes to be made (tests/benchmarks/anew.py). To do without it, let `get_db` call
`_connect`, and remove `use_kept_db` and `keep_db` with their calls in cache.py.
"""

import glob
import os
import sqlite3
import threading
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import Any

import click
from flask import Flask
from flask import current_app
from flask import g

from .. import errors
from .. import migrations
from ..data_folder.notices import with_blog
from . import sqlite
from .sqlite import Row as Row
from .sqlite import database_problem as database_problem
from .sqlite import error_message as error_message
from .sqlite import format_timestamp as format_timestamp
from .sqlite import now as now

# With twelve columns, a fifth of the values that the oldest supported SQLite takes at once.
ROWS_PER_INSERT = 500


class _ReusableConnection(threading.local):
    """The connection that a thread keeps open from one page for a reader to the next."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None
        self._file: sqlite.FileId | None = None

    def take(self, database: str) -> sqlite3.Connection:
        """That connection, or a new one where there is none to the file that is there now."""
        file = sqlite.file_id(os.stat(database))
        db, self._db = self._db, None
        if db is not None and self._file == file:
            return db
        self._file = file
        return sqlite.connect(database, factory=sqlite.Connection, check_same_thread=False)

    def give_back(self, db: sqlite3.Connection) -> None:
        """Lay it ready for the next page."""
        self._db = db


_reusable = _ReusableConnection()


def get_db() -> sqlite3.Connection:
    """The connection of this application context, opened when first asked for."""
    if "db" not in g:
        g.db = _open(current_app.config["DATABASE"])
    return g.db  # type: ignore[no-any-return]  # `g` holds anything


def _open(database: str) -> sqlite3.Connection:
    if "keeps_db" in g:
        # Where there is no file yet, an ordinary connection makes it, or says why not.
        with suppress(OSError):
            return _reusable.take(database)
    return sqlite.connect(database)


def use_reusable_db() -> None:
    """Let this context read over the connection that its thread keeps, and close it in the end."""
    g.keeps_db = False


def mark_db_reusable() -> None:
    """Have it kept after all, for what was read has come to its end.

    After an error it is not: a query that stopped half-way would show the next reader the blog as
    it was then.
    """
    g.keeps_db = True


def close_db(e: BaseException | None = None) -> None:
    """Close the connection of this application context, where there is one."""
    db = g.pop("db", None)
    if db is None:
        return
    if g.pop("keeps_db", False) and e is None and not db.in_transaction:
        _reusable.give_back(db)
    else:
        db.close()


@contextmanager
def transaction(wait: bool = True) -> Iterator[sqlite3.Connection]:
    """The connection in a transaction: all that is written is kept or, on an error, none of it.

    Inside an open transaction it is a part of that one, which alone commits. With `wait=False`
    another process that writes is not waited for. Raises `Unavailable` when the database cannot
    take it.
    """
    db = get_db()
    part = db.in_transaction
    with _translate_errors():
        if part:
            db.execute("SAVEPOINT part")
        else:
            _begin(db, wait)
        try:
            yield db
            db.execute("RELEASE part" if part else "COMMIT")
        except BaseException:
            _undo(db, part)
            raise


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except sqlite3.DatabaseError as error:
        sentence = sqlite.database_problem(current_app.config["DATABASE"]) or sqlite.error_message(
            error
        )
        if sentence is None:
            raise
        raise errors.Unavailable(sentence) from error


def _begin(db: sqlite3.Connection, wait: bool) -> None:
    if wait:
        db.execute("BEGIN IMMEDIATE")
        return
    db.execute("PRAGMA busy_timeout = 0")
    try:
        db.execute("BEGIN IMMEDIATE")
    finally:
        db.execute(f"PRAGMA busy_timeout = {sqlite.BUSY_TIMEOUT_SECONDS * 1000}")


def _undo(db: sqlite3.Connection, part: bool) -> None:
    # A full disk makes SQLite roll all of it back by itself.
    if not db.in_transaction:
        return
    if part:
        db.execute("ROLLBACK TO part")
        db.execute("RELEASE part")
    else:
        db.rollback()


def tune_for_bulk_writes() -> None:
    """Let this connection keep more in memory and in the WAL, as most pages change many times."""
    db = get_db()
    db.execute("PRAGMA cache_size = -32768")
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA wal_autocheckpoint = 8000")


def one(query: str, *values: str | int) -> Row | None:
    """Return the first row, or None; no row has an id that is too large for the database."""
    try:
        row: Row | None = get_db().execute(query, values).fetchone()
    except OverflowError:
        return None
    return row


def all(query: str, *values: str | int) -> list[Row]:
    """Return all rows."""
    return get_db().execute(query, values).fetchall()


def insert_many(
    table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]], returning: str = ""
) -> list[Row]:
    """Insert rows, several with each statement; return what they return, in no certain order."""
    returned = []
    marks = f"({', '.join('?' * len(columns))})"
    end = f"RETURNING {returning}" if returning else ""
    for start in range(0, len(rows), ROWS_PER_INSERT):
        part = rows[start : start + ROWS_PER_INSERT]
        inserted = get_db().execute(
            f"""
            INSERT INTO {table} ({", ".join(columns)})
            VALUES {", ".join([marks] * len(part))}
            {end}
            """,
            [value for row in part for value in row],
        )
        returned += inserted.fetchall()
    return returned


def init_db() -> migrations.Upgrade | None:
    """Make the database, or bring an older one up to date; nothing in it is lost.

    Returns what an upgrade did, None where there was none to do. Raises `Conflict` or
    `Unavailable`, with the database left as it was.
    """
    _make_file(current_app.config["DATABASE"])
    done = None
    with _translate_errors():
        db = get_db()
        if migrations.version(db) != migrations.latest() or migrations.changed_triggers(
            db, _triggers()
        ):
            with _schema_changes():
                done = migrations.upgrade(db, _triggers())
        # Another program that reads the file just now is no reason to fail.
        with suppress(sqlite3.OperationalError):
            db.execute("PRAGMA journal_mode = WAL")
        for hook in current_app.extensions["flaskr.post_upgrade_hooks"]:
            hook()
    return done


def _triggers() -> dict[str, str]:
    wanted: dict[str, str] = {}
    for triggers in current_app.extensions["flaskr.triggers"]:
        wanted |= triggers()
    return wanted


def _make_file(database: str) -> None:
    # SQLite would make a file that everyone on the machine can read.
    if database == ":memory:":
        return
    with suppress(OSError):
        Path(database).touch(mode=0o600, exist_ok=False)
    # One that was copied here may be readable by everyone. Elsewhere it is shared on purpose.
    if Path(database).parent == Path(current_app.instance_path):
        for path in _files(Path(database)):
            with suppress(OSError):
                path.chmod(path.stat().st_mode & 0o600)


def _files(database: Path) -> Iterator[Path]:
    """Yield the database's file, those that SQLite keeps beside it, and its snapshots."""
    yield from (database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm"))
    yield from database.parent.glob(f"{glob.escape(database.stem)}-*-before-*")


@contextmanager
def _schema_changes() -> Iterator[None]:
    db = get_db()
    db.commit()
    # A table can be made anew, and rows whose post or user is gone are kept as they are.
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute(f"PRAGMA busy_timeout = {sqlite.UPGRADE_BUSY_TIMEOUT_SECONDS * 1000}")
    try:
        with transaction():
            yield
    finally:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA busy_timeout = {sqlite.BUSY_TIMEOUT_SECONDS * 1000}")


def check_schema() -> None:
    """Raise `Unavailable` unless the database is there and has the schema of today."""
    with _translate_errors():
        migrations.check_schema(get_db())


@click.command("init-db")
@click.option("--reset", is_flag=True, help="Delete all users and posts, and start afresh.")
@click.option("--yes", is_flag=True, help="Do not ask before deleting.")
@with_blog
def init_db_command(reset: bool, yes: bool) -> None:
    """Make the database, or bring an older one up to date."""
    try:
        done = init_db()
        if reset:
            _reset(yes)
    except errors.AppError as error:
        raise click.ClickException(error.message) from error
    if done:
        click.echo(done.message)
    click.echo("Initialized the database.")
    for line in current_app.extensions["flaskr.next_steps"]():
        click.echo(line)


def _reset(yes: bool) -> None:
    db = get_db()
    users, posts = (
        db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in ("user", "post")
    )
    if not yes:
        click.confirm(
            f"This deletes {users} user{'' if users == 1 else 's'} and"
            f" {posts} post{'' if posts == 1 else 's'}. Go on?",
            abort=True,
        )
    with _schema_changes():
        snapshot = migrations.reset(db, _triggers())
    click.echo(f"Deleted everything. As it was before, it is in {snapshot}.")


def init_app(app: Flask) -> None:
    """Register the teardown and the command."""
    app.extensions["flaskr.post_upgrade_hooks"] = []
    app.extensions["flaskr.triggers"] = []
    app.extensions.setdefault("flaskr.next_steps", list)
    app.teardown_appcontext(close_db)
    app.cli.add_command(init_db_command)
