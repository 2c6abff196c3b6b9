"""What readers learn of the people who write, and the addresses of their pages."""

import re
import sqlite3

from .. import errors
from .. import text
from ..db import one
from ..db import transaction
from . import users

NAME_LENGTH = 100
BIO_LENGTH = 2000
# A browser changes these on the way, or takes them for something else.
UNFIT = re.compile(r"\d+|\.{1,2}|.*[/\\\x00-\x1f\x7f].*|", re.DOTALL)


def address(user_id: int, username: str) -> str:
    """The last part of the address of a person's page: the name, or the id where none fits."""
    return str(user_id) if UNFIT.fullmatch(username) else username


def get_by_address(part: str) -> sqlite3.Row:
    """The person whose page is at this address, or at another spelling. Raises `NotFound`."""
    user = one('SELECT * FROM "user" WHERE id = ?', int(part)) if _is_id(part) else None
    user = user or users.find_by_name(part)
    if user is None:
        raise errors.NotFound("Nobody of this name writes here.")
    return user


def _is_id(part: str) -> bool:
    return part.isascii() and part.isdecimal() and len(part) < 20


def update(user_id: int, *, display_name: str, bio: str) -> None:
    """Store what a person tells of themselves. Raises `Invalid`."""
    display_name = " ".join(text.clean(display_name).split())
    bio = text.clean(bio).strip()
    if len(display_name) > NAME_LENGTH:
        raise errors.Invalid(f"Name is too long: at most {NAME_LENGTH} characters.", "display_name")
    if any(map(users.is_unseen, display_name)):
        raise errors.Invalid("Name has a character in it that cannot be seen.", "display_name")
    other = users.find_by_name(display_name)
    if other is not None and other["id"] != user_id:
        raise errors.Conflict(f"Name {display_name} is another user's.", "display_name")
    if len(bio) > BIO_LENGTH:
        raise errors.Invalid(f"Bio is too long: at most {BIO_LENGTH:,} characters.", "bio")
    with transaction() as db:
        db.execute(
            'UPDATE "user" SET display_name = ?, bio = ? WHERE id = ?', (display_name, bio, user_id)
        )
