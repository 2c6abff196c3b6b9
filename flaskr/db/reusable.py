"""Keep a connection between visitors' pages; the package says why, and how to remove this."""

import os
import sqlite3
import threading

from . import sqlite


class ReusableConnection(threading.local):
    """The connection that a thread keeps open between visitors' pages."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None
        self._file: sqlite.FileId | None = None

    def take(self, database: str) -> sqlite3.Connection:
        """Return the kept connection, or a new one if it is missing or the file was replaced."""
        file = sqlite.file_id(os.stat(database))
        db, self._db = self._db, None
        if db is not None and self._file == file:
            return db
        self._file = file
        return sqlite.connect(database, factory=sqlite.Connection, check_same_thread=False)

    def give_back(self, db: sqlite3.Connection) -> None:
        """Keep the connection for the next page."""
        self._db = db


connection = ReusableConnection()
