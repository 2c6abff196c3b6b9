"""Lists of posts, a page at a time.

A list by tag or co-author is read from whichever end is shorter: from the rows that link posts to
it where those are few, else from the newest posts on until a page is full. At 100,000 posts a page
takes 0.4 to 5 ms of CPU, and up to 12 where a common tag is on old posts alone (figures of a busy
machine, in tests/benchmarks/README.md).
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
MAX_ID = 2**63 - 1
# A list is short where both ways to read a page take about as long at worst: from its own rows, and
# past all newer posts. To read it whole, its own rows are the shorter way up to a sixth of all.
SHORT_LIST = 2000
SHORT_SHARE = 30
SHORT_SHARE_WHOLE = 6
POSITION = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)~(\d{1,18})", re.ASCII)
SELECT = """
    SELECT post.id, post.author_id, post.created, CAST(post.title AS TEXT) AS title,
        CAST(post.body AS TEXT) AS body, post.status, post.slug, post.summary, post.updated,
        post.language, post.kind, post.menu_position, post.dated, post.cover,
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
FAR_AHEAD = "9999-12-31 23:59:59"
Values = Sequence[str | int]


class Source(NamedTuple):
    """Where the posts of a list are found: tables in the order to read them, and conditions."""

    tables: str
    conditions: str
    values: Values = ()


class Page(NamedTuple):
    """A stretch of a list of posts, with the positions where older and newer ones go on."""

    posts: list[sqlite3.Row]
    older: str | None
    newer: str | None


def newest(
    *, before: str | None = None, after: str | None = None, per_page: int = PER_PAGE
) -> Page:
    """The visible posts, newest first: from the top, or next to a position of another page.

    Raises `NotFound` for a position that has not the form of `Page.older`.
    """
    source = Source("post", conditions.IN_LISTS)
    return page(source, before=before, after=after, until=now(), per_page=per_page)


def with_tag(
    tag_id: int, *, before: str | None = None, after: str | None = None, per_page: int = PER_PAGE
) -> Page:
    """The visible posts that have a tag, as `newest` does."""
    source = linked_posts("post_tag", "tag_id", tag_id)
    return page(source, before=before, after=after, until=now(), per_page=per_page)


def by_author(
    user_id: int, *, before: str | None = None, after: str | None = None, per_page: int = PER_PAGE
) -> Page:
    """The visible posts that a person wrote, alone or with others, as `newest` does."""
    own = Source("post", f"post.author_id = ? AND {conditions.IN_LISTS}", [user_id])
    shared = linked_posts("coauthor", "user_id", user_id)
    return page(own, shared, before=before, after=after, until=now(), per_page=per_page)


def linked_posts(table: str, column: str, value: int, *, whole: bool = False) -> Source:
    """The visible posts that a table links to a tag, person or series: a page, or all of them."""
    joined = f"{table}.post_id = post.id AND {table}.{column} = ? AND {conditions.IN_LISTS}"
    limit = MAX_ID if whole else SHORT_LIST + 1
    (number,) = db.all(
        f"""
        SELECT
            (SELECT coalesce(max(id), 0) FROM post) AS posts,
            count(*) AS links
        FROM (SELECT 1 FROM {table} WHERE {column} = ? LIMIT ?) AS own
        """,
        value,
        limit,
    )
    if number["links"] <= _short(number["posts"], whole):
        return Source(f"{table} CROSS JOIN post", joined, [value])
    # The ids skip posts older or newer than all of these without a look into the other table.
    bounds = f"""
        AND post.id >= (SELECT min(post_id) FROM {table} WHERE {column} = ?)
        AND post.id <= (SELECT max(post_id) FROM {table} WHERE {column} = ?)
    """
    return Source(f"post CROSS JOIN {table}", joined + bounds, [value] * 3)


def _short(posts: int, whole: bool) -> int:
    return posts // SHORT_SHARE_WHOLE if whole else min(SHORT_LIST, posts // SHORT_SHARE)


