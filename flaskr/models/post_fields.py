"""The fields of a post: limits, validation and defaults.

To add a field, add its column by a migration, a line to `FIELDS`, the column to `post_lists.SELECT`
and a control to the editor's form. Creation, updates, imports, the trash and the form's parser
follow the table.
"""

import re
import sqlite3
from collections.abc import Callable
from collections.abc import Mapping
from functools import partial
from typing import Any
from typing import NamedTuple

from .. import db
from .. import errors
from .. import text
from ..db import transaction
from ..sizes import format_size
from . import authors
from . import conditions
from . import cover_images
from . import permissions
from . import series
from . import slugs
from . import tags
from .permissions import User

MAX_TITLE_CHARS = 500
MAX_SUMMARY_CHARS = 1000
MAX_BODY_BYTES = 5 * 1024 * 1024
MAX_NUMBER_DIGITS = 6
LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
KINDS = ("post", "page")

# The first path segments of present and planned routes, which no post can have as its slug.
RESERVED_SLUGS = frozenset(
    """
    .well-known account admin api apple-touch-icon-precomposed.png apple-touch-icon.png archive
    auth create drafts favicon.ico feed feeds health hello llms.txt login media micropub posts
    preview publications robots.txt search series settings sitemap.xml social-card static tag
    tags trash undo unsaved user xmlrpc xmlrpc.php
    """.split()
)


def parse_title_and_body(title: str, body: str, status: str) -> tuple[str, str]:
    """Return both as they are stored. Only drafts may be untitled. Raises `Invalid`."""
    title, body = text.one_line(title), text.clean(body)
    if not title and status == "published":
        raise errors.Invalid("Title is required.", "title")
    if len(title) > MAX_TITLE_CHARS:
        raise errors.TooLong(f"Title is too long: at most {MAX_TITLE_CHARS} characters.", "title")
    if len(body.encode()) > MAX_BODY_BYTES:
        raise errors.TooLong(
            f"Body is too long: at most {format_size(MAX_BODY_BYTES)}. Split it into two posts.",
            "body",
        )
    return title, body


def parse_summary(summary: str) -> str:
    """Return a summary as it is stored. Raises `TooLong`."""
    summary = text.one_line(summary)
    if len(summary) > MAX_SUMMARY_CHARS:
        raise errors.TooLong(
            f"Summary is too long: at most {MAX_SUMMARY_CHARS:,} characters.", "summary"
        )
    return summary


def parse_language(language: str) -> str:
    """Return a language code (BCP 47) as it is stored, or an empty string. Raises `Invalid`."""
    language = language.strip()
    if language and not LANGUAGE.fullmatch(language):
        raise errors.Invalid("Language must be a code such as en or pt-BR.", "language")
    return language


def _read_kind(typed: str) -> str | None:
    return typed if typed in KINDS else None


def _read_number(label: str, name: str, typed: str) -> int | None:
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= MAX_NUMBER_DIGITS):
        raise errors.Invalid(f"{label} must be a number.", name)
    return int(typed)


def _split_at_commas(typed: str) -> list[str]:
    return typed.split(",")


class Field(NamedTuple):
    """A field that is validated by itself, unlike title, body, status, slug and date.

    `parse` returns a value as it is stored; `read` turns the text of a form into a value, or None
    if the field stays as it is. Both raise `Invalid`.
    """

    name: str
    default: Any
    parse: Callable[[Any], Any]
    read: Callable[[str], Any] = str
    is_column: bool = True
    # The permission that a user needs to change the field.
    action: str | None = None


