"""Imports: posts made from files, each file once, and updated when the file changes."""

import hashlib
import json
import os
import sqlite3
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from .. import db
from .. import errors
from ..db import one
from ..db import transaction
from . import authors
from . import import_plans
from . import post_fields
from . import posts
from . import translations
from . import users
from .permissions import SYSTEM

UNKNOWN_AUTHOR = "someone"
# These posts were changed since their import, so only `overwrite` replaces them.
CHANGED = ("edited", "deleted")
Post = Mapping[str, Any]


class Outcome(NamedTuple):
    """The result for a file: `imported`, `updated`, `unchanged`, `edited` or `deleted`.

    Files of edited and deleted posts are skipped. `claimed` are old URLs that already lead to
    another post; `post` is the content of a file that was stored; `remarks` are for the report.
    """

    kind: str
    post: Post | None = None
    claimed: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


class MissingFiles(NamedTuple):
    """Paths of imported files that no longer exist, by file hash and by title and date."""

    by_hash: dict[str, str]
    by_title: dict[tuple[str, str], str]


def find_missing_files() -> MissingFiles:
    """Return the imported files that no longer exist: a new file may be one that was moved."""
    missing = MissingFiles({}, {})
    rows = db.all(
        """
        SELECT path, file_hash, title, CAST(created AS TEXT) AS created
        FROM import_source
        LEFT JOIN post ON post.id = post_id
        ORDER BY path
        """
    )
    for row in rows:
        if not os.path.lexists(row["path"]):
            missing.by_hash.setdefault(row["file_hash"], row["path"])
            missing.by_title.setdefault((row["title"], row["created"]), row["path"])
    return missing


def default_author() -> str:
    """Return the name of the blog's owner, or a placeholder if there is no owner."""
    row = one("""SELECT username FROM "user" WHERE role = 'owner' ORDER BY id LIMIT 1""")
    return str(row["username"]) if row else UNKNOWN_AUTHOR


class Importer:
    """Stores the posts of files. `author` is the name for posts without an author.

    Posts that were edited or deleted since their import are skipped, unless `overwrite`.
    """

    def __init__(self, *, author: str, missing: MissingFiles, overwrite: bool = False) -> None:
        self.author = author
        self.missing = missing
        self.overwrite = overwrite
        self._author_ids: dict[str, int] = {}
        # Most files have never been imported, and are not looked up.
        self._known = {row["path"] for row in db.all("SELECT path FROM import_source")}

    def is_skipped(self, source: str, file_hash: str) -> bool:
        """Return True if the file probably need not be read. Writes nothing."""
        return file_hash in self.missing.by_hash or self._is_kept(self._kind(source, file_hash))

    def find_former(self, file_hash: str, post: Post) -> str:
        """Return the path from which the file was moved, or an empty string."""
        by_title = self.missing.by_title.get((post["title"], post["created"]), "")
        return self.missing.by_hash.get(file_hash, by_title)

    def skip(self, source: str, file_hash: str) -> Outcome | None:
        """Return the outcome if the file need not be read."""
        self._move(self.missing.by_hash.get(file_hash), source)
        kind = self._kind(source, file_hash)
        return Outcome(kind) if self._is_kept(kind) else None

    def store(self, source: str, file_hash: str, post: Post) -> Outcome:
        """Create or update the post of a file, unless it is skipped. Raises `Invalid`."""
        kind = self._kind(source, file_hash)
        with transaction():
            if kind == "imported":
                self._move(self.missing.by_title.get((post["title"], post["created"])), source)
                kind = self._kind(source, file_hash)
                if self._is_kept(kind):
                    return Outcome(kind)
            remarks: list[str] = []
            author_ids = self._find_or_create_authors(post, remarks)
            store = _create if kind in ("imported", "deleted") else _update
            claimed = store(source, file_hash, post, author_ids)
        done = "imported" if kind == "imported" else "updated"
        return Outcome(done, post, claimed, tuple(remarks))

    def _kind(self, source: str, file_hash: str) -> str:
        return _stored_kind(source, file_hash) if source in self._known else "imported"

    def _move(self, missing_path: str | None, path: str) -> None:
        if missing_path is not None:
            _record_move(missing_path, path)
            self._known.add(path)

    def _is_kept(self, kind: str) -> bool:
        return kind == "unchanged" or (kind in CHANGED and not self.overwrite)

    def _find_or_create_authors(self, post: Post, remarks: list[str]) -> list[int]:
        found = []
        for name in post["authors"] or [self.author]:
            try:
                found.append(self._find_or_create_author(name))
            except errors.Invalid as error:
                remarks.append(f"The author “{name}” was left out. {error.message}")
        return list(dict.fromkeys(found or [self._find_or_create_author(self.author)]))

    def _find_or_create_author(self, name: str) -> int:
        known = self._author_ids.get(name)
        if known is None:
            user = users.find_by_name(name) or users.find_by_display_name(name)
            # A new account is not cached, because it is rolled back if its post is refused.
            if user is None:
                return users.create_without_password(name)
            known = self._author_ids[name] = int(user["id"])
        return known


