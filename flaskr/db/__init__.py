"""The database: one connection for each application context, and transactions.

It is SQLite, unless DATABASE is the URL of a PostgreSQL. `get_db` is annotated with SQLite's
connection either way: that of postgres.py is used in the same manner.

Threads reuse a connection for visitors' pages (`reusable`), because SQLite reads the
schema and prepares each query again for a new connection. That saves 1.5 of the 4.5 ms that the
front page takes to render (tests/benchmarks/anew.py). To remove it, let `get_db` call
`sqlite.connect`, and remove `use_reusable_db` and `mark_db_reusable` with their calls in
page_cache.
"""

import sqlite3
import threading
from collections import defaultdict
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import nullcontext
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
from . import file_checks
from . import files
from . import group_commit
from . import reusable
from . import sqlite
from .sqlite import Row as Row
from .sqlite import database_problem as database_problem
from .sqlite import format_timestamp as format_timestamp
from .sqlite import now as now

# Twelve columns come to a fifth of the values per statement that the oldest SQLite accepts.
ROWS_PER_INSERT = 500
_queues: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)


def get_db() -> sqlite3.Connection:
    """Return the connection of this application context, and open it on first use."""
    if "db" not in g:
        g.db = _open(current_app.config["DATABASE"])
    return g.db  # type: ignore[no-any-return]  # `g` holds anything


def is_postgres(database: str | None = None) -> bool:
    """Return True if a value of DATABASE, or that of the current application, is a URL."""
    if database is None:
        database = current_app.config["DATABASE"]
    return database.startswith(sqlite.POSTGRES_SCHEMES)


def _open(database: str) -> sqlite3.Connection:
    if "keeps_db" in g and not is_postgres(database):
        # Without a file, an ordinary connection creates it or raises an error.
        with suppress(OSError):
            return reusable.connection.take(database)
    return connect(database)


def connect(database: str) -> sqlite3.Connection:
    """Open a connection to a value of DATABASE."""
    if is_postgres(database):
        # psycopg is in the extra `flaskr[cluster]`.
        from . import postgres

        return postgres.Connection(database)  # type: ignore[return-value]  # used in the same way
    return sqlite.connect(database)


def use_reusable_db() -> None:
    """Let this context read from the thread's connection, which is closed afterwards."""
    g.keeps_db = False


def mark_db_reusable() -> None:
    """Return the connection for reuse: every cursor is exhausted.

    Do not call it after an error: an unfinished query would keep an old snapshot of the database.
    """
    g.keeps_db = True


def close_db(e: BaseException | None = None) -> None:
    """Close the connection of this application context, if there is one."""
    db = g.pop("db", None)
    if db is None:
        return
    is_reusable = g.pop("keeps_db", False) and isinstance(db, sqlite.Connection)
    if is_reusable and e is None and not db.in_transaction:
        reusable.connection.give_back(db)
    else:
        db.close()


@contextmanager
def transaction(wait: bool = True) -> Iterator[sqlite3.Connection]:
    """Run a transaction: commit all changes, or roll them back on an exception.

    A nested call uses a savepoint, and only the outermost commits. `wait=False` fails at once if
    another process is writing. Raises `Unavailable` if the database cannot be written.
    """
    db = get_db()
    part = db.in_transaction
    with (
        _translate_errors(),
        nullcontext() if part or is_postgres() else group_commit.durable(db),
        nullcontext() if part or not wait else _turn(),
    ):
        if part:
            db.execute("SAVEPOINT part")
        else:
            _begin(db, wait)
        try:
            yield db
            if part:
                db.execute("RELEASE part")
            else:
                db.commit()
        except BaseException:
            _undo(db, part)
            raise


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except group_commit.DiskFailed as error:
        raise errors.Unavailable(sqlite.ERROR_MESSAGES[sqlite3.SQLITE_IOERR]) from error
    except sqlite3.DatabaseError as error:
        sentence = database_problem(current_app.config["DATABASE"]) or error_message(error)
        if sentence is None:
            raise
        kind = errors.Damaged if sentence == sqlite.DAMAGED else errors.Unavailable
        raise kind(sentence) from error


