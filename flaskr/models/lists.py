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
VISIBLE = "post.kind = 'post' AND post.status = 'published' AND post.created <= ?"
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
    return page([VISIBLE], [now()], before=before, after=after)


def page(
    conditions: Sequence[str],
    values: Values,
    *,
    before: str | None = None,
    after: str | None = None,
    per_page: int = PER_PAGE,
) -> Page:
    """The posts that meet fixed conditions, newest first, as `newest` does."""
    if after is not None:
        posts, more = _next_to(">", "ASC", after, conditions, values, per_page)
        posts.reverse()
        return Page(posts, position(posts[-1:]), position(posts[:1]) if more else None)
    if before is not None:
        posts, more = _next_to("<", "DESC", before, conditions, values, per_page)
        return Page(posts, position(posts[-1:]) if more else None, position(posts[:1]))
    posts, more = _select(conditions, values, "DESC", per_page)
    return Page(posts, position(posts[-1:]) if more else None, None)


def _next_to(
    comparison: str,
    order: str,
    place: str,
    conditions: Sequence[str],
    values: Values,
    per_page: int,
) -> tuple[list[sqlite3.Row], bool]:
    match = POSITION.fullmatch(place)
    if match is None:
        raise errors.NotFound("There is no such place in the list of posts.")
    date, time, post_id = match.groups()
    return _select(
        [*conditions, f"(post.created, post.id) {comparison} (?, ?)"],
        [*values, f"{date} {time}", int(post_id)],
        order,
        per_page,
    )


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


def position(posts: list[sqlite3.Row]) -> str | None:
    """The place of the one post in `posts`, or None where there is none."""
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
    conditions, values = _shown(show)
    if user["role"] != "owner":
        conditions.append("post.author_id = ?")
        values.append(user["id"])
    if words:
        conditions.append("instr(lower(post.title), lower(?)) > 0")
        values.append(words)
    return page(conditions, values, before=before, after=after, per_page=WRITERS_PAGE)


def _shown(show: str) -> tuple[list[str], list[str | int]]:
    match show:
        case "drafts":
            return ["post.kind IN ('post', 'page')", "post.status = 'draft'"], []
        case "scheduled":
            return [
                "post.kind = 'post'",
                "post.status = 'published'",
                "post.created > ?",
            ], [now()]
        case "pages":
            return ["post.kind = 'page'", "post.status = 'published'"], []
        case _:
            return [VISIBLE], [now()]
