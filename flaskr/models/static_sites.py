"""Read what becomes static files: the posts that everyone may read, and their old addresses."""

import sqlite3
from collections.abc import Iterator

from .. import db
from ..db import now
from . import conditions
from . import post_lists

POSTS_PER_BATCH = 100


def count_visible() -> int:
    """Return the number of posts and pages that everyone may read."""
    (row,) = db.all(f"SELECT count(*) AS posts FROM post WHERE {conditions.READABLE}", now())
    return int(row["posts"])


def visible_posts() -> Iterator[sqlite3.Row]:
    """Yield the posts and pages that everyone may read, by id."""
    for batch in batches():
        yield from batch


def batches() -> Iterator[list[sqlite3.Row]]:
    """Yield the same posts, many at a time."""
    last = -1
    while rows := db.all(
        f"""
        {post_lists.SELECT}
        WHERE post.id > ? AND {conditions.READABLE}
        ORDER BY post.id
        LIMIT {POSTS_PER_BATCH}
        """,
        last,
        now(),
    ):
        yield rows
        last = rows[-1]["id"]


def redirects(limit: int) -> dict[str, str]:
    """Return the paths that redirect, of imported and renamed posts, tags and series, with targets.

    Posts come before the redirects of the owner, as when a page is requested.
    """
    rows = db.all(
        f"""
        SELECT 1, path, '/' || coalesce(post.slug, post.id)
        FROM old_address
        JOIN post ON post.id = post_id
        WHERE {conditions.READABLE}
        UNION ALL
        SELECT 2, '/' || former_slug.slug, '/' || post.slug
        FROM former_slug
        JOIN post ON post.id = post_id
        WHERE {conditions.READABLE}
        UNION ALL
        SELECT 3, path, target FROM redirect WHERE target IS NOT NULL
        UNION ALL
        SELECT 4, '/tag/' || former_tag.slug, '/tag/' || tag.slug
        FROM former_tag
        JOIN tag ON tag.id = tag_id
        UNION ALL
        SELECT 5, '/series/' || former_series.slug, '/series/' || series.slug
        FROM former_series
        JOIN series ON series.id = series_id
        ORDER BY 1, 2
        LIMIT ?
        """,
        now(),
        now(),
        limit,
    )
    found: dict[str, str] = {}
    for _, path, target in rows:
        found.setdefault(str(path), str(target))
    return found
