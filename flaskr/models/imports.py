"""Posts brought here from files: each file once, and again when it changes."""

import hashlib
import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any
from typing import NamedTuple

from ..db import get_db
from ..db import transaction
from . import permissions
from . import post_creation
from . import post_fields
from . import posts
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


def seems_left(source: str, file_hash: str, lost: Lost, overwrite: bool) -> bool:
    """Whether nothing will be read of this file, as far as one can tell before its turn."""
    return file_hash in lost.by_hash or _is_left(_kind(get_db(), source, file_hash), overwrite)


class _New(NamedTuple):
    """A file whose post is new, and waits to be stored with others."""

    source: str
    file_hash: str
    kind: str
    post: Post
    author_ids: list[int]
    checked: post_creation.NewPost


class Batch:
    """Files whose posts are stored together, in one transaction that is open around it.

    A post that was edited or deleted here since is left alone, unless `overwrite`; `author` is
    whose a post is that names none.
    """

    def __init__(self, *, author: str, lost: Lost, overwrite: bool = False) -> None:
        self.author = author
        self.lost = lost
        self.overwrite = overwrite
        self._known_authors: dict[str, int] = {}
        self._new: list[_New] = []

    def add(self, source: str, file_hash: str, read: Callable[[], Post]) -> Outcome | None:
        """What became of a file; None for one whose post is new, which waits for `store`.

        The file is only read where that is needed. Raises what `read` raises, and `Invalid`;
        then the file has changed nothing.
        """
        # Else nothing is written before it is known that all can be.
        with transaction() if any(self.lost) else nullcontext(get_db()) as db:
            _adopt(db, source, self.lost.by_hash.get(file_hash))
            kind = _kind(db, source, file_hash)
            if _is_left(kind, self.overwrite):
                return Outcome(kind)
            post = read()
            lost_path = self.lost.by_title.get((post["title"], post["created"]))
            if kind == "imported" and lost_path:
                _adopt(db, source, lost_path)
                kind = _kind(db, source, file_hash)
                if _is_left(kind, self.overwrite):
                    return Outcome(kind)
            if kind in ("imported", "deleted"):
                checked = post_creation.validate(**_new_post(post))
                author_ids = self._author_ids(post)
                checked = checked._replace(author_id=author_ids[0])
                self._new.append(_New(source, file_hash, kind, post, author_ids, checked))
                return None
            with transaction():
                claimed = _update(db, source, file_hash, post, self._author_ids(post))
        return Outcome("updated", post, claimed)

    def _author_ids(self, post: Post) -> list[int]:
        names = post["authors"] or [self.author]
        return list(dict.fromkeys(map(self._author_id, names)))

    def _author_id(self, name: str) -> int:
        known = self._known_authors.get(name)
        if known is None:
            user = users.find_by_name(name) or users.find_by_display_name(name)
            # Not kept until found: what makes the account may be undone with the file.
            if user is None:
                return users.create_without_password(name)
            known = self._known_authors[name] = int(user["id"])
        return known

    def store(self) -> list[tuple[str, Outcome]]:
        """Store the posts that wait, and tell what became of the files they came from."""
        waiting, self._new = self._new, []
        outcomes = []
        with transaction() as db:
            stored = post_creation.store([new.checked for new in waiting], permissions.SYSTEM)
            for new, row in zip(waiting, stored, strict=True):
                if new.post["updated"]:
                    db.execute(
                        "UPDATE post SET updated = ? WHERE id = ?", (new.post["updated"], row.id)
                    )
                if len(new.author_ids) > 1:
                    _set_coauthors(db, row.id, new.author_ids[1:])
                addresses = new.post["old_addresses"]
                claimed = _add_old_addresses(db, row.id, row.slug, addresses)
                kind = "imported" if new.kind == "imported" else "updated"
                outcomes.append((new.source, Outcome(kind, new.post, claimed)))
            _remember(
                db,
                {
                    row.id: (new.source, new.file_hash)
                    for new, row in zip(waiting, stored, strict=True)
                },
            )
        return outcomes


def _is_left(kind: str, overwrite: bool) -> bool:
    return kind == "unchanged" or (kind in CHANGED_HERE and not overwrite)


def _new_post(post: Post) -> dict[str, Any]:
    return {
        # Its author's account is made when all else is known to be right.
        "author_id": 0,
        "title": post["title"],
        "body": post["body"],
        "status": post["status"],
        "slug": post["slug"],
        "created": post["created"],
        **_fields(post),
    }


