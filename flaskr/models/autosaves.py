"""Text that was typed and not saved: kept for each editing form until that form is saved."""

import json
import re
import secrets
import sqlite3
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from .. import errors
from .. import text
from ..db import format_timestamp
from ..db import get_db
from ..db import transaction
from . import post_fields

KEY_PATTERN = re.compile(r"[A-Za-z0-9_-]{16,64}")
MAX_AGE = timedelta(days=60)
# For each person; of more, the oldest go.
MAX_PER_USER = 50
# What the fields beside the body may take, in bytes.
MAX_OTHER_FIELDS_BYTES = 64 * 1024
SELECT = """
    SELECT unsaved.key, unsaved.base, unsaved.fields, unsaved.kept, post.id AS post_id
    FROM unsaved LEFT JOIN post ON post.id = unsaved.post_id
"""


def new_key() -> str:
    """A key for an editing form that nobody else can guess."""
    return secrets.token_urlsafe(16)


def is_key(key: str) -> bool:
    """Whether this has the form of a key."""
    return KEY_PATTERN.fullmatch(key) is not None


def save(
    user_id: int,
    key: str,
    fields: Mapping[str, str],
    *,
    post_id: int | None = None,
    base: str = "",
    age: timedelta = timedelta(),
) -> None:
    """Keep what a form holds, in place of what it held before; nothing where that is blank.

    `age` says how long ago it was typed. Raises `NotFound` for what is no key, `TooLong`.
    """
    if not is_key(key):
        raise errors.NotFound("There is no such text.")
    fields = {name: text.clean(value) for name, value in fields.items()}
    if not any(fields.get(name, "").strip() for name in ("title", "body")):
        delete(user_id, key)
        return
    kept = format_timestamp(datetime.now(UTC) - min(max(age, timedelta()), MAX_AGE))
    with transaction() as db:
        db.execute(
            "INSERT INTO unsaved (user_id, key, post_id, base, fields, kept)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (user_id, key) DO UPDATE"
            " SET fields = excluded.fields, base = excluded.base, kept = excluded.kept,"
            " discarded = 0",
            (user_id, key, _stored_id(post_id), base[:64], _serialize(fields), kept),
        )
        _prune(db, user_id)


def _stored_id(post_id: int | None) -> int | None:
    # No id is larger than what SQLite can store.
    return post_id if post_id is not None and 0 < post_id < 2**63 else None


def _serialize(fields: Mapping[str, str]) -> str:
    packed = json.dumps(fields, ensure_ascii=False)
    rest = {name: value for name, value in fields.items() if name != "body"}
    if (
        len(fields.get("body", "").encode()) > post_fields.MAX_BODY_BYTES
        or len(json.dumps(rest)) > MAX_OTHER_FIELDS_BYTES
    ):
        raise errors.TooLong("The text is too long to be kept here. Make it two posts.")
    return packed


def _prune(db: sqlite3.Connection, user_id: int) -> None:
    db.execute(
        "DELETE FROM unsaved WHERE kept < ?", (format_timestamp(datetime.now(UTC) - MAX_AGE),)
    )
    db.execute(
        "DELETE FROM unsaved WHERE user_id = ? AND key NOT IN"
        " (SELECT key FROM unsaved WHERE user_id = ? ORDER BY discarded, kept DESC, key LIMIT ?)",
        (user_id, user_id, MAX_PER_USER),
    )


def find(user_id: int, key: str) -> sqlite3.Row | None:
    """The text under this person's key, discarded or not, or None."""
    row: sqlite3.Row | None = (
        get_db().execute(f"{SELECT} WHERE user_id = ? AND key = ?", (user_id, key)).fetchone()
    )
    return row


def get(user_id: int, key: str) -> sqlite3.Row:
    """The text under this person's key. Raises `NotFound`."""
    row = find(user_id, key)
    if row is None:
        raise errors.NotFound("This text is not here any more. It was saved, or is too old.")
    return row


def load_fields(row: sqlite3.Row) -> dict[str, str]:
    """The form's fields that are kept in a row."""
    return dict(json.loads(row["fields"]))


def for_post(user_id: int, post_id: int | None, *, but: str = "") -> list[sqlite3.Row]:
    """A person's texts for a post, newest first, but the one under a key.

    Without a post: for new posts, and for those that are gone.
    """
    return (
        get_db()
        .execute(
            f"{SELECT} WHERE user_id = ? AND post.id IS ? AND key <> ? AND discarded = 0"
            " ORDER BY kept DESC, key",
            (user_id, _stored_id(post_id), but),
        )
        .fetchall()
    )


def discard(user_id: int, key: str) -> None:
    """Offer a text no longer."""
    with transaction() as db:
        db.execute("UPDATE unsaved SET discarded = 1 WHERE user_id = ? AND key = ?", (user_id, key))


def delete(user_id: int, key: str) -> None:
    """Forget the text of a form, as it is saved."""
    if not is_key(key):
        return
    with transaction() as db:
        db.execute("DELETE FROM unsaved WHERE user_id = ? AND key = ?", (user_id, key))
