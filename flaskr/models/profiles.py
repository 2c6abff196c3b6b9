"""Author profiles: display names, bios and the URLs of author pages."""

import re
import sqlite3

from .. import db
from .. import errors
from .. import text
from ..db import now
from ..db import transaction
from ..text import names
from . import conditions
from . import permissions
from . import users
from .permissions import User

MAX_NAME_CHARS = 100
MAX_BIO_CHARS = 2000
MAX_ID_DIGITS = 19
# Browsers rewrite or misread these in a path, and digits are taken for an id.
UNFIT_FOR_URL = re.compile(r"\d+|\.{1,2}|.*[/\\\x00-\x1f\x7f].*|", re.DOTALL)


def url_name(user_id: int, username: str) -> str:
    """Return the last segment of an author page's path: the user name, or the id if it must be."""
    return str(user_id) if UNFIT_FOR_URL.fullmatch(username) else username


def get_by_url_name(name: str, reader: User | None = None) -> sqlite3.Row:
    """Return the user with this path segment, in any spelling.

    Raises `NotFound`, for visitors also if the user has no published post.
    """
    user = db.one('SELECT * FROM "user" WHERE id = ?', int(name)) if _is_id(name) else None
    user = user or users.find_by_name(name)
    is_open = permissions.may(reader, "open unpublished list")
    if user is None or not (is_open or _has_readable_post(user["id"])):
        raise errors.NotFound("There is no author with this name.")
    return user


def _is_id(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) <= MAX_ID_DIGITS


def _has_readable_post(user_id: int) -> bool:
    row = db.one(
        f"""
        SELECT 1
        FROM post
        WHERE author_id = ? AND {conditions.READABLE}
        UNION ALL
        SELECT 1
        FROM coauthor
        JOIN post ON post.id = post_id
        WHERE user_id = ? AND {conditions.READABLE}
        LIMIT 1
        """,
        user_id,
        now(),
        user_id,
        now(),
    )
    return row is not None


def list_all() -> list[sqlite3.Row]:
    """Return all users with their profiles, by name."""
    return db.all('SELECT id, username, role, display_name, bio FROM "user" ORDER BY username')


def update(user_id: int, *, display_name: str, bio: str) -> None:
    """Store a user's display name and bio. Raises `Invalid`."""
    display_name = " ".join(display_name.split())
    bio = text.clean(bio).strip()
    if display_name:
        names.check(display_name, label="Name", field="display_name", max_chars=MAX_NAME_CHARS)
    if len(bio) > MAX_BIO_CHARS:
        raise errors.Invalid(f"Bio is too long: at most {MAX_BIO_CHARS:,} characters.", "bio")
    with transaction() as db:
        if display_name and users.find_lookalike(display_name, other_than=user_id):
            raise errors.Conflict(
                f"Name {display_name} belongs to another user, or looks too similar."
                " Choose a different one.",
                "display_name",
            )
        db.execute(
            'UPDATE "user" SET display_name = ?, bio = ? WHERE id = ?', (display_name, bio, user_id)
        )
