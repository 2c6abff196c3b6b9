"""Suggestions below a post: parts of its series, adjacent posts, and posts with the same tags."""

import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from .. import db
from ..db import now
from . import conditions
from .series import Part

SELECT = "SELECT post.id, CAST(post.title AS TEXT) AS title, post.slug, post.created FROM post"
MAX_RELATED = 3
# These limits keep the query fast for posts with many tags, and for tags with many posts.
MAX_TAGS = 10
MAX_POSTS_PER_TAG = 50


class AdjacentPosts(NamedTuple):
    """The posts before and after a post in time."""

    older: sqlite3.Row | None
    newer: sqlite3.Row | None


class Step(NamedTuple):
    """A post to go on to, with a label such as "Next part"."""

    label: str
    post: sqlite3.Row
    is_part: bool = False


class Onward(NamedTuple):
    """The posts to go on to, of which each is there only once."""

    previous: Step | None
    next: Step | None
    related: list[sqlite3.Row]


def find_onward(post: sqlite3.Row, part: Part | None) -> Onward:
    """Return the posts to go on to: parts of its series come before older and newer posts."""
    adjacent = find_adjacent(post)
    earlier, later = (part.previous, part.next) if part else (None, None)
    parts = [row["id"] for row in (earlier, later) if row]
    older, newer = (
        Step(label, row) if row and row["id"] not in parts else None
        for label, row in zip(("Older", "Newer"), adjacent, strict=True)
    )
    back = Step("Previous part", earlier, is_part=True) if earlier else older
    forth = Step("Next part", later, is_part=True) if later else newer
    taken = [step.post["id"] for step in (back, forth) if step]
    return Onward(back, forth, find_related(post["id"], taken))


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


def find_related(post_id: int, without: Sequence[int] = ()) -> list[sqlite3.Row]:
    """Return the visible posts that share the most tags with a post, newest first among equals.

    Only the newest posts of each tag are considered, and not those `without`.
    """
    tags = db.all("SELECT tag_id FROM post_tag WHERE post_id = ? LIMIT ?", post_id, MAX_TAGS)
    if not tags:
        return []
    candidates = f"""
        SELECT id, listed
        FROM (
            SELECT post_id AS id, listed
            FROM post_tag
            WHERE tag_id = ? AND listed <= ?
            ORDER BY listed DESC, post_id DESC
            LIMIT {MAX_POSTS_PER_TAG}
        ) AS newest
    """
    # The inner limit leaves out most candidates before their rows are read.
    return db.all(
        f"""
        {SELECT}
        JOIN (
            SELECT id, count(*) AS shared
            FROM ({" UNION ALL ".join([candidates] * len(tags))}) AS candidates
            GROUP BY id
            ORDER BY count(*) DESC, max(listed) DESC, id DESC
            LIMIT {MAX_RELATED + 1 + len(without)}
        ) AS alike ON alike.id = post.id
        WHERE post.id NOT IN ({conditions.placeholders([post_id, *without])})
        ORDER BY shared DESC, post.created DESC, post.id DESC
        LIMIT {MAX_RELATED}
        """,
        *(value for row in tags for value in (row["tag_id"], now())),
        post_id,
        *without,
    )
