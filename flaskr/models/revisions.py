"""Revisions: the title and body of a post each time it was saved, stored as deltas."""

import sqlite3
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from typing import NamedTuple

from .. import db
from .. import errors
from ..db import one
from ..db import transaction
from ..text import delta

# A whole text follows this many deltas, so that no revision takes long to restore.
MAX_DELTA_STEPS = 20
MAX_LISTED = 200
# Autosaves of a form become one revision for this long, unless one removes more of the text.
AUTOSAVES_JOINED = timedelta(minutes=10)
MAX_JOINED_CHARS_REMOVED = 40
# The values of the column `autosave`.
SAVED, REPLACEABLE, STARTED_FROM = 0, 1, 2
MAX_ID = 2**63 - 1


class Revision(NamedTuple):
    """The title and body of a post as they were saved."""

    id: int
    title: str
    body: str


def record(
    post: sqlite3.Row, editor_id: int | None = None, *, form: str = "", autosave: bool = False
) -> None:
    """Store a revision of a post unless it equals the newest one.

    The editor is the post's author by default. `form` is the key of the form that was saved. It
    replaces the previous autosave of the form if that is not long ago.
    """
    newest = _newest(post["id"])
    known = find(post["id"], newest["id"]) if newest else None
    if newest and known and (known.title, known.body) == (post["title"], post["body"]):
        if editor_id is not None and not autosave:
            _mark(newest["id"], SAVED)
    elif newest and known and _is_joined(newest, known, post, form):
        _replace(newest, post, autosave)
    else:
        step = (newest["step"] + 1) % MAX_DELTA_STEPS if newest and known else 0
        base = known.body if known and step else ""
        _insert(
            {
                "post_id": post["id"],
                "editor_id": editor_id or post["author_id"],
                "created": post["saved"],
                "title": post["title"],
                "step": step,
                "delta": delta.pack(post["body"], base),
                "form": form,
                "autosave": REPLACEABLE if autosave else SAVED,
            }
        )


def _insert(columns: Mapping[str, Any]) -> None:
    with transaction():
        db.insert_many("revision", [*columns], [[*columns.values()]])


def _mark(revision_id: int, autosave: int) -> None:
    with transaction() as connection:
        connection.execute("UPDATE revision SET autosave = ? WHERE id = ?", (autosave, revision_id))


def _is_joined(newest: sqlite3.Row, known: Revision, post: sqlite3.Row, form: str) -> bool:
    if (newest["form"], newest["autosave"]) != (form, REPLACEABLE):
        return False
    age = post["updated"] - newest["created"]
    removed = _removed_chars(known.title, post["title"]) + _removed_chars(known.body, post["body"])
    # The clock may have been set back since.
    is_recent = timedelta() <= age < AUTOSAVES_JOINED
    return bool(is_recent and removed <= MAX_JOINED_CHARS_REMOVED)


def _removed_chars(old: str, new: str) -> int:
    """Return the length of the part of a text that a change replaced."""
    start = _common_length(old, new)
    end = _common_length(old[start:][::-1], new[start:][::-1])
    return len(old) - start - end


def _common_length(one: str, other: str) -> int:
    """Return the number of characters that both texts begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _replace(newest: sqlite3.Row, post: sqlite3.Row, autosave: bool) -> None:
    before = previous(post["id"], newest["id"]) if newest["step"] else None
    with transaction() as connection:
        connection.execute(
            """
            UPDATE revision
            SET title = ?, delta = ?, created = coalesce(?, created), autosave = ?
            WHERE id = ?
            """,
            (
                post["title"],
                delta.pack(post["body"], before.body if before else ""),
                None if autosave else post["saved"],
                REPLACEABLE if autosave else SAVED,
                newest["id"],
            ),
        )


def catch_up(post: sqlite3.Row) -> None:
    """Record a change made by plain SQL since the newest revision, which forms start from."""
    if newest_id(post["id"]):
        record(post)
        pin(post["id"])


def pin(post_id: int, form: str = "") -> None:
    """Keep the newest revision as it is for this form, which starts from it."""
    newest = _newest(post_id)
    if newest and newest["autosave"] == REPLACEABLE and newest["form"] != form:
        _mark(newest["id"], STARTED_FROM)


def was_saved(post_id: int) -> bool:
    """Return True if somebody has saved the post, not only autosaved it."""
    row = one("SELECT 1 FROM revision WHERE post_id = ? AND autosave = 0 LIMIT 1", post_id)
    return row is not None


def _newest(post_id: int, but_form: str = "") -> sqlite3.Row | None:
    return one(
        """
        SELECT id, created, step, form, autosave
        FROM revision
        WHERE post_id = ? AND (form <> ? OR form = '')
        ORDER BY id DESC
        LIMIT 1
        """,
        post_id,
        but_form,
    )


def newest_id(post_id: int, but_form: str = "") -> int:
    """Return the id of the newest revision of a post, or 0 if there are no revisions.

    Revisions that the form `but_form` made do not count.
    """
    newest = _newest(post_id, but_form)
    return int(newest["id"]) if newest else 0


def get(post_id: int, revision_id: int) -> Revision:
    """Return a revision of the post; id 0 means its oldest. Raises `NotFound`."""
    found = find(post_id, revision_id)
    if found is None:
        raise errors.NotFound("This version is damaged and cannot be read.")
    return found


def find(post_id: int, revision_id: int) -> Revision | None:
    """Return a revision as `get` does, or None if it is damaged. Raises `NotFound`."""
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
    *_, body = read_texts(reversed(rows[: rows[0]["step"] + 1]))
    return None if body is None else Revision(rows[0]["id"], rows[0]["title"], body)


def read_texts(rows: Iterable[sqlite3.Row]) -> Iterator[str | None]:
    """Yield the texts of successive revisions, the oldest first, and None for damaged ones.

    The deltas after a damaged one are of no use, up to the next whole text.
    """
    body: str | None = ""
    for row in rows:
        base = body if row["step"] else ""
        try:
            body = None if base is None else delta.unpack(row["delta"], base)
        except ValueError:
            body = None
        yield body


def find_damaged(post_id: int) -> list[int]:
    """Return the ids of the revisions of a post that cannot be read, the oldest first."""
    rows = db.all("SELECT id, step, delta FROM revision WHERE post_id = ? ORDER BY id", post_id)
    return [row["id"] for row, body in zip(rows, read_texts(rows), strict=True) if body is None]


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
    """Return the newest readable revision before this one, if there is one."""
    query = "SELECT id FROM revision WHERE post_id = ? AND id < ? ORDER BY id DESC LIMIT 1"
    while row := one(query, post_id, revision_id):
        revision_id = row["id"]
        if found := find(post_id, revision_id):
            return found
    return None


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


def delete_for_posts(post_ids: list[int]) -> None:
    """Delete the revisions of posts that have left the trash for good."""
    with transaction() as connection:
        connection.executemany(
            "DELETE FROM revision WHERE post_id = ?", [(post_id,) for post_id in post_ids]
        )
