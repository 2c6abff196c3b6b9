"""SQLite-specific code: connections, error messages, and times as text."""

import os
import sqlite3
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from functools import partial
from typing import Any

# The time that a statement waits for another process to finish writing. An upgrade may have to
# wait while another process copies a large database.
BUSY_TIMEOUT_SECONDS = 5
UPGRADE_BUSY_TIMEOUT_SECONDS = 600
EPOCH = datetime(1970, 1, 1)
# Otherwise DATABASE is the path of a file.
POSTGRES_SCHEMES = ("postgresql://", "postgres://")
Row = sqlite3.Row
FileId = tuple[int, int]
_decode_text = partial(str, encoding="utf-8", errors="replace")
# Visitors do not see it. `flaskr serve` and `init-db` name the backup to restore.
DAMAGED = "The database file is damaged. Restore it from a backup with flaskr restore."
ERROR_MESSAGES = {
    sqlite3.SQLITE_FULL: "The disk is full. Free some space, then try again.",
    sqlite3.SQLITE_BUSY: "The blog is busy with another change. Try again in a moment.",
    sqlite3.SQLITE_LOCKED: "The blog is busy with another change. Try again in a moment.",
    sqlite3.SQLITE_READONLY: "The database is read-only. Make its file and folder writable.",
    sqlite3.SQLITE_IOERR: "The disk failed to read or write the database. Try again.",
    sqlite3.SQLITE_CORRUPT: DAMAGED,
    sqlite3.SQLITE_NOTADB: DAMAGED,
    sqlite3.SQLITE_CANTOPEN: "The database file cannot be opened. Make its folder writable.",
}


class Connection(sqlite3.Connection):
    """A connection that closes when its thread or the program ends."""

    def __del__(self) -> None:
        # A connection that failed to open cannot be closed.
        with suppress(sqlite3.ProgrammingError):
            self.close()


def file_id(status: os.stat_result) -> FileId:
    """Return the identity of a file, which changes when the file is replaced."""
    return status.st_dev, status.st_ino


def connect(database: str, **options: Any) -> sqlite3.Connection:
    """Open a connection with the pragmas and converters that the blog relies on."""
    db: sqlite3.Connection = sqlite3.connect(
        database,
        timeout=BUSY_TIMEOUT_SECONDS,
        detect_types=sqlite3.PARSE_DECLTYPES,
        isolation_level="IMMEDIATE",
        **options,
    )
    db.row_factory = sqlite3.Row
    # Other programs may have written invalid UTF-8, which must not break a page.
    db.text_factory = _decode_text
    try:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA synchronous = FULL")
    except sqlite3.Error:
        db.close()
        raise
    return db


def database_problem(database: str) -> str | None:
    """Return a sentence about the problem that prevents opening the file, if any.

    Visitors may see it, so it does not name the path.
    """
    if database == ":memory:" or database.startswith(POSTGRES_SCHEMES):
        return None
    if os.path.isdir(database):
        return "The database cannot be opened: DATABASE names a folder, and has to name a file."
    if not os.path.isdir(os.path.dirname(database)):
        return "The database cannot be opened: the folder that DATABASE names does not exist."
    if os.path.exists(database) and not os.access(database, os.R_OK | os.W_OK):
        return (
            "The database cannot be opened: it is read-only or belongs to another user. Give it to"
            " the user who runs the blog."
        )
    return None


def error_message(error: sqlite3.Error) -> str | None:
    """Return a sentence about the error if the database file is its cause."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_OK)
    if code == sqlite3.SQLITE_IOERR_SHMSIZE:
        # There is no room for the file that connections share.
        code = sqlite3.SQLITE_FULL
    return ERROR_MESSAGES.get(code & 0xFF)


def now() -> str:
    """Return the current time in the format of the database."""
    return format_timestamp(datetime.now(UTC))


def format_timestamp(moment: datetime) -> str:
    """Format an aware datetime as the database stores it: UTC, `YYYY-MM-DD HH:MM:SS`."""
    return moment.astimezone(UTC).isoformat(" ", "seconds")[:19]


def parse_timestamp(value: bytes) -> datetime:
    """Parse a stored time to naive UTC; an unreadable one becomes the start of 1970."""
    try:
        moment = datetime.fromisoformat(value.decode())
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return EPOCH


sqlite3.register_converter("timestamp", parse_timestamp)
