"""Check that Python's SQLite has what the blog needs."""

import sqlite3
from contextlib import closing
from functools import cache

OLDEST = (3, 40, 0)
PROBES = {
    "full-text search (FTS5)": (
        "CREATE VIRTUAL TABLE temp.probe USING fts5 (body, tokenize = 'trigram')"
    ),
    "JSON functions": "SELECT json_valid('[]')",
}


@cache
def problem() -> str | None:
    """Return a sentence on why this SQLite cannot be used, or None if it can."""
    with closing(sqlite3.connect(":memory:")) as db:
        return find_problem(db, sqlite3.sqlite_version_info)


def find_problem(db: sqlite3.Connection, version: tuple[int, ...]) -> str | None:
    """Return what is wrong with an SQLite of this version that `db` is a connection of."""
    missing = [feature for feature, query in PROBES.items() if not _works(db, query)]
    if version >= OLDEST and not missing:
        return None
    lack = f" It lacks {' and '.join(missing)}." if missing else ""
    return (
        f"flaskr needs SQLite {_spelled(OLDEST)} or newer, but this Python has"
        f" {_spelled(version)}.{lack} Use a newer Python, such as one installed by uv."
    )


def _works(db: sqlite3.Connection, query: str) -> bool:
    try:
        db.execute(query)
    except sqlite3.DatabaseError:
        return False
    return True


def _spelled(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
