"""Posts: written, found, changed, deleted."""

import re
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from .. import errors
from .. import text
from ..db import get_db
from ..db import now
from ..db import transaction
from . import renderings
from . import slugs
from . import tags as all_tags

PER_PAGE = 10
TITLE_LENGTH = 500
BODY_BYTES = 5 * 1024 * 1024
STATUSES = ("draft", "published")

# First segments of the site's own addresses, today's and those to come: no post has them.
RESERVED = frozenset(
    """
    account admin api archive auth create favicon.ico feed feeds health hello login media posts
    preview robots.txt search series settings sitemap.xml static tag unsaved
    user
    """.split()
)

POSITION = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)~(\d{1,18})", re.ASCII)
SELECT = """
    SELECT post.id, post.author_id, post.created, CAST(post.title AS TEXT) AS title,
        CAST(post.body AS TEXT) AS body, post.status, post.slug, post.summary, post.updated,
        CAST(post.created AS TEXT) AS stored_created, coalesce(username, 'someone') AS username
    FROM post LEFT JOIN "user" ON "user".id = post.author_id
"""


class Page(NamedTuple):
    """A stretch of a list of posts, with the positions where older and newer ones go on."""

    posts: list[sqlite3.Row]
    older: str | None
    newer: str | None


def newest(*, before: str | None = None, after: str | None = None) -> Page:
    """The visible posts, newest first: from the top, or next to a position of another page.

    Raises `NotFound` for a position that has not the form of `Page.older`.
    """
    if after is not None:
        posts, more = _next_to("(post.created, post.id) > (?, ?)", "ASC", after)
        posts.reverse()
        return Page(posts, _position(posts[-1:]), _position(posts[:1]) if more else None)
    if before is not None:
        posts, more = _next_to("(post.created, post.id) < (?, ?)", "DESC", before)
        return Page(posts, _position(posts[-1:]) if more else None, _position(posts[:1]))
    posts, more = _visible([], [], "DESC")
    return Page(posts, _position(posts[-1:]) if more else None, None)


def _next_to(condition: str, order: str, position: str) -> tuple[list[sqlite3.Row], bool]:
    match = POSITION.fullmatch(position)
    if match is None:
        raise errors.NotFound("There is no such place in the list of posts.")
    date, time, post_id = match.groups()
    return _visible([condition], [f"{date} {time}", int(post_id)], order)


def _visible(
    conditions: list[str], values: list[str | int], order: str
) -> tuple[list[sqlite3.Row], bool]:
    where = " AND ".join(["post.status = 'published'", "post.created <= ?", *conditions])
    rows = (
        get_db()
        .execute(
            f"{SELECT} WHERE {where}"
            f" ORDER BY post.created {order}, post.id {order} LIMIT {PER_PAGE + 1}",
            (now(), *values),
        )
        .fetchall()
    )
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def _position(posts: list[sqlite3.Row]) -> str | None:
    if not posts:
        return None
    return f"{posts[0]['stored_created'].replace(' ', 'T')}~{posts[0]['id']}"


def get(post_id: int, user: sqlite3.Row | None) -> sqlite3.Row:
    """The post of this id, if this person (None for a visitor) may read it. Raises `NotFound`."""
    return _readable(_find("post.id = ?", post_id), user)


def get_by_slug(slug: str, user: sqlite3.Row | None) -> sqlite3.Row:
    """The post at this address, if this person may read it. Raises `NotFound`."""
    return _readable(_find("post.slug = ?", slug), user)


def find_by_old_address(path: str) -> sqlite3.Row | None:
    """The visible post that was once read at this path of another site, or None."""
    post = _find("post.id = (SELECT post_id FROM old_address WHERE path = ?)", path)
    return post if post is not None and is_visible(post) else None


def _find(condition: str, value: str | int) -> sqlite3.Row | None:
    try:
        row: sqlite3.Row | None = (
            get_db().execute(f"{SELECT} WHERE {condition}", (value,)).fetchone()
        )
    except OverflowError:
        # No id is that large.
        return None
    return row


def _readable(post: sqlite3.Row | None, user: sqlite3.Row | None) -> sqlite3.Row:
    if post is None or not (is_visible(post) or may_edit(post, user)):
        raise errors.NotFound("There is no such post.")
    return post


def is_visible(post: sqlite3.Row) -> bool:
    """Whether everyone may read the post now."""
    return bool(post["status"] == "published" and post["stored_created"] <= now())


