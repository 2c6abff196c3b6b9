"""Login sessions: one row per login, found by the hash of the token in the cookie."""

import hashlib
import secrets
import sqlite3
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from .. import db
from .. import errors
from ..db import format_timestamp
from ..db import now
from ..db import transaction
from . import retention

LAST_SEEN_INTERVAL = timedelta(minutes=5)
MAX_USER_AGENT_CHARS = 300


def start(user_id: int, *, address: str = "", user_agent: str = "") -> str:
    """Create a session and return its token."""
    token = secrets.token_urlsafe(32)
    with transaction() as db:
        db.execute(
            """
            INSERT INTO session (token_hash, user_id, created, last_seen, address, user_agent)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
            (_hash(token), user_id, now(), now(), address, user_agent[:MAX_USER_AGENT_CHARS]),
        )
    return token


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def find_user(token: str, *, lifetime: timedelta, is_visit: bool = True) -> sqlite3.Row | None:
    """Return the user of a session that has not ended, and record the visit."""
    user = db.one(
        """
        SELECT "user".*
        FROM session
        JOIN "user" ON "user".id = session.user_id
        WHERE token_hash = ? AND last_seen > ?
        """,
        _hash(token),
        format_timestamp(datetime.now(UTC) - lifetime),
    )
    if user is not None and is_visit:
        _update_last_seen(token)
    return user


def _update_last_seen(token: str) -> None:
    # A time in the future comes from a clock that was wrong.
    outdated = db.one(
        """
        SELECT 1
        FROM session
        WHERE token_hash = ? AND last_seen NOT BETWEEN ? AND ?
        """,
        _hash(token),
        format_timestamp(datetime.now(UTC) - LAST_SEEN_INTERVAL),
        now(),
    )
    if outdated is None:
        return
    try:
        with transaction(wait=False) as connection:
            connection.execute(
                "UPDATE session SET last_seen = ? WHERE token_hash = ?", (now(), _hash(token))
            )
    except errors.Unavailable:
        # Showing the page matters more than recording the visit.
        return


def end(token: str) -> None:
    """End a session, which makes every copy of its cookie invalid."""
    with transaction() as db:
        db.execute("DELETE FROM session WHERE token_hash = ?", (_hash(token),))


def end_all(user_id: int, keep_token: str | None = None) -> None:
    """End all sessions of a user except the one with `keep_token`."""
    kept_hash = _hash(keep_token) if keep_token else ""
    with transaction() as db:
        db.execute(
            "DELETE FROM session WHERE user_id = ? AND token_hash <> ?", (user_id, kept_hash)
        )


def end_every() -> None:
    """End the sessions of all users."""
    with transaction() as db:
        db.execute("DELETE FROM session")


def delete_expired(lifetime: timedelta) -> None:
    """Delete sessions unused for longer than `lifetime`.

    Sessions last seen in the future, because of a wrong clock, are treated as seen now.
    """
    with transaction() as db:
        db.execute("UPDATE session SET last_seen = ? WHERE last_seen > ?", (now(), now()))
        db.execute(
            "DELETE FROM session WHERE last_seen <= ?",
            (retention.oldest(lifetime),),
        )


def addresses() -> list[str]:
    """Return the addresses that the sessions were started from."""
    return [row["address"] for row in db.all("SELECT DISTINCT address FROM session LIMIT 1000")]


def latest_use() -> datetime | None:
    """Return the time in UTC at which somebody last used a session."""
    row = db.one("SELECT last_seen FROM session ORDER BY last_seen DESC LIMIT 1")
    return row["last_seen"] if row else None
