"""Authorization codes: a program gets a token for one, once, within minutes (IndieAuth, RFC 6749).

Only the hash of a code is stored. A code that is used again may have been stolen, so the token that
was created for it is revoked.
"""

import base64
import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from types import MappingProxyType
from typing import Any
from typing import NamedTuple

from .. import db
from ..db import format_timestamp
from ..db import now
from ..db import transaction
from . import permissions
from . import tokens
from . import users
from .permissions import User
from .tokens import PROFILE

LIFETIME = timedelta(minutes=5)
# Used codes are remembered, to notice if they are used again.
MEMORY = timedelta(days=1)
CODE = re.compile(r"[0-9a-f]{64}", re.ASCII)
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}", re.ASCII)
# The scopes of IndieAuth and Micropub, and the scopes of a token that stand for them.
SCOPES = MappingProxyType(
    {
        "create": {"write", "publish"},
        "post": {"write", "publish"},
        "draft": {"write"},
        "update": {"read", "write", "publish"},
        "delete": {"write", "publish"},
        "undelete": {"write", "publish"},
        "media": {"media"},
        "read": {"read"},
        PROFILE: {PROFILE},
    }
)
# The others have a former name, `post` for `create`.
NAMED_SCOPES = [name for name in SCOPES if name != "post"]


class Grant(NamedTuple):
    """A user's answer to a program: the scopes of a token, and the scopes that it asked for."""

    client_id: str
    redirect_uri: str
    challenge: str
    asked: list[str]
    scopes: list[str]
    # The name of the token, and its lifetime in days; None is forever.
    name: str
    days: int | None


class Redemption(NamedTuple):
    """The user and the grant of a code, and the secret of a new token if one was wanted."""

    user: Any
    grant: Grant
    secret: str


def find_offered(asked: Iterable[str], user: User) -> list[str]:
    """Return the scopes of a token that a program's scopes stand for and that a user may grant."""
    wanted = set().union(*(SCOPES.get(name, ()) for name in asked))
    if not permissions.may(user, "create post", {"author_id": user["id"]}):
        wanted &= {PROFILE}
    return [scope for scope in tokens.ALL_SCOPES if scope in wanted]


def name_scopes(scopes: Iterable[str], asked: Iterable[str]) -> list[str]:
    """Return the names that the scopes of a token have in IndieAuth, of those asked for."""
    given = set(scopes)
    names = [name for name in SCOPES if name in asked and SCOPES[name] <= given]
    # Without `publish`, new posts of a program are drafts.
    if "write" in given and not {"draft", "create", "post"}.intersection(names):
        names.append("draft")
    return names


def issue(user: User, grant: Grant) -> str:
    """Store a grant and return a code for it."""
    code = secrets.token_hex(32)
    with transaction() as connection:
        connection.execute(
            "DELETE FROM authorization_code WHERE expires <= ?", (_from_now(-MEMORY),)
        )
        connection.execute(
            """
            INSERT INTO authorization_code (hash, user_id, grant_json, expires)
            VALUES (?, ?, ?, ?)
            """,
            (_hash(code), user["id"], json.dumps(grant), _from_now(LIFETIME)),
        )
    return code


def _from_now(time: timedelta) -> str:
    return format_timestamp(datetime.now(UTC) + time)


def _hash(code: str) -> str:
    return hashlib.sha256(code.encode()).hexdigest()


def redeem(
    code: str, *, client_id: str, redirect_uri: str, verifier: str, for_token: bool
) -> Redemption | None:
    """Use a code up and return the user and the grant. An invalid code gives None.

    Raises `Invalid` if the user has too many tokens.
    """
    if not CODE.fullmatch(code):
        return None
    with transaction() as connection:
        row = db.one(
            """
            SELECT user_id, grant_json, expires <= ? AS expired, token_id
            FROM authorization_code
            WHERE hash = ?
            """,
            now(),
            _hash(code),
        )
        if row is None:
            return None
        if row["token_id"] is not None:
            connection.execute("DELETE FROM token WHERE id = ?", (row["token_id"],))
            return None
        user, grant = users.find(row["user_id"]), _load_grant(row["grant_json"])
        if grant is None:
            return None
        is_valid = (
            # Plain SQL may have deleted the user.
            user is not None
            and not row["expired"]
            and (client_id, redirect_uri) == (grant.client_id, grant.redirect_uri)
            and _fits(verifier, grant.challenge)
            and (bool(grant.scopes) or not for_token)
        )
        secret, token_id = "", 0
        if is_valid and for_token:
            secret, token_id = _create_token(user, grant)
        connection.execute(
            "UPDATE authorization_code SET token_id = ? WHERE hash = ?", (token_id, _hash(code))
        )
    return Redemption(user, grant, secret) if is_valid else None


def _load_grant(stored: str) -> Grant | None:
    try:
        return Grant(*json.loads(stored))
    except (ValueError, TypeError):
        return None


def _fits(verifier: str, challenge: str) -> bool:
    """Return True if a challenge was made from this verifier (RFC 7636)."""
    if not VERIFIER.fullmatch(verifier):
        return False
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return hmac.compare_digest(digest.decode().rstrip("="), challenge)


def _create_token(user: User, grant: Grant) -> tuple[str, Any]:
    tokens.delete_expired(user["id"], grant.client_id)
    secret = tokens.create(
        user,
        name=grant.name,
        scopes=grant.scopes,
        days=grant.days,
        client_id=grant.client_id,
    )
    holder = tokens.find_holder(secret)
    return secret, holder and holder["token_id"]
