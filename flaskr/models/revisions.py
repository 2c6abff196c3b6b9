"""Revisions: the title and body of a post each time it was saved, stored as deltas."""

import sqlite3
from collections.abc import Iterator
from itertools import dropwhile
from typing import NamedTuple

from .. import db
from .. import errors
from ..db import one
from ..db import transaction
from ..text import delta
from ..text import diff
from ..text import myers

# A whole text follows this many deltas, so that no revision takes long to restore.
MAX_DELTA_STEPS = 20
MAX_LISTED = 200
PER_PAGE = 50
MAX_ID = 2**63 - 1


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
        min(revision_id, MAX_ID),
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


def get_details(post_id: int, revision_id: int) -> sqlite3.Row:
    """Return the date and editor of a revision, and the ids next to it. Raises `NotFound`.

    The editor is None if they have been deleted.
    """
    row = one(
        """
        SELECT revision.created, editor_id,
            coalesce(nullif(display_name, ''), username) AS editor,
            (SELECT max(id) FROM revision WHERE post_id = ? AND id < ?) AS older_id,
            (SELECT min(id) FROM revision WHERE post_id = ? AND id > ?) AS newer_id
        FROM revision
        LEFT JOIN "user" ON "user".id = editor_id
        WHERE post_id = ? AND revision.id = ?
        """,
        *(post_id, revision_id) * 3,
    )
    if row is None:
        raise errors.NotFound("There is no such revision.")
    return row


def previous(post_id: int, revision_id: int) -> Revision | None:
    """Return the revision before this one, unless it is the oldest."""
    row = one(
        "SELECT id FROM revision WHERE post_id = ? AND id < ? ORDER BY id DESC LIMIT 1",
        post_id,
        revision_id,
    )
    return get(post_id, row["id"]) if row else None


def list_newest(post_id: int, limit: int = MAX_LISTED) -> list[sqlite3.Row]:
    """Return the id, date, title and editor of the newest revisions of a post, newest first."""
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
        limit,
    )


def is_current(post: sqlite3.Row, revision: Revision) -> bool:
    """Return True if a revision has the text of the post as it is now."""
    return (revision.title, revision.body) == (post["title"], post["body"])


class Entry(NamedTuple):
    """A revision in the version history, with its change from the one before, if there is one.

    `size` is None if the change is too large to count its words.
    """

    row: sqlite3.Row
    is_first: bool
    has_new_title: bool
    size: diff.Size | None


class Page(NamedTuple):
    """A page of the version history, newest first.

    `older` and `newer` are the ids to pass as `before` for the next pages; 0 means the newest page.
    """

    entries: list[Entry]
    older: int | None
    newer: int | None


def history(post_id: int, before: int | None = None) -> Page:
    """Return a page of the revisions before an id, or the newest ones."""
    end = min(before, MAX_ID) if before else MAX_ID
    # Those of the page, the one before them, and those that its delta needs.
    rows = db.all(
        """
        SELECT revision.*, coalesce(nullif(display_name, ''), username) AS editor
        FROM revision
        LEFT JOIN "user" ON "user".id = editor_id
        WHERE post_id = ? AND revision.id < ?
        ORDER BY revision.id DESC
        LIMIT ?
        """,
        post_id,
        end,
        PER_PAGE + MAX_DELTA_STEPS,
    )
    entries = [*_measure(rows)][::-1][:PER_PAGE]
    has_older = len(entries) == PER_PAGE and not entries[-1].is_first
    older = entries[-1].row["id"] if has_older else None
    return Page(entries, older, _find_newer(post_id, end) if before else None)


def _measure(newest_first: list[sqlite3.Row]) -> Iterator[Entry]:
    """Yield the entries of the rows whose text can be restored, oldest first."""
    budget = myers.Budget()
    rows = [*dropwhile(lambda row: row["step"], reversed(newest_first))]
    body, title = "", ""
    for number, row in enumerate(rows):
        new = delta.unpack(row["delta"], body if row["step"] else "")
        size = diff.measure(body, new, budget) if number else None
        yield Entry(row, number == 0, row["title"] != title, size)
        body, title = new, row["title"]


def _find_newer(post_id: int, end: int) -> int:
    rows = db.all(
        "SELECT id FROM revision WHERE post_id = ? AND id >= ? ORDER BY id LIMIT ?",
        post_id,
        end,
        PER_PAGE + 1,
    )
    return int(rows[PER_PAGE]["id"]) if len(rows) > PER_PAGE else 0


def delete_for_posts(post_ids: list[int]) -> None:
    """Delete the revisions of posts that have left the trash for good."""
    with transaction() as connection:
        connection.executemany(
            "DELETE FROM revision WHERE post_id = ?", [(post_id,) for post_id in post_ids]
        )
