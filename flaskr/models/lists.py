"""Lists of posts, a page at a time, at the same cost on the first page and on the last."""

import re
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from datetime import timedelta
from typing import NamedTuple

from .. import errors
from ..db import find_row
from ..db import get_db
from ..db import now
from . import permissions
from .permissions import User

PER_PAGE = 10
WRITERS_PAGE = 30
MAX_ID = 2**63 - 1
POSITION = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)~(\d{1,18})", re.ASCII)
COLUMNS = """
    SELECT post.id, post.author_id, post.created, CAST(post.title AS TEXT) AS title,
        CAST(post.body AS TEXT) AS body, post.status, post.slug, post.summary, post.updated,
        post.language, post.kind, post.menu_position, post.dated, post.cover,
        CAST(post.created AS TEXT) AS stored_created,
        CAST(coalesce(post.updated, post.created) AS TEXT) AS saved,
        coalesce(username, 'someone') AS username,
        coalesce(nullif(display_name, ''), username, 'someone') AS author
"""
AUTHOR = 'LEFT JOIN "user" ON "user".id = post.author_id'
SELECT = f"{COLUMNS} FROM post {AUTHOR}"
LISTED = f"{COLUMNS} FROM listed CROSS JOIN post ON post.id = listed.post_id {AUTHOR}"
VISIBLE = "post.kind = 'post' AND post.status = 'published'"
SHELVES = {
    "published": VISIBLE,
    "drafts": "post.status = 'draft'",
    "scheduled": VISIBLE,
    "pages": "post.kind = 'page' AND post.status = 'published'",
}
FAR_AHEAD = "9999-12-31 23:59:59"
Values = Sequence[str | int]


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
    return page([VISIBLE], [], before=before, after=after, until=now(), per_page=per_page)


def with_tag(
    tag_id: int, *, before: str | None = None, after: str | None = None, per_page: int = PER_PAGE
) -> Page:
    """The visible posts that have a tag, as `newest` does."""
    return _listed("tag", tag_id, before=before, after=after, per_page=per_page)


def by_author(
    user_id: int, *, before: str | None = None, after: str | None = None, per_page: int = PER_PAGE
) -> Page:
    """The visible posts that a person wrote, alone or with others, as `newest` does."""
    return _listed("author", user_id, before=before, after=after, per_page=per_page)


def _listed(
    name: str, list_id: int, *, before: str | None, after: str | None, per_page: int
) -> Page:
    return page(
        ["listed.list = ?", "listed.list_id = ?", "listed.part = 0"],
        [name, list_id],
        before=before,
        after=after,
        until=now(),
        per_page=per_page,
        select=LISTED,
        key=("listed.created", "listed.post_id"),
    )


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
        [VISIBLE],
        [],
        before=before,
        after=after,
        since=start,
        until=min(now(), last),
        per_page=per_page,
    )


def page(
    conditions: Sequence[str],
    values: Values,
    *,
    before: str | None = None,
    after: str | None = None,
    since: str = "",
    until: str = FAR_AHEAD,
    per_page: int = PER_PAGE,
    select: str = SELECT,
    key: tuple[str, str] = ("post.created", "post.id"),
) -> Page:
    """The posts that meet fixed conditions, not earlier than `since` and not later than `until`.

    `key` names the columns for date and id by which an index orders what `select` reads.
    """
    created, number = key
    conditions = [*conditions, f"({created}, {number}) <= (?, ?)"]
    # One bound alone at either end, or SQLite reads all that lies between two.
    bottom, top = (since, -MAX_ID), (until, MAX_ID)
    if since or after is not None:
        conditions.append(f"({created}, {number}) > (?, ?)")
    if after is not None:
        values = [*values, *top, *max(bottom, _pair(after))]
        posts, more = _select(select, conditions, values, key, "ASC", per_page)
        posts.reverse()
        return Page(posts, _position(posts[-1:]), _position(posts[:1]) if more else None)
    if before is not None:
        date, post_id = _pair(before)
        top = min(top, (date, post_id - 1))
    values = [*values, *top, *(bottom if since else ())]
    posts, more = _select(select, conditions, values, key, "DESC", per_page)
    newer = _position(posts[:1]) if before is not None else None
    return Page(posts, _position(posts[-1:]) if more else None, newer)


def _pair(position: str) -> tuple[str, int]:
    match = POSITION.fullmatch(position)
    if match is None:
        raise errors.NotFound("There is no such place in the list of posts.")
    date, time, post_id = match.groups()
    return f"{date} {time}", int(post_id)


def names_post(position: str) -> bool:
    """Whether a post stands at this position, so that a page may link to it."""
    try:
        date, post_id = _pair(position)
    except errors.NotFound:
        return False
    row = find_row("SELECT CAST(created AS TEXT) AS date FROM post WHERE id = ?", post_id)
    return row is not None and row["date"] == date


def _select(
    select: str,
    conditions: Sequence[str],
    values: Values,
    key: tuple[str, str],
    order: str,
    per_page: int,
) -> tuple[list[sqlite3.Row], bool]:
    rows = (
        get_db()
        .execute(
            f"{select} WHERE {' AND '.join(conditions)}"
            f" ORDER BY {key[0]} {order}, {key[1]} {order} LIMIT {per_page + 1}",
            tuple(values),
        )
        .fetchall()
    )
    return rows[:per_page], len(rows) > per_page


def _position(posts: list[sqlite3.Row]) -> str | None:
    if not posts:
        return None
    return f"{posts[0]['stored_created'].replace(' ', 'T')}~{posts[0]['id']}"


def of_writer(
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
    conditions: list[str] = [SHELVES[show]]
    values: list[str | int] = []
    if show == "scheduled":
        conditions.append("post.created > ?")
        values.append(now())
    if not permissions.may_all(user, "edit post"):
        conditions.append("post.author_id = ?")
        values.append(user["id"])
    if words:
        conditions.append("instr(lower(post.title), lower(?)) > 0")
        values.append(words)
    until = now() if show == "published" else FAR_AHEAD
    return page(conditions, values, before=before, after=after, until=until, per_page=WRITERS_PAGE)
