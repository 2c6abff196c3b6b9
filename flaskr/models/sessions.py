"""Who is logged in: one row for each log-in, known by the hash of a token that the cookie holds."""

import hashlib
import secrets
import sqlite3
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from .. import errors
from ..db import format_timestamp
from ..db import get_db
from ..db import now
from ..db import transaction

SEEN_EVERY = timedelta(minutes=5)


def start(user_id: int, *, address: str = "", user_agent: str = "") -> str:
    """Begin a session and return its token."""
    token = secrets.token_urlsafe(32)
    with transaction() as db:
        db.execute(
            "INSERT INTO session (token_hash, user_id, created, last_seen, address, user_agent)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (_hash(token), user_id, now(), now(), address, user_agent[:300]),
        )
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_user(token: str, *, lifetime: timedelta) -> sqlite3.Row | None:
    """The user whose session this is, or None when it has ended; notes that they were here."""
    db = get_db()
    oldest = format_timestamp(datetime.now(UTC) - lifetime)
    user: sqlite3.Row | None = db.execute(
        'SELECT "user".* FROM session JOIN "user" ON "user".id = session.user_id'
        " WHERE token_hash = ? AND last_seen > ?",
        (_hash(token), oldest),
    ).fetchone()
    if user is not None:
        _see(token)
    return user


def _see(token: str) -> None:
    db = get_db()
    # In the future it is where the clock was wrong when it was written.
    row = db.execute(
        "SELECT 1 FROM session WHERE token_hash = ? AND last_seen NOT BETWEEN ? AND ?",
        (_hash(token), format_timestamp(datetime.now(UTC) - SEEN_EVERY), now()),
    ).fetchone()
    if row is None:
        return
    try:
        with transaction(wait=False) as db:
            db.execute(
                "UPDATE session SET last_seen = ? WHERE token_hash = ?", (now(), _hash(token))
            )
    except errors.Unavailable:
        # To read the blog matters more than to know when.
        return


def end(token: str) -> None:
    """End one session: every copy of its cookie is dead."""
    with transaction() as db:
        db.execute("DELETE FROM session WHERE token_hash = ?", (_hash(token),))


def end_all(user_id: int, keep_token: str | None = None) -> None:
    """End all sessions of a user but the one of `keep_token`."""
    kept = _hash(keep_token) if keep_token else ""
    with transaction() as db:
        db.execute("DELETE FROM session WHERE user_id = ? AND token_hash <> ?", (user_id, kept))


def delete_expired(lifetime: timedelta) -> None:
    """Forget the sessions that nobody came back to.

    Those last seen in the future, by a clock that was wrong, begin to age now.
    """
    with transaction() as db:
        db.execute("UPDATE session SET last_seen = ? WHERE last_seen > ?", (now(), now()))
        db.execute(
            "DELETE FROM session WHERE last_seen <= ?",
            (format_timestamp(datetime.now(UTC) - lifetime),),
        )
