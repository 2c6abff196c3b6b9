"""All that readers can see, as one value that changes whenever any of it does.

Triggers set it, so that whoever writes, and however, need not know. They repeat for every table
that a public page shows, so `triggers` makes them of one list.
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

from ..db import get_db
from ..db import sqlite
from . import wal_index

KINDS = ("post", "page")
# The tables that public pages show, each with the columns that count; no columns mean all.
VISIBLE_COLUMNS = {
    "post": (),
    "user": ("id", "username", "display_name", "bio"),
    "coauthor": (),
    "tag": (),
    "post_tag": (),
    "media": (),
    "series": (),
    "series_post": (),
    "setting": (),
}
# Drafts are saved often, and no reader sees them.
CONDITIONS = {
    ("post", "insert"): "NEW.status <> 'draft'",
    ("post", "update"): "OLD.status <> 'draft' OR NEW.status <> 'draft'",
    ("post", "delete"): "OLD.status <> 'draft'",
}
COMING = (
    "SELECT CAST(min(created) AS BLOB) FROM post"
    " WHERE kind = ? AND status = 'published' AND created > ?"
)
NEWEST = (
    "SELECT CAST(max(created) AS BLOB) FROM post"
    " WHERE kind = ? AND status = 'published' AND created <= ?"
)


def triggers() -> dict[str, str]:
    """Return the triggers that change the version, by name."""
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
    """What there was to read at a moment: the same state, the same pages."""

    version: bytes
    # When the next scheduled post appears, in seconds since 1970.
    until: float
    # When anything last changed or appeared, in seconds since 1970.
    since: float
    # When the newest post appeared. Before it, by a clock that was set back, the state is another.
    newest: float

    def holds(self, now: float) -> bool:
        """Return whether this moment is one of those that the state is of."""
        return self.newest <= now < self.until


class VersionWatcher:
    """Tells the state as of now, for one thread alone, and mostly without asking the database.

    Two questions, the cheap one first. Was anything committed since this watch last looked? If so:
    is the version another? A connection does not see its own commits in `PRAGMA data_version`,
    hence one of its own that never writes.
    """

    def __init__(self, database: str, *, mapped: bool, patience: float = 1) -> None:
        self._database = database
        self._patience = patience
        self._mapped = mapped
        self._db: sqlite3.Connection | None = None
        self._index: wal_index.WalIndex | None = None
        self._file: sqlite.FileId | None = None
        self._looked = -math.inf
        self._seen: object = None
        self._state: ContentVersion | None = None

    def state(self) -> ContentVersion | None:
        """The state that every commit until now has led to; None where it cannot be read."""
        now = time.time()
        try:
            if not 0 <= now - self._looked < 1:
                self._look_at_file()
                self._looked = now
            assert self._db is not None, "looking opened it"  # noqa: S101  # for the types
            # In this order: a commit in between is met again by the next question.
            seen = self._commits(self._db)
            if self._state is None or seen != self._seen or not self._state.holds(now):
                self._state = _read(self._db, now, self._state)
                self._seen = seen
        except (sqlite3.Error, OSError):
            self.close()
            return None
        return self._state

    def _look_at_file(self) -> None:
        """Open the database anew where another file lies in its place: open ones never notice."""
        file = sqlite.file_id(os.stat(self._database))
        if file != self._file:
            self.close()
            self._db = _connect(self._database, self._patience)
            self._file = file
        self._index = wal_index.find(self._database, file) if self._mapped else None

    def _commits(self, connection: sqlite3.Connection) -> object:
        header = self._index.header() if self._index else None
        return header or connection.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        """Close the connection; the next question opens another."""
        if self._db is not None:
            self._db.close()
        self._db = self._index = self._file = self._seen = self._state = None
        self._looked = -math.inf


def _connect(database: str, patience: float) -> sqlite3.Connection:
    # Unlike a plain name, this makes no file where there is none.
    uri = f"{Path(database).absolute().as_uri()}?mode=rw"
    return sqlite3.connect(
        uri,
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
        factory=sqlite.Connection,
    )


def _read(
    connection: sqlite3.Connection, now: float, known: ContentVersion | None
) -> ContentVersion | None:
    row = connection.execute(
        "SELECT version, CAST(changed AS BLOB) FROM content WHERE id = 1"
    ).fetchone()
    if row is None:
        return None
    version, changed = row
    if known is not None and known.version == version and known.holds(now):
        return known
    newest = max((_seconds(*row) for row in _rows(connection, NEWEST, now)), default=-math.inf)
    return ContentVersion(
        version,
        until=min((_seconds(*row) for row in _rows(connection, COMING, now)), default=math.inf),
        since=max(_seconds(changed), newest),
        newest=newest,
    )


def _rows(connection: sqlite3.Connection, query: str, now: float) -> list[tuple[bytes]]:
    moment = sqlite.format_timestamp(datetime.fromtimestamp(now, UTC))
    return [
        row for kind in KINDS for row in connection.execute(query, (kind, moment)) if row != (None,)
    ]


def _seconds(stored: bytes) -> float:
    return sqlite.parse_timestamp(stored).replace(tzinfo=UTC).timestamp()


def last_change() -> datetime:
    """When anything that readers can see was last changed."""
    row = get_db().execute("SELECT changed FROM content WHERE id = 1").fetchone()
    changed = (row["changed"] if row else sqlite.EPOCH).replace(tzinfo=UTC)
    # Later than now it is where the clock was wrong.
    return min(changed, datetime.now(UTC))
