"""Lists of posts, a page at a time, at the same cost on the first page and on the last."""

import re
import sqlite3
from collections.abc import Sequence
from typing import NamedTuple

from .. import errors
from ..db import get_db
from ..db import now

PER_PAGE = 10
WRITERS_PAGE = 30
MAX_ID = 2**63 - 1
POSITION = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)~(\d{1,18})", re.ASCII)
SELECT = """
    SELECT post.id, post.author_id, post.created, CAST(post.title AS TEXT) AS title,
        CAST(post.body AS TEXT) AS body, post.status, post.slug, post.summary, post.updated,
        post.language, post.kind, post.menu_position, post.dated,
        CAST(post.created AS TEXT) AS stored_created,
        CAST(coalesce(post.updated, post.created) AS TEXT) AS saved,
        coalesce(username, 'someone') AS username
    FROM post LEFT JOIN "user" ON "user".id = post.author_id
"""
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


def newest(*, before: str | None = None, after: str | None = None) -> Page:
    """The visible posts, newest first: from the top, or next to a position of another page.

    Raises `NotFound` for a position that has not the form of `Page.older`.
    """
    return page([VISIBLE], [], before=before, after=after, until=now())


def with_tag(tag_id: int, *, before: str | None = None, after: str | None = None) -> Page:
    """The visible posts that have a tag, as `newest` does."""
    tagged = "EXISTS (SELECT 1 FROM post_tag WHERE post_id = post.id AND tag_id = ?)"
    return page([VISIBLE, tagged], [tag_id], before=before, after=after, until=now())


def by_author(user_id: int, *, before: str | None = None, after: str | None = None) -> Page:
    """The visible posts that a person wrote, as `newest` does."""
    by_them = "post.author_id = ?"
    return page([VISIBLE, by_them], [user_id], before=before, after=after, until=now())


def page(
    conditions: Sequence[str],
    values: Values,
    *,
    before: str | None = None,
    after: str | None = None,
    until: str = FAR_AHEAD,
    per_page: int = PER_PAGE,
) -> Page:
    """The posts that meet fixed conditions and are not later than `until`, as `newest` does."""
    conditions = [*conditions, "(post.created, post.id) <= (?, ?)"]
    top = (until, MAX_ID)
    if after is not None:
        conditions.append("(post.created, post.id) > (?, ?)")
        posts, more = _select(conditions, [*values, *top, *_pair(after)], "ASC", per_page)
        posts.reverse()
        return Page(posts, _position(posts[-1:]), _position(posts[:1]) if more else None)
    if before is not None:
        date, post_id = _pair(before)
        # One bound alone, or SQLite reads all that lies between the two.
        top = min(top, (date, post_id - 1))
    posts, more = _select(conditions, [*values, *top], "DESC", per_page)
    newer = _position(posts[:1]) if before is not None else None
    return Page(posts, _position(posts[-1:]) if more else None, newer)


def _pair(position: str) -> tuple[str, int]:
    match = POSITION.fullmatch(position)
    if match is None:
        raise errors.NotFound("There is no such place in the list of posts.")
    date, time, post_id = match.groups()
    return f"{date} {time}", int(post_id)


def _select(
    conditions: Sequence[str], values: Values, order: str, per_page: int
) -> tuple[list[sqlite3.Row], bool]:
    rows = (
        get_db()
        .execute(
            f"{SELECT} WHERE {' AND '.join(conditions)}"
            f" ORDER BY post.created {order}, post.id {order} LIMIT {per_page + 1}",
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
    user: sqlite3.Row,
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
    if user["role"] != "owner":
        conditions.append("post.author_id = ?")
        values.append(user["id"])
    if words:
        conditions.append("instr(lower(post.title), lower(?)) > 0")
        values.append(words)
    until = now() if show == "published" else FAR_AHEAD
    return page(conditions, values, before=before, after=after, until=until, per_page=WRITERS_PAGE)
