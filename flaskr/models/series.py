"""Series: posts in an order, each of which knows its part."""

import sqlite3
from typing import NamedTuple

from .. import errors
from .. import text
from ..db import find_row
from ..db import get_db
from ..db import now
from ..db import transaction
from . import permissions
from . import slugs
from .permissions import User

PER_PAGE = 100
NAME_LENGTH = 200
LINK = """
    SELECT post.id, CAST(post.title AS TEXT) AS title, post.slug, post.created, listed.part,
        listed.created AS stored_created
    FROM listed CROSS JOIN post ON post.id = listed.post_id
    WHERE list = 'series' AND list_id = ? AND listed.created <= ?
"""
PLACE = "(listed.part, listed.created, listed.post_id)"
COUNT = """
    SELECT count(*) AS posts FROM listed
    WHERE list = 'series' AND list_id = ? AND listed.created <= ?
"""


class Part(NamedTuple):
    """Which part of how many a post is, and the parts around it."""

    number: int
    total: int
    previous: sqlite3.Row | None
    next: sqlite3.Row | None


class Page(NamedTuple):
    """A stretch of a series from the number `start` on; ids of posts where it goes on."""

    posts: list[sqlite3.Row]
    start: int
    total: int
    further: int | None


def checked_name(name: str) -> str:
    """The name of a series as it is stored. Raises `Invalid`."""
    name = " ".join(text.clean(name).split())
    if len(name) > NAME_LENGTH:
        raise errors.Invalid(f"Series is too long: at most {NAME_LENGTH} characters.", "series")
    return name


def set_for_post(
    post_id: int, name: str, part: int | None = None, user: User | None = None
) -> None:
    """Put a post into the series of this name, or into none.

    A new spelling of the name renames the series where `user` may do so, else the first one stays.
    Parts with a number come first, in its order; the others follow by date. Raises `Invalid`.
    """
    name = checked_name(name)
    key = text.folded(name)
    with transaction() as db:
        db.execute("DELETE FROM series_post WHERE post_id = ?", (post_id,))
        if key:
            series_id = _find_or_create(key, name, user)
            db.execute(
                "INSERT INTO series_post (post_id, series_id, part) VALUES (?, ?, ?)",
                (post_id, series_id, part),
            )
        db.execute(
            "DELETE FROM series WHERE NOT EXISTS"
            " (SELECT 1 FROM series_post WHERE series_id = series.id)"
        )


def _find_or_create(key: str, name: str, user: User | None) -> int:
    with transaction() as db:
        row = db.execute("SELECT id FROM series WHERE name_key = ?", (key,)).fetchone()
        if row is None:
            row = db.execute(
                "INSERT INTO series (name, name_key, slug) VALUES (?, ?, ?) RETURNING id",
                (name, key, slugs.free(text.slugify(name), _is_taken)),
            ).fetchone()
        elif permissions.may(user, "rename series"):
            db.execute(
                "UPDATE series SET name = ? WHERE id = ? AND name <> ?", (name, row[0], name)
            )
    return int(row["id"])


def _is_taken(slug: str, series_id: int = 0) -> bool:
    row = find_row(
        "SELECT 1 FROM series WHERE slug = ? AND id <> ?"
        " UNION ALL SELECT 1 FROM former_series WHERE slug = ? AND series_id <> ?",
        slug,
        series_id,
        slug,
        series_id,
    )
    return row is not None


def rename(series_id: int, name: str, user: User) -> sqlite3.Row:
    """Give a series another name; its former address redirects. Raises `Invalid`, `Forbidden`."""
    permissions.require(user, "rename series")
    name = checked_name(name)
    key = text.folded(name)
    if not key:
        raise errors.Invalid("Name is required.", "series")
    with transaction() as db:
        if find_row("SELECT 1 FROM series WHERE name_key = ? AND id <> ?", key, series_id):
            raise errors.Conflict(f"There is another series called {name}.", "series")
        slug = slugs.free(text.slugify(name), lambda slug: _is_taken(slug, series_id))
        db.execute(
            "INSERT INTO former_series (slug, series_id) SELECT slug, id FROM series WHERE id = ?"
            " ON CONFLICT DO NOTHING",
            (series_id,),
        )
        db.execute(
            "UPDATE series SET name = ?, name_key = ?, slug = ? WHERE id = ?",
            (name, key, slug, series_id),
        )
        db.execute("DELETE FROM former_series WHERE slug = ?", (slug,))
        return get_by_slug(slug, user)


