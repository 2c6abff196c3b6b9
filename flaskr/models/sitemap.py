"""The sitemap: every published post and page, and their lists, in parts for search engines."""

import sqlite3

from .. import db
from .. import errors
from ..db import now
from . import conditions

# Parts are ranges of ids, so nothing has to be counted. The protocol allows 50,000 URLs per part;
# smaller parts need less memory.
IDS_PER_PART = 2000
# The first part also has the pages of people, tags and series, up to this number of each.
MAX_LISTS = 15_000


def part_numbers() -> list[int]:
    """Return the numbers of the parts that contain posts, drafts included."""
    numbers: list[int] = []
    after = 0
    while row := db.one("SELECT id FROM post WHERE id >= ? ORDER BY id LIMIT 1", after):
        numbers.append(row["id"] // IDS_PER_PART)
        after = (numbers[-1] + 1) * IDS_PER_PART
    return numbers


def posts_in_part(number: int) -> list[sqlite3.Row]:
    """Return the published posts and pages in a part. Raises `NotFound`."""
    if number not in part_numbers():
        raise errors.NotFound("There is no such part of the sitemap.")
    return db.all(
        f"""
        SELECT id, slug, created, updated
        FROM post
        WHERE id BETWEEN ? AND ? AND {conditions.READABLE}
        ORDER BY id
        """,
        number * IDS_PER_PART,
        (number + 1) * IDS_PER_PART - 1,
        now(),
    )


def people() -> list[sqlite3.Row]:
    """Return the authors and co-authors of published posts."""
    return db.all(
        f"""
        SELECT id, username
        FROM "user"
        WHERE EXISTS (
            SELECT 1
            FROM post
            WHERE author_id = "user".id AND {conditions.IN_LISTS} AND created <= ?
        ) OR EXISTS (SELECT 1 FROM coauthor WHERE user_id = "user".id AND listed <= ?)
        ORDER BY id
        LIMIT {MAX_LISTS}
        """,
        now(),
        now(),
    )


def tags() -> list[sqlite3.Row]:
    """Return the tags of published posts."""
    return _used("tag", "post_tag", "tag_id")


def series() -> list[sqlite3.Row]:
    """Return the series with published parts."""
    return _used("series", "series_post", "series_id")


def _used(table: str, link_table: str, column: str) -> list[sqlite3.Row]:
    return db.all(
        f"""
        SELECT slug
        FROM {table}
        WHERE EXISTS (SELECT 1 FROM {link_table} WHERE {column} = {table}.id AND listed <= ?)
        ORDER BY id
        LIMIT {MAX_LISTS}
        """,
        now(),
    )
