"""Series: posts in a fixed order, numbered as parts."""

import sqlite3
from typing import NamedTuple

from .. import db
from .. import errors
from .. import text
from ..db import now
from ..db import transaction
from . import conditions
from . import permissions
from . import post_lists
from . import slugs
from .permissions import User

PER_PAGE = 100
MAX_NAME_CHARS = 200
MAX_SUGGESTIONS = 100
# The SQL sort key that puts posts without a number after those with one.
POSITION_IF_UNNUMBERED = 1_000_000


class Part(NamedTuple):
    """The number of a post in its series, with the parts before and after it."""

    number: int
    total: int
    previous: sqlite3.Row | None
    next: sqlite3.Row | None


class Page(NamedTuple):
    """A page of a series; `next_after` is the id of the post that the next page follows."""

    posts: list[sqlite3.Row]
    start: int
    total: int
    next_after: int | None


def validate_name(name: str) -> str:
    """Return the name of a series as it is stored. Raises `Invalid`."""
    name = text.one_line(name)
    if len(name) > MAX_NAME_CHARS:
        raise errors.Invalid(f"Series is too long: at most {MAX_NAME_CHARS} characters.", "series")
    return name


def find_spelling(name: str) -> str:
    """Return the name of an existing series as it is stored, or a new name as it is."""
    key = text.casefold_key(validate_name(name))
    row = db.one("SELECT name FROM series WHERE name_key = ?", key)
    return str(row["name"]) if row else name


def set_for_post(
    post_id: int, name: str, part: int | None = None, user: User | None = None
) -> None:
    """Put a post into the series with this name, or into none if it is empty.

    A new spelling of the name renames the series if `user` may do so. Parts with a number come
    first, in its order; the others follow by date. Raises `Invalid`.
    """
    name = validate_name(name)
    key = text.casefold_key(name)
    with transaction() as db:
        left = db.execute("DELETE FROM series_post WHERE post_id = ?", (post_id,)).rowcount
        if key:
            series_id = _find_or_create(key, name, user)
            db.execute(
                "INSERT INTO series_post (post_id, series_id, part) VALUES (?, ?, ?)",
                (post_id, series_id, part),
            )
        if left:
            db.execute(
                """
                DELETE FROM series
                WHERE NOT EXISTS (SELECT 1 FROM series_post WHERE series_id = series.id)
                """
            )


def _find_or_create(key: str, name: str, user: User | None) -> int:
    with transaction() as db:
        row = db.execute("SELECT id FROM series WHERE name_key = ?", (key,)).fetchone()
        if row is None:
            row = db.execute(
                """
                INSERT INTO series (name, name_key, slug)
                VALUES (?, ?, ?)
                RETURNING id
                """,
                (name, key, slugs.make_unique(slugs.from_title(name), _is_taken)),
            ).fetchone()
        elif permissions.may(user, "rename series"):
            db.execute(
                "UPDATE series SET name = ? WHERE id = ? AND name <> ?", (name, row[0], name)
            )
    return int(row["id"])


def _is_taken(slug: str, series_id: int = 0) -> bool:
    row = db.one(
        """
        SELECT 1 FROM series WHERE slug = ? AND id <> ?
        UNION ALL
        SELECT 1 FROM former_series WHERE slug = ? AND series_id <> ?
        """,
        slug,
        series_id,
        slug,
        series_id,
    )
    return row is not None


def rename(series_id: int, name: str, user: User) -> sqlite3.Row:
    """Rename a series; its old URL redirects to the new one. Raises `Invalid`, `Forbidden`."""
    permissions.require(user, "rename series")
    name = validate_name(name)
    key = text.casefold_key(name)
    if not key:
        raise errors.Invalid("Name is required.", "series")
    with transaction() as connection:
        if db.one("SELECT 1 FROM series WHERE name_key = ? AND id <> ?", key, series_id):
            raise errors.Conflict(
                f"Another series is called {name}. Choose a different name.", "series"
            )
        slug = slugs.make_unique(slugs.from_title(name), lambda slug: _is_taken(slug, series_id))
        connection.execute(
            """
            INSERT INTO former_series (slug, series_id)
            SELECT slug, id FROM series WHERE id = ?
            ON CONFLICT DO NOTHING
            """,
            (series_id,),
        )
        connection.execute(
            "UPDATE series SET name = ?, name_key = ?, slug = ? WHERE id = ?",
            (name, key, slug, series_id),
        )
        connection.execute("DELETE FROM former_series WHERE slug = ?", (slug,))
        return get_by_slug(slug, user)


