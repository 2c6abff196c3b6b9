"""Track the content version: a value that changes with everything visitors can see.

Database triggers set it, so a change counts whichever program makes it. The triggers repeat for
each table that public pages show; `triggers` generates them from one list.
"""

import math
import os
import sqlite3
import time
from collections.abc import Sequence
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ..db import connect
from ..db import get_db
from ..db import is_postgres
from ..db import sqlite
from . import wal_index

KINDS = ("post", "page")
# The tables that public pages show, with the columns they show; an empty tuple means all columns.
VISIBLE_COLUMNS = {
    "post": (),
    "user": ("id", "username", "display_name", "bio", "picture", "links"),
    "coauthor": ("post_id", "user_id", "position"),
    "tag": (),
    "post_tag": ("post_id", "tag_id", "position"),
    "media": (),
    "series": (),
    "series_post": ("post_id", "series_id", "part"),
    "setting": (),
    "card": (),
}
# Drafts are saved often and are not public.
CONDITIONS = {
    ("post", "insert"): "NEW.status <> 'draft'",
    ("post", "update"): "OLD.status <> 'draft' OR NEW.status <> 'draft'",
    ("post", "delete"): "OLD.status <> 'draft'",
}
NEXT_SCHEDULED_QUERY = """
    SELECT CAST(min(created) AS BLOB)
    FROM post
    WHERE kind = ? AND status = 'published' AND created > ?
"""
NEWEST_QUERY = """
    SELECT CAST(max(created) AS BLOB)
    FROM post
    WHERE kind = ? AND status = 'published' AND created <= ?
"""
FILE_CHECK_SECONDS = 1


def triggers() -> dict[str, str]:
    """Return the SQL of the triggers that change the version, by name."""
    return {
        f"content_{table}_{event}": _trigger(table, event, columns)
        for table, columns in VISIBLE_COLUMNS.items()
        for event in ("insert", "update", "delete")
    }


def _trigger(table: str, event: str, columns: Sequence[str]) -> str:
    of = f" OF {', '.join(columns)}" if columns and event == "update" else ""
    condition = CONDITIONS.get((table, event))
    when = f" WHEN {condition}" if condition else ""
    return (
        f'CREATE TRIGGER content_{table}_{event} AFTER {event.upper()}{of} ON "{table}"{when}'
        " BEGIN UPDATE content SET version = randomblob(16), changed = CURRENT_TIMESTAMP; END"
    )


class ContentVersion(NamedTuple):
    """A version of the public content. Pages rendered from equal versions are equal.

    Times are in seconds since 1970.
    """

    token: bytes
    # The last change or publication.
    changed_at: float
    # The newest post's publication. If the clock is set back before it, the version is another.
    valid_from: float
    # The next scheduled post's publication.
    valid_until: float

    def is_current(self, now: float) -> bool:
        """Return True if no scheduled post separates this version from the given time."""
        return self.valid_from <= now < self.valid_until


