"""Everything stored, for checks of the whole blog."""

import sqlite3
from collections.abc import Sequence

from .. import db
from ..db import now
from ..text import Style
from . import conditions
from . import search_index
from . import search_texts

# `post_letters` has only some of the posts.
SEARCH_ENTRIES = (
    "SELECT rowid AS id FROM post_words",
    "SELECT rowid AS id FROM post_titles",
    "SELECT post_id AS id FROM search_text",
)


def post_ids(*, only_visible: bool = False) -> list[int]:
    """Return the ids of all posts and pages, or of those that visitors can read."""
    if only_visible:
        rows = db.all(f"SELECT id FROM post WHERE {conditions.READABLE} ORDER BY id", now())
    else:
        rows = db.all("SELECT id FROM post ORDER BY id")
    return [row["id"] for row in rows]


def posts(ids: Sequence[int]) -> list[sqlite3.Row]:
    """Return the posts with these ids."""
    return db.all(
        f"""
        SELECT id, CAST(title AS TEXT) AS title, CAST(body AS TEXT) AS body,
            CAST(slug AS TEXT) AS slug, CAST(language AS TEXT) AS language
        FROM post
        WHERE id IN ({conditions.placeholders(ids)})
        ORDER BY id
        """,
        *ids,
    )


def media() -> list[sqlite3.Row]:
    """Return the names of all files of the media library."""
    return db.all("SELECT hash, name, original_name, widths FROM media ORDER BY id")


def wrongly_indexed() -> list[int]:
    """Return the ids of published posts that searches miss, and of entries without such a post."""
    published = "SELECT id FROM post WHERE status = 'published'"
    wrong: set[int] = set()
    for entries in SEARCH_ENTRIES:
        for query in (f"{published} EXCEPT {entries}", f"{entries} EXCEPT {published}"):
            wrong |= {row["id"] for row in db.all(query)}
    return sorted(wrong)


def index_again(ids: Sequence[int], style: Style) -> None:
    """Replace the entries of posts in the search indexes."""
    for id in ids:
        with db.transaction() as connection:
            for index in search_index.INDEXES["post"]:
                connection.execute(f"DELETE FROM {index} WHERE rowid = ?", (id,))
            connection.execute("DELETE FROM search_text WHERE post_id = ?", (id,))
            connection.execute(
                """
                INSERT INTO search_text (post_id)
                SELECT id
                FROM post
                WHERE id = ? AND status = 'published'
                """,
                (id,),
            )
    while search_texts.update_next(style):
        pass