def for_post(post_id: int) -> sqlite3.Row | None:
    """Return the series of a post, with its number in `part` if one is set."""
    return db.one(
        """
        SELECT series.id, name, slug, part
        FROM series_post
        JOIN series ON series.id = series_id
        WHERE post_id = ?
        """,
        post_id,
    )


def get_by_slug(slug: str, user: User | None = None) -> sqlite3.Row:
    """Return the series with this slug. Raises `Moved` for a former slug, and `NotFound`.

    For visitors a series without published parts is not found.
    """
    row = db.one(
        """
        SELECT id, name, slug
        FROM series
        WHERE id = (
            SELECT id FROM series WHERE slug = ?
            UNION ALL
            SELECT series_id FROM former_series WHERE slug = ?
            LIMIT 1
        )
        """,
        slug,
        slug,
    )
    is_open = permissions.may(user, "open unpublished list")
    if row is None or not (
        is_open or post_lists.has_readable("series_post", "series_id", row["id"])
    ):
        raise errors.NotFound("There is no such series.")
    if row["slug"] != slug:
        raise errors.Moved(row["slug"])
    return row


def list_all(user: User | None) -> list[sqlite3.Row]:
    """Return the series by name, with the number of parts that are in lists.

    For visitors those without such parts are left out.
    """
    is_open = permissions.may(user, "open unpublished list")
    return db.all(
        """
        SELECT name, slug, posts
        FROM (
            SELECT name, name_key, slug,
                (
                    SELECT count(*) FROM series_post WHERE series_id = series.id AND listed <= ?
                ) AS posts
            FROM series
        ) AS counted
        WHERE posts >= ?
        ORDER BY name_key
        """,
        now(),
        0 if is_open else 1,
    )


def recent_names() -> list[str]:
    """Return the names of the newest series, to suggest in a form."""
    query = "SELECT name FROM series ORDER BY id DESC LIMIT ?"
    rows = db.all(query, MAX_SUGGESTIONS)
    return [row["name"] for row in rows]


def find_part(series_id: int, post_id: int) -> Part | None:
    """Return the position of a post in a series if it is published."""
    ids = _published_ids(series_id)
    if post_id not in ids:
        return None
    index = ids.index(post_id)
    neighbors = {post["id"]: post for post in _load_posts(ids[max(0, index - 1) : index + 2])}
    return Part(
        index + 1,
        len(ids),
        neighbors[ids[index - 1]] if index else None,
        neighbors[ids[index + 1]] if index + 1 < len(ids) else None,
    )


def _published_ids(series_id: int) -> list[int]:
    """Return the ids of all published parts, in order."""
    rows = db.all(
        f"""
        SELECT post_id
        FROM series_post
        WHERE series_id = ? AND listed <= ?
        ORDER BY coalesce(part, {POSITION_IF_UNNUMBERED}), listed, post_id
        """,
        series_id,
        now(),
    )
    return [row["post_id"] for row in rows]


def _load_posts(ids: list[int]) -> list[sqlite3.Row]:
    """Return the posts with these ids, in the same order, with the columns that links show."""
    rows = db.all(
        f"""
        SELECT id, CAST(title AS TEXT) AS title, slug, created
        FROM post
        WHERE id IN ({conditions.placeholders(ids)})
        """,
        *ids,
    )
    return sorted(rows, key=lambda row: ids.index(row["id"]))


def page(series_id: int, after: int | None = None) -> Page:
    """Return a page of the published parts of a series: the first, or the one after a post.

    Raises `NotFound` if the page is empty.
    """
    ids = _published_ids(series_id)
    start = ids.index(after) + 1 if after in ids else 0
    shown = ids[start : start + PER_PAGE]
    if not shown or (after is not None and not start):
        raise errors.NotFound("There are no such parts of this series.")
    further = shown[-1] if start + PER_PAGE < len(ids) else None
    return Page(_load_posts(shown), start + 1, len(ids), further)
