"""User accounts: names, passwords and roles."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from werkzeug.security import check_password_hash
from werkzeug.security import generate_password_hash

from .. import db
from .. import errors
from ..db import transaction
from ..text import names
from . import permissions
from . import sessions

ROLES = permissions.ROLES
NO_PASSWORD = "!"  # noqa: S105  # matches no password
MAX_PASSWORD_CHARS = 1024
# Imported posts may name several people at once, or one with many titles.
MAX_IMPORTED_NAME_CHARS = 200
MAX_SUGGESTIONS = 500
RESERVED_CHARACTERS = "/\\?#%"
# Hashing uses a core and 32 MB for 0.1 seconds. Half of the cores stay free for other requests.
MAX_CONCURRENT_HASHES = max(1, (os.cpu_count() or 1) // 2)
HASHING_TIMEOUT_SECONDS = 1.0
_hashing_slots = threading.BoundedSemaphore(MAX_CONCURRENT_HASHES)


def register(
    username: str,
    password: str,
    *,
    password_min_length: int,
    role: str = "",
    first: bool | None = None,
) -> int:
    """Create an account and return its id. By default, the first one gets the role owner.

    `first` says whether it must be the first account or must not be. Raises `Invalid`, `Conflict`
    if the name is taken, or `Forbidden` if `first` is wrong.
    """
    name = _normalize_username(username)
    if not password:
        raise errors.Invalid("Password is required.", "password")
    _check_reserved_characters(name)
    _check_password(password, password_min_length)
    password_hash = _hash_password(password)
    with transaction():
        if first is not None and first == has_accounts():
            raise errors.Forbidden(
                "Someone else has just created the first account. Ask the blog's owner for yours."
            )
        if has_accounts():
            return _insert(name, password_hash, role or "author")
        # An import may have created a user with this name: it is the same person.
        user_id = _claim_imported_user(name, password_hash) or _insert(name, password_hash, "owner")
        _set_role(user_id, role or "owner")
        return user_id


def _normalize_username(username: str, max_chars: int = names.MAX_CHARS) -> str:
    # Check the length first, because normalizing a long name is slow.
    name = username if names.is_too_long(username) else names.normalize_name(username)
    if not name:
        raise errors.Invalid("Username is required.", "username")
    names.check(name, label="Username", field="username", max_chars=max_chars)
    return name


def _check_reserved_characters(name: str) -> None:
    if name in (".", ".."):
        raise errors.Invalid("Username needs a letter or a number.", "username")
    for character in name:
        if character in RESERVED_CHARACTERS:
            raise errors.Invalid(
                f"Username cannot contain {character}. Choose a different one.", "username"
            )


def _check_password(password: str, minimum: int) -> None:
    if len(password) < minimum:
        raise errors.Invalid(f"Password is too short: at least {minimum} characters.", "password")
    if len(password) > MAX_PASSWORD_CHARS:
        raise errors.Invalid(
            f"Password is too long: at most {MAX_PASSWORD_CHARS:,} characters.", "password"
        )
    if password.encode(errors="replace").decode() != password:
        raise errors.Invalid(
            "Password contains a character that cannot be stored. Choose a different one.",
            "password",
        )


@contextmanager
def limit_hashing() -> Iterator[None]:
    """Limit how many passwords are hashed at once. Raises `TooManyRequests` after a short wait."""
    if not _hashing_slots.acquire(timeout=HASHING_TIMEOUT_SECONDS):
        raise errors.TooManyRequests(
            "Many people are logging in right now. Try again in a moment.", 5
        )
    try:
        yield
    finally:
        _hashing_slots.release()


def _hash_password(password: str) -> str:
    with limit_hashing():
        return generate_password_hash(password)


def has_accounts() -> bool:
    """Return True if any user can log in."""
    query = 'SELECT 1 FROM "user" WHERE password <> ? LIMIT 1'
    return db.one(query, NO_PASSWORD) is not None


def _insert(name: str, password_hash: str, role: str) -> int:
    name_key = names.key(name)
    with transaction() as connection:
        if db.one(
            'SELECT 1 FROM "user" WHERE username IN (?, ?) OR username_key = ?',
            name,
            name_key,
            name_key,
        ):
            raise errors.Conflict(f"User {name} is already registered.", "username")
        if find_lookalike(name):
            raise errors.Conflict(
                f"Username {name} looks like another user's name. Choose a different one.",
                "username",
            )
        row = connection.execute(
            """
            INSERT INTO "user" (username, password, role, username_key)
            VALUES (?, ?, ?, ?)
            RETURNING id
            """,
            (name, password_hash, role, name_key or None),
        ).fetchone()
    return int(row["id"])


def find_lookalike(name: str, *, other_than: int = 0) -> sqlite3.Row | None:
    """Return another user with a user name or display name that looks the same."""
    for row in db.all('SELECT * FROM "user" WHERE id <> ? ORDER BY id', other_than):
        taken = filter(None, (row["username"], row["display_name"]))
        if any(names.look_same(name, other) for other in taken):
            return row
    return None


def _claim_imported_user(name: str, password_hash: str) -> int | None:
    imported = find_by_name(name)
    if imported is None:
        return None
    with transaction() as db:
        _store_hash(imported["id"], password_hash)
        # Updating this column fires the trigger that invalidates cached pages with a Register link.
        db.execute('UPDATE "user" SET username = username WHERE id = ?', (imported["id"],))
    return int(imported["id"])


def create_without_password(username: str) -> int:
    """Create an author without a password for an import, and return the id. Raises `Invalid`."""
    return _insert(_normalize_username(username, MAX_IMPORTED_NAME_CHARS), NO_PASSWORD, "author")


def authenticate(username: str, password: str) -> sqlite3.Row:
    """Return the user with this name and password. Raises `Invalid`.

    An unknown name takes as long as a wrong password.
    """
    user = find_by_name(username)
    with limit_hashing():
        dummy = dummy_hash()
        matches = _matches(user["password"] if user else dummy, password)
    if user is None:
        raise errors.Invalid("Incorrect username.", "username")
    if not matches:
        raise errors.Invalid("Incorrect password.", "password")
    if _hash_method(user["password"]) != _hash_method(dummy):
        _store_hash(user["id"], _hash_password(password))
    return user


def find_by_name(username: str) -> sqlite3.Row | None:
    """Return the user with this name, ignoring case if there is no exact match."""
    if names.is_too_long(username):
        return None
    typed, name = username.encode(errors="replace").decode(), names.normalize_name(username)
    return db.one(
        """
        SELECT *
        FROM "user"
        WHERE username IN (?, ?) OR username_key = nullif(?, '')
        ORDER BY username = ? DESC, username = ? DESC
        LIMIT 1
        """,
        typed,
        name,
        names.key(name),
        typed,
        name,
    )


def name_key(username: str) -> str | None:
    """Return the key that all spellings of a name share, or None if it is too long for a user."""
    return None if names.is_too_long(username) else names.key(username)


def find_by_display_name(name: str) -> sqlite3.Row | None:
    """Return the user with this display name."""
    rows = db.all("SELECT * FROM \"user\" WHERE display_name <> ''")
    return next((row for row in rows if names.key(row["display_name"]) == names.key(name)), None)


@cache
def dummy_hash() -> str:
    """Return a hash to compare if there is no such user, which then takes the same time."""
    return generate_password_hash("")


def _matches(password_hash: str, password: str) -> bool:
    if len(password) > MAX_PASSWORD_CHARS:
        return False
    try:
        return check_password_hash(password_hash, password)
    except ValueError:
        # Plain SQL stored a hash of a kind that Werkzeug does not know.
        return False


def _hash_method(password_hash: str) -> str:
    return password_hash.partition("$")[0]


def _store_hash(user_id: int, password_hash: str) -> None:
    with transaction() as db:
        db.execute('UPDATE "user" SET password = ? WHERE id = ?', (password_hash, user_id))


def change_password(
    user_id: int,
    password: str,
    *,
    old_password: str | None = None,
    password_min_length: int,
    keep_token: str | None = None,
) -> None:
    """Store a new password and end the user's sessions, except the one with `keep_token`.

    Raises `Invalid`, also if an old password is given and is wrong.
    """
    if old_password is not None:
        check_password(user_id, old_password, field="old_password")
    elif find(user_id) is None:
        raise errors.NotFound("There is no such user.")
    _check_password(password, password_min_length)
    password_hash = _hash_password(password)
    with transaction():
        _store_hash(user_id, password_hash)
        sessions.end_all(user_id, keep_token)


def check_password(user_id: int, password: str, *, field: str = "password") -> None:
    """Raise `Invalid` unless it is the user's password, and `NotFound` without such a user."""
    user = find(user_id)
    if user is None:
        raise errors.NotFound("There is no such user.")
    with limit_hashing():
        if not _matches(user["password"], password):
            raise errors.Invalid("Incorrect password.", field)