def _fields(post: Post) -> dict[str, Any]:
    return {name: value for name, value in post.items() if name in post_fields.FIELDS}


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
    post_hash = _post_hashes(db, [row["post_id"]]).get(row["post_id"])
    if post_hash is None:
        return "deleted"
    if post_hash != row["post_hash"]:
        return "edited"
    return "unchanged" if row["file_hash"] == file_hash else "updated"


def _post_hashes(db: sqlite3.Connection, post_ids: list[int]) -> dict[int, str]:
    """The hash of all that an import sets and an edit may change, for each post that there is."""
    marks = ", ".join("?" * len(post_ids))
    tag_ids = defaultdict(list)
    for row in db.execute(
        f"SELECT post_id, tag_id FROM post_tag WHERE post_id IN ({marks}) ORDER BY tag_id", post_ids
    ):
        tag_ids[row["post_id"]].append(row["tag_id"])
    found = db.execute(
        "SELECT id, title, body, CAST(created AS TEXT), status, slug, summary, author_id, cover,"
        " (SELECT series_id || '/' || coalesce(part, '') FROM series_post WHERE post_id = post.id)"
        f" FROM post WHERE id IN ({marks})",
        post_ids,
    )
    # Posts that came in before there were covers and series are still what they were.
    return {
        post_id: _hash([*told, *tag_ids[post_id], *filter(None, (cover, series))])
        for post_id, *told, cover, series in found
    }


def _hash(parts: list[Any]) -> str:
    return hashlib.sha256(json.dumps(parts, default=repr).encode()).hexdigest()


def _update(
    db: sqlite3.Connection, source: str, file_hash: str, post: Post, author_ids: list[int]
) -> tuple[str, ...]:
    known = db.execute(
        "SELECT post.id, slug FROM import_source JOIN post ON post.id = post_id WHERE path = ?",
        (source,),
    ).fetchone()
    slug = _slug(known, post["slug"])
    posts.update(
        known["id"],
        permissions.SYSTEM,
        title=post["title"],
        body=post["body"],
        **_fields(post),
    )
    db.execute(
        "UPDATE post SET author_id = ?, status = ?, slug = ?,"
        " created = CASE WHEN ? THEN ? ELSE created END, updated = coalesce(?, updated)"
        " WHERE id = ?",
        (
            author_ids[0],
            post["status"],
            slug,
            post["dated"],
            post["created"],
            post["updated"],
            known["id"],
        ),
    )
    _set_coauthors(db, known["id"], author_ids[1:])
    _remember(db, {known["id"]: (source, file_hash)})
    former = f"/{known['slug']}"
    return _add_old_addresses(db, known["id"], slug, [*post["old_addresses"], former])


def _slug(known: sqlite3.Row, wanted: str) -> str:
    """The post's slug, unless the file wants another; a number that it was given stays."""
    slug = str(known["slug"])
    unnumbered, _, number = slug.rpartition("-")
    if slug == wanted or (unnumbered == wanted and number.isdigit()):
        return slug
    return post_fields.make_slug(wanted, known["id"])


def _set_coauthors(db: sqlite3.Connection, post_id: int, user_ids: list[int]) -> None:
    db.execute("DELETE FROM coauthor WHERE post_id = ?", (post_id,))
    db.executemany(
        "INSERT INTO coauthor (post_id, user_id, position) VALUES (?, ?, ?)",
        [(post_id, user_id, position) for position, user_id in enumerate(user_ids, 1)],
    )


def _remember(db: sqlite3.Connection, files: Mapping[int, tuple[str, str]]) -> None:
    """Keep the path and the hash of the file from which each post came."""
    post_hashes = _post_hashes(db, list(files))
    db.executemany(
        "INSERT INTO import_source (path, post_id, file_hash, post_hash) VALUES (?, ?, ?, ?)"
        " ON CONFLICT (path) DO UPDATE SET post_id = excluded.post_id,"
        " file_hash = excluded.file_hash, post_hash = excluded.post_hash",
        [
            (source, post_id, file_hash, post_hashes[post_id])
            for post_id, (source, file_hash) in files.items()
        ],
    )


def _add_old_addresses(
    db: sqlite3.Connection, post_id: int, slug: str, paths: list[str]
) -> tuple[str, ...]:
    """Let these addresses lead to the post; return those that lead to another already."""
    claimed = []
    for path in paths:
        # Its own address answers without help.
        if path == f"/{slug}":
            continue
        added = db.execute(
            "INSERT INTO old_address (path, post_id) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
            (path, post_id),
        )
        if not added.rowcount and _owner(db, path) != post_id:
            claimed.append(path)
    return tuple(claimed)


def _owner(db: sqlite3.Connection, path: str) -> int:
    row = db.execute("SELECT post_id FROM old_address WHERE path = ?", (path,)).fetchone()
    return int(row["post_id"])
