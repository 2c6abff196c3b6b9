"""The uses of media files: in posts, autosaves, link cards, profiles and settings."""

import re
import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from .. import db
from . import conditions
from . import deleted_posts
from . import posts
from .permissions import User

MAX_NAMED_POSTS = 3
IN_AUTOSAVE = "EXISTS (SELECT 1 FROM unsaved WHERE fields LIKE '%' || media.hash || '%')"
# A card may be shown by any post, so its picture counts as used.
IN_CARD = "'/media/' || media.name IN (SELECT image FROM card)"
# Such as the header picture, and pictures in the footer or the CSS.
IN_SETTING = "EXISTS (SELECT 1 FROM setting WHERE value LIKE '%' || media.hash || '%')"
IN_PROFILE = "'/media/' || media.name IN (SELECT picture FROM \"user\")"
# The conditions of files without any use but by their name; see `shown_names`.
UNUSED = (
    "NOT EXISTS (SELECT 1 FROM media_use WHERE hash = media.hash)",
    *(f"NOT ({use})" for use in (IN_AUTOSAVE, IN_CARD, IN_PROFILE, IN_SETTING)),
)
# The name of a file that a post shows as in Obsidian: `![[folder/hill.jpg|300]]`.
SHOWN_NAME = re.compile(r"!\[\[([^\[\]\n|#]{1,200})")


class Uses(NamedTuple):
    """The number of posts that use a file, and the newest of them with their titles.

    A title is None if the user may not read the post.
    """

    total: int
    posts: list[tuple[sqlite3.Row, str | None]]
    in_old_revision: bool = False
    in_autosave: bool = False
    in_card: bool = False
    in_profile: bool = False
    in_setting: bool = False
    by_name: bool = False


def find(
    media: Iterable[sqlite3.Row], user: User | None, *, limit: int = MAX_NAMED_POSTS
) -> dict[int, Uses]:
    """Return the uses of each file by its id, newest posts first."""
    names = {row["id"]: row["original_name"] for row in media}
    found = _count_uses([*names])
    if Uses(0, []) in found.values():
        shown = shown_names()
        found = {id: uses._replace(by_name=names[id] in shown) for id, uses in found.items()}
    for post in _newest_uses([*names], limit):
        readable = posts.is_readable(post, user)
        found[post["media_id"]].posts.append((post, post["title"] if readable else None))
    return found


def shown_names() -> set[str]:
    """Return the names of the files that posts show by their name, also in autosaves and the trash.

    It reads all of them, so only ask if a file may have no other use.
    """
    rows = db.all(
        """
        SELECT CAST(body AS TEXT) AS text
        FROM post
        WHERE body LIKE '%![[%'
        UNION ALL
        SELECT fields
        FROM unsaved
        WHERE fields LIKE '%![[%'
        """
    )
    deleted = db.all(f"SELECT {deleted_posts.COLUMNS} FROM trash WHERE content LIKE '%![[%'")
    texts = [row["text"] for row in rows]
    texts += [deleted_posts.load(row)["post"]["body"] for row in deleted]
    names = {name for text in texts for name in SHOWN_NAME.findall(text)}
    return {name.strip().rpartition("/")[2] for name in names}


def _count_uses(ids: list[int]) -> dict[int, Uses]:
    """Return the uses of files by their ids, without the posts."""
    rows = db.all(
        f"""
        SELECT
            media.id,
            coalesce(sum(current), 0) AS total,
            coalesce(min(current), 1) = 0 AS in_old_revision,
            {IN_AUTOSAVE} AS in_autosave,
            {IN_CARD} AS in_card,
            {IN_PROFILE} AS in_profile,
            {IN_SETTING} AS in_setting
        FROM media
        LEFT JOIN media_use USING (hash)
        WHERE media.id IN ({conditions.placeholders(ids)})
        GROUP BY media.id
        """,
        *ids,
    )
    return {
        row["id"]: Uses(
            row["total"],
            [],
            in_old_revision=bool(row["in_old_revision"]),
            in_autosave=bool(row["in_autosave"]),
            in_card=bool(row["in_card"]),
            in_profile=bool(row["in_profile"]),
            in_setting=bool(row["in_setting"]),
        )
        for row in rows
    }


def _newest_uses(ids: list[int], limit: int) -> list[sqlite3.Row]:
    """Return the newest posts that show each file."""
    return db.all(
        f"""
        SELECT
            media.id AS media_id, post.id, author_id, CAST(title AS TEXT) AS title, slug, status,
            CAST(post.created AS TEXT) AS stored_created
        FROM media
        JOIN post ON post.id IN (
            SELECT post_id
            FROM media_use
            WHERE hash = media.hash AND current = 1
            ORDER BY post_id DESC
            LIMIT ?
        )
        WHERE media.id IN ({conditions.placeholders(ids)})
        ORDER BY media.id, post.id DESC
        """,
        limit,
        *ids,
    )
