"""Archives: the months with published posts, in the blog's time zone."""

from collections import Counter
from typing import NamedTuple

from .. import db
from ..db import now
from ..text import dates
from . import conditions
from . import post_counts

# January of the year 1 and December of 9999, as numbers of months. Python's calendar ends there.
FIRST_MONTH = 12
LAST_MONTH = 9999 * 12 + 11


class Month(NamedTuple):
    """A month and the number of its published posts."""

    year: int
    month: int
    posts: int


def months(zone: str) -> list[Month]:
    """Return the months that have published posts, newest first.

    The stored numbers are those of months in UTC. Only the posts between the beginnings of a month
    in UTC and in the zone are counted.
    """
    until = now()
    posts = +_count_by_utc_month(until)
    for month in {*posts, *(month + 1 for month in posts)}:
        if FIRST_MONTH < month <= LAST_MONTH:
            number = _count_before_utc(month, zone, until)
            posts[month] += number
            posts[month - 1] -= number
    return [
        Month(month // 12, month % 12 + 1, posts[month])
        for month in sorted(posts, reverse=True)
        if posts[month]
    ]


def _count_by_utc_month(until: str) -> Counter[int]:
    rows = db.all(
        f"""
        SELECT substr(month, 1, 4) * 12 + substr(month, 6) - 1 AS month, sum(posts) AS posts
        FROM (
            SELECT month, {post_counts.OF_MONTH} AS posts
            FROM post_month
            UNION ALL
            SELECT substr(created, 1, 7) AS month, -1 AS posts
            FROM post
            WHERE {conditions.IN_LISTS} AND created > ?
        ) AS counted
        WHERE month >= '0001'
        GROUP BY month
        """,
        until,
    )
    return Counter({row["month"]: row["posts"] for row in rows})


def _count_before_utc(month: int, zone: str, until: str) -> int:
    """Return the number of posts from the month in the zone that are of the one before in UTC.

    It is negative if the month begins later in the zone.
    """
    year, index = divmod(month, 12)
    utc = f"{year:04}-{index + 1:02}-01 00:00:00"
    local, _ = dates.day_bounds(zone, year, index + 1)
    (row,) = db.all(
        f"""
        SELECT count(*) AS posts
        FROM post
        WHERE {conditions.IN_LISTS} AND created >= ? AND created < ? AND created <= ?
        """,
        min(local, utc),
        max(local, utc),
        until,
    )
    return int(row["posts"]) if local < utc else -int(row["posts"])