def _record_move(missing_path: str, path: str) -> None:
    """Record that an imported file has moved, unless there is a file at its new path already."""
    with transaction() as connection:
        connection.execute(
            """
            UPDATE import_source
            SET path = ?
            WHERE path = ? AND NOT EXISTS (SELECT 1 FROM import_source WHERE path = ?)
            """,
            (path, missing_path, path),
        )


def _stored_kind(source: str, file_hash: str) -> str:
    """Return the `Outcome.kind` of a file."""
    row = one("SELECT post_id, file_hash, post_hash FROM import_source WHERE path = ?", source)
    if row is None:
        return "imported"
    post_hash = _post_hash(row["post_id"])
    if post_hash is None:
        return "deleted"
    if post_hash != row["post_hash"]:
        return "edited"
    return "unchanged" if row["file_hash"] == file_hash else "updated"


def _post_hash(post_id: int) -> str | None:
    """Return a hash of everything that an import sets and an edit may change, if the post exists.

    Hashes are stored: the same post must always have the same one.
    """
    row = one(
        """
        SELECT title, body, CAST(created AS TEXT), status, slug, summary, author_id, cover,
            (
                SELECT series_id || '/' || coalesce(CAST(part AS TEXT), '')
                FROM series_post
                WHERE post_id = post.id
            )
        FROM post
        WHERE id = ?
        """,
        post_id,
    )
    if row is None:
        return None
    *values, cover, series = row
    tags = db.all("SELECT tag_id FROM post_tag WHERE post_id = ? ORDER BY tag_id", post_id)
    # Posts imported before there were covers and series keep their hashes.
    parts = [*values, *(tag["tag_id"] for tag in tags), *filter(None, (cover, series))]
    return hashlib.sha256(json.dumps(parts, default=repr).encode()).hexdigest()


def _create(source: str, file_hash: str, post: Post, author_ids: list[int]) -> tuple[str, ...]:
    post_id = posts.create(
        author_id=author_ids[0],
        user=SYSTEM,
        title=post["title"],
        body=post["body"],
        status=post["status"],
        slug=post["slug"],
        created=post["created"],
        **_fields(post),
    )
    if post["updated"]:
        db.get_db().execute("UPDATE post SET updated = ? WHERE id = ?", (post["updated"], post_id))
    authors.set_coauthors(post_id, author_ids[1:])
    translations.set_key(post_id, post["translation"])
    _remember(source, file_hash, post_id)
    return _add_old_addresses(post_id, post["addresses"])


def _fields(post: Post) -> dict[str, Any]:
    # An import creates the users that do not exist yet, by other names.
    names = post_fields.FIELDS.keys() - {"authors"}
    return {name: value for name, value in post.items() if name in names}


def _update(source: str, file_hash: str, post: Post, author_ids: list[int]) -> tuple[str, ...]:
    (known,) = db.all(
        """
        SELECT post.id, slug
        FROM import_source
        JOIN post ON post.id = post_id
        WHERE path = ?
        """,
        source,
    )
    slug = _choose_slug(known, post["slug"])
    posts.update(known["id"], SYSTEM, title=post["title"], body=post["body"], **_fields(post))
    db.get_db().execute(
        """
        UPDATE post
        SET author_id = ?, status = ?, slug = ?,
            created = coalesce(?, created), updated = coalesce(?, updated)
        WHERE id = ?
        """,
        (
            author_ids[0],
            post["status"],
            slug,
            post["created"] if post["dated"] else None,
            post["updated"],
            known["id"],
        ),
    )
    authors.set_coauthors(known["id"], author_ids[1:])
    translations.set_key(known["id"], post["translation"])
    _remember(source, file_hash, known["id"])
    former = f"/{known['slug']}"
    return _add_old_addresses(known["id"], [*post["addresses"], former])


def _choose_slug(known: sqlite3.Row, wanted: str) -> str:
    """Return the slug that the file asks for, or the post's own if that is the same, numbered."""
    slug = str(known["slug"])
    return (
        slug
        if import_plans.is_numbered(slug, wanted)
        else post_fields.make_slug(wanted, known["id"])
    )


def _remember(source: str, file_hash: str, post_id: int) -> None:
    """Store the path and hash of the file that a post was imported from."""
    db.get_db().execute(
        """
        INSERT INTO import_source (path, post_id, file_hash, post_hash)
        VALUES (?, ?, ?, ?)
        ON CONFLICT (path) DO UPDATE
        SET post_id = excluded.post_id, file_hash = excluded.file_hash,
            post_hash = excluded.post_hash
        """,
        (source, post_id, file_hash, _post_hash(post_id)),
    )


def _add_old_addresses(post_id: int, paths: list[str]) -> tuple[str, ...]:
    """Redirect these paths to the post, and return those that lead to another post already."""
    claimed = []
    for path in paths:
        db.get_db().execute(
            """
            INSERT INTO old_address (path, post_id)
            VALUES (?, ?)
            ON CONFLICT (path) DO NOTHING
            """,
            (path, post_id),
        )
        if not one("SELECT 1 FROM old_address WHERE path = ? AND post_id = ?", path, post_id):
            claimed.append(path)
    return tuple(claimed)
