"""Check that Python's SQLite is recent and complete enough."""

import sqlite3
from contextlib import closing
from functools import cache

MIN_VERSION = (3, 40, 0)
PROBES = {
    "full-text search (FTS5)": (
        "CREATE VIRTUAL TABLE temp.probe USING fts5 (body, tokenize = 'trigram')"
    ),
    "JSON functions": "SELECT json_valid('[]')",
}


@cache
def problem() -> str | None:
    """Return a sentence about the problem with this SQLite, if any."""
    with closing(sqlite3.connect(":memory:")) as db:
        return find_problem(db, sqlite3.sqlite_version_info)


def find_problem(db: sqlite3.Connection, version: tuple[int, ...]) -> str | None:
    """Return a sentence about an outdated or incomplete SQLite, if it is one."""
    missing = [feature for feature, query in PROBES.items() if not _works(db, query)]
    if version >= MIN_VERSION and not missing:
        return None
    lack = f" It lacks {' and '.join(missing)}." if missing else ""
    return (
        f"flaskr needs SQLite {_format_version(MIN_VERSION)} or newer, but this Python has"
        f" {_format_version(version)}.{lack} Use a newer Python, for example one installed by uv."
    )


def _works(db: sqlite3.Connection, query: str) -> bool:
    try:
        db.execute(query)
    except sqlite3.DatabaseError:
        return False
    return True


def _format_version(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
