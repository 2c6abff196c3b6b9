"""The authors of a post: the main author and the co-authors, in order."""

import sqlite3
from collections.abc import Iterable
from collections.abc import Sequence

from .. import db
from .. import errors
from ..db import insert_many
from ..db import transaction
from ..text import names
from . import permissions
from . import users
from .permissions import User

MAX_PER_POST = 20
MAX_QUOTED_CHARS = 50


def parse_names(typed: Sequence[str]) -> list[int]:
    """Return the ids of the users with these names, without duplicates. Raises `Invalid`.

    An imported name may contain commas, so several parts may be one name.
    """
    parts = [name for part in typed if (name := part.strip())]
    if len(parts) > MAX_PER_POST:
        raise errors.TooLong(f"A post can have at most {MAX_PER_POST} authors.", "authors")
    found: list[int] = []
    while parts:
        user, length = _find_first(parts)
        found.append(user["id"])
        parts = parts[length:]
    return list(dict.fromkeys(found))


def _find_first(parts: Sequence[str]) -> tuple[sqlite3.Row, int]:
    for length in range(len(parts), 0, -1):
        user = _find(", ".join(parts[:length]))
        if user is not None:
            return user, length
    raise errors.Invalid(
        f"There is no user {parts[0][:MAX_QUOTED_CHARS]}. Enter usernames, separated by commas.",
        "authors",
    )


def _find(name: str) -> sqlite3.Row | None:
    if names.is_too_long(name):
        return None
    return users.find_by_name(name) or users.find_by_display_name(name)


def require_first(user: User | None, author_id: int, author_ids: Sequence[int]) -> None:
    """Raise `Invalid` if another user would become the author, unless the user may do that."""
    if author_ids and author_ids[0] != author_id and not permissions.may(user, "change author"):
        raise errors.Invalid(permissions.RIGHTS["change author"].refusal, "authors")


def set_coauthors(post_id: int, user_ids: Iterable[int]) -> None:
    """Replace the co-authors of a post."""
    rows = [(post_id, user_id, position) for position, user_id in enumerate(user_ids, 1)]
    query = "SELECT post_id, user_id, position FROM coauthor WHERE post_id = ? ORDER BY position"
    if [tuple(row) for row in db.all(query, post_id)] == rows:
        return
    with transaction() as connection:
        connection.execute("DELETE FROM coauthor WHERE post_id = ?", (post_id,))
        insert_many("coauthor", ("post_id", "user_id", "position"), rows)
