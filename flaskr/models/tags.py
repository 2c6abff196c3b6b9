"""Tags: a name, the same whatever its case, and an address."""

import sqlite3
from collections.abc import Iterable

from .. import text
from ..db import get_db
from ..db import transaction
from . import slugs


def set_for_post(post_id: int, names: Iterable[str]) -> None:
    """Give a post these tags and no others; the first spelling of a name stays."""
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(text.folded(name), name)
    by_key.pop("", None)
    with transaction() as db:
        db.execute("DELETE FROM post_tag WHERE post_id = ?", (post_id,))
        for key, name in by_key.items():
            db.execute(
                "INSERT INTO post_tag (post_id, tag_id) VALUES (?, ?)",
                (post_id, _find_or_create(key, name)),
            )


def _find_or_create(key: str, name: str) -> int:
    with transaction() as db:
        row = db.execute("SELECT id FROM tag WHERE name_key = ?", (key,)).fetchone()
        if row is None:
            slug = slugs.free(text.slugify(name), _is_taken)
            row = db.execute(
                "INSERT INTO tag (name, name_key, slug) VALUES (?, ?, ?) RETURNING id",
                (" ".join(name.split()), key, slug),
            ).fetchone()
    return int(row["id"])


def _is_taken(slug: str) -> bool:
    row = get_db().execute("SELECT 1 FROM tag WHERE slug = ?", (slug,)).fetchone()
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
