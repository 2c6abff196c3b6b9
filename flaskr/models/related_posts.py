"""Suggestions below a post: the adjacent posts, and posts with the same tags."""

import sqlite3
from typing import NamedTuple

from .. import db
from ..db import now
from . import conditions

SELECT = "SELECT post.id, CAST(post.title AS TEXT) AS title, post.slug, post.created FROM post"
MAX_RELATED = 3
# These limits keep the query fast for posts with many tags, and for tags with many posts.
MAX_TAGS = 10
MAX_POSTS_PER_TAG = 50


class AdjacentPosts(NamedTuple):
    """The posts before and after a post in time."""

    older: sqlite3.Row | None
    newer: sqlite3.Row | None


def find_adjacent(post: sqlite3.Row) -> AdjacentPosts:
    """Return the visible posts next to a post, if it is itself visible and not a page."""
    if post["kind"] != "post" or post["status"] != "published" or post["stored_created"] > now():
        return AdjacentPosts(None, None)
    place = (post["stored_created"], post["id"])
    return AdjacentPosts(
        _first("(post.created, post.id) < (?, ?)", place, "DESC"),
        _first("(post.created, post.id) > (?, ?) AND post.created <= ?", (*place, now()), "ASC"),
    )


def _first(condition: str, values: tuple[str | int, ...], order: str) -> sqlite3.Row | None:
    return db.one(
        f"""
        {SELECT}
        WHERE {conditions.IN_LISTS} AND {condition}
        ORDER BY post.created {order}, post.id {order}
        LIMIT 1
        """,
        *values,
    )


def find_related(post_id: int) -> list[sqlite3.Row]:
    """Return the visible posts that share the most tags with a post, newest first among equals.

    Only the newest posts of each tag are considered.
    """
    tags = db.all("SELECT tag_id FROM post_tag WHERE post_id = ? LIMIT ?", post_id, MAX_TAGS)
    if not tags:
        return []
    candidates = f"""
        SELECT id
        FROM (
            SELECT post_id AS id
            FROM post_tag
            WHERE tag_id = ? AND listed <= ?
            ORDER BY listed DESC, post_id DESC
            LIMIT {MAX_POSTS_PER_TAG}
        ) AS newest
    """
    return db.all(
        f"""
        {SELECT}
        JOIN (
            SELECT id, count(*) AS shared
            FROM ({" UNION ALL ".join([candidates] * len(tags))}) AS candidates
            GROUP BY id
        ) AS alike ON alike.id = post.id
        WHERE post.id <> ?
        ORDER BY shared DESC, post.created DESC, post.id DESC
        LIMIT {MAX_RELATED}
        """,
        *(value for row in tags for value in (row["tag_id"], now())),
        post_id,
    )
