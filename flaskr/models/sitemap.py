"""All that everyone may read, in lists as search engines take them."""

import sqlite3

from .. import errors
from ..db import get_db
from ..db import now
from ..db import one
from . import conditions

# Ids in one, so that nothing has to be counted. Fifty thousand are allowed; fewer take less memory
# to make.
PER_PART = 2000


def part_numbers() -> list[int]:
    """The numbers of the lists that have something in them, but for drafts."""
    numbers: list[int] = []
    after = 0
    while row := one("SELECT id FROM post WHERE id >= ? ORDER BY id LIMIT 1", after):
        numbers.append(row["id"] // PER_PART)
        after = (numbers[-1] + 1) * PER_PART
    return numbers


def posts_in_part(number: int) -> list[sqlite3.Row]:
    """The posts and pages in one list. Raises `NotFound`."""
    if number not in part_numbers():
        raise errors.NotFound("There is no such part of the site map.")
    return (
        get_db()
        .execute(
            "SELECT id, slug, created, updated FROM post WHERE id BETWEEN ? AND ?"
            f" AND {conditions.READABLE} ORDER BY id",
            (number * PER_PART, (number + 1) * PER_PART - 1, now()),
        )
        .fetchall()
    )
