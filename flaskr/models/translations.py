"""Posts that are translations of each other, stored by a key that they share."""

import sqlite3

from .. import db
from ..db import now
from ..db import transaction
from . import conditions


def set_key(post_id: int, key: str) -> None:
    """Store the key that a post shares with its translations; an empty one removes it."""
    with transaction() as connection:
        connection.execute("DELETE FROM translation WHERE post_id = ?", (post_id,))
        if key:
            connection.execute(
                "INSERT INTO translation (post_id, key) VALUES (?, ?)", (post_id, key)
            )


def find(post_id: int) -> list[sqlite3.Row]:
    """Return the visible translations of a post, ordered by language."""
    return db.all(
        f"""
        SELECT post.id, title, slug, language
        FROM translation AS own
        JOIN translation AS other ON other.key = own.key AND other.post_id <> own.post_id
        JOIN post ON post.id = other.post_id
        WHERE own.post_id = ? AND {conditions.READABLE}
        ORDER BY language, post.id
        """,
        post_id,
        now(),
    )
