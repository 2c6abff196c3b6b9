"""Posts: written, found, changed, published."""

import re
import sqlite3
from collections.abc import Iterable
from typing import Any

from .. import errors
from .. import text
from ..db import get_db
from ..db import now
from ..db import transaction
from . import lists
from . import renderings
from . import slugs
from . import tags as all_tags

TITLE_LENGTH = 500
SUMMARY_LENGTH = 1000
BODY_BYTES = 5 * 1024 * 1024
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

# First segments of the site's own addresses, today's and those to come: no post has them.
RESERVED = frozenset(
    """
    account admin api archive auth create drafts favicon.ico feed feeds health hello login media
    posts preview robots.txt search series settings sitemap.xml static tag tags trash unsaved user
    """.split()
)


def get(post_id: int, user: sqlite3.Row | None) -> sqlite3.Row:
    """The post of this id, if this person (None for a visitor) may read it. Raises `NotFound`."""
    return _readable(_find("post.id = ?", post_id), user)


def get_by_slug(slug: str, user: sqlite3.Row | None) -> sqlite3.Row:
    """The post at this address, if this person may read it. Raises `NotFound`, `Gone`."""
    post = _find("post.slug = ?", slug)
    if post is None and _is_gone(slug):
        raise errors.Gone("The post that was here has been deleted.")
    return _readable(post, user)


def _is_gone(slug: str) -> bool:
    row = (
        get_db()
        .execute(
            "SELECT 1 FROM former_slug LEFT JOIN post ON post.id = post_id"
            " WHERE former_slug.slug = ? AND post.id IS NULL",
            (slug,),
        )
        .fetchone()
    )
    return row is not None


def find_by_former_slug(slug: str) -> sqlite3.Row | None:
    """The visible post that was once read at this address, or None."""
    return _if_visible(
        _find("post.id = (SELECT post_id FROM former_slug WHERE former_slug.slug = ?)", slug)
    )


def find_by_old_address(path: str) -> sqlite3.Row | None:
    """The visible post that was once read at this path of another site, or None."""
    return _if_visible(_find("post.id = (SELECT post_id FROM old_address WHERE path = ?)", path))


def _if_visible(post: sqlite3.Row | None) -> sqlite3.Row | None:
    return post if post is not None and is_visible(post) else None


