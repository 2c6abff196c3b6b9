"""The people who write: names, passwords, roles."""

import sqlite3
import unicodedata
from functools import cache

from werkzeug.security import check_password_hash
from werkzeug.security import generate_password_hash

from .. import errors
from .. import text
from ..db import get_db
from ..db import transaction
from . import permissions
from . import sessions

ROLES = permissions.ROLES
NO_PASSWORD = "!"  # noqa: S105  # the hash of no password: nobody logs in with it
NAME_LENGTH = 64
PASSWORD_LENGTH = 1024
RESERVED_CHARACTERS = "/\\?#%"
# Turning the direction of the text around a name, they make one person look like another.
BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def register(username: str, password: str, *, password_min_length: int, role: str = "") -> int:
    """Make an account and return its id; without a role, the first owns the blog.

    Raises `Invalid` for what the form can mend, `Conflict` for a name that is taken.
    """
    name = normalised(username)
    if not name:
        raise errors.Invalid("Username is required.", "username")
    if not password:
        raise errors.Invalid("Password is required.", "password")
    _check_name(name)
    _check_password(password, password_min_length)
    password_hash = generate_password_hash(password)
    with transaction():
        if anyone():
            return _insert(name, password_hash, role or "author")
        # Whoever brought their posts here first and then registers, is who wrote them.
        user_id = _take_over(name, password_hash) or _insert(name, password_hash, "owner")
        _set_role(user_id, role or "owner")
        return user_id


def normalised(username: str) -> str:
    """The name as it is stored: without white space around it, composed (NFC)."""
    return unicodedata.normalize("NFC", _encodable(username).strip())


def key(username: str) -> str:
    """What all spellings of a name have in common that lead to one account."""
    return text.folded(normalised(username))


def _encodable(username: str) -> str:
    # Half a surrogate pair cannot be stored; as a question mark it is refused in a new name.
    return username.encode(errors="replace").decode()


def _check_name(name: str) -> None:
    if len(name) > NAME_LENGTH:
        raise errors.Invalid(f"Username is too long: at most {NAME_LENGTH} characters.", "username")
    if name in (".", ".."):
        raise errors.Invalid("Username needs a letter or a number.", "username")
    for character in name:
        if character in RESERVED_CHARACTERS:
            raise errors.Invalid(f"Username cannot have a {character} in it.", "username")
        if is_unseen(character):
            raise errors.Invalid("Username has a character in it that cannot be seen.", "username")


def is_unseen(character: str) -> bool:
    """Whether a character of a name would be seen by nobody, or would turn what stands around."""
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in BIDI_CONTROLS


def _check_password(password: str, minimum: int) -> None:
    if len(password) < minimum:
        raise errors.Invalid(f"Password is too short: at least {minimum} characters.", "password")
    if _encodable(password) != password:
        raise errors.Invalid("Password has a character in it that cannot be stored.", "password")
    if len(password) > PASSWORD_LENGTH:
        raise errors.Invalid(
            f"Password is too long: at most {PASSWORD_LENGTH:,} characters.", "password"
        )


def anyone() -> bool:
    """Whether there is anyone who can log in."""
    row = (
        get_db()
        .execute('SELECT 1 FROM "user" WHERE password <> ? LIMIT 1', (NO_PASSWORD,))
        .fetchone()
    )
    return row is not None


def _insert(name: str, password_hash: str, role: str) -> int:
    name_key = key(name)
    with transaction() as db:
        if db.execute(
            'SELECT 1 FROM "user" WHERE username IN (?, ?) OR username_key = ?',
            (name, name_key, name_key),
        ).fetchone():
            raise errors.Conflict(f"User {name} is already registered.", "username")
        row = db.execute(
            'INSERT INTO "user" (username, password, role, username_key)'
            " VALUES (?, ?, ?, ?) RETURNING id",
            (name, password_hash, role, name_key),
        ).fetchone()
    return int(row["id"])


def _take_over(name: str, password_hash: str) -> int | None:
    imported = find_by_name(name)
    if imported is None:
        return None
    _store_hash(imported["id"], password_hash)
    return int(imported["id"])


def create_without_password(username: str) -> int:
    """Make an author whose writing is brought here by an import, and who cannot log in."""
    return _insert(normalised(username), NO_PASSWORD, "author")


def authenticate(username: str, password: str) -> sqlite3.Row:
    """The row of the user who has this name and password. Raises `Invalid` where there is none.

    An unknown name costs as much time as a wrong password.
    """
    user = find_by_name(username)
    stranger = _hash_of_nobody()
    matches = _matches(user["password"] if user else stranger, password)
    if user is None:
        raise errors.Invalid("Incorrect username.", "username")
    if not matches:
        raise errors.Invalid("Incorrect password.", "password")
    if _method(user["password"]) != _method(stranger):
        _store_hash(user["id"], generate_password_hash(password))
    return user


def find_by_name(username: str) -> sqlite3.Row | None:
    """The user of this name: as typed, else normalised, else whatever its case."""
    typed, name = _encodable(username), normalised(username)
    row: sqlite3.Row | None = (
        get_db()
        .execute(
            'SELECT * FROM "user" WHERE username IN (?, ?) OR username_key = ?'
            " ORDER BY username = ? DESC, username = ? DESC LIMIT 1",
            (typed, name, key(name), typed, name),
        )
        .fetchone()
    )
    return row


@cache
def _hash_of_nobody() -> str:
    return generate_password_hash("")


def _matches(password_hash: str, password: str) -> bool:
    if len(password) > PASSWORD_LENGTH:
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
    if old_password is not None and not _matches(user["password"], old_password):
        raise errors.Invalid("Incorrect password.", "old_password")
    _check_password(password, password_min_length)
    password_hash = generate_password_hash(password)
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


def fill_keys() -> None:
    """Give users whom plain SQL made the key that new names have to differ from."""
    db = get_db()
    rows = db.execute('SELECT id, username FROM "user" WHERE username_key IS NULL').fetchall()
    if not rows:
        return
    with transaction() as db:
        for row in rows:
            db.execute(
                'UPDATE "user" SET username_key = ? WHERE id = ? AND NOT EXISTS'
                ' (SELECT 1 FROM "user" WHERE username_key = ?)',
                (name_key := key(row["username"]), row["id"], name_key),
            )
