"""The sitemap: every published post and page, split into parts for search engines."""

import sqlite3

from .. import db
from .. import errors
from ..db import now
from . import conditions

# Parts are ranges of ids, so nothing has to be counted. The protocol allows 50,000 URLs per part;
# smaller parts need less memory.
IDS_PER_PART = 2000


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