def _find(condition: str, value: str | int) -> sqlite3.Row | None:
    try:
        row: sqlite3.Row | None = (
            get_db().execute(f"{lists.SELECT} WHERE {condition}", (value,)).fetchone()
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


def is_scheduled(post: sqlite3.Row) -> bool:
    """Whether the post will be visible at its date."""
    return bool(post["status"] == "published" and post["stored_created"] > now())


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


def menu() -> list[sqlite3.Row]:
    """The visible pages, in the order their owner gave them."""
    return (
        get_db()
        .execute(
            "SELECT id, title, slug FROM post"
            " WHERE kind = 'page' AND status = 'published' AND created <= ?"
            " ORDER BY menu_position, title",
            (now(),),
        )
        .fetchall()
    )


def create(
    *,
    author_id: int,
    title: str,
    body: str,
    status: str = "published",
    slug: str | None = None,
    address: str = "",
    summary: str = "",
    created: str | None = None,
    tags: Iterable[str] = (),
    language: str = "",
    kind: str = "post",
    menu_position: int = 0,
) -> int:
    """Store a post and return its id. Raises `Invalid`.

    `created` is the date the post bears, as `YYYY-MM-DD HH:MM:SS` in UTC, by default that of its
    first publishing. The slug is made from the title by default, and numbered where another post
    has it; an `address` that a person chose is taken as it is, or refused with a proposal.
    """
    title, body = _checked(title, body, status)
    with transaction() as db:
        row = db.execute(
            "INSERT INTO post (author_id, title, body, status, slug, summary, created, dated,"
            " language, kind, menu_position)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id",
            (
                author_id,
                title,
                body,
                status,
                _chosen_slug(address, 0) if address.strip() else free_slug(slug or title),
                _summary(summary),
                created or now(),
                created is not None,
                _language(language),
                kind,
                menu_position,
            ),
        ).fetchone()
        all_tags.set_for_post(row["id"], tags)
    return int(row["id"])


def _checked(title: str, body: str, status: str) -> tuple[str, str]:
    title, body = " ".join(text.clean(title).split()), text.clean(body)
    if not title and status == "published":
        raise errors.Invalid("Title is required.", "title")
    if len(title) > TITLE_LENGTH:
        raise errors.TooLong(f"Title is too long: at most {TITLE_LENGTH} characters.", "title")
    if len(body.encode()) > BODY_BYTES:
        raise errors.TooLong(
            f"Body is too long: at most {BODY_BYTES // 1024 // 1024} MB. Make it two posts.", "body"
        )
    return title, body


def _summary(summary: str) -> str:
    summary = " ".join(text.clean(summary).split())
    if len(summary) > SUMMARY_LENGTH:
        raise errors.TooLong(
            f"Summary is too long: at most {SUMMARY_LENGTH:,} characters.", "summary"
        )
    return summary


def _language(language: str) -> str:
    language = language.strip()
    if language and not LANGUAGE.fullmatch(language):
        raise errors.Invalid(
            "Language is not one. Write its code, such as en or pt-BR.", "language"
        )
    return language


def free_slug(wanted: str, post_id: int = 0) -> str:
    """The slug that this text makes, numbered where a route or another post has it."""
    return slugs.free(text.slugify(wanted), lambda slug: _is_taken(slug, post_id))


def _is_taken(slug: str, post_id: int) -> bool:
    if slug in RESERVED:
        return True
    row = (
        get_db()
        .execute(
            "SELECT 1 FROM post WHERE slug = ? AND id <> ?"
            " UNION ALL SELECT 1 FROM former_slug WHERE slug = ? AND post_id <> ?"
            " AND (EXISTS (SELECT 1 FROM post WHERE post.id = post_id)"
            " OR EXISTS (SELECT 1 FROM trash WHERE trash.post_id = former_slug.post_id))",
            (slug, post_id, slug, post_id),
        )
        .fetchone()
    )
    return row is not None


def _chosen_slug(typed: str, post_id: int) -> str:
    typed = typed.strip()
    free = free_slug(typed, post_id)
    if text.slugify(typed) != typed:
        raise errors.Conflict(
            f"Address can have small letters, numbers and hyphens. How about {free}?", "address"
        )
    if free != typed:
        raise errors.Conflict(f"Address {typed} is taken. How about {free}?", "address")
    return typed


def update(
    post_id: int,
    *,
    title: str,
    body: str,
    status: str | None = None,
    address: str | None = None,
    summary: str | None = None,
    created: str | None = None,
    tags: Iterable[str] | None = None,
    language: str | None = None,
    kind: str | None = None,
    menu_position: int | None = None,
) -> None:
    """Store new text; what is not given stays as it is. Raises `Invalid`, `NotFound`."""
    with transaction() as db:
        post = get_stored(post_id)
        status = status or str(post["status"])
        new: dict[str, Any] = {
            "status": status,
            "summary": post["summary"] if summary is None else _summary(summary),
            "language": post["language"] if language is None else _language(language),
            "kind": kind or post["kind"],
            "menu_position": post["menu_position"] if menu_position is None else menu_position,
            "created": created or _date(post, status),
            "dated": int(created is not None or post["dated"]),
        }
        title, body = _checked(title, body, status)
        new |= {"title": title, "body": body, "slug": _slug(post, address, title)}
        if tags is not None:
            all_tags.set_for_post(post_id, tags)
        old = {**dict(post), "created": post["stored_created"]}
        changed = {name: value for name, value in new.items() if value != old[name]}
        if not changed:
            return
        db.execute(
            f"UPDATE post SET {', '.join(f'{name} = ?' for name in changed)}, updated = ?"
            " WHERE id = ?",
            (*changed.values(), now(), post_id),
        )
        if "body" in changed:
            renderings.forget(post["body"])


def get_stored(post_id: int) -> sqlite3.Row:
    """The post of this id, whoever may read it. Raises `NotFound`."""
    post = _find("post.id = ?", post_id)
    if post is None:
        raise errors.NotFound("There is no such post.")
    return post


def _date(post: sqlite3.Row, status: str) -> str:
    """The date that a post bears: when it is first published, unless one was chosen."""
    first = status == "published" and post["status"] == "draft" and not post["dated"]
    return now() if first else str(post["stored_created"])


def _slug(post: sqlite3.Row, address: str | None, title: str) -> str:
    if address is not None and address.strip() not in ("", post["slug"]):
        return _chosen_slug(address, post["id"])
    untitled = post["status"] == "draft" and not post["title"]
    if post["slug"] is None or untitled or address == "":
        return free_slug(title, post["id"])
    return str(post["slug"])


def withdraw(post_id: int) -> None:
    """Make a published post a draft again; its date stays for when it is published anew."""
    post = get_stored(post_id)
    with transaction() as db:
        db.execute(
            "UPDATE post SET status = 'draft', dated = 1, updated = ? WHERE id = ? AND status <> ?",
            (now(), post["id"], "draft"),
        )


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