def of_post(post_id: int) -> sqlite3.Row | None:
    """The series of a post with the number that it was given, or None."""
    return find_row(
        "SELECT series.id, name, slug, part FROM series_post"
        " JOIN series ON series.id = series_id WHERE post_id = ?",
        post_id,
    )


def get_by_slug(slug: str, user: User | None = None) -> sqlite3.Row:
    """Return the series at this address, or at which it was found formerly.

    Raises `NotFound`, for visitors also where no part is public.
    """
    row = find_row(
        "SELECT id, name, slug FROM series WHERE id = (SELECT id FROM series WHERE slug = ?"
        " UNION ALL SELECT series_id FROM former_series WHERE slug = ? LIMIT 1)",
        slug,
        slug,
    )
    is_open = permissions.may(user, "open unpublished list")
    if row is None or not (is_open or _count(row["id"])):
        raise errors.NotFound("There is no such series.")
    return row


def names() -> list[str]:
    """The names of the series that were written on last, for a field to propose."""
    rows = get_db().execute("SELECT name FROM series ORDER BY id DESC LIMIT 100")
    return [row["name"] for row in rows]


def part_of(series_id: int, post_id: int) -> Part | None:
    """Which visible part of a series a post is; None while it is not visible."""
    place = _place(series_id, post_id)
    if place is None:
        return None
    until = (series_id, now())
    count = get_db().execute(f"{COUNT} AND {PLACE} <= (?, ?, ?)", (*until, *place)).fetchone()
    return Part(
        count["posts"],
        get_db().execute(COUNT, until).fetchone()["posts"],
        _next(series_id, place, "<", "DESC"),
        _next(series_id, place, ">", "ASC"),
    )


def _count(series_id: int) -> int:
    """Return the number of visible parts."""
    return int(get_db().execute(COUNT, (series_id, now())).fetchone()["posts"])


def _place(series_id: int, post_id: int) -> tuple[int, str, int] | None:
    row = find_row(f"{LINK} AND listed.post_id = ?", series_id, now(), post_id)
    return (row["part"], row["stored_created"], row["id"]) if row else None


def _next(
    series_id: int, place: tuple[int, str, int], where: str, order: str
) -> sqlite3.Row | None:
    return find_row(
        f"{LINK} AND {PLACE} {where} (?, ?, ?)"
        f" ORDER BY listed.part {order}, listed.created {order}, listed.post_id {order} LIMIT 1",
        series_id,
        now(),
        *place,
    )


def page(series_id: int, after: int | None = None) -> Page:
    """The visible parts of a series from the first on, or after that of a post.

    Raises `NotFound` for a post that is no part of it, and for a series without any.
    """
    place: tuple[int, str, int] = (-1, "", 0)
    start = 0
    total = _count(series_id)
    if after is not None:
        found = part_of(series_id, after)
        place = _place(series_id, after) or place
        start = found.number if found else total
    rows = (
        get_db()
        .execute(
            f"{LINK} AND {PLACE} > (?, ?, ?)"
            f" ORDER BY listed.part, listed.created, listed.post_id LIMIT {PER_PAGE + 1}",
            (series_id, now(), *place),
        )
        .fetchall()
    )
    if start >= total:
        raise errors.NotFound("There are no such parts of this series.")
    further = rows[PER_PAGE - 1]["id"] if len(rows) > PER_PAGE else None
    return Page(rows[:PER_PAGE], start + 1, total, further)
