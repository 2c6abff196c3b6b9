"""Whole database files: copy them, check them, and recognize files that do not belong together.

They are never opened as plain files: that would break the locks of connections in this process.
"""

import glob
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from pathlib import Path

from . import sqlite

COMPANIONS = ("-wal", "-shm", "-journal")
MAX_PROBLEMS = 20
HEADER = b"SQLite format 3\0"
LOCK_SECONDS = 1.0


def stamp() -> str:
    """Return the current time as it stands in file names."""
    return f"{datetime.now(UTC):%Y-%m-%d-%H%M%S}"


def copy(source: Path, target: Path) -> None:
    """Copy the committed state of a database, also while others write. Raises `sqlite3.Error`."""
    target.unlink(missing_ok=True)
    # SQLite would create a file that every user of the machine can read.
    target.touch(mode=0o600)
    with (
        closing(open_read_only(source)) as read_only,
        closing(sqlite3.connect(target)) as copy,
    ):
        read_only.backup(copy)


def open_read_only(database: Path, *, without_wal: bool = False) -> sqlite3.Connection:
    """Open a database without creating it or writing to it.

    `without_wal` ignores the changes that are only in the file `-wal`; nobody may be writing.
    """
    mode = "mode=ro&immutable=1" if without_wal else "mode=ro"
    db = sqlite3.connect(
        f"{database.absolute().as_uri()}?{mode}",
        uri=True,
        timeout=sqlite.BUSY_TIMEOUT_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )
    db.text_factory = lambda value: value.decode(errors="replace")
    return db


def find_problems(database: Path, *, without_wal: bool = False) -> list[str]:
    """Return the problems of a database file that SQLite's integrity check reports."""
    try:
        with closing(open_read_only(database, without_wal=without_wal)) as db:
            rows = db.execute(f"PRAGMA integrity_check({MAX_PROBLEMS})").fetchall()
            tables = db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.Error as error:
        return [f"{error}"]
    problems = [line for (line,) in rows if line != "ok"]
    return problems or ([] if tables else ["it is empty"])


def count_orphans(database: Path) -> int:
    """Return the number of rows that name a row that does not exist."""
    with closing(open_read_only(database)) as db:
        return len(db.execute("PRAGMA foreign_key_check").fetchall())


def version(database: Path) -> int:
    """Return the version of the schema."""
    with closing(open_read_only(database)) as db:
        return int(db.execute("PRAGMA user_version").fetchone()[0])


def is_database(path: Path) -> bool:
    """Return True if a file begins like a database. It must not be one that is in use."""
    # What was read from a pipe would be missing later.
    if path.is_file():
        with suppress(OSError), path.open("rb") as file:
            return file.read(len(HEADER)) == HEADER
    return False


def in_use(database: Path) -> bool:
    """Return True if another process has opened the database."""
    if not database.is_file() or find_problems(database):
        return False
    with closing(sqlite3.connect(database, timeout=LOCK_SECONDS, isolation_level=None)) as db:
        try:
            # In this mode, the lock outlasts the transaction, and open connections prevent it.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False


def set_foreign_wal_aside(database: Path) -> Path | None:
    """Rename the file `-wal` if it belongs to another database file, and return its new path.

    A database that was copied into place beside the `-wal` of its predecessor seems damaged, and is
    sound without it. No connection may be open: SQLite would write that file into the copy.
    """
    wal = database.with_name(f"{database.name}-wal")
    if not _has_content(database) or not _has_content(wal) or not find_problems(database):
        return None
    if find_problems(database, without_wal=True):
        return None
    aside = wal.with_name(f"{database.name}-{stamp()}-foreign-wal")
    wal.rename(aside)
    database.with_name(f"{database.name}-shm").unlink(missing_ok=True)
    return aside


def has_wal(database: Path) -> bool:
    """Return True if changes may be in the file `-wal` next to a database."""
    return _has_content(database.with_name(f"{database.name}-wal"))


def is_older_than_its_wal(database: Path) -> bool:
    """Return True if a file that was put into place lacks changes that are in its file `-wal`.

    The changes are used: a server that was killed may have left such files too, though rarely.
    """
    wal = database.with_name(f"{database.name}-wal")
    if not _has_content(database) or not _has_content(wal):
        return False
    if database.stat().st_mtime_ns <= wal.stat().st_mtime_ns:
        return False
    return _content_version(database, without_wal=True) != _content_version(database)


def _content_version(database: Path, *, without_wal: bool = False) -> object:
    query = "SELECT version FROM content WHERE id = 1"
    try:
        with closing(open_read_only(database, without_wal=without_wal)) as db:
            return db.execute(query).fetchone()
    except sqlite3.Error:
        return None


def _has_content(path: Path) -> bool:
    return os.path.isfile(path) and os.path.getsize(path) > 0


def snapshots(database: Path) -> list[Path]:
    """Return the snapshots next to a database, newest first."""
    name = f"{glob.escape(database.stem)}-*-before-*{glob.escape(database.suffix)}"
    return sorted(database.parent.glob(name), reverse=True)


def is_empty(database: Path) -> bool:
    """Return True if a database file is missing or has nothing in it."""
    return not database.is_dir() and not _has_content(database)


def is_lost(database: Path, media: Path) -> bool:
    """Return True if there is no database where there must have been one."""
    # SQLite leaves an empty file if a command opens a missing database.
    if database.exists() and (_has_content(database) or not database.is_file()):
        return False
    has_media = media.is_dir() and any(media.iterdir())
    return has_media or bool(snapshots(database))


def make_private(database: str, instance: Path) -> None:
    """Let only this user read the database, if it is new or in the instance folder."""
    # SQLite would create a file that every user of the machine can read.
    if database == ":memory:":
        return
    with suppress(OSError):
        Path(database).touch(mode=0o600, exist_ok=False)
    # A file copied into the instance folder may be readable by everyone. A file elsewhere may be
    # shared on purpose.
    if Path(database).parent == instance:
        for path in _companions(Path(database)):
            with suppress(OSError):
                path.chmod(path.stat().st_mode & 0o600)


def _companions(database: Path) -> Iterator[Path]:
    """Yield the database file, SQLite's files next to it, and its snapshots."""
    yield from (database.with_name(f"{database.name}{end}") for end in ("", "-wal", "-shm"))
    yield from database.parent.glob(f"{glob.escape(database.stem)}-*-before-*")
