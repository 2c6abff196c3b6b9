"""Tags: names that ignore case, and their slugs."""

import sqlite3
from collections.abc import Iterable

from .. import db
from .. import errors
from .. import text
from ..db import insert_many
from ..db import now
from ..db import transaction
from . import conditions
from . import permissions
from . import post_lists
from . import slugs
from .permissions import User

# Counting for readers stops here, to stay fast, and earlier if only the order matters.
MAX_COUNT = 1000
MAX_COUNT_TO_SORT = 100
MAX_SUGGESTIONS = 500
NO_TAG = "There is no such tag."
MAX_PER_POST = 50
MAX_NAME_CHARS = 100


def validate_names(names: Iterable[str]) -> list[str]:
    """Return the names of a post's tags, without duplicates. Raises `TooLong`.

    Call it before normalizing or storing names, which is slow for many and for long ones.
    """
    unique = list(dict.fromkeys(filter(None, map(str.strip, names))))
    if len(unique) > MAX_PER_POST:
        raise errors.TooLong(
            f"There are {len(unique):,} tags: a post can have at most {MAX_PER_POST}.", "tags"
        )
    for name in unique:
        _check_name(name, "tags")
    return unique


def _check_name(name: str, field: str) -> None:
    if len(name) > MAX_NAME_CHARS:
        raise errors.TooLong(
            f"The tag “{name[:20]}…” is too long: at most {MAX_NAME_CHARS} characters.", field
        )


def slugs_by_key() -> dict[str, str]:
    """Return the slugs of all tags by their case-folded names."""
    return {row["name_key"]: row["slug"] for row in db.all("SELECT name_key, slug FROM tag")}


def set_for_post(post_id: int, names: Iterable[str]) -> None:
    """Replace the tags of a post, in this order. An existing tag keeps its spelling."""
    with transaction() as db:
        db.execute("DELETE FROM post_tag WHERE post_id = ?", (post_id,))
        tag_ids = [_find_or_create(key, name) for key, name in _by_key(names).items()]
        insert_many(
            "post_tag",
            ("post_id", "tag_id", "position"),
            [(post_id, tag_id, position) for position, tag_id in enumerate(tag_ids)],
        )


def _by_key(names: Iterable[str]) -> dict[str, str]:
    by_key: dict[str, str] = {}
    for name in map(text.one_line, names):
        by_key.setdefault(text.casefold_key(name), name)
    by_key.pop("", None)
    return by_key


def _find_or_create(key: str, name: str) -> int:
    row = db.one("SELECT id FROM tag WHERE name_key = ?", key)
    if row is None:
        (row,) = db.all(
            """
            INSERT INTO tag (name, name_key, slug)
            VALUES (?, ?, ?)
            RETURNING id
            """,
            name,
            key,
            _free_slug(name),
        )
    return int(row["id"])


def _free_slug(name: str, tag_id: int = 0) -> str:
    return slugs.make_unique(slugs.from_title(name), lambda slug: _is_taken(slug, tag_id))


def _is_taken(slug: str, tag_id: int) -> bool:
    row = db.one(
        """
        SELECT 1 FROM tag WHERE slug = ? AND id <> ?
        UNION ALL
        SELECT 1 FROM former_tag WHERE slug = ? AND tag_id <> ?
        """,
        slug,
        tag_id,
        slug,
        tag_id,
    )
    return row is not None


def for_post(post_id: int) -> list[sqlite3.Row]:
    """Return the tags of a post, in order."""
    return db.all(
        """
        SELECT tag.name, tag.slug
        FROM post_tag
        JOIN tag ON tag.id = post_tag.tag_id
        WHERE post_id = ?
        ORDER BY post_tag.position, tag.name_key
        """,
        post_id,
    )


def for_posts(post_ids: Iterable[int]) -> dict[int, list[sqlite3.Row]]:
    """Return the tags of several posts by post id, each list in order."""
    found: dict[int, list[sqlite3.Row]] = {post_id: [] for post_id in post_ids}
    if not found:
        return found
    rows = db.all(
        f"""
        SELECT post_id, tag.id, CAST(tag.name AS TEXT) AS name, tag.slug
        FROM post_tag
        JOIN tag ON tag.id = post_tag.tag_id
        WHERE post_id IN ({conditions.placeholders(found)})
        ORDER BY post_tag.position, tag.name_key
        """,
        *found,
    )
    for row in rows:
        found[row["post_id"]].append(row)
    return found