def error_message(error: sqlite3.Error) -> str | None:
    """Return a sentence about the error if the database is its cause."""
    return getattr(error, "sentence", None) or sqlite.error_message(error)


@contextmanager
def _turn() -> Iterator[None]:
    """Let the threads of this process write one after the other.

    In SQLite's own queue, each sleeps for up to a tenth of a second at a time, even if no other
    thread is writing. With two processes of four threads that write without a pause, this lowers
    the slowest hundredth from 700 to 300 ms. To remove it, remove its call.
    """
    queue = _queues[current_app.config["DATABASE"]]
    is_first = queue.acquire(timeout=sqlite.BUSY_TIMEOUT_SECONDS)
    try:
        yield
    finally:
        if is_first:
            queue.release()


def _begin(db: sqlite3.Connection, wait: bool) -> None:
    if is_postgres():
        db.begin(wait)  # type: ignore[attr-defined]
        return
    if wait:
        db.execute("BEGIN IMMEDIATE")
        return
    db.execute("PRAGMA busy_timeout = 0")
    try:
        db.execute("BEGIN IMMEDIATE")
    finally:
        db.execute(f"PRAGMA busy_timeout = {sqlite.BUSY_TIMEOUT_SECONDS * 1000}")


def _undo(db: sqlite3.Connection, part: bool) -> None:
    # SQLite rolls back the whole transaction by itself when the disk is full.
    if not db.in_transaction:
        return
    if part:
        db.execute("ROLLBACK TO part")
        db.execute("RELEASE part")
    else:
        db.rollback()


def tune_for_bulk_writes() -> None:
    """Use more memory and a longer WAL, as a bulk write changes most pages many times."""
    if is_postgres():
        return
    db = get_db()
    db.execute("PRAGMA cache_size = -32768")
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("PRAGMA wal_autocheckpoint = 8000")


def one(query: str, *values: str | int) -> Row | None:
    """Return the first row, if any. No row has an ID that is too large for SQLite."""
    try:
        row: Row | None = get_db().execute(query, values).fetchone()
    except OverflowError:
        return None
    return row


def all(query: str, *values: str | int) -> list[Row]:
    """Return all rows."""
    return get_db().execute(query, values).fetchall()


