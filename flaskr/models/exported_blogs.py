"""Read everything that people wrote, as plain dicts for an export.

Posts come in batches, so that a large blog fits into a small memory. Texts are as the next save
would store them: rows written by plain SQL may contain anything.
"""

import re
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from flask import current_app

from .. import db
from .. import text
from . import conditions
from . import deleted_posts
from . import media
from . import permissions
from . import posts
from . import revisions
from . import settings

POSTS_PER_BATCH = 100
TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", re.ASCII)
Dict = dict[str, Any]
# What a post in the trash lacks if it is damaged, or was deleted by an older version.
DEFAULTS = {
    **dict.fromkeys(("slug", "summary", "language", "cover", "translation"), ""),
    "updated": None,
    "dated": 0,
    "kind": "post",
    "menu_position": 0,
}


def count_posts() -> int:
    """Return the number of posts and pages."""
    (row,) = db.all("SELECT count(*) AS posts FROM post")
    return int(row["posts"])


def read_posts() -> Iterator[Dict]:
    """Yield all posts and pages, ordered by id."""
    last = -1
    while batch := _read_batch("post.id > ? ORDER BY post.id LIMIT ?", last, POSTS_PER_BATCH):
        yield from batch
        last = batch[-1]["id"]


def find_posts(slug: str, post_id: int) -> list[Dict]:
    """Return the posts that have this slug or id."""
    return _read_batch("post.slug = ? OR post.id = ?", slug, post_id)


def _read_batch(condition: str, *values: str | int) -> list[Dict]:
    rows = db.all(
        f"""
        SELECT post.id, CAST(post.created AS TEXT) AS created, title, body, status, post.slug,
            summary, CAST(post.updated AS TEXT) AS updated, language, kind, menu_position, dated,
            cover, series.name AS series, series_post.part, translation.key AS translation
        FROM post
        LEFT JOIN series_post ON series_post.post_id = post.id
        LEFT JOIN series ON series.id = series_post.series_id
        LEFT JOIN translation ON translation.post_id = post.id
        WHERE {condition}
        """,
        *values,
    )
    found = [_post(row) for row in rows]
    by_id = {post["id"]: post for post in found}
    for name, read in (("authors", _authors), ("tags", _tags), ("addresses", _addresses)):
        for post_id, value in read(by_id):
            by_id[post_id][name].append(clean_line(value))
    for post_id, slug in former_slugs(by_id):
        by_id[post_id]["former_slugs"].append(clean_line(slug))
    return found


def _post(row: db.Row | Dict) -> Dict:
    lines = ("slug", "summary", "language", "cover", "series", "translation")
    return {
        "id": row["id"],
        "title": clean_line(row["title"]),
        "body": clean(row["body"]),
        "created": _time(row["created"]) or "1970-01-01 00:00:00",
        "updated": _time(row["updated"]),
        "status": row["status"],
        "kind": row["kind"],
        "menu_position": _number(row["menu_position"]) or 0,
        "dated": bool(row["dated"]),
        "part": _number(row["part"]),
        **{name: clean_line(row[name]) for name in lines},
        **{name: [] for name in ("authors", "tags", "addresses", "former_slugs")},
    }


def clean(value: object) -> str:
    """Return text of any column as it can be stored."""
    found = value.decode(errors="replace") if isinstance(value, bytes) else str(value or "")
    return text.clean(found)


def clean_line(value: object) -> str:
    """Return the text of a column as one line."""
    return " ".join(clean(value).split())


def _time(value: object) -> str:
    return str(value) if value and TIME.fullmatch(str(value)) else ""


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _authors(ids: Mapping[int, Dict]) -> Iterator[tuple[int, str]]:
    for post_id, people in posts.authors_of(ids).items():
        yield from ((post_id, person["username"]) for person in people)


def _tags(ids: Mapping[int, Dict]) -> list[Any]:
    return _pairs(
        "tag.name FROM post_tag JOIN tag ON tag.id = tag_id", "post_tag.position, tag.name_key", ids
    )


def _addresses(ids: Mapping[int, Dict]) -> list[Any]:
    return _pairs("path FROM old_address", "path", ids)


def former_slugs(ids: Mapping[int, Dict]) -> list[Any]:
    """Return pairs of a post's id and a former slug."""
    return _pairs("slug FROM former_slug", "slug", ids)


def _pairs(source: str, order: str, ids: Mapping[int, Dict]) -> list[Any]:
    column, _, table = source.partition(" FROM ")
    return db.all(
        f"""
        SELECT post_id, {column} AS value
        FROM {table}
        WHERE post_id IN ({conditions.placeholders(ids)})
        ORDER BY post_id, {order}
        """,
        *ids,
    )


def read_trash() -> Iterator[Dict]:
    """Yield the posts in the trash, ordered by id."""
    people = {row["id"]: row["username"] for row in read_users()}
    last = -1
    while row := db.one(
        f"""
        SELECT {deleted_posts.COLUMNS}
        FROM trash
        WHERE post_id > ?
        ORDER BY post_id
        LIMIT 1
        """,
        last,
    ):
        last = row["post_id"]
        content = deleted_posts.load(row)
        series, part = content.get("series") or ("", None)
        coauthors = sorted(content["coauthors"], key=lambda pair: pair[1])
        ids = [content["post"]["author_id"], *(user_id for user_id, _ in coauthors)]
        columns = {**DEFAULTS, **content["post"]}
        former = former_slugs({row["post_id"]: {}})
        yield {
            **_post({**columns, "series": series, "part": part}),
            "authors": [people[user_id] for user_id in ids if user_id in people],
            "tags": list(map(clean_line, content["tags"])),
            "addresses": sorted(map(clean_line, content["old_addresses"])),
            "former_slugs": [slug for _, slug in former if slug != columns["slug"]],
            "deleted": _time(row["deleted"]),
        }