class VersionWatcher:
    """Returns the current content version to one thread, mostly without a query.

    It first asks whether anything was committed since the last call, and only then reads the
    version. It needs a connection that never writes: `PRAGMA data_version` does not report
    commits of the connection that asks. PostgreSQL is asked for the version each time.
    """

    def __init__(self, database: str, *, use_wal_index: bool, timeout_seconds: float = 1) -> None:
        self._database = database
        self._is_postgres = is_postgres(database)
        self._timeout_seconds = timeout_seconds
        self._use_wal_index = use_wal_index
        self._db: sqlite3.Connection | None = None
        self._index: wal_index.WalIndex | None = None
        self._file: sqlite.FileId | None = None
        self._file_checked_at = -math.inf
        self._commit_marker: object = None
        self._version: ContentVersion | None = None

    def current(self) -> ContentVersion | None:
        """Return the version that includes every commit so far, if it can be read."""
        # The event loop, which has no time, must not wait for a network.
        if self._is_postgres and not self._timeout_seconds:
            return None
        now = time.time()
        try:
            connection = self._connection(now)
            if self._is_postgres:
                self._version = _read_version(connection, now, self._version)
                return self._version
            # The marker is read first, so that the next call notices a commit in between.
            marker = self._read_commit_marker(connection)
            if (
                self._version is None
                or marker != self._commit_marker
                or not self._version.is_current(now)
            ):
                self._version = _read_version(connection, now, self._version)
                self._commit_marker = marker
        except (sqlite3.Error, OSError):
            self.close()
            return None
        return self._version

    def clock(self) -> float:
        """Return the time by the clock that dates changes, or 0 if it cannot be read."""
        if not self._is_postgres:
            return time.time()
        try:
            query = "SELECT extract(epoch FROM clock_timestamp())"
            return float(self._connection(0).execute(query).fetchone()[0])
        except sqlite3.Error:
            self.close()
            return 0

    def commit_marker(self) -> object:
        """Return a value that every commit changes, or None if the database cannot be read."""
        try:
            return self._read_commit_marker(self._connection(time.time()))
        except (sqlite3.Error, OSError):
            self.close()
            return None

    def _connection(self, now: float) -> sqlite3.Connection:
        if self._is_postgres:
            self._db = self._db or connect(self._database)
            return self._db
        if not 0 <= now - self._file_checked_at < FILE_CHECK_SECONDS:
            self._check_file()
            self._file_checked_at = now
        assert self._db is not None, "_check_file opens it"  # noqa: S101  # for the types
        return self._db

    def _check_file(self) -> None:
        """Reconnect if the database file was replaced, which open connections never notice."""
        file = sqlite.file_id(os.stat(self._database))
        if file != self._file:
            self.close()
            self._db = _connect(self._database, self._timeout_seconds)
            self._file = file
        self._index = wal_index.find(self._database, file) if self._use_wal_index else None

    def _read_commit_marker(self, connection: sqlite3.Connection) -> object:
        if self._is_postgres:
            # Two equal snapshots show the same data.
            return connection.execute("SELECT CAST(pg_current_snapshot() AS TEXT)").fetchone()[0]
        header = self._index.read_header() if self._index else None
        return header or connection.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        """Close the connection; the next call to `current` opens another."""
        if self._db is not None:
            self._db.close()
        self._db = self._index = self._file = self._commit_marker = self._version = None
        self._file_checked_at = -math.inf


def _connect(database: str, timeout_seconds: float) -> sqlite3.Connection:
    # Unlike a plain file name, this URI does not create a missing file.
    uri = f"{Path(database).absolute().as_uri()}?mode=rw"
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=timeout_seconds,
        isolation_level=None,
        check_same_thread=False,
        factory=sqlite.Connection,
    )


def _read_version(
    connection: sqlite3.Connection, now: float, known: ContentVersion | None
) -> ContentVersion | None:
    row = connection.execute(
        "SELECT version, CAST(changed AS BLOB) FROM content WHERE id = 1"
    ).fetchone()
    if row is None:
        return None
    token, changed = row
    if known is not None and known.token == token and known.is_current(now):
        return known
    newest = max(_read_dates(connection, NEWEST_QUERY, now), default=-math.inf)
    return ContentVersion(
        token,
        changed_at=max(_parse_seconds(changed), newest),
        valid_from=newest,
        valid_until=min(_read_dates(connection, NEXT_SCHEDULED_QUERY, now), default=math.inf),
    )


def _read_dates(connection: sqlite3.Connection, query: str, now: float) -> list[float]:
    moment = sqlite.format_timestamp(datetime.fromtimestamp(now, UTC))
    return [
        _parse_seconds(stored)
        for kind in KINDS
        for (stored,) in connection.execute(query, (kind, moment))
        if stored is not None
    ]


def _parse_seconds(stored: bytes | str) -> float:
    stored = stored.encode() if isinstance(stored, str) else stored
    return sqlite.parse_timestamp(stored).replace(tzinfo=UTC).timestamp()


def last_changed() -> datetime:
    """Return the time of the last change to the public content."""
    row = get_db().execute("SELECT changed FROM content WHERE id = 1").fetchone()
    stored = row["changed"] if row else None
    changed = (stored or sqlite.EPOCH).replace(tzinfo=UTC)
    # A wrong clock may have stored a time in the future.
    return min(changed, datetime.now(UTC))
