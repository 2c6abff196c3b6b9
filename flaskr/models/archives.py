"""The months of the blog's zone in which there are posts, each counted on an index."""

from datetime import datetime
from typing import NamedTuple

from ..db import get_db
from ..db import now
from ..text import dates
from . import conditions
from . import post_lists

# What lies before is no date of our calendar.
FIRST = "0001-01-01 00:00:00"


class Month(NamedTuple):
    """A month with the number of its visible posts."""

    year: int
    month: int
    posts: int


def months(zone: str) -> list[Month]:
    """The months with visible posts, newest first."""
    found: list[Month] = []
    db = get_db()
    end, until = post_lists.FAR_AHEAD, now()
    while True:
        newest = db.execute(
            f"SELECT max(created) AS newest FROM post WHERE {conditions.IN_LISTS}"
            " AND created >= ? AND created < ? AND created <= ?",
            (FIRST, end, until),
        ).fetchone()["newest"]
        if newest is None:
            return found
        day = dates.to_local(datetime.fromisoformat(newest), zone)
        # On the first day there is, a zone behind UTC has no beginning of the month.
        start = min(dates.day_bounds(zone, day.year, day.month)[0], newest)
        posts = db.execute(
            f"SELECT count(*) AS posts FROM post WHERE {conditions.IN_LISTS}"
            " AND created >= ? AND created <= ?",
            (start, newest),
        ).fetchone()["posts"]
        found.append(Month(day.year, day.month, posts))
        end = start
