"""How often something may be tried; the counts hold across processes and restarts."""

import hashlib
from datetime import UTC
from datetime import datetime
from datetime import timedelta

from .. import errors
from ..db import format_timestamp
from ..db import get_db
from ..db import now
from ..db import transaction

LONGEST_SECONDS = 24 * 60 * 60


def record(what: str, *, limit: int, seconds: int) -> None:
    """Count one try of `what`. Raises `TooMany` after `limit` tries in as many `seconds`.

    A count that ends later than it could was made while the clock was wrong, and is void.
    """
    # Whoever is over the limit costs a look, not a write.
    _check(what, limit, seconds)
    with transaction() as db:
        _check(what, limit, seconds)
        latest = _in(seconds)
        db.execute(
            "DELETE FROM throttle WHERE ends <= ? OR ends > ? OR (key = ? AND ends > ?)",
            (now(), _in(LONGEST_SECONDS), _key(what), latest),
        )
        db.execute(
            "INSERT INTO throttle (key, hits, ends) VALUES (?, 1, ?)"
            " ON CONFLICT (key) DO UPDATE SET hits = hits + 1",
            (_key(what), latest),
        )


def _in(seconds: int) -> str:
    return format_timestamp(datetime.now(UTC) + timedelta(seconds=seconds))


def _check(what: str, limit: int, seconds: int) -> None:
    row = (
        get_db()
        .execute(
            "SELECT ends FROM throttle WHERE key = ? AND hits >= ? AND ends > ? AND ends <= ?",
            (_key(what), limit, now(), _in(seconds)),
        )
        .fetchone()
    )
    if row is None:
        return
    wait = row["ends"].replace(tzinfo=UTC) - datetime.now(UTC)
    left = max(1, int(wait.total_seconds()))
    minutes = -(-left // 60)
    raise errors.TooManyRequests(
        f"Too many tries. Try again in {minutes} minute{'' if minutes == 1 else 's'}.", left
    )


def _key(what: str) -> str:
    # A password typed into the wrong field is not kept in plain text.
    return hashlib.sha256(what.encode(errors="replace")).hexdigest()


def reset(what: str) -> None:
    """Begin to count anew."""
    with transaction() as db:
        db.execute("DELETE FROM throttle WHERE key = ?", (_key(what),))
