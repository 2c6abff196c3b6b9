"""Write a blog as JSON that Ghost imports: https://docs.ghost.org/migration/custom"""

import json
import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from ..text import slugify

Row = Mapping[str, Any]
VERSION = "5.0.0"
MAX_EXCERPT_CHARS = 300
MAX_TITLE_CHARS = 255
MAX_SLUG_CHARS = 191
MEDIA = re.compile(r"/media/([0-9a-f]{32})((?:-[0-9]{1,5})?\.[a-z0-9]{3,4})")
# The folder of each kind of file in Ghost's own zip.
IMAGES, FILES, PLAYED = "content/images", "content/files", "content/media"
IMAGE_SUFFIXES = frozenset((".jpg", ".png", ".gif", ".webp", ".svg", ".avif"))
PLAYED_SUFFIXES = frozenset((".mp4", ".webm", ".mov", ".mp3", ".m4a", ".ogg", ".wav", ".flac"))


def media_path(name: str) -> str:
    """Return the path of a file of the media library in the zip for Ghost."""
    suffix = name[name.rfind(".") :]
    if suffix in IMAGE_SUFFIXES:
        return f"{IMAGES}/{name}"
    return f"{PLAYED if suffix in PLAYED_SUFFIXES else FILES}/{name}"


def point_to_ghost(html: str) -> str:
    """Return HTML with the links to media changed to Ghost's folders."""
    return MEDIA.sub(lambda match: f"/{media_path(match[1] + match[2])}", html)


def write(site: Row, posts: Iterable[Row], exported_on: int) -> Iterator[str]:
    """Yield the whole file, in parts. `exported_on` is in milliseconds since 1970."""
    meta = {"exported_on": exported_on, "version": VERSION}
    yield f'{{"db": [{{"meta": {json.dumps(meta)}, "data": {{\n"posts": ['
    links: dict[str, list[Row]] = {"posts_tags": [], "posts_authors": [], "posts_meta": []}
    tag_ids = {tag["name"]: _id(tag["id"]) for tag in site["tags"]}
    user_ids = {user["username"]: _id(user["id"]) for user in site["users"]}
    separator = "\n"
    for post in posts:
        yield separator + _json(_post(post))
        separator = ",\n"
        _link(links, "tag", post, [tag_ids[one] for one in post["tags"] if one in tag_ids])
        found = [user_ids[one] for one in post["authors"] if one in user_ids]
        _link(links, "author", post, found)
    yield "]"
    # Ghost makes administrators of owners.
    roles = [{"id": role, "name": role.title()} for role in sorted({*site["roles"].values()})]
    tables = {
        **links,
        "tags": [_tag(tag) for tag in site["tags"]],
        "users": [_user(user) for user in site["users"]],
        "roles": roles,
        "roles_users": [
            {"user_id": _id(user_id), "role_id": role} for user_id, role in site["roles"].items()
        ],
        "settings": _settings(site),
    }
    for name, rows in tables.items():
        yield f",\n{json.dumps(name)}: {_json(rows)}"
    yield "\n}}]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _id(number: int) -> str:
    # Ghost's ids are 24 hexadecimal digits.
    return f"{number:024x}"


def _link(links: dict[str, list[Row]], kind: str, post: Row, ids: list[str]) -> None:
    links[f"posts_{kind}s"] += [
        {"post_id": _id(post["id"]), f"{kind}_id": id, "sort_order": order}
        for order, id in enumerate(ids)
    ]


def _post(post: Row) -> Row:
    published = None if post["state"] == "draft" else _time(post["created"])
    return {
        "id": _id(post["id"]),
        "title": post["title"][:MAX_TITLE_CHARS] or "(Untitled)",
        "slug": (post["slug"] or slugify(post["title"]))[:MAX_SLUG_CHARS],
        "html": point_to_ghost(post["html"]),
        "feature_image": point_to_ghost(post["cover"]) or None,
        "type": post["kind"],
        "status": post["state"],
        "visibility": "public",
        "custom_excerpt": post["summary"][:MAX_EXCERPT_CHARS] or None,
        "created_at": _time(post["created"]),
        "updated_at": _time(post["updated"] or post["created"]),
        "published_at": published,
    }


def _time(moment: str) -> str:
    return f"{moment.replace(' ', 'T')}.000Z"


def _tag(tag: Row) -> Row:
    return {"id": _id(tag["id"]), "name": tag["name"], "slug": tag["slug"]}


def _user(user: Row) -> Row:
    slug = slugify(user["username"])
    return {
        "id": _id(user["id"]),
        "name": user["display_name"] or user["username"],
        "slug": slug,
        # Ghost requires an address. This domain is reserved for examples (RFC 2606).
        "email": f"{slug}-{user['id']}@example.com",
        "bio": user["bio"][:200] or None,
        "profile_image": point_to_ghost(user["picture"]) or None,
        "status": "active",
    }


def _settings(site: Row) -> list[Row]:
    values = {"title": site["title"], "description": site["description"]}
    return [
        {"id": _id(number), "key": key, "value": value}
        for number, (key, value) in enumerate(values.items(), 1)
    ]