READ_MENU_ORDER = partial(_read_number, "Menu order", "menu_position")
READ_PART = partial(_read_number, "Part", "part")
FIELDS = {
    field.name: field
    for field in (
        Field("summary", "", parse_summary),
        Field("language", "", parse_language),
        Field("kind", "post", str, _read_kind, action="arrange menu"),
        Field("menu_position", 0, int, READ_MENU_ORDER, action="arrange menu"),
        Field("cover", "", cover_images.normalize_url),
        Field("tags", (), tags.validate_names, _split_at_commas, is_column=False),
        Field("authors", (), authors.parse_names, _split_at_commas, is_column=False),
        Field("series", "", series.validate_name, is_column=False),
        Field("part", None, int, READ_PART, is_column=False),
    )
}
DEFAULTS = {field.name: field.default for field in FIELDS.values()}


def parse(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that have a value, as they are stored. Raises `Invalid`."""
    return {name: FIELDS[name].parse(value) for name, value in fields.items() if value is not None}


def select_columns(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that are columns of the table `post`."""
    return {name: value for name, value in fields.items() if FIELDS[name].is_column}


def require_permissions(user: User | None, before: Any, fields: Mapping[str, Any]) -> None:
    """Raise `Forbidden` unless the user may change each field from its value before."""
    for name, value in fields.items():
        action = FIELDS[name].action
        if action and value != before[name]:
            permissions.require(user, action)


def choose_slug(typed: str, title: str, language: str) -> str:
    """Return the slug of a new post, as typed or made from its title. Raises `Conflict`."""
    return check_slug(typed, 0, language) if typed.strip() else make_slug(title, 0, language)


def make_slug(title: str, post_id: int = 0, language: str = "") -> str:
    """Return the slug for a title, numbered if a route or another post has it."""
    return number_slug(slugs.from_title(title, language), post_id)


def remake_slug(post: sqlite3.Row) -> str:
    """Return the slug that a stored post has if it comes from its title."""
    return make_slug(post["title"], post["id"], post["language"])


def number_slug(slug: str, post_id: int = 0) -> str:
    """Return a slug, numbered if a route or another post has it."""
    return slugs.make_unique(slug, lambda one: _is_taken(one, post_id))


def _is_taken(slug: str, post_id: int) -> bool:
    if slug in RESERVED_SLUGS:
        return True
    row = db.one(
        """
        SELECT 1 FROM post WHERE slug = ? AND id <> ?
        UNION ALL
        SELECT 1
        FROM former_slug
        WHERE slug = ? AND post_id <> ? AND (
            EXISTS (SELECT 1 FROM post WHERE post.id = post_id)
            OR EXISTS (SELECT 1 FROM trash WHERE trash.post_id = former_slug.post_id)
        )
        """,
        slug,
        post_id,
        slug,
        post_id,
    )
    return row is not None


def check_slug(typed: str, post_id: int = 0, language: str = "") -> str:
    """Return a slug as typed. Raises `Conflict` with a proposal if it is malformed or taken."""
    typed = typed.strip()
    free = make_slug(typed, post_id, language)
    if typed not in (text.slugify(typed), slugs.from_title(typed, language)):
        raise errors.Conflict(
            f"URL can contain only lowercase letters, numbers and hyphens. How about {free}?",
            "address",
        )
    if free != typed:
        raise errors.Conflict(f"URL {typed} is already taken. How about {free}?", "address")
    return typed


def backfill_slugs() -> None:
    """Give a slug to posts of plain SQL, and a new one to posts whose slug is now a route."""
    reserved = sorted(RESERVED_SLUGS)
    rows = db.all(
        f"""
        SELECT id, CAST(title AS TEXT) AS title, CAST(language AS TEXT) AS language,
            CAST(slug AS TEXT) AS slug
        FROM post
        WHERE slug IS NULL OR slug IN ({conditions.placeholders(reserved)})
        ORDER BY id
        """,
        *reserved,
    )
    if not rows:
        return
    with transaction() as connection:
        for row in rows:
            given = row["slug"]
            slug = number_slug(given) if given else make_slug(row["title"], 0, row["language"])
            connection.execute("UPDATE post SET slug = ? WHERE id = ?", (slug, row["id"]))
