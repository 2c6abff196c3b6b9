"""Rate limits. Counts are stored in the database, shared by all workers and kept on restart."""

import hashlib
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from .. import db
from .. import errors
from ..db import format_timestamp
from ..db import now
from ..db import transaction

MAX_WINDOW_SECONDS = 24 * 60 * 60


def record(action: str, *, limit: int, seconds: int) -> None:
    """Count an attempt. Raises `TooManyRequests` after `limit` attempts within `seconds`.

    A count that ends later than possible was stored while the clock was wrong, and is ignored.
    """
    # Clients over the limit cost one read, not a write.
    _check(action, limit, seconds)
    with transaction() as db:
        _check(action, limit, seconds)
        window_end = _seconds_from_now(seconds)
        db.execute(
            """
            DELETE FROM throttle
            WHERE ends <= ? OR ends > ? OR (key = ? AND ends > ?)
            """,
            (now(), _seconds_from_now(MAX_WINDOW_SECONDS), _key(action), window_end),
        )
        db.execute(
            """
            INSERT INTO throttle (key, hits, ends)
            VALUES (?, 1, ?)
            ON CONFLICT (key) DO UPDATE SET hits = throttle.hits + 1
            """,
            (_key(action), window_end),
        )


def _seconds_from_now(seconds: int) -> str:
    return format_timestamp(datetime.now(UTC) + timedelta(seconds=seconds))


def _check(action: str, limit: int, seconds: int) -> None:
    row = db.one(
        """
        SELECT ends
        FROM throttle
        WHERE key = ? AND hits >= ? AND ends > ? AND ends <= ?
        """,
        _key(action),
        limit,
        now(),
        _seconds_from_now(seconds),
    )
    if row is None:
        return
    wait = row["ends"].replace(tzinfo=UTC) - datetime.now(UTC)
    seconds_left = max(1, int(wait.total_seconds()))
    minutes = -(-seconds_left // 60)
    raise errors.TooManyRequests(
        f"Too many attempts. Try again in {minutes} minute{'' if minutes == 1 else 's'}.",
        seconds_left,
    )


def _key(action: str) -> str:
    # The user name in it may be a password typed into the wrong field.
    return hashlib.sha256(action.encode(errors="replace")).hexdigest()


def reset(action: str) -> None:
    """Reset the count of an action."""
    with transaction() as db:
        db.execute("DELETE FROM throttle WHERE key = ?", (_key(action),))
