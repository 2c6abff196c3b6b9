"""Everything stored, for checks of the whole blog."""

import sqlite3
from collections.abc import Sequence

from .. import db
from ..db import now
from . import conditions


def post_ids(*, only_visible: bool = False) -> list[int]:
    """Return the ids of all posts and pages, or of those that visitors can read."""
    if only_visible:
        rows = db.all(f"SELECT id FROM post WHERE {conditions.READABLE} ORDER BY id", now())
    else:
        rows = db.all("SELECT id FROM post ORDER BY id")
    return [row["id"] for row in rows]


def posts(ids: Sequence[int]) -> list[sqlite3.Row]:
    """Return the posts with these ids."""
    marks = ", ".join("?" * len(ids))
    return db.all(
        f"""
        SELECT id, CAST(title AS TEXT) AS title, CAST(body AS TEXT) AS body,
            CAST(slug AS TEXT) AS slug, CAST(language AS TEXT) AS language
        FROM post
        WHERE id IN ({marks})
        ORDER BY id
        """,
        *ids,
    )


def media() -> list[sqlite3.Row]:
    """Return the names of all files of the media library."""
    return db.all("SELECT hash, name, original_name, widths FROM media ORDER BY id")