def get_by_name(username: str) -> sqlite3.Row:
    """Return the user with this name. Raises `NotFound`."""
    user = find_by_name(username)
    if user is None:
        raise errors.NotFound(f"There is no user {username}.")
    return user


def find(user_id: int) -> sqlite3.Row | None:
    """Return the user with this id."""
    return db.one('SELECT * FROM "user" WHERE id = ?', user_id)


def list_all() -> list[sqlite3.Row]:
    """Return all users by name, with the number of their posts."""
    return db.all(
        """
        SELECT
            username, role, password <> ? AS can_log_in,
            (SELECT count(*) FROM post WHERE author_id = "user".id) AS posts
        FROM "user"
        ORDER BY username
        """,
        NO_PASSWORD,
    )


def with_tokens() -> list[sqlite3.Row]:
    """Return the users with tokens, ordered by name."""
    return db.all(
        """
        SELECT id, username
        FROM "user"
        WHERE id IN (SELECT user_id FROM token)
        ORDER BY username
        """
    )


def usernames() -> list[str]:
    """Return the names to suggest in a form."""
    query = 'SELECT username FROM "user" ORDER BY username LIMIT ?'
    return [row["username"] for row in db.all(query, MAX_SUGGESTIONS)]


def set_role(username: str, role: str) -> None:
    """Give a user a role. Raises `NotFound`, `Invalid`."""
    if role not in ROLES:
        raise errors.Invalid(f"There is no role {role}. The roles are {' and '.join(ROLES)}.")
    _set_role(get_by_name(username)["id"], role)


def _set_role(user_id: int, role: str) -> None:
    with transaction() as db:
        db.execute('UPDATE "user" SET role = ? WHERE id = ?', (role, user_id))


def has_owner() -> bool:
    """Return True if the blog has an owner."""
    return db.one("SELECT 1 FROM \"user\" WHERE role = 'owner' LIMIT 1") is not None


def backfill_keys() -> None:
    """Set the name keys of users that plain SQL or an older version of flaskr created."""
    rows = db.all('SELECT id, username, username_key FROM "user"')
    stale = [
        (row["id"], name_key)
        for row in rows
        if (name_key := names.key(row["username"]) or None) != row["username_key"]
    ]
    if not stale:
        return
    with transaction() as connection:
        for user_id, name_key in stale:
            connection.execute(
                """
                UPDATE "user"
                SET username_key = ?
                WHERE id = ? AND NOT EXISTS (SELECT 1 FROM "user" WHERE username_key = ?)
                """,
                (name_key, user_id, name_key),
            )
