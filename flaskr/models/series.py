"""Series: posts in an order, each of which knows its part."""

import sqlite3
from typing import NamedTuple

from .. import db
from .. import errors
from .. import text
from ..db import now
from ..db import one
from ..db import transaction
from . import conditions
from . import permissions
from . import post_lists
from . import slugs
from .permissions import User

PER_PAGE = 100
MAX_NAME_CHARS = 200
# Where posts without a number come, in SQL: after all that have one.
UNNUMBERED = 1_000_000


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
    if len(name) > MAX_NAME_CHARS:
        raise errors.Invalid(f"Series is too long: at most {MAX_NAME_CHARS} characters.", "series")
    return name


def set_for_post(
    post_id: int, name: str, part: int | None = None, user: User | None = None
) -> None:
    """Put a post into the series of this name, or into none.

    A new spelling of the name renames the series where `user` may do so, else the first one stays.
    Parts with a number come first, in its order; the others follow by date. Raises `Invalid`.
    """
    name = checked_name(name)
    key = text.casefold_key(name)
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
                (name, key, slugs.make_unique(text.slugify(name), _is_taken)),
            ).fetchone()
        elif permissions.may(user, "rename series"):
            db.execute(
                "UPDATE series SET name = ? WHERE id = ? AND name <> ?", (name, row[0], name)
            )
    return int(row["id"])


def _is_taken(slug: str, series_id: int = 0) -> bool:
    row = one(
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
    key = text.casefold_key(name)
    if not key:
        raise errors.Invalid("Name is required.", "series")
    with transaction() as db:
        if one("SELECT 1 FROM series WHERE name_key = ? AND id <> ?", key, series_id):
            raise errors.Conflict(f"There is another series called {name}.", "series")
        slug = slugs.make_unique(text.slugify(name), lambda slug: _is_taken(slug, series_id))
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
    return one(
        "SELECT series.id, name, slug, part FROM series_post"
        " JOIN series ON series.id = series_id WHERE post_id = ?",
        post_id,
    )


def get_by_slug(slug: str, user: User | None = None) -> sqlite3.Row:
    """Return the series with this slug. Raises `Moved` for a former slug, and `NotFound`.

    For visitors a series without public parts is not found.
    """
    row = one(
        "SELECT id, name, slug FROM series WHERE id = (SELECT id FROM series WHERE slug = ?"
        " UNION ALL SELECT series_id FROM former_series WHERE slug = ? LIMIT 1)",
        slug,
        slug,
    )
    is_open = permissions.may(user, "open unpublished list")
    if row is None or not (is_open or _has_readable_part(row["id"])):
        raise errors.NotFound("There is no such series.")
    if row["slug"] != slug:
        raise errors.Moved(row["slug"])
    return row


def _has_readable_part(series_id: int) -> bool:
    row = one(
        f"""
        SELECT 1
        FROM series_post JOIN post ON post.id = post_id
        WHERE series_id = ? AND {conditions.READABLE}
        LIMIT 1
        """,
        series_id,
        now(),
    )
    return row is not None


def names() -> list[str]:
    """The names of the series that were written on last, for a field to propose."""
    rows = db.all("SELECT name FROM series ORDER BY id DESC LIMIT 100")
    return [row["name"] for row in rows]


def part_of(series_id: int, post_id: int) -> Part | None:
    """Which visible part of a series a post is; None while it is not visible."""
    ids = _visible_ids(series_id)
    if post_id not in ids:
        return None
    place = ids.index(post_id)
    around = {post["id"]: post for post in _posts([*ids[max(0, place - 1) : place + 2]])}
    return Part(
        place + 1,
        len(ids),
        around[ids[place - 1]] if place else None,
        around[ids[place + 1]] if place + 1 < len(ids) else None,
    )


def _visible_ids(series_id: int) -> list[int]:
    """Return the ids of all visible parts, in their order."""
    source = post_lists.linked("series_post", "series_id", series_id, whole=True)
    rows = db.all(
        f"""
        SELECT post.id
        FROM {source.tables}
        WHERE {source.conditions} AND post.created <= ?
        ORDER BY coalesce(part, {UNNUMBERED}), post.created, post.id
        """,
        *source.values,
        now(),
    )
    return [row["id"] for row in rows]


def _posts(ids: list[int]) -> list[sqlite3.Row]:
    """Return the posts of these ids, in the same order, with what links to them show."""
    rows = db.all(
        f"""
        SELECT id, CAST(title AS TEXT) AS title, slug, created
        FROM post
        WHERE id IN ({", ".join("?" * len(ids))})
        """,
        *ids,
    )
    return sorted(rows, key=lambda row: ids.index(row["id"]))


def page(series_id: int, after: int | None = None) -> Page:
    """The visible parts of a series from the first on, or after that of a post.

    Raises `NotFound` for a post that is no part of it, and for a series without any.
    """
    ids = _visible_ids(series_id)
    start = ids.index(after) + 1 if after in ids else 0
    shown = ids[start : start + PER_PAGE]
    if not shown or (after is not None and not start):
        raise errors.NotFound("There are no such parts of this series.")
    further = shown[-1] if start + PER_PAGE < len(ids) else None
    return Page(_posts(shown), start + 1, len(ids), further)