def between(
    start: str,
    end: str,
    *,
    before: str | None = None,
    after: str | None = None,
    per_page: int = PER_PAGE,
) -> Page:
    """The visible posts from one moment on to the last before another, as `newest` does."""
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
    until: str = FAR_AHEAD,
    per_page: int = PER_PAGE,
) -> Page:
    """The posts of any source, not earlier than `since` and not later than `until`."""
    # One bound alone at either end, or SQLite reads all that lies between two.
    bottom, top = (since, -MAX_ID), (until, MAX_ID)
    if after is not None:
        posts, more = _select(sources, max(bottom, parse_position(after)), top, "ASC", per_page)
        posts.reverse()
        return Page(posts, _position(posts[-1:]), _position(posts[:1]) if more else None)
    if before is not None:
        date, post_id = parse_position(before)
        top = min(top, (date, post_id - 1))
    posts, more = _select(sources, bottom if since else None, top, "DESC", per_page)
    newer = _position(posts[:1]) if before is not None else None
    return Page(posts, _position(posts[-1:]) if more else None, newer)


def parse_position(position: str) -> tuple[str, int]:
    """Return the date and the id that a position stands for. Raises `NotFound`."""
    match = POSITION.fullmatch(position)
    if match is None:
        raise errors.NotFound("There is no such place in the list of posts.")
    date, time, post_id = match.groups()
    return f"{date} {time}", int(post_id)


def is_position(position: str) -> bool:
    """Whether a post stands at this position, so that a page may link to it."""
    try:
        date, post_id = parse_position(position)
    except errors.NotFound:
        return False
    row = db.one("SELECT CAST(created AS TEXT) AS date FROM post WHERE id = ?", post_id)
    return row is not None and row["date"] == date


def _select(
    sources: Sequence[Source],
    bottom: tuple[str, int] | None,
    top: tuple[str, int],
    order: str,
    per_page: int,
) -> tuple[list[sqlite3.Row], bool]:
    parts = [ids(source, bottom, top, order, per_page + 1) for source in sources]
    rows = db.all(
        f"""
        {SELECT}
        WHERE post.id IN ({" UNION ".join(query for query, _ in parts)})
        ORDER BY post.created {order}, post.id {order}
        LIMIT {per_page + 1}
        """,
        *(value for _, values in parts for value in values),
    )
    return rows[:per_page], len(rows) > per_page


def ids(
    source: Source,
    bottom: tuple[str, int] | None,
    top: tuple[str, int],
    order: str,
    limit: int,
) -> tuple[str, Values]:
    """A query, with its values, for the first ids of a source above `bottom` and up to `top`."""
    above = "AND (post.created, post.id) > (?, ?)" if bottom else ""
    query = f"""
        SELECT id
        FROM (
            SELECT post.id
            FROM {source.tables}
            WHERE {source.conditions} AND (post.created, post.id) <= (?, ?) {above}
            ORDER BY post.created {order}, post.id {order}
            LIMIT {limit}
        ) AS found
    """
    return query, [*source.values, *top, *(bottom or ())]


def _position(posts: list[sqlite3.Row]) -> str | None:
    return position(posts[0]["stored_created"], posts[0]["id"]) if posts else None


def position(stored: str, number: int) -> str:
    """Return the position in a list of what has this date and id."""
    return f"{stored.replace(' ', 'T')}~{number}"


def editable_by(
    user: User,
    show: str,
    *,
    words: str = "",
    before: str | None = None,
    after: str | None = None,
) -> Page:
    """What a person may edit: their own, or an owner everyone's.

    `show` is `drafts`, `scheduled`, `published` or `pages`; `words` are looked for in titles.
    """
    filters = [FILTERS[show]]
    values: list[str | int] = []
    if show == "scheduled":
        filters.append("post.created > ?")
        values.append(now())
    if not permissions.may_all(user, "edit post"):
        filters.append("post.author_id = ?")
        values.append(user["id"])
    if words:
        # SQLite's own functions know no letters but those of ASCII.
        db.get_db().create_function("folded", 1, _folded, deterministic=True)
        filters.append("instr(folded(CAST(post.title AS BLOB)), ?) > 0")
        values.append(text.casefold_key(words))
    source = Source("post", " AND ".join(filters), values)
    until = now() if show == "published" else FAR_AHEAD
    return page(source, before=before, after=after, until=until, per_page=POSTS_PER_ADMIN_PAGE)


def _folded(title: bytes) -> str:
    # Others may have written bytes that are no UTF-8.
    return text.casefold_key(title.decode(errors="replace"))
