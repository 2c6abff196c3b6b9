"""Posts brought here from files: each file once, and again when it changes."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Callable
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from ..db import get_db
from ..db import transaction
from . import fields
from . import posts
from . import tags
from . import users

NOBODY = "someone"
CHANGED_HERE = ("edited", "deleted")
Post = Mapping[str, Any]


class Outcome(NamedTuple):
    """What became of a file: `imported`, `updated`, `unchanged`, `edited` or `deleted`.

    The last two were changed here since, and so left alone. `claimed` are old addresses that
    another post has already; `post` is what the file said, where it was read.
    """

    kind: str
    post: Post | None = None
    claimed: tuple[str, ...] = ()


class Lost(NamedTuple):
    """Where posts came from whose files are gone: by hash of the file, by title and date."""

    by_hash: dict[str, str]
    by_title: dict[tuple[str, str], str]


def lost_sources() -> Lost:
    """The sources whose files are no longer there: a file new elsewhere may be one of them."""
    found = Lost({}, {})
    rows = get_db().execute(
        "SELECT path, file_hash, title, CAST(created AS TEXT) AS created"
        " FROM import_source LEFT JOIN post ON post.id = post_id ORDER BY path"
    )
    for row in rows:
        if not os.path.lexists(row["path"]):
            found.by_hash.setdefault(row["file_hash"], row["path"])
            found.by_title.setdefault((row["title"], row["created"]), row["path"])
    return found


def default_author() -> str:
    """Whose a post is that names no author: the blog's owner, or nobody that one knows."""
    row = (
        get_db()
        .execute("SELECT username FROM \"user\" WHERE role = 'owner' ORDER BY id LIMIT 1")
        .fetchone()
    )
    return str(row["username"]) if row else NOBODY


def bring_in(
    source: str,
    file_hash: str,
    read: Callable[[], Post],
    *,
    author: str,
    lost: Lost,
    overwrite: bool = False,
) -> Outcome:
    """Store the post of a file that is new or has changed, and say what became of it.

    A post that was edited or deleted here since is left alone, unless `overwrite`. The file is
    only read where that is needed; `author` is whose it is where it names none. Raises what `read`
    and `posts.create` raise.
    """
    with transaction() as db:
        _adopt(db, source, lost.by_hash.get(file_hash))
        kind = _kind(db, source, file_hash)
        if kind == "unchanged" or (kind in CHANGED_HERE and not overwrite):
            return Outcome(kind)
        post = read()
        lost_path = lost.by_title.get((post["title"], post["created"]))
        if kind == "imported" and lost_path:
            _adopt(db, source, lost_path)
            kind = _kind(db, source, file_hash)
            if kind in CHANGED_HERE and not overwrite:
                return Outcome(kind)
        claimed = _store(db, source, file_hash, post, author)
    return Outcome("imported" if kind == "imported" else "updated", post, claimed)


def _adopt(db: sqlite3.Connection, source: str, lost_path: str | None) -> None:
    """Take a file for the one that was imported from a path where it is no longer."""
    if lost_path is not None:
        db.execute(
            "UPDATE import_source SET path = ? WHERE path = ?"
            " AND NOT EXISTS (SELECT 1 FROM import_source WHERE path = ?)",
            (source, lost_path, source),
        )


def _kind(db: sqlite3.Connection, source: str, file_hash: str) -> str:
    row = db.execute(
        "SELECT post_id, file_hash, post_hash FROM import_source WHERE path = ?", (source,)
    ).fetchone()
    if row is None:
        return "imported"
    post_hash = _post_hash(db, row["post_id"])
    if post_hash is None:
        return "deleted"
    if post_hash != row["post_hash"]:
        return "edited"
    return "unchanged" if row["file_hash"] == file_hash else "updated"


def _post_hash(db: sqlite3.Connection, post_id: int) -> str | None:
    """The hash of all that an import sets and an edit may change, or None without the post."""
    row = db.execute(
        "SELECT title, body, CAST(created AS TEXT), status, slug, summary, author_id, cover,"
        " (SELECT series_id || '/' || coalesce(part, '') FROM series_post WHERE post_id = post.id)"
        " FROM post WHERE id = ?",
        (post_id,),
    ).fetchone()
    if row is None:
        return None
    *told, cover, series = row
    tag_ids = db.execute(
        "SELECT tag_id FROM post_tag WHERE post_id = ? ORDER BY tag_id", (post_id,)
    )
    parts = [*told, *(tag["tag_id"] for tag in tag_ids)]
    # Posts that came in before there were any are still what they were.
    parts += [found for found in (cover, series) if found]
    return hashlib.sha256(json.dumps(parts, default=repr).encode()).hexdigest()


