"""Tags: a name, the same whatever its case, and an address."""

import sqlite3
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from .. import db
from .. import errors
from .. import text
from ..db import get_db
from ..db import insert_many
from ..db import now
from ..db import one
from ..db import transaction
from . import conditions
from . import permissions
from . import slugs
from .permissions import User

# Further than this the posts of a tag are not counted for readers.
MAX_COUNT = 1000
MAX_SUGGESTIONS = 500
NO_TAG = "There is no such tag."
MAX_PER_POST = 50
MAX_NAME_CHARS = 100


def checked(names: Iterable[str]) -> list[str]:
    """Return the names that a post may have as its tags. Raises `TooLong`.

    Called before the names are normalised or stored, which takes long for many and for long ones.
    """
    wanted = list(dict.fromkeys(filter(None, map(str.strip, names))))
    if len(wanted) > MAX_PER_POST:
        raise errors.TooLong(
            f"There are {len(wanted):,} tags: a post can have at most {MAX_PER_POST}.", "tags"
        )
    for name in wanted:
        _check_name(name, "tags")
    return wanted


def _check_name(name: str, field: str) -> None:
    if len(name) > MAX_NAME_CHARS:
        raise errors.TooLong(
            f"The tag “{name[:20]}…” is too long: at most {MAX_NAME_CHARS} characters.", field
        )


def set_for_post(post_id: int, names: Iterable[str]) -> None:
    """Give a post these tags and no others; the first spelling of a name stays."""
    set_for_posts({post_id: names})


def set_for_posts(names: Mapping[int, Iterable[str]]) -> None:
    """Give each of these posts its tags and no others."""
    keys = {post_id: _by_key(own) for post_id, own in names.items()}
    spellings = _by_key(name for by_key in keys.values() for name in by_key.values())
    with transaction() as db:
        db.executemany("DELETE FROM post_tag WHERE post_id = ?", [(one,) for one in keys])
        ids = {key: _find_or_create(key, name) for key, name in spellings.items()}
        insert_many(
            "post_tag",
            ("post_id", "tag_id"),
            [(post_id, ids[key]) for post_id, by_key in keys.items() for key in by_key],
        )


def _by_key(names: Iterable[str]) -> dict[str, str]:
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(text.casefold_key(name), name)
    by_key.pop("", None)
    return by_key


def _find_or_create(key: str, name: str) -> int:
    db = get_db()
    row = db.execute("SELECT id FROM tag WHERE name_key = ?", (key,)).fetchone()
    if row is None:
        row = db.execute(
            "INSERT INTO tag (name, name_key, slug) VALUES (?, ?, ?) RETURNING id",
            (_clean(name), key, _free_slug(name)),
        ).fetchone()
    return int(row["id"])


def _clean(name: str) -> str:
    return " ".join(text.clean(name).split())


def _free_slug(name: str, tag_id: int = 0) -> str:
    return slugs.make_unique(text.slugify(name), lambda slug: _is_taken(slug, tag_id))


def _is_taken(slug: str, tag_id: int) -> bool:
    row = (
        get_db()
        .execute(
            "SELECT 1 FROM tag WHERE slug = ? AND id <> ?"
            " UNION ALL SELECT 1 FROM former_tag WHERE slug = ? AND tag_id <> ?",
            (slug, tag_id, slug, tag_id),
        )
        .fetchone()
    )
    return row is not None


def of_post(post_id: int) -> list[sqlite3.Row]:
    """The tags of a post, by name."""
    return (
        get_db()
        .execute(
            "SELECT tag.name, tag.slug FROM post_tag JOIN tag ON tag.id = post_tag.tag_id"
            " WHERE post_id = ? ORDER BY tag.name_key",
            (post_id,),
        )
        .fetchall()
    )


def of_posts(post_ids: Iterable[int]) -> dict[int, list[sqlite3.Row]]:
    """The tags of each of some posts, by name."""
    found: dict[int, list[sqlite3.Row]] = {post_id: [] for post_id in post_ids}
    if not found:
        return found
    rows = get_db().execute(
        "SELECT post_id, tag.name, tag.slug FROM post_tag JOIN tag ON tag.id = post_tag.tag_id"
        f" WHERE post_id IN ({', '.join('?' * len(found))}) ORDER BY tag.name_key",
        tuple(found),
    )
    for row in rows:
        found[row["post_id"]].append(row)
    return found


def list_visible() -> list[dict[str, Any]]:
    """The tags of posts that everyone may read, by name, with the number of those up to `MANY`.

    All rows of a tag are counted, less those of posts that are hidden, which are few.
    """
    hidden = {row["tag_id"]: row["posts"] for row in _hidden()}
    tags = [dict(tag) for tag in _counted("ORDER BY name_key", MAX_COUNT)]
    for tag in tags:
        own = hidden.get(tag["id"], 0)
        if own and tag["posts"] == MAX_COUNT:
            tag["posts"] = _counted("WHERE id = ?", MAX_COUNT + own, tag["id"])[0]["posts"]
        tag["posts"] -= own
    return [tag for tag in tags if tag["posts"] > 0]


def _counted(which: str, limit: int, *values: int) -> list[sqlite3.Row]:
    """Return tags with the number of their posts, hidden ones included, up to a limit."""
    return db.all(
        f"""
        SELECT id, name, slug,
            (
                SELECT count(*)
                FROM (SELECT 1 FROM post_tag WHERE tag_id = tag.id LIMIT ?) AS links
            ) AS posts
        FROM tag
        {which}
        """,
        limit,
        *values,
    )


