"""Locks between processes, released when their process ends, however it ends.

They are SQLite's locks on an empty file, because these work on every platform.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

# The server holds this lock, shared, and a restore holds it alone.
SERVE_LOCK = "serve.lock"
# Held by the one process that writes a backup to a file.
BACKUP_LOCK = "backup.lock"
# Held by the one process that tells the hub about changes of feeds.
WEBSUB_LOCK = "websub.lock"
# Held by the one process that completes an interrupted restore.
RESTORE_LOCK = "restore.lock"


@contextmanager
def hold(file: Path, *, shared: bool = False, wait_seconds: float = 0) -> Iterator[bool]:
    """Lock a file and yield True, or yield False if another process has locked it.

    A file that cannot be written cannot be locked, and yields True as well.
    """
    with suppress(OSError):
        file.touch(mode=0o600)
    try:
        db = _connect(file, wait_seconds)
    except sqlite3.OperationalError:
        yield True
        return
    with closing(db):
        yield _lock(db, shared)


def _connect(file: Path, wait_seconds: float) -> sqlite3.Connection:
    # A download continues on whichever thread is free.
    return sqlite3.connect(
        file, timeout=wait_seconds, isolation_level=None, check_same_thread=False
    )


def _lock(db: sqlite3.Connection, shared: bool) -> bool:
    try:
        if shared:
            db.execute("BEGIN")
            db.execute("SELECT count(*) FROM sqlite_master").fetchone()
        else:
            db.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY
    return True