def may_edit(post: sqlite3.Row, user: sqlite3.Row | None) -> bool:
    """Whether this person may change and delete the post."""
    return user is not None and (user["role"] == "owner" or user["id"] == post["author_id"])


def get_for_edit(post_id: int, user: sqlite3.Row) -> sqlite3.Row:
    """The post, if this person may change it. Raises `NotFound`, or `Forbidden` for others'."""
    post = get(post_id, user)
    if not may_edit(post, user):
        raise errors.Forbidden("This post is another author's.")
    return post


def authors(post_id: int) -> list[str]:
    """The names of all who wrote a post, its author first."""
    rows = get_db().execute(
        'SELECT username, 0 AS place FROM post JOIN "user" ON "user".id = author_id'
        " WHERE post.id = ?"
        ' UNION ALL SELECT username, position FROM coauthor JOIN "user" ON "user".id = user_id'
        " WHERE post_id = ? ORDER BY place",
        (post_id, post_id),
    )
    return [row["username"] for row in rows]


def create(
    *,
    author_id: int,
    title: str,
    body: str,
    status: str = "published",
    slug: str | None = None,
    summary: str = "",
    created: str | None = None,
    tags: Iterable[str] = (),
) -> int:
    """Store a post and return its id. Raises `Invalid`.

    `created` is the date the post bears, as `YYYY-MM-DD HH:MM:SS` in UTC, now by default; the
    slug is made from the title by default, and numbered where another post has it.
    """
    title, body = _checked(title, body)
    with transaction() as db:
        row = db.execute(
            "INSERT INTO post (author_id, title, body, status, slug, summary, created)"
            " VALUES (?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                author_id,
                title,
                body,
                status,
                free_slug(slug or title),
                summary,
                created or now(),
            ),
        ).fetchone()
        all_tags.set_for_post(row["id"], tags)
    return int(row["id"])


def _checked(title: str, body: str) -> tuple[str, str]:
    title, body = " ".join(text.clean(title).split()), text.clean(body)
    if not title:
        raise errors.Invalid("Title is required.", "title")
    if len(title) > TITLE_LENGTH:
        raise errors.TooLong(f"Title is too long: at most {TITLE_LENGTH} characters.", "title")
    if len(body.encode()) > BODY_BYTES:
        raise errors.TooLong(
            f"Body is too long: at most {BODY_BYTES // 1024 // 1024} MB. Make it two posts.", "body"
        )
    return title, body


def free_slug(wanted: str, post_id: int = 0) -> str:
    """The slug that this text makes, numbered where a route or another post has it."""

    def taken(slug: str) -> bool:
        if slug in RESERVED:
            return True
        row = (
            get_db()
            .execute("SELECT 1 FROM post WHERE slug = ? AND id <> ?", (slug, post_id))
            .fetchone()
        )
        return row is not None

    return slugs.free(text.slugify(wanted), taken)


def update(post_id: int, *, title: str, body: str) -> None:
    """Store a new title and body; the address stays. Raises `Invalid`, `NotFound`."""
    title, body = _checked(title, body)
    with transaction() as db:
        post = _find("post.id = ?", post_id)
        if post is None:
            raise errors.NotFound("There is no such post.")
        slug = post["slug"] or free_slug(title, post_id)
        if (title, body, slug) == (post["title"], post["body"], post["slug"]):
            return
        db.execute(
            "UPDATE post SET title = ?, body = ?, slug = ?, updated = ? WHERE id = ?",
            (title, body, slug, now(), post_id),
        )
        renderings.forget(post["body"])


def delete(post_id: int) -> None:
    """Delete a post, with all that hangs on it. Raises `NotFound`."""
    with transaction() as db:
        row = db.execute("DELETE FROM post WHERE id = ? RETURNING body", (post_id,)).fetchone()
        if row is None:
            raise errors.NotFound("There is no such post.")
        renderings.forget(row["body"])


def fill_slugs() -> None:
    """Give posts that plain SQL wrote the address that their title makes."""
    rows = get_db().execute("SELECT id, title FROM post WHERE slug IS NULL ORDER BY id").fetchall()
    if not rows:
        return
    with transaction() as db:
        for row in rows:
            db.execute(
                "UPDATE post SET slug = ? WHERE id = ?", (free_slug(row["title"]), row["id"])
            )
