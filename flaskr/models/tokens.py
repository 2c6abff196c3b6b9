"""Tokens: secrets with which programs act for a user, limited to some scopes.

Only the hash of a secret is stored. It needs no salt, because a secret is 256 random bits.
"""

import hashlib
import re
import secrets
import sqlite3
from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from .. import db
from .. import errors
from .. import text
from ..db import format_timestamp
from ..db import now
from ..db import transaction
from . import permissions
from .permissions import User

# "write" is for drafts; "publish" is for all that visitors see.
SCOPES = ("read", "write", "publish", "media", "settings")
# Only programs that a user logs in to ask for the user's profile.
PROFILE = "profile"
ALL_SCOPES = (*SCOPES, PROFILE)
# Programs that look for leaked secrets recognize a token by its beginning.
PREFIX = "flaskr_"
SECRET = re.compile(f"{PREFIX}[0-9a-f]{{64}}", re.ASCII)
MAX_NAME_CHARS = 100
MAX_DAYS = 3650
MAX_TOKENS_PER_USER = 200
USE_INTERVAL = timedelta(minutes=1)


def create(
    user: User,
    *,
    name: str,
    scopes: Iterable[str],
    days: int | None = None,
    client_id: str = "",
) -> str:
    """Create a token for a user and return its secret, which cannot be read again.

    `days` is None for a token that never expires. `client_id` is the URL of a program that the user
    logged in to. Raises `Invalid`.
    """
    name, chosen = _parse_name(name), _parse_scopes(scopes)
    if days is not None and not 1 <= days <= MAX_DAYS:
        raise errors.Invalid(f"A token expires after 1 to {MAX_DAYS:,} days, or never.", "days")
    secret = PREFIX + secrets.token_hex(32)
    expires = None if days is None else _after(timedelta(days=days))
    with transaction() as connection:
        if len(of_user(user["id"])) >= MAX_TOKENS_PER_USER:
            raise errors.Invalid(
                f"You can have at most {MAX_TOKENS_PER_USER} tokens. Revoke one first."
            )
        connection.execute(
            """
            INSERT INTO token (user_id, name, hash, scopes, created, expires, client_id)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            (user["id"], name, _hash(secret), " ".join(chosen), now(), expires, client_id),
        )
    return secret


def _parse_name(name: str) -> str:
    # A name far too long need not be cleaned.
    name = text.one_line(name[: 10 * MAX_NAME_CHARS])
    if not name:
        raise errors.Invalid("Name is required.", "name")
    if len(name) > MAX_NAME_CHARS:
        raise errors.Invalid(f"Name is too long: at most {MAX_NAME_CHARS} characters.", "name")
    return name


def _parse_scopes(scopes: Iterable[str]) -> list[str]:
    given = set(scopes)
    if unknown := given - set(ALL_SCOPES):
        raise errors.Invalid(
            f"There is no scope {min(unknown)[:50]}. The scopes are {', '.join(SCOPES)}.", "scopes"
        )
    if not given:
        raise errors.Invalid("Choose what the program may do.", "scopes")
    return [scope for scope in ALL_SCOPES if scope in given]


def _after(time: timedelta) -> str:
    return format_timestamp(datetime.now(UTC) + time)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def find_holder(secret: str) -> sqlite3.Row | None:
    """Return the user of a token, with columns of the token like `token_id`.

    Returns None for an unknown, revoked or expired token. The time that comparing hashes takes
    reveals nothing about a secret.
    """
    if not SECRET.fullmatch(secret):
        return None
    return db.one(
        """
        SELECT "user".*, token.id AS token_id, token.scopes AS token_scopes,
            token.created AS token_created, token.expires AS token_expires, token.client_id
        FROM token
        JOIN "user" ON "user".id = token.user_id
        WHERE token.hash = ? AND (token.expires IS NULL OR token.expires > ?)
        """,
        _hash(secret),
        now(),
    )


def scopes_of(holder: Any) -> frozenset[str]:
    """Return the scopes of a holder's token, without those that plain SQL made up."""
    return frozenset(ALL_SCOPES).intersection(holder["token_scopes"].split())


def record_use(token_id: int, address: str) -> None:
    """Store when and from where a token was used, at most once a minute.

    Nothing waits for it: a program can read while the database is being written or is read-only.
    """
    # A time in the future comes from a clock that was wrong.
    is_recent = db.one(
        "SELECT 1 FROM token WHERE id = ? AND last_used BETWEEN ? AND ?",
        token_id,
        _after(-USE_INTERVAL),
        now(),
    )
    if is_recent:
        return
    try:
        with transaction(wait=False) as connection:
            connection.execute(
                "UPDATE token SET last_used = ?, last_address = ? WHERE id = ?",
                (now(), address, token_id),
            )
    except errors.Unavailable:
        return


def of_user(user_id: int) -> list[sqlite3.Row]:
    """Return a user's tokens, the newest first. `expired` is 1 for those that no longer work."""
    return db.all(
        """
        SELECT id, user_id, name, scopes, created, expires, last_used, last_address, client_id,
            expires IS NOT NULL AND expires <= ? AS expired
        FROM token
        WHERE user_id = ?
        ORDER BY created DESC, id DESC
        """,
        now(),
        user_id,
    )


def count_usable(user_id: int) -> int:
    """Return the number of a user's tokens that have not expired."""
    return sum(not token["expired"] for token in of_user(user_id))


def revoke(token_id: int, user: User) -> None:
    """Delete a token. Raises `NotFound`, also for another user's."""
    token = db.one("SELECT id, user_id FROM token WHERE id = ?", token_id)
    if token is None or not permissions.may(user, "revoke token", token):
        raise errors.NotFound("There is no such token.")
    with transaction() as connection:
        connection.execute("DELETE FROM token WHERE id = ?", (token_id,))


def revoke_all(user_id: int) -> None:
    """Delete all tokens of a user, and the codes for which programs could still get one."""
    with transaction() as connection:
        connection.execute("DELETE FROM token WHERE user_id = ?", (user_id,))
        connection.execute("DELETE FROM authorization_code WHERE user_id = ?", (user_id,))


def delete_expired(user_id: int, client_id: str) -> None:
    """Delete the expired tokens of a program that a user logged in to."""
    with transaction() as connection:
        connection.execute(
            "DELETE FROM token WHERE user_id = ? AND client_id = ? AND expires <= ?",
            (user_id, client_id, now()),
        )
