"""Archives: the months with published posts, in the blog's time zone."""

from datetime import datetime
from typing import NamedTuple

from .. import db
from ..db import now
from ..text import dates
from . import conditions
from . import post_lists

# Python's calendar has no earlier date.
EARLIEST_DATE = "0001-01-01 00:00:00"


class Month(NamedTuple):
    """A month and the number of its published posts."""

    year: int
    month: int
    posts: int


def months(zone: str) -> list[Month]:
    """Return the months that have published posts, newest first.

    Two index look-ups per month are faster than one pass over all posts.
    """
    found: list[Month] = []
    end, latest = post_lists.LATEST_DATE, now()
    while newest := _newest_date(end, latest):
        day = dates.to_local(datetime.fromisoformat(newest), zone)
        # In a zone behind UTC, the first month begins before the calendar does.
        start = min(dates.day_bounds(zone, day.year, day.month)[0], newest)
        found.append(Month(day.year, day.month, _count(start, newest)))
        end = start
    return found


def _newest_date(end: str, latest: str) -> str | None:
    (row,) = db.all(
        f"""
        SELECT CAST(max(created) AS TEXT) AS newest
        FROM post
        WHERE {conditions.IN_LISTS} AND created >= ? AND created < ? AND created <= ?
        """,
        EARLIEST_DATE,
        end,
        latest,
    )
    return row["newest"]  # type: ignore[no-any-return]  # rows are untyped


def _count(start: str, newest: str) -> int:
    (row,) = db.all(
        f"""
        SELECT count(*) AS posts
        FROM post
        WHERE {conditions.IN_LISTS} AND created >= ? AND created <= ?
        """,
        start,
        newest,
    )
    return int(row["posts"])
