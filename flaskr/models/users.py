"""The people who write: names, passwords, roles."""

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from werkzeug.security import check_password_hash
from werkzeug.security import generate_password_hash

from .. import errors
from ..db import get_db
from ..db import transaction
from ..text import names
from . import permissions
from . import sessions

ROLES = permissions.ROLES
NO_PASSWORD = "!"  # noqa: S105  # the hash of no password: nobody logs in with it
MAX_PASSWORD_CHARS = 1024
# Others' sites name several people at once, or someone with all their titles.
IMPORTED_NAME_CHARS = 200
RESERVED_CHARACTERS = "/\\?#%"
# Hashing takes a core and 32 MB for a tenth of a second; half the cores stay free for readers.
HASHES_AT_ONCE = max(1, (os.cpu_count() or 1) // 2)
HASHING_PATIENCE_SECONDS = 1.0
_hashing_slots = threading.BoundedSemaphore(HASHES_AT_ONCE)


def register(
    username: str,
    password: str,
    *,
    password_min_length: int,
    role: str = "",
    first: bool | None = None,
) -> int:
    """Make an account and return its id; without a role, the first owns the blog.

    With `first` it has to be the first account, or has to be another one. Raises `Invalid` for
    what the form can mend, `Conflict` for a name that is taken, `Forbidden` where somebody else
    was first.
    """
    name = _checked_username(username)
    if not password:
        raise errors.Invalid("Password is required.", "password")
    _check_reserved_characters(name)
    _check_password(password, password_min_length)
    password_hash = _hashed(password)
    with transaction():
        if first is not None and first == has_accounts():
            raise errors.Forbidden(
                "Somebody else has made an account meanwhile. Ask the blog's owner for yours."
            )
        if has_accounts():
            return _insert(name, password_hash, role or "author")
        # Whoever brought their posts here first and then registers, is who wrote them.
        user_id = _take_over(name, password_hash) or _insert(name, password_hash, "owner")
        _set_role(user_id, role or "owner")
        return user_id


def _checked_username(username: str, max_chars: int = names.MAX_CHARS) -> str:
    # The length comes first: to compose a name takes time.
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
            raise errors.Invalid(f"Username cannot have a {character} in it.", "username")


def _check_password(password: str, minimum: int) -> None:
    if len(password) < minimum:
        raise errors.Invalid(f"Password is too short: at least {minimum} characters.", "password")
    if len(password) > MAX_PASSWORD_CHARS:
        raise errors.Invalid(
            f"Password is too long: at most {MAX_PASSWORD_CHARS:,} characters.", "password"
        )
    if password.encode(errors="replace").decode() != password:
        raise errors.Invalid("Password has a character in it that cannot be stored.", "password")


@contextmanager
def hashing() -> Iterator[None]:
    """Take one of the few turns to hash a password. Raises `TooMany` when none comes up soon."""
    if not _hashing_slots.acquire(timeout=HASHING_PATIENCE_SECONDS):
        raise errors.TooManyRequests(
            "Many people are logging in just now. Try again in a moment.", 5
        )
    try:
        yield
    finally:
        _hashing_slots.release()


def _hashed(password: str) -> str:
    with hashing():
        return generate_password_hash(password)


def has_accounts() -> bool:
    """Whether there is anyone who can log in."""
    row = (
        get_db()
        .execute('SELECT 1 FROM "user" WHERE password <> ? LIMIT 1', (NO_PASSWORD,))
        .fetchone()
    )
    return row is not None


def _insert(name: str, password_hash: str, role: str) -> int:
    name_key = names.key(name)
    with transaction() as db:
        if db.execute(
            'SELECT 1 FROM "user" WHERE username IN (?, ?) OR username_key = ?',
            (name, name_key, name_key),
        ).fetchone():
            raise errors.Conflict(f"User {name} is already registered.", "username")
        if find_lookalike(name):
            raise errors.Conflict(
                f"Username {name} looks like another user's name. Choose a different one.",
                "username",
            )
        row = db.execute(
            'INSERT INTO "user" (username, password, role, username_key)'
            " VALUES (?, ?, ?, ?) RETURNING id",
            (name, password_hash, role, name_key or None),
        ).fetchone()
    return int(row["id"])


def find_lookalike(name: str, *, other_than: int = 0) -> sqlite3.Row | None:
    """Return somebody whose user name or display name looks like this one."""
    rows = get_db().execute(
        'SELECT * FROM "user" WHERE id <> ? ORDER BY id',
        (other_than,),
    )
    for row in rows:
        taken = filter(None, (row["username"], row["display_name"]))
        if any(names.look_same(name, other) for other in taken):
            return row  # type: ignore[no-any-return]  # rows are untyped
    return None


def _take_over(name: str, password_hash: str) -> int | None:
    imported = find_by_name(name)
    if imported is None:
        return None
    with transaction() as db:
        _store_hash(imported["id"], password_hash)
        # Cached pages that invite to register are out of date now: this column's trigger says so.
        db.execute('UPDATE "user" SET username = username WHERE id = ?', (imported["id"],))
    return int(imported["id"])


def create_without_password(username: str) -> int:
    """Make an author whose writing is brought here by an import, and who cannot log in.

    Raises `Invalid` for a name that is not what it looks like.
    """
    return _insert(_checked_username(username, IMPORTED_NAME_CHARS), NO_PASSWORD, "author")


def authenticate(username: str, password: str) -> sqlite3.Row:
    """The row of the user who has this name and password. Raises `Invalid` where there is none.

    An unknown name costs as much time as a wrong password.
    """
    user = find_by_name(username)
    with hashing():
        stranger = _hash_of_nobody()
        matches = _matches(user["password"] if user else stranger, password)
    if user is None:
        raise errors.Invalid("Incorrect username.", "username")
    if not matches:
        raise errors.Invalid("Incorrect password.", "password")
    if _method(user["password"]) != _method(stranger):
        _store_hash(user["id"], _hashed(password))
    return user


def find_by_name(username: str) -> sqlite3.Row | None:
    """The user of this name: as typed, else normalised, else whatever its case."""
    if names.is_too_long(username):
        return None
    typed, name = username.encode(errors="replace").decode(), names.normalize_name(username)
    row: sqlite3.Row | None = (
        get_db()
        .execute(
            'SELECT * FROM "user" WHERE username IN (?, ?) OR username_key = ?'
            " ORDER BY username = ? DESC, username = ? DESC LIMIT 1",
            (typed, name, names.key(name) or None, typed, name),
        )
        .fetchone()
    )
    return row


def find_by_display_name(name: str) -> sqlite3.Row | None:
    """Return the user whom readers know by this name."""
    rows = get_db().execute("SELECT * FROM \"user\" WHERE display_name <> ''")
    return next((row for row in rows if names.key(row["display_name"]) == names.key(name)), None)


@cache
def _hash_of_nobody() -> str:
    return generate_password_hash("")


def _matches(password_hash: str, password: str) -> bool:
    if len(password) > MAX_PASSWORD_CHARS:
        return False
    try:
        return check_password_hash(password_hash, password)
    except ValueError:
        # A hash that plain SQL wrote, of a kind that Werkzeug does not know.
        return False


def _method(password_hash: str) -> str:
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
    """Store a new password, and end all the user's sessions but the one of `keep_token`.

    Raises `Invalid`, also when an old password is given that is not theirs.
    """
    user = find(user_id)
    if user is None:
        raise errors.NotFound("There is no such user.")
    if old_password is not None:
        with hashing():
            if not _matches(user["password"], old_password):
                raise errors.Invalid("Incorrect password.", "old_password")
    _check_password(password, password_min_length)
    password_hash = _hashed(password)
    with transaction():
        _store_hash(user_id, password_hash)
        sessions.end_all(user_id, keep_token)


def get_by_name(username: str) -> sqlite3.Row:
    """The user of this name. Raises `NotFound`."""
    user = find_by_name(username)
    if user is None:
        raise errors.NotFound(f"There is no user {username}.")
    return user


def find(user_id: int) -> sqlite3.Row | None:
    """The user of this id, or None."""
    row: sqlite3.Row | None = (
        get_db().execute('SELECT * FROM "user" WHERE id = ?', (user_id,)).fetchone()
    )
    return row


def list_all() -> list[sqlite3.Row]:
    """Everyone, by name, with the number of their posts."""
    return (
        get_db()
        .execute(
            "SELECT username, role, password <> ? AS can_log_in,"
            ' (SELECT count(*) FROM post WHERE author_id = "user".id) AS posts'
            ' FROM "user" ORDER BY username',
            (NO_PASSWORD,),
        )
        .fetchall()
    )


def set_role(username: str, role: str) -> None:
    """Make someone an owner or an author. Raises `NotFound`, `Invalid`."""
    if role not in ROLES:
        raise errors.Invalid(f"There is no role {role}. The roles are {' and '.join(ROLES)}.")
    _set_role(get_by_name(username)["id"], role)


def _set_role(user_id: int, role: str) -> None:
    with transaction() as db:
        db.execute('UPDATE "user" SET role = ? WHERE id = ?', (role, user_id))


def has_owner() -> bool:
    """Whether the blog has an owner."""
    row = get_db().execute("SELECT 1 FROM \"user\" WHERE role = 'owner' LIMIT 1").fetchone()
    return row is not None


def backfill_keys() -> None:
    """Give users whom plain SQL or an older flaskr made the key that new names differ from."""
    rows = get_db().execute('SELECT id, username, username_key FROM "user"')
    stale = [
        (row["id"], name_key)
        for row in rows
        if (name_key := names.key(row["username"]) or None) != row["username_key"]
    ]
    if not stale:
        return
    with transaction() as db:
        for user_id, name_key in stale:
            db.execute(
                'UPDATE "user" SET username_key = ? WHERE id = ? AND NOT EXISTS'
                ' (SELECT 1 FROM "user" WHERE username_key = ?)',
                (name_key, user_id, name_key),
            )