def read_revisions(post_id: int) -> Iterator[Dict]:
    """Yield the earlier versions of a post, the oldest first."""
    rows = db.all(
        """
        SELECT revision.id, CAST(revision.created AS TEXT) AS created, autosave, username
        FROM revision
        LEFT JOIN "user" ON "user".id = editor_id
        WHERE post_id = ?
        ORDER BY revision.id
        """,
        post_id,
    )
    for row in rows:
        revision = revisions.find(post_id, row["id"])
        if revision is None:
            message = "Version %d of post %d is damaged and was left out."
            current_app.logger.warning(message, row["id"], post_id)
            continue
        yield {
            "post_id": post_id,
            "title": clean_line(revision.title),
            "body": clean(revision.body),
            "created": _time(row["created"]),
            "editor": clean_line(row["username"]),
            "autosave": row["autosave"],
        }


def read_users() -> list[Dict]:
    """Return all users, without their passwords."""
    rows = db.all(
        'SELECT id, username, role, display_name, bio, picture, links FROM "user" ORDER BY id'
    )
    return [
        {
            "id": row["id"],
            "username": clean_line(row["username"]),
            "role": clean_line(row["role"]),
            "display_name": clean_line(row["display_name"]),
            "bio": clean(row["bio"]),
            "picture": clean_line(row["picture"]),
            "links": clean(row["links"]),
        }
        for row in rows
    ]


def read_roles() -> dict[int, str]:
    """Return the roles of users by their ids, without unknown ones."""
    found = {row["id"]: row["role"] for row in read_users()}
    return {user_id: role for user_id, role in found.items() if role in permissions.ROLES}


def read_tags() -> list[Dict]:
    """Return all tags with their former slugs."""
    return _names("tag", "tag_id")


def read_series() -> list[Dict]:
    """Return all series with their former slugs."""
    return _names("series", "series_id")


def _names(table: str, key: str) -> list[Dict]:
    former: dict[int, list[str]] = {}
    for row in db.all(f"SELECT {key} AS id, slug FROM former_{table} ORDER BY slug"):
        former.setdefault(row["id"], []).append(clean_line(row["slug"]))
    return [
        {
            "id": row["id"],
            "name": clean_line(row["name"]),
            "slug": clean_line(row["slug"]),
            "former_slugs": former.get(row["id"], []),
        }
        for row in db.all(f"SELECT id, name, slug FROM {table} ORDER BY id")
    ]


def read_redirects() -> list[Dict]:
    """Return the redirects by path, and the former URLs of deleted posts, which have no target."""
    rows = db.all(
        """
        SELECT path, target FROM redirect
        UNION
        SELECT '/' || slug, NULL
        FROM former_slug
        WHERE NOT EXISTS (SELECT 1 FROM post WHERE post.id = post_id)
            AND NOT EXISTS (SELECT 1 FROM trash WHERE trash.post_id = former_slug.post_id)
            AND NOT EXISTS (SELECT 1 FROM redirect WHERE path = '/' || slug)
        ORDER BY 1
        """
    )
    return [{"path": clean_line(row[0]), "target": clean_line(row[1])} for row in rows]


def read_media() -> list[Dict]:
    """Return the files of the media library, without those with an unsafe name."""
    rows = db.all(
        """
        SELECT media.id, name, original_name, alt, CAST(media.created AS TEXT) AS created, username
        FROM media
        LEFT JOIN "user" ON "user".id = media.user_id
        ORDER BY media.id
        """
    )
    return [
        {
            "id": row["id"],
            "name": row["name"],
            "original_name": clean_line(row["original_name"]),
            "alt": clean_line(row["alt"]),
            "created": _time(row["created"]),
            "user": clean_line(row["username"]),
        }
        for row in rows
        if isinstance(row["name"], str) and media.FILE_NAME.fullmatch(row["name"])
    ]


def read_cards() -> list[Dict]:
    """Return the titles and images of link cards."""
    rows = db.all("SELECT url, title, site, image FROM card ORDER BY url")
    return [
        {name: clean_line(row[name]) for name in ("url", "title", "site", "image")} for row in rows
    ]


def read_settings() -> Dict:
    """Return the settings that the owner changed."""
    found = {name: clean(value) for name, value in settings.stored_values().items()}
    return {name: found[name] for name in sorted(found) if name != settings.ICON}


def read_icons() -> list[tuple[str, bytes]]:
    """Return the files of the blog's icon, by name."""
    rows = db.all("SELECT name, content FROM icon ORDER BY name")
    # Plain SQL may have stored text.
    return [
        (str(name), content.encode() if isinstance(content, str) else bytes(content))
        for name, content in rows
    ]


def read_uuid() -> str:
    """Return the permanent id of the blog, from which those of its feeds are derived."""
    (row,) = db.all("SELECT uuid FROM site WHERE id = 1")
    return str(row["uuid"])


def last_post_id() -> int:
    """Return the highest id of a post, or 0."""
    (row,) = db.all("SELECT max(id) AS id FROM post")
    return int(row["id"] or 0)