def _store(
    db: sqlite3.Connection, source: str, file_hash: str, post: Post, author: str
) -> tuple[str, ...]:
    author_ids = list(dict.fromkeys(map(_author_id, post["authors"] or [author])))
    known = db.execute(
        "SELECT post.id, slug FROM import_source JOIN post ON post.id = post_id WHERE path = ?",
        (source,),
    ).fetchone()
    former = []
    if known is None:
        post_id = _create(db, post, author_ids[0])
    else:
        post_id = known["id"]
        former = [f"/{known['slug']}"]
        _update(db, known, post, author_ids[0])
    _set_coauthors(db, post_id, author_ids[1:])
    _remember(db, source, file_hash, post_id)
    return _add_old_addresses(db, post_id, [*post["old_addresses"], *former])


def _author_id(name: str) -> int:
    user = users.find_by_name(name)
    return int(user["id"]) if user else users.create_without_password(name)


def _create(db: sqlite3.Connection, post: Post, author_id: int) -> int:
    post_id = posts.create(
        author_id=author_id,
        title=post["title"],
        body=post["body"],
        status=post["status"],
        slug=post["slug"],
        summary=post["summary"],
        created=post["created"],
        tags=post["tags"],
        series=post["series"],
        part=post["part"],
        cover=post["cover"],
    )
    if post["updated"]:
        db.execute("UPDATE post SET updated = ? WHERE id = ?", (post["updated"], post_id))
    return post_id


def _update(db: sqlite3.Connection, known: sqlite3.Row, post: Post, author_id: int) -> None:
    posts.update(
        known["id"],
        title=post["title"],
        body=post["body"],
        series=post["series"],
        part=post["part"],
        cover=post["cover"],
    )
    db.execute(
        "UPDATE post SET author_id = ?, status = ?, slug = ?, summary = ?,"
        " created = CASE WHEN ? THEN ? ELSE created END, updated = coalesce(?, updated)"
        " WHERE id = ?",
        (
            author_id,
            post["status"],
            _slug(known, post["slug"]),
            post["summary"],
            post["dated"],
            post["created"],
            post["updated"],
            known["id"],
        ),
    )
    tags.set_for_post(known["id"], post["tags"])


def _slug(known: sqlite3.Row, wanted: str) -> str:
    """The post's slug, unless the file wants another; a number that it was given stays."""
    slug = str(known["slug"])
    unnumbered, _, number = slug.rpartition("-")
    if slug == wanted or (unnumbered == wanted and number.isdigit()):
        return slug
    return fields.free_slug(wanted, known["id"])


def _set_coauthors(db: sqlite3.Connection, post_id: int, user_ids: list[int]) -> None:
    db.execute("DELETE FROM coauthor WHERE post_id = ?", (post_id,))
    db.executemany(
        "INSERT INTO coauthor (post_id, user_id, position) VALUES (?, ?, ?)",
        [(post_id, user_id, position) for position, user_id in enumerate(user_ids, 1)],
    )


def _remember(db: sqlite3.Connection, source: str, file_hash: str, post_id: int) -> None:
    db.execute(
        "INSERT INTO import_source (path, post_id, file_hash, post_hash) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET post_id = excluded.post_id,"
        " file_hash = excluded.file_hash, post_hash = excluded.post_hash",
        (source, post_id, file_hash, _post_hash(db, post_id)),
    )


def _add_old_addresses(db: sqlite3.Connection, post_id: int, paths: list[str]) -> tuple[str, ...]:
    """Let these addresses lead to the post; return those that lead to another already."""
    slug = db.execute("SELECT slug FROM post WHERE id = ?", (post_id,)).fetchone()["slug"]
    claimed = []
    for path in paths:
        # Its own address answers without help.
        if path == f"/{slug}":
            continue
        db.execute(
            "INSERT INTO old_address (path, post_id) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
            (path, post_id),
        )
        row = db.execute("SELECT post_id FROM old_address WHERE path = ?", (path,)).fetchone()
        if row["post_id"] != post_id:
            claimed.append(path)
    return tuple(claimed)