def list_public() -> list[sqlite3.Row]:
    """Return the tags of published posts by name, with the number of posts up to `MAX_COUNT`."""
    return db.all(
        """
        SELECT id, name, slug, posts
        FROM (
            SELECT id, name, name_key, slug,
                (
                    SELECT count(*)
                    FROM (
                        SELECT 1 FROM post_tag WHERE tag_id = tag.id AND listed <= ? LIMIT ?
                    ) AS links
                ) AS posts
            FROM tag
        ) AS counted
        WHERE posts > 0
        ORDER BY name_key
        """,
        now(),
        MAX_COUNT,
    )


def list_all() -> list[sqlite3.Row]:
    """Return all tags by name, with the number of their posts."""
    return db.all(
        """
        SELECT id, name, slug, (SELECT count(*) FROM post_tag WHERE tag_id = tag.id) AS posts
        FROM tag
        ORDER BY name_key
        """
    )


def names_by_use() -> list[str]:
    """Return the names to suggest in a form, the most used first."""
    rows = db.all(
        """
        SELECT name
        FROM tag
        ORDER BY
            (
                SELECT count(*)
                FROM (SELECT 1 FROM post_tag WHERE tag_id = tag.id LIMIT ?) AS links
            ) DESC,
            name_key
        LIMIT ?
        """,
        MAX_COUNT_TO_SORT,
        MAX_SUGGESTIONS,
    )
    return [row["name"] for row in rows]


def get(tag_id: int) -> sqlite3.Row:
    """Return the tag with this id. Raises `NotFound`."""
    return _get("SELECT * FROM tag WHERE id = ?", tag_id)


def get_by_slug(slug: str, user: User | None = None) -> sqlite3.Row:
    """Return the tag with this slug. Raises `Moved` for a former slug, and `NotFound`.

    For visitors a tag that no published post has is not found.
    """
    tag = _get(
        """
        SELECT *
        FROM tag
        WHERE id = (
            SELECT id FROM tag WHERE slug = ?
            UNION ALL
            SELECT tag_id FROM former_tag WHERE slug = ?
            LIMIT 1
        )
        """,
        slug,
        slug,
    )
    is_open = permissions.may(user, "open unpublished list")
    if not is_open and not post_lists.has_readable("post_tag", "tag_id", tag["id"]):
        raise errors.NotFound(NO_TAG)
    if tag["slug"] != slug:
        raise errors.Moved(tag["slug"])
    return tag


def _get(query: str, *values: int | str) -> sqlite3.Row:
    row = db.one(query, *values)
    if row is None:
        raise errors.NotFound(NO_TAG)
    return row


def rename(tag_id: int, name: str, user: User) -> sqlite3.Row:
    """Rename a tag, or merge it into the tag that has the name already.

    Returns the remaining tag; the former URLs redirect to it. Raises `Invalid`, `NotFound`,
    `Forbidden`.
    """
    permissions.require(user, "change tags")
    _check_name(name.strip(), "name")
    name = text.one_line(name)
    key = text.casefold_key(name)
    if not key:
        raise errors.Invalid("Name is required.", "name")
    with transaction() as connection:
        tag = get(tag_id)
        other = db.one("SELECT id FROM tag WHERE name_key = ? AND id <> ?", key, tag_id)
        if other:
            _merge(tag, other["id"])
            return get(other["id"])
        slug = _free_slug(name, tag_id)
        connection.execute(
            "UPDATE tag SET name = ?, name_key = ?, slug = ? WHERE id = ?",
            (name, key, slug, tag_id),
        )
        _redirect(tag["slug"], tag_id)
        connection.execute("DELETE FROM former_tag WHERE slug = ?", (slug,))
        return get(tag_id)


def _merge(tag: sqlite3.Row, into: int) -> None:
    with transaction() as db:
        db.execute(
            """
            INSERT INTO post_tag (post_id, tag_id, position)
            SELECT post_id, ?, position FROM post_tag WHERE tag_id = ?
            ON CONFLICT DO NOTHING
            """,
            (into, tag["id"]),
        )
        db.execute("UPDATE former_tag SET tag_id = ? WHERE tag_id = ?", (into, tag["id"]))
        _redirect(tag["slug"], into)
        db.execute("DELETE FROM tag WHERE id = ?", (tag["id"],))


def _redirect(slug: str, tag_id: int) -> None:
    with transaction() as db:
        db.execute(
            """
            INSERT INTO former_tag (slug, tag_id)
            VALUES (?, ?)
            ON CONFLICT (slug) DO UPDATE SET tag_id = excluded.tag_id
            """,
            (slug, tag_id),
        )


def delete(tag_id: int, user: User) -> None:
    """Delete a tag; its posts stay. Raises `NotFound`, `Forbidden`."""
    permissions.require(user, "change tags")
    tag = get(tag_id)
    with transaction() as db:
        db.execute("DELETE FROM tag WHERE id = ?", (tag["id"],))
