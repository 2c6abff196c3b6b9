"""Read the content of a copy of the database, over a connection of its own."""

import sqlite3
from collections.abc import Iterator

from .. import migrations
from . import media

COUNTS = {
    "posts": "SELECT count(*) FROM post",
    "users": 'SELECT count(*) FROM "user"',
    "files": "SELECT count(*) FROM media",
}
# The tables that an owner would miss after going back to an older copy, with columns to show.
CONTENT = {
    "post": ("title", "body", "status"),
    "user": ("username", "password", "role"),
    "media": ("hash",),
    "setting": ("value",),
}


def media_files(db: sqlite3.Connection) -> Iterator[str]:
    """Yield the names of all files of the media library."""
    if isinstance(db, sqlite3.Connection):
        if "media" not in _tables(db):
            return
        db.row_factory = sqlite3.Row
    rows = db.execute(
        """
        SELECT hash, name, widths
        FROM media
        ORDER BY id
        """
    )
    for row in rows:
        yield from media.file_names(row)


def database_bytes(db: sqlite3.Connection) -> int:
    """Return the size of the database."""
    if not isinstance(db, sqlite3.Connection):
        query = "SELECT pg_database_size(current_database())"
    else:
        query = "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()"
    return int(db.execute(query).fetchone()[0])


def count(db: sqlite3.Connection) -> dict[str, int]:
    """Return the number of posts, users and files."""
    tables = _tables(db)
    return {
        name: db.execute(query).fetchone()[0]
        for name, query in COUNTS.items()
        if name != "files" or "media" in tables
    }


def bodies(db: sqlite3.Connection) -> Iterator[sqlite3.Row]:
    """Yield the text of each post."""
    yield from db.execute(
        """
        SELECT id, CAST(body AS TEXT) AS body
        FROM post
        ORDER BY id
        """
    )


def _tables(db: sqlite3.Connection) -> set[str]:
    rows = db.execute("SELECT lower(name) FROM sqlite_master WHERE type = 'table'")
    return {name for (name,) in rows}


def snapshot_name(db: sqlite3.Connection) -> str:
    """Return the name of the snapshot taken before the last upgrade, if it is known."""
    if isinstance(db, sqlite3.Connection) and "setting" not in _tables(db):
        return ""
    query = "SELECT value FROM setting WHERE name = ?"
    row = db.execute(query, (migrations.SNAPSHOT,)).fetchone()
    return str(row[0]) if row else ""


def sum_of_ids(db: sqlite3.Connection) -> int:
    """Return the sum of the highest ids that were ever given, which only grows."""
    return int(db.execute("SELECT coalesce(sum(seq), 0) FROM sqlite_sequence").fetchone()[0])


def count_changes(db: sqlite3.Connection, older: str) -> dict[str, tuple[int, int, int]]:
    """Return how many rows were added, changed and deleted since an older copy, by table.

    Tables and columns that either of the two lacks are left out, and tables without a change too.
    """
    db.execute("ATTACH ? AS older", (older,))
    try:
        found = {table: _compare(db, table, columns) for table, columns in CONTENT.items()}
    finally:
        db.execute("DETACH older")
    return {table: changes for table, changes in found.items() if any(changes)}


def _compare(db: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> tuple[int, int, int]:
    now, then = (
        {row[1] for row in db.execute(f"PRAGMA {schema}.table_info('{table}')")}
        for schema in ("main", "older")
    )
    key = "id" if "id" in now else "name"
    shared = [column for column in columns if column in now & then]
    if key not in now & then or not shared:
        return 0, 0, 0
    added, deleted = (
        db.execute(
            f"""
            SELECT count(*)
            FROM {one}."{table}"
            WHERE {key} NOT IN (SELECT {key} FROM {other}."{table}") AND {key} IS NOT ?
            """,
            (migrations.SNAPSHOT,),
        ).fetchone()[0]
        for one, other in (("main", "older"), ("older", "main"))
    )
    differs = " OR ".join(f"new.{column} IS NOT old.{column}" for column in shared)
    changed = db.execute(
        f"""
        SELECT count(*)
        FROM main."{table}" AS new
        JOIN older."{table}" AS old USING ({key})
        WHERE ({differs}) AND {key} IS NOT ?
        """,
        (migrations.SNAPSHOT,),
    ).fetchone()[0]
    return added, changed, deleted