def _hidden() -> list[sqlite3.Row]:
    """Return each tag's number of pages, drafts and scheduled posts."""
    return db.all(
        """
        SELECT tag_id, count(*) AS posts
        FROM (
            SELECT id FROM post WHERE kind = 'page'
            UNION ALL
            SELECT id FROM post WHERE kind = 'post' AND status = 'draft'
            UNION ALL
            SELECT id FROM post WHERE kind = 'post' AND status = 'published' AND created > ?
        ) AS hidden
        CROSS JOIN post_tag
        WHERE post_tag.post_id = hidden.id
        GROUP BY tag_id
        """,
        now(),
    )


def list_all() -> list[sqlite3.Row]:
    """Every tag by name, with the number of its posts."""
    return (
        get_db()
        .execute(
            "SELECT id, name, slug,"
            " (SELECT count(*) FROM post_tag WHERE tag_id = tag.id) AS posts"
            " FROM tag ORDER BY name_key"
        )
        .fetchall()
    )


def names_by_use() -> list[str]:
    """The names to propose while one is typed, the most used first."""
    rows = get_db().execute(
        "SELECT name FROM tag ORDER BY (SELECT count(*) FROM post_tag WHERE tag_id = tag.id) DESC,"
        " name_key LIMIT ?",
        (MAX_SUGGESTIONS,),
    )
    return [row["name"] for row in rows]


def get(tag_id: int) -> sqlite3.Row:
    """The tag of this id. Raises `NotFound`."""
    return _found("SELECT * FROM tag WHERE id = ?", tag_id)


def get_by_slug(slug: str, user: User | None = None) -> sqlite3.Row:
    """Return the tag with this slug. Raises `Moved` for a former slug, and `NotFound`.

    For visitors a tag that only drafts have is not found.
    """
    tag = _found(
        "SELECT tag.* FROM tag WHERE id = (SELECT id FROM tag WHERE slug = ?"
        " UNION ALL SELECT tag_id FROM former_tag WHERE slug = ? LIMIT 1)",
        slug,
        slug,
    )
    if not permissions.may(user, "open unpublished list") and not _is_readable(tag["id"]):
        raise errors.NotFound(NO_TAG)
    if tag["slug"] != slug:
        raise errors.Moved(tag["slug"])
    return tag


def _is_readable(tag_id: int) -> bool:
    """Return True if everyone may read a post that has the tag."""
    row = one(
        f"""
        SELECT 1
        FROM post_tag JOIN post ON post.id = post_id
        WHERE tag_id = ? AND {conditions.READABLE}
        LIMIT 1
        """,
        tag_id,
        now(),
    )
    return row is not None


def _found(query: str, *values: int | str) -> sqlite3.Row:
    row = one(query, *values)
    if row is None:
        raise errors.NotFound(NO_TAG)
    return row


def rename(tag_id: int, name: str, user: User) -> sqlite3.Row:
    """Give a tag another name; with the name of another tag, the two become that one.

    Returns the tag that is left, at whose address the former ones are found too.
    Raises `Invalid`, `NotFound`, `Forbidden`.
    """
    permissions.require(user, "change tags")
    _check_name(name.strip(), "name")
    name, key = _clean(name), text.casefold_key(name)
    if not key:
        raise errors.Invalid("Name is required.", "name")
    with transaction() as db:
        tag = get(tag_id)
        other = db.execute(
            "SELECT id FROM tag WHERE name_key = ? AND id <> ?", (key, tag_id)
        ).fetchone()
        if other:
            _merge(tag, other["id"])
            return get(other["id"])
        slug = _free_slug(name, tag_id)
        db.execute(
            "UPDATE tag SET name = ?, name_key = ?, slug = ? WHERE id = ?",
            (name, key, slug, tag_id),
        )
        _remember(tag["slug"], tag_id)
        db.execute("DELETE FROM former_tag WHERE slug = ?", (slug,))
        return get(tag_id)


def _merge(tag: sqlite3.Row, into: int) -> None:
    with transaction() as db:
        db.execute(
            "INSERT INTO post_tag (post_id, tag_id) SELECT post_id, ? FROM post_tag"
            " WHERE tag_id = ? ON CONFLICT DO NOTHING",
            (into, tag["id"]),
        )
        db.execute("UPDATE former_tag SET tag_id = ? WHERE tag_id = ?", (into, tag["id"]))
        _remember(tag["slug"], into)
        db.execute("DELETE FROM tag WHERE id = ?", (tag["id"],))


def _remember(slug: str, tag_id: int) -> None:
    with transaction() as db:
        db.execute(
            "INSERT INTO former_tag (slug, tag_id) VALUES (?, ?)"
            " ON CONFLICT (slug) DO UPDATE SET tag_id = excluded.tag_id",
            (slug, tag_id),
        )


def delete(tag_id: int, user: User) -> None:
    """Take a tag from all posts, which stay. Raises `NotFound`, `Forbidden`."""
    permissions.require(user, "change tags")
    tag = get(tag_id)
    with transaction() as db:
        db.execute("DELETE FROM tag WHERE id = ?", (tag["id"],))
