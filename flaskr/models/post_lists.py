"""Lists of published posts, newest first, one page at a time.

Each is read from an index in the order of the list. With 100,000 posts, a page takes less than
1 ms of CPU time (see tests/benchmarks/README.md).
"""

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import NamedTuple

from .. import db
from .. import errors
from .. import text
from ..db import now
from . import conditions
from . import permissions
from .permissions import User

PER_PAGE = 10
POSTS_PER_ADMIN_PAGE = 30
# Counting takes 1 ms for 1,000 posts.
MAX_COUNTED = 10_000
MAX_ID = 2**63 - 1
# SQLite also has years before the year 0.
POSITION = re.compile(r"(-?\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)~(\d{1,18})", re.ASCII)
SELECT = """
    SELECT post.id, post.author_id, post.created, CAST(post.title AS TEXT) AS title,
        CAST(post.body AS TEXT) AS body, post.status, CAST(post.slug AS TEXT) AS slug,
        CAST(post.summary AS TEXT) AS summary, post.updated,
        CAST(post.language AS TEXT) AS language, post.kind, post.menu_position, post.dated,
        CAST(post.cover AS TEXT) AS cover,
        CAST(post.created AS TEXT) AS stored_created,
        CAST(coalesce(post.updated, post.created) AS TEXT) AS saved,
        coalesce(username, 'someone') AS username,
        coalesce(nullif(display_name, ''), username, 'someone') AS author
    FROM post
    LEFT JOIN "user" ON "user".id = post.author_id
"""
FILTERS = {
    "published": conditions.IN_LISTS,
    "drafts": "post.kind IN ('post', 'page') AND post.status = 'draft'",
    "scheduled": conditions.IN_LISTS,
    "pages": "post.kind = 'page' AND post.status = 'published'",
}
LATEST_DATE = "9999-12-31 23:59:59"
Values = Sequence[str | int]


class Source(NamedTuple):
    """The table that a list is read from, its conditions, and its columns."""

    table: str
    conditions: str
    values: Values = ()
    date: str = "created"
    id: str = "id"


class Page(NamedTuple):
    """A page of a list, with the positions of the older and the newer page."""

    posts: list[sqlite3.Row]
    older: str | None
    newer: str | None


def newest(
    *, before: str | None = None, after: str | None = None, per_page: int = PER_PAGE
) -> Page:
    """Return a page of published posts, next to a position of another page if given.

    Raises `NotFound` if the position is malformed.
    """
    source = Source("post", conditions.IN_LISTS)
    return page(source, before=before, after=after, until=now(), per_page=per_page)


def with_tag(
    tag_id: int, *, before: str | None = None, after: str | None = None, per_page: int = PER_PAGE
) -> Page:
    """Return a page of the published posts with a tag; see `newest`."""
    source = linked_posts("post_tag", "tag_id", tag_id)
    return page(source, before=before, after=after, until=now(), per_page=per_page)


def in_series(
    series_id: int,
    *,
    before: str | None = None,
    after: str | None = None,
    per_page: int = PER_PAGE,
) -> Page:
    """Return a page of the published parts of a series by date; see `newest`."""
    source = linked_posts("series_post", "series_id", series_id)
    return page(source, before=before, after=after, until=now(), per_page=per_page)


def by_author(
    user_id: int, *, before: str | None = None, after: str | None = None, per_page: int = PER_PAGE
) -> Page:
    """Return a page of the published posts by an author or co-author; see `newest`."""
    own = Source("post", f"post.author_id = ? AND {conditions.IN_LISTS}", [user_id])
    shared = linked_posts("coauthor", "user_id", user_id)
    return page(own, shared, before=before, after=after, until=now(), per_page=per_page)


def linked_posts(table: str, column: str, value: int) -> Source:
    """Return the source of the posts linked to a tag, series or co-author."""
    return Source(table, f"{column} = ?", [value], date="listed", id="post_id")


def has_readable(table: str, column: str, value: int) -> bool:
    """Return True if a post or page that everyone may read is linked to a tag or series."""
    row = db.one(
        f"""
        SELECT 1
        FROM {table}
        JOIN post ON post.id = post_id
        WHERE {column} = ? AND {conditions.READABLE}
        LIMIT 1
        """,
        value,
        now(),
    )
    return row is not None


def between(
    start: str,
    end: str,
    *,
    before: str | None = None,
    after: str | None = None,
    per_page: int = PER_PAGE,
) -> Page:
    """Return a page of the posts dated from `start` to before `end`; see `newest`."""
    last = str(datetime.fromisoformat(end) - timedelta(seconds=1))
    return page(
        Source("post", conditions.IN_LISTS),
        before=before,
        after=after,
        since=start,
        until=min(now(), last),
        per_page=per_page,
    )


