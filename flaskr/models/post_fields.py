"""What the fields of a post may hold."""

import re
from collections.abc import Container

from .. import errors
from .. import text
from ..db import get_db
from . import slugs

MAX_TITLE_CHARS = 500
MAX_SUMMARY_CHARS = 1000
MAX_BODY_BYTES = 5 * 1024 * 1024
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")

# First segments of the site's own addresses, today's and those to come: no post has them.
RESERVED = frozenset(
    """
    account admin api archive auth create drafts favicon.ico feed feeds health hello login media
    posts preview robots.txt search series settings sitemap.xml static tag tags trash unsaved user
    """.split()
)


def title_and_body(title: str, body: str, status: str) -> tuple[str, str]:
    """Both as they are stored. Raises `Invalid`; a draft may be untitled."""
    title, body = " ".join(text.clean(title).split()), text.clean(body)
    if not title and status == "published":
        raise errors.Invalid("Title is required.", "title")
    if len(title) > MAX_TITLE_CHARS:
        raise errors.TooLong(f"Title is too long: at most {MAX_TITLE_CHARS} characters.", "title")
    if len(body.encode()) > MAX_BODY_BYTES:
        raise errors.TooLong(
            f"Body is too long: at most {MAX_BODY_BYTES // 1024 // 1024} MB. Make it two posts.",
            "body",
        )
    return title, body


def summary_line(summary: str) -> str:
    """A summary as it is stored. Raises `TooLong`."""
    summary = " ".join(text.clean(summary).split())
    if len(summary) > MAX_SUMMARY_CHARS:
        raise errors.TooLong(
            f"Summary is too long: at most {MAX_SUMMARY_CHARS:,} characters.", "summary"
        )
    return summary


def language_code(language: str) -> str:
    """A code as in BCP 47, or nothing. Raises `Invalid`."""
    language = language.strip()
    if language and not LANGUAGE.fullmatch(language):
        raise errors.Invalid(
            "Language is not one. Write its code, such as en or pt-BR.", "language"
        )
    return language


def free_slug(wanted: str, post_id: int = 0, *, taken: Container[str] = ()) -> str:
    """The slug that this text makes, numbered where a route, another post or `taken` has it."""
    return slugs.free(text.slugify(wanted), lambda slug: slug in taken or _is_taken(slug, post_id))


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


def chosen_slug(typed: str, post_id: int = 0, *, taken: Container[str] = ()) -> str:
    """The address that a person typed. Raises `Conflict` with a proposal where it cannot be had."""
    typed = typed.strip()
    free = free_slug(typed, post_id, taken=taken)
    if text.slugify(typed) != typed:
        raise errors.Conflict(
            f"URL can contain only lowercase letters, numbers and hyphens. How about {free}?",
            "address",
        )
    if free != typed:
        raise errors.Conflict(f"URL {typed} is already taken. How about {free}?", "address")
    return typed
