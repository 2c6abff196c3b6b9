"""Types and sizes of the library files that feeds announce: recordings and covers."""

import sqlite3
from collections.abc import Iterable

from .. import db
from .. import images
from . import conditions

# SQLite limits the number of values in a query.
MAX_FILES = 1000


def find(urls: Iterable[str]) -> dict[str, sqlite3.Row]:
    """Return the type, size, width and height of library files by their URLs `/media/…`."""
    names = {match[1] for match in map(images.URL.fullmatch, urls) if match}
    if not names:
        return {}
    queried = sorted(names)[:MAX_FILES]
    rows = db.all(
        f"""
        SELECT name, type, size, width, height
        FROM media
        WHERE name IN ({conditions.placeholders(queried)})
        """,
        *queried,
    )
    return {f"/media/{row['name']}": row for row in rows}
