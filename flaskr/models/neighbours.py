"""What a reader of a post may read next: the posts around it, and those like it."""

import sqlite3
from typing import NamedTuple

from ..db import get_db
from ..db import now
from . import lists

LINK = "SELECT post.id, CAST(post.title AS TEXT) AS title, post.slug, post.created FROM post"
RELATED = 3
# Enough to find what is like it; a tag that stands on all posts costs no more.
TAGS = 10
CANDIDATES = 50


class Neighbours(NamedTuple):
    """The posts before and after one in time."""

    older: sqlite3.Row | None
    newer: sqlite3.Row | None


def of_post(post: sqlite3.Row) -> Neighbours:
    """The visible posts next to a visible one; a page has none."""
    if post["kind"] != "post" or post["status"] != "published" or post["stored_created"] > now():
        return Neighbours(None, None)
    place = (post["stored_created"], post["id"])
    return Neighbours(
        _first("(post.created, post.id) < (?, ?)", place, "DESC"),
        _first("(post.created, post.id) > (?, ?) AND post.created <= ?", (*place, now()), "ASC"),
    )


def _first(condition: str, values: tuple[str | int, ...], order: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = (
        get_db()
        .execute(
            f"{LINK} WHERE {lists.VISIBLE} AND {condition}"
            f" ORDER BY post.created {order}, post.id {order} LIMIT 1",
            values,
        )
        .fetchone()
    )
    return row


def related(post_id: int) -> list[sqlite3.Row]:
    """The visible posts that share the most tags with this one, the newest first among equals.

    Only the newest of each tag are looked at, so that it costs the same on a blog of any size.
    """
    db = get_db()
    tag_ids = [
        row["tag_id"]
        for row in db.execute(
            "SELECT tag_id FROM post_tag WHERE post_id = ? LIMIT ?", (post_id, TAGS)
        )
    ]
    if not tag_ids:
        return []
    newest = (
        "SELECT * FROM (SELECT post_id FROM listed WHERE list = 'tag' AND list_id = ? AND part = 0"
        f" AND created <= ? ORDER BY created DESC, post_id DESC LIMIT {CANDIDATES})"
    )
    values = [value for tag_id in tag_ids for value in (tag_id, now())]
    return db.execute(
        f"{LINK} JOIN (SELECT post_id, count(*) AS shared"
        f" FROM ({' UNION ALL '.join([newest] * len(tag_ids))}) GROUP BY post_id) AS alike"
        " ON alike.post_id = post.id WHERE post.id <> ?"
        f" ORDER BY shared DESC, post.created DESC, post.id DESC LIMIT {RELATED}",
        (*values, post_id),
    ).fetchall()
