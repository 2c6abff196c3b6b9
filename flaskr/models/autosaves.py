"""Autosaves: the text of editing forms that is not in a post yet."""

import hashlib
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
from ..db import now
from ..db import one
from ..db import transaction
from . import post_fields
from . import retention
from . import stored_json

KEY_PATTERN = re.compile(r"[A-Za-z0-9_-]{16,64}")
MAX_AGE = timedelta(days=60)
MAX_PER_USER = 50
MAX_OTHER_FIELDS_BYTES = 64 * 1024
SELECT = """
    SELECT unsaved.key, unsaved.base, unsaved.fields, unsaved.kept, post.id AS post_id
    FROM unsaved LEFT JOIN post ON post.id = unsaved.post_id
"""


def new_key() -> str:
    """Return a key for an editing form that cannot be guessed."""
    return secrets.token_urlsafe(16)


def is_key(key: str) -> bool:
    """Return True if the text has the form of a key."""
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
    """Store the fields of a form in place of its previous autosave.

    If they are blank and belong to no post, delete it. `age` says how long ago they were typed.
    Raises `TooLong`, and `NotFound` for a malformed key.
    """
    require_key(key)
    fields = {name: text.clean(value) for name, value in fields.items()}
    if post_id is None and is_blank(fields):
        delete(user_id, key)
        return
    _store(user_id, key, fields, post_id, base, age)


def require_key(key: str) -> None:
    """Raise `NotFound` unless the text has the form of a key."""
    if not is_key(key):
        raise errors.NotFound("There is no such autosave.")


def is_blank(fields: Mapping[str, str]) -> bool:
    """Return True if the form has neither a title nor a body."""
    return not any(fields.get(name, "").strip() for name in ("title", "body"))


def link(user_id: int, key: str, post_id: int) -> None:
    """Remember the draft that contains the text of a form, so that it becomes no second draft."""
    _store(user_id, key, {}, post_id)


def clear(user_id: int, key: str) -> None:
    """Forget the text of a form, which the draft contains, but not which draft that is."""
    with transaction() as db:
        db.execute(
            "UPDATE unsaved SET fields = '{}', discarded = 0 WHERE user_id = ? AND key = ?",
            (user_id, key),
        )


def _store(
    user_id: int,
    key: str,
    fields: Mapping[str, str],
    post_id: int | None,
    base: str = "",
    age: timedelta = timedelta(),
) -> None:
    kept = format_timestamp(datetime.now(UTC) - min(max(age, timedelta()), MAX_AGE))
    with transaction() as db:
        db.execute(
            """
            INSERT INTO unsaved (user_id, key, post_id, base, fields, kept)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (user_id, key) DO UPDATE
            SET fields = excluded.fields, base = excluded.base, kept = excluded.kept, discarded = 0,
                post_id = coalesce(excluded.post_id, unsaved.post_id)
            """,
            (user_id, key, _stored_id(post_id), base[:64], _serialize(fields), kept),
        )
        _prune(db, user_id, key)


def _stored_id(post_id: int | None) -> int | None:
    # SQLite cannot store a larger integer.
    return post_id if post_id is not None and 0 < post_id < 2**63 else None


def _serialize(fields: Mapping[str, str]) -> str:
    packed = json.dumps(fields, ensure_ascii=False)
    rest = {name: value for name, value in fields.items() if name != "body"}
    if (
        len(fields.get("body", "").encode()) > post_fields.MAX_BODY_BYTES
        or len(json.dumps(rest)) > MAX_OTHER_FIELDS_BYTES
    ):
        raise errors.TooLong("The text is too long to be autosaved. Split it into two posts.")
    return packed


def _prune(db: sqlite3.Connection, user_id: int, key: str) -> None:
    """Delete texts that are too old, and the oldest of a user with too many, but not this one.

    After the clock was wrong, older texts may seem newer than this one.
    """
    db.execute("DELETE FROM unsaved WHERE kept < ?", (retention.oldest(MAX_AGE),))
    db.execute("UPDATE unsaved SET kept = ? WHERE kept > ?", (now(), now()))
    db.execute(
        """
        DELETE FROM unsaved
        WHERE user_id = ? AND fields <> '{}' AND key <> ? AND key NOT IN (
            SELECT key
            FROM unsaved
            WHERE user_id = ? AND fields <> '{}'
            ORDER BY discarded, kept DESC, key
            LIMIT ?
        )
        """,
        (user_id, key, user_id, MAX_PER_USER),
    )


def find(user_id: int, key: str) -> sqlite3.Row | None:
    """Return the user's autosave with this key, discarded or not, if any."""
    return one(f"{SELECT} WHERE user_id = ? AND key = ? AND fields <> '{{}}'", user_id, key)


def find_post_id(user_id: int, key: str) -> int | None:
    """Return the id of the post that a form of the user edits, as far as it is known."""
    row = one(f"{SELECT} WHERE user_id = ? AND key = ?", user_id, key)
    return row["post_id"] if row else None


def get(user_id: int, key: str) -> sqlite3.Row:
    """Return the user's autosave with this key, discarded or not. Raises `NotFound`."""
    row = find(user_id, key)
    if row is None:
        raise errors.NotFound("This text is no longer here. It was saved or has expired.")
    return row


def load_fields(row: sqlite3.Row) -> dict[str, str]:
    """Return the form fields stored in an autosave, or what is left of its title and body."""
    try:
        fields = stored_json.load(row["fields"])
    except ValueError:
        return stored_json.find_texts(row["fields"])
    return {name: str(value) for name, value in fields.items()}


def for_post(user_id: int, post_id: int | None, *, except_key: str = "") -> list[sqlite3.Row]:
    """Return the user's autosaves for a post, newest first, except that of `except_key`.

    Without a post, return those for new posts and for posts that no longer exist.
    """
    return (
        get_db()
        .execute(
            f"""
            {SELECT}
            WHERE user_id = ? AND post.id IS NOT DISTINCT FROM ? AND key <> ?
                AND discarded = 0 AND fields <> '{{}}'
            ORDER BY kept DESC, key
            """,
            (user_id, _stored_id(post_id), except_key),
        )
        .fetchall()
    )


def find_newer(user_id: int, post: sqlite3.Row) -> sqlite3.Row | None:
    """Return the user's newest autosave of a post unless the post was saved after it."""
    newest = next(iter(for_post(user_id, post["id"])), None)
    saved = post["updated"] or post["created"]
    return newest if newest and newest["kept"] >= saved else None


def version(row: sqlite3.Row) -> str:
    """Return a name for the stored text, with which `supersede` recognizes it."""
    return f"{row['key']}:{hashlib.sha256(row['fields'].encode()).hexdigest()[:32]}"


def supersede(user_id: int, version_name: str) -> None:
    """Delete the autosave that a form was filled from, unless it has changed since."""
    row = find(user_id, version_name.partition(":")[0])
    if row and version(row) == version_name:
        delete(user_id, row["key"])


def discard(user_id: int, key: str) -> None:
    """Mark an autosave as discarded: it is no longer offered, but can be restored."""
    with transaction() as db:
        db.execute("UPDATE unsaved SET discarded = 1 WHERE user_id = ? AND key = ?", (user_id, key))


def delete(user_id: int, key: str) -> None:
    """Delete the autosave of a form that was saved."""
    if not is_key(key):
        return
    with transaction() as db:
        db.execute("DELETE FROM unsaved WHERE user_id = ? AND key = ?", (user_id, key))