def insert_many(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, many per statement."""
    placeholders = f"({', '.join('?' * len(columns))})"
    for start in range(0, len(rows), ROWS_PER_INSERT):
        part = rows[start : start + ROWS_PER_INSERT]
        get_db().execute(
            f"""
            INSERT INTO {table} ({", ".join(columns)})
            VALUES {", ".join([placeholders] * len(part))}
            """,
            [value for row in part for value in row],
        )


def init_db() -> migrations.Upgrade | None:
    """Create the database, or upgrade an older one without losing data.

    Returns the upgrade if one took place. Raises `Conflict`, `Unavailable` or `Damaged`, and leaves
    the database unchanged.
    """
    if not is_postgres():
        file_checks.check_files()
        files.make_private(current_app.config["DATABASE"], Path(current_app.instance_path))
    with _translate_errors():
        done = _upgrade_postgres() if is_postgres() else _upgrade_file()
        for hook in current_app.extensions["flaskr.post_upgrade_hooks"]:
            hook()
    return done


def _upgrade_file() -> migrations.Upgrade | None:
    db, done = get_db(), None
    if migrations.version(db) != migrations.latest() or migrations.changed_triggers(db, triggers()):
        with _schema_changes():
            done = migrations.upgrade(db, triggers())
    # Another program may be reading the file, which is not an error.
    with suppress(sqlite3.OperationalError):
        db.execute("PRAGMA journal_mode = WAL")
    return done


def _upgrade_postgres() -> migrations.Upgrade | None:
    from . import postgres_schema

    return postgres_schema.upgrade(get_db())  # type: ignore[arg-type]  # used in the same way


def triggers() -> dict[str, str]:
    """Return the generated triggers of SQLite, by name."""
    wanted: dict[str, str] = {}
    for generate in current_app.extensions["flaskr.triggers"]:
        wanted |= generate()
    return wanted


@contextmanager
def _schema_changes() -> Iterator[None]:
    db = get_db()
    db.commit()
    # This allows migrations to rebuild tables, and keeps orphaned rows.
    db.execute("PRAGMA foreign_keys = OFF")
    db.execute(f"PRAGMA busy_timeout = {sqlite.UPGRADE_BUSY_TIMEOUT_SECONDS * 1000}")
    try:
        with transaction():
            yield
    finally:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA busy_timeout = {sqlite.BUSY_TIMEOUT_SECONDS * 1000}")


def folder() -> Path:
    """Return the folder of the database file; on PostgreSQL, the instance folder."""
    database = current_app.config["DATABASE"]
    return Path(current_app.instance_path) if is_postgres() else Path(database).absolute().parent


def version() -> int:
    """Return the version of the schema, or 0 without a schema."""
    db: Any = get_db()
    return int(db.version) if is_postgres() else migrations.version(db)


def check_schema() -> None:
    """Raise `Unavailable` unless the database exists and has the current schema."""
    with _translate_errors():
        found = version()
        if found != migrations.latest() and is_postgres():
            from . import postgres_schema

            postgres_schema.check_upgrades(get_db())  # type: ignore[arg-type]
        migrations.check_version(found)


@click.command("init-db")
@click.option("--reset", is_flag=True, help="Delete all users and posts, and start again.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@with_blog
def init_db_command(reset: bool, yes: bool) -> None:
    """Create the database, or upgrade an older one."""
    try:
        done = init_db()
        if reset:
            _reset(yes)
    except errors.AppError as error:
        lines = [error.message, *advice(error)]
        raise click.ClickException("\n".join(lines)) from error
    if done:
        click.echo(done.message)
    click.echo("Initialized the database.")
    for line in current_app.extensions["flaskr.next_steps"]():
        click.echo(line)


def advice(error: errors.AppError) -> list[str]:
    """Return lines for the operator: how to restore the database, or what PostgreSQL said."""
    if isinstance(error, errors.Damaged):
        lines: list[str] = current_app.extensions["flaskr.rescue"]()
        return lines
    return [reason] if (reason := find_reason(error)) else []


def find_reason(error: errors.AppError) -> str:
    """Return what PostgreSQL said, for operators, or an empty string."""
    reason: str = getattr(error.__cause__, "reason", "")
    return reason


def _reset(yes: bool) -> None:
    db = get_db()
    users, posts = (
        db.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in ("user", "post")
    )
    if not yes:
        click.confirm(
            f"This deletes {users} user{'' if users == 1 else 's'} and"
            f" {posts} post{'' if posts == 1 else 's'}. Continue?",
            abort=True,
        )
    if is_postgres():
        from . import postgres_schema

        snapshot = postgres_schema.reset(db)  # type: ignore[arg-type]
    else:
        with _schema_changes():
            snapshot = migrations.reset(db, triggers())
    click.echo(f"Deleted everything. The previous database is in {snapshot}.")


def init_app(app: Flask) -> None:
    """Register the teardown function and the command."""
    app.extensions["flaskr.post_upgrade_hooks"] = []
    app.extensions["flaskr.triggers"] = []
    app.extensions["flaskr.command_hooks"] = [file_checks.prepare_command]
    app.extensions.setdefault("flaskr.next_steps", list)
    app.extensions.setdefault("flaskr.rescue", list)
    app.teardown_appcontext(close_db)
    app.cli.add_command(init_db_command)
