"""Titles of posts to link to, found by a part of the title."""

import sqlite3

from .. import db
from ..db import now
from ..text import search_words
from . import conditions
from . import permissions
from .permissions import User

MAX_FOUND = 10
MAX_SEARCH_CHARS = 200
MAX_WORDS = 8


def find(user: User, search: str = "") -> list[sqlite3.Row]:
    """Return the newest posts that the user may read and whose title contains all the words."""
    # SQLite's own functions change the case of ASCII letters only.
    db.get_db().create_function("fold_title", 1, _fold, deterministic=True)
    words = search_words.fold(search[:MAX_SEARCH_CHARS]).split()[:MAX_WORDS]
    filters = [f"fold_title(CAST(title AS BLOB)) {conditions.CONTAINS}"] * len(words)
    values: list[str | int] = [*map(conditions.containing, words)]
    if not permissions.may_all(user, "read unpublished post"):
        filters.append(f"({conditions.READABLE} OR author_id = ?)")
        values += [now(), user["id"]]
    return db.all(
        f"""
        SELECT id, CAST(title AS TEXT) AS title, slug, status,
            CAST(created AS TEXT) AS stored_created
        FROM post
        WHERE {" AND ".join(filters) or "TRUE"}
        ORDER BY created DESC, id DESC
        LIMIT {MAX_FOUND}
        """,
        *values,
    )


def _fold(title: bytes) -> str:
    # Other programs may have stored bytes that are not UTF-8.
    return search_words.fold(title.decode(errors="replace"))
