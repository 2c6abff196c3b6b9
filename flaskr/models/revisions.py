"""Revisions: the title and body of a post each time it was saved, stored as deltas."""

import sqlite3
from typing import NamedTuple

from .. import db
from .. import errors
from ..db import one
from ..db import transaction
from ..text import delta

# A whole text follows this many deltas, so that no revision takes long to restore.
MAX_DELTA_STEPS = 20
MAX_LISTED = 200


class Revision(NamedTuple):
    """The title and body of a post as they were saved."""

    id: int
    title: str
    body: str


def record(post: sqlite3.Row, editor_id: int | None = None) -> None:
    """Store a revision of a post unless it equals the newest one.

    The editor is the post's author by default.
    """
    newest = _newest(post["id"])
    known = get(post["id"], newest["id"]) if newest else None
    if newest and known and (known.title, known.body) == (post["title"], post["body"]):
        return
    step = (newest["step"] + 1) % MAX_DELTA_STEPS if newest else 0
    base = known.body if known and step else ""
    with transaction() as connection:
        connection.execute(
            """
            INSERT INTO revision (post_id, editor_id, created, title, step, delta)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            (
                post["id"],
                editor_id or post["author_id"],
                post["saved"],
                post["title"],
                step,
                delta.pack(post["body"], base),
            ),
        )


def catch_up(post: sqlite3.Row) -> None:
    """Record a change made by plain SQL since the newest revision, which forms start from."""
    if newest_id(post["id"]):
        record(post)


def _newest(post_id: int) -> sqlite3.Row | None:
    return one("SELECT id, step FROM revision WHERE post_id = ? ORDER BY id DESC LIMIT 1", post_id)


def newest_id(post_id: int) -> int:
    """Return the id of the newest revision of a post, or 0 if there are no revisions."""
    newest = _newest(post_id)
    return int(newest["id"]) if newest else 0


def get(post_id: int, revision_id: int) -> Revision:
    """Return a revision of the post; id 0 means its oldest. Raises `NotFound`."""
    if not revision_id:
        revision_id = _oldest_id(post_id)
    rows = db.all(
        """
        SELECT id, title, step, delta
        FROM revision
        WHERE post_id = ? AND id <= ?
        ORDER BY id DESC
        LIMIT ?
        """,
        post_id,
        min(revision_id, 2**63 - 1),
        MAX_DELTA_STEPS,
    )
    if not rows or rows[0]["id"] != revision_id:
        raise errors.NotFound("There is no such revision.")
    body = ""
    for row in reversed(rows[: rows[0]["step"] + 1]):
        body = delta.unpack(row["delta"], body)
    return Revision(rows[0]["id"], rows[0]["title"], body)


def _oldest_id(post_id: int) -> int:
    (row,) = db.all("SELECT min(id) AS id FROM revision WHERE post_id = ?", post_id)
    return int(row["id"] or 0)


def previous(post_id: int, revision_id: int) -> Revision | None:
    """Return the revision before this one, unless it is the oldest."""
    row = one(
        "SELECT id FROM revision WHERE post_id = ? AND id < ? ORDER BY id DESC LIMIT 1",
        post_id,
        revision_id,
    )
    return get(post_id, row["id"]) if row else None


def for_post(post_id: int) -> list[sqlite3.Row]:
    """Return the date, editor and title of the revisions of a post, newest first."""
    return db.all(
        """
        SELECT revision.id, revision.created, title, username
        FROM revision
        LEFT JOIN "user" ON "user".id = editor_id
        WHERE post_id = ?
        ORDER BY revision.id DESC
        LIMIT ?
        """,
        post_id,
        MAX_LISTED,
    )


def delete_for_posts(post_ids: list[int]) -> None:
    """Delete the revisions of posts that have left the trash for good."""
    with transaction() as connection:
        connection.executemany(
            "DELETE FROM revision WHERE post_id = ?", [(post_id,) for post_id in post_ids]
        )
