"""Read the content of static sites: the posts that everyone may read, and their old addresses."""

import sqlite3
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence

from .. import db
from ..db import now
from . import conditions
from . import post_lists


def visible_ids() -> list[int]:
    """Return the ids of the posts and pages that everyone may read."""
    rows = db.all(f"SELECT id FROM post WHERE {conditions.READABLE} ORDER BY id", now())
    return [row["id"] for row in rows]


def visible_posts(ids: Sequence[int]) -> list[sqlite3.Row]:
    """Return those of some posts that everyone may read, by id."""
    return db.all(
        f"""
        {post_lists.SELECT}
        WHERE post.id IN ({conditions.placeholders(ids)}) AND {conditions.READABLE}
        ORDER BY post.id
        """,
        *ids,
        now(),
    )


def read_tables(names: Iterable[str]) -> Iterator[sqlite3.Row]:
    """Yield all rows of some tables."""
    for name in names:
        yield from db.get_db().execute(f'SELECT * FROM "{name}"')


def redirects(limit: int) -> dict[str, str]:
    """Return the paths that redirect, of imported and renamed posts, tags and series, with targets.

    Posts come before the redirects of the owner, as when a page is requested.
    """
    rows = db.all(
        f"""
        SELECT 1, path, '/' || coalesce(post.slug, CAST(post.id AS TEXT))
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