def page(
    *sources: Source,
    before: str | None = None,
    after: str | None = None,
    since: str = "",
    until: str = LATEST_DATE,
    per_page: int = PER_PAGE,
    skip: int = 0,
) -> Page:
    """Return a page of the posts in any of the sources, dated from `since` to `until` inclusive.

    `skip` is the number of posts to leave out first, for programs that count instead of following
    the positions of pages.
    """
    # With two bounds at the same end, SQLite would scan all rows between them.
    bottom, top = (since, -MAX_ID), (until, MAX_ID)
    if after is not None:
        posts, more = _select(sources, max(bottom, parse_position(after)), top, "ASC", per_page)
        posts.reverse()
        return Page(posts, _position(posts[-1:]), _position(posts[:1]) if more else None)
    if before is not None:
        date, post_id = parse_position(before)
        top = min(top, (date, post_id - 1))
    posts, more = _select(sources, bottom if since else None, top, "DESC", per_page, skip)
    newer = _position(posts[:1]) if before is not None else None
    return Page(posts, _position(posts[-1:]) if more else None, newer)


def parse_position(position: str) -> tuple[str, int]:
    """Return the date and id in a position. Raises `NotFound`."""
    match = POSITION.fullmatch(position)
    if match is None:
        raise errors.NotFound("There is no such page of posts.")
    date, time, post_id = match.groups()
    return f"{date} {time}", int(post_id)


def position_exists(position: str) -> bool:
    """Return True if a post has this position, so that pages may link to it."""
    try:
        date, post_id = parse_position(position)
    except errors.NotFound:
        return False
    row = db.one("SELECT CAST(created AS TEXT) AS date FROM post WHERE id = ?", post_id)
    return row is not None and row["date"] == date


# The query parameters of lists, with a function that returns True for values that pages link to.
ARGUMENTS = {"before": position_exists, "after": position_exists}


def _select(
    sources: Sequence[Source],
    bottom: tuple[str, int] | None,
    top: tuple[str, int],
    order: str,
    per_page: int,
    skip: int = 0,
) -> tuple[list[sqlite3.Row], bool]:
    count = skip + per_page + 1
    queries = [build_id_query(source, bottom, top, order, count) for source in sources]
    rows = db.all(
        f"""
        {SELECT}
        WHERE post.id IN ({" UNION ".join(query for query, _ in queries)})
        ORDER BY post.created {order}, post.id {order}
        LIMIT {per_page + 1}
        OFFSET {skip}
        """,
        *(value for _, values in queries for value in values),
    )
    return rows[:per_page], len(rows) > per_page


def build_id_query(
    source: Source,
    bottom: tuple[str, int] | None,
    top: tuple[str, int],
    order: str,
    limit: int,
) -> tuple[str, Values]:
    """Return a query and its values for the first ids of a source above `bottom` up to `top`."""
    above = f"AND ({source.date}, {source.id}) > (?, ?)" if bottom else ""
    query = f"""
        SELECT id
        FROM (
            SELECT {source.id} AS id
            FROM {source.table}
            WHERE {source.conditions} AND ({source.date}, {source.id}) <= (?, ?) {above}
            ORDER BY {source.date} {order}, {source.id} {order}
            LIMIT {limit}
        ) AS found
    """
    return query, [*source.values, *top, *(bottom or ())]


def _position(posts: list[sqlite3.Row]) -> str | None:
    return position(posts[0]["stored_created"], posts[0]["id"]) if posts else None


def position(stored_created: str, post_id: int) -> str:
    """Return the position of a post in lists."""
    return f"{stored_created.replace(' ', 'T')}~{post_id}"


def editable_by(
    user: User,
    show: str,
    *,
    search: str = "",
    before: str | None = None,
    after: str | None = None,
) -> Page:
    """Return a page of the posts that a user may edit.

    `show` is a key of `FILTERS`; `search` limits the list to posts with this text in their titles.
    """
    filters, values = _editable(user, show)
    if search:
        # SQLite's own functions change the case of ASCII letters only.
        db.get_db().create_function("casefold_title", 1, _casefold_title, deterministic=True)
        filters += f" AND casefold_title(CAST(post.title AS BLOB)) {conditions.CONTAINS}"
        values.append(conditions.containing(text.casefold_key(search)))
    return page(
        Source("post", filters, values),
        before=before,
        after=after,
        until=_latest(show),
        per_page=POSTS_PER_ADMIN_PAGE,
    )


def count_editable(user: User, show: str) -> int:
    """Return the number of posts in a list of `editable_by`, at most `MAX_COUNTED`."""
    filters, values = _editable(user, show)
    return count("post", f"{filters} AND post.created <= ?", *values, _latest(show))


def count(table: str, where: str, *values: str | int) -> int:
    """Return the number of rows that meet a condition, at most `MAX_COUNTED`."""
    rows = f"SELECT 1 FROM {table} WHERE {where} LIMIT {MAX_COUNTED}"
    (row,) = db.all(f"SELECT count(*) AS number FROM ({rows}) AS found", *values)
    return int(row["number"])


def _editable(user: User, show: str) -> tuple[str, list[str | int]]:
    """Return the conditions of a list of `editable_by`, and their values."""
    filters = [FILTERS[show]]
    values: list[str | int] = []
    if show == "scheduled":
        filters.append("post.created > ?")
        values.append(now())
    if not permissions.may_all(user, "edit post"):
        filters.append("post.author_id = ?")
        values.append(user["id"])
    return " AND ".join(filters), values


def _latest(show: str) -> str:
    return now() if show == "published" else LATEST_DATE


def _casefold_title(title: bytes) -> str:
    # Other programs may have stored bytes that are not UTF-8.
    return text.casefold_key(title.decode(errors="replace"))
