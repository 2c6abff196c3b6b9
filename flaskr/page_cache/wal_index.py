"""Whether anything was committed, read from the memory that SQLite's connections share.

In WAL mode the file `-shm` begins with a header that every commit changes: twice the same 48 bytes
(https://sqlite.org/walformat.html#the_wal_index_header). To read it from a map costs no system
call, a twentieth of `PRAGMA data_version`. Whoever wants the blog without this takes out the one
line of `models/content.py` that calls `find`.
"""

import mmap
import os
import sqlite3
import threading
from struct import pack

from ..db.sqlite import Connection
from ..db.sqlite import FileId
from ..db.sqlite import file_id

HEADER = 48
# The one version of the format there is, in the machine's own order of bytes.
VERSION = pack("=I", 3007000)
IS_WRITTEN = 12

# What is in here is never closed: closing either the connection or a descriptor of the file would
# drop locks that other connections of this process hold, and SQLite deletes the file when the last
# connection closes, after which a map never sees another commit.
_indexes: dict[tuple[str, FileId], "WalIndex | None"] = {}
_opening = threading.Lock()


class WalIndex:
    """The header in the `-shm` file of one database."""

    def __init__(self, database: str) -> None:
        self._connection = sqlite3.connect(database, check_same_thread=False, factory=Connection)
        try:
            self._path = f"{_joined(self._connection)}-shm"
        except BaseException:
            # It has not come to hold anything.
            self._connection.close()
            raise
        self._descriptor = os.open(self._path, os.O_RDONLY)
        self._file = file_id(os.fstat(self._descriptor))
        self._map = mmap.mmap(self._descriptor, 2 * HEADER, access=mmap.ACCESS_READ)
        self._good = b""

    def header(self) -> bytes | None:
        """Bytes that differ after every commit; None while they cannot be trusted."""
        both = self._map[:]
        if both == self._good:
            return both
        if both[:HEADER] != both[HEADER:] or both[:4] != VERSION or not both[IS_WRITTEN]:
            return None
        self._good = both
        return both

    def is_in_place(self) -> bool:
        """Whether the file is still the one that others write to."""
        try:
            return self._file == file_id(os.stat(self._path))
        except OSError:
            return False


def _joined(connection: sqlite3.Connection) -> str:
    """The path of the database, after the connection has joined those that use it."""
    # With a read it holds the file, and the mode, in place.
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        raise ValueError("The file may be what an earlier mode left.")
    return str(connection.execute("PRAGMA database_list").fetchone()[2])


def find(database: str, file: FileId) -> WalIndex | None:
    """The index of a database in WAL mode; None where there is none that can be trusted."""
    key = (database, file)
    with _opening:
        if key not in _indexes:
            _indexes[key] = _open(database)
        index = _indexes[key]
    return index if index is not None and index.is_in_place() else None


def _open(database: str) -> WalIndex | None:
    if os.name != "posix":
        return None
    try:
        return WalIndex(database)
    except (OSError, ValueError, sqlite3.Error):
        return None
