"""What readers learn of the people who write, and the addresses of their pages."""

import re
import sqlite3

from .. import errors
from .. import text
from ..db import now
from ..db import one
from ..db import transaction
from ..text import names
from . import conditions
from . import permissions
from . import users
from .permissions import User

MAX_NAME_CHARS = 100
MAX_BIO_CHARS = 2000
# A browser changes these on the way, or takes them for something else.
UNFIT = re.compile(r"\d+|\.{1,2}|.*[/\\\x00-\x1f\x7f].*|", re.DOTALL)


def url_name(user_id: int, username: str) -> str:
    """The last part of the address of a person's page: the name, or the id where none fits."""
    return str(user_id) if UNFIT.fullmatch(username) else username


def get_by_url_name(part: str, reader: User | None = None) -> sqlite3.Row:
    """Return the person whose page is at this address, or at another spelling.

    Raises `NotFound`, for visitors also where the person has nothing public.
    """
    user = one('SELECT * FROM "user" WHERE id = ?', int(part)) if _is_id(part) else None
    user = user or users.find_by_name(part)
    is_open = permissions.may(reader, "open unpublished list")
    if user is None or not (is_open or _has_readable_post(user["id"])):
        raise errors.NotFound("Nobody of this name writes here.")
    return user


def _has_readable_post(user_id: int) -> bool:
    row = one(
        f"""
        SELECT 1 FROM post WHERE author_id = ? AND {conditions.READABLE}
        UNION ALL
        SELECT 1 FROM coauthor JOIN post ON post.id = post_id
        WHERE user_id = ? AND {conditions.READABLE}
        LIMIT 1
        """,
        user_id,
        now(),
        user_id,
        now(),
    )
    return row is not None


def _is_id(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) < 20


def update(user_id: int, *, display_name: str, bio: str) -> None:
    """Store what a person tells of themselves. Raises `Invalid`."""
    display_name = " ".join(text.clean(display_name).split())
    bio = text.clean(bio).strip()
    if display_name:
        names.check(display_name, label="Name", field="display_name", max_chars=MAX_NAME_CHARS)
    if len(bio) > MAX_BIO_CHARS:
        raise errors.Invalid(f"Bio is too long: at most {MAX_BIO_CHARS:,} characters.", "bio")
    with transaction() as db:
        if display_name and users.find_lookalike(display_name, other_than=user_id):
            raise errors.Conflict(
                f"Name {display_name} is another user's, or looks like it.", "display_name"
            )
        db.execute(
            'UPDATE "user" SET display_name = ?, bio = ? WHERE id = ?', (display_name, bio, user_id)
        )
