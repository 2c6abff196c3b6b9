"""Permissions: one table of the actions each role may take on its own and on others' work."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from typing import NamedTuple

from .. import errors

NONE, OWN, ALL = "none", "own", "all"
ROLES = ("owner", "author")


class Right(NamedTuple):
    """A row of the table: the reach of an action for each role, and the words for a refusal."""

    author: str
    owner: str
    refusal: str


# A new role is one more column here and in `Right`, and its name in `ROLES`.
RIGHTS = {
    # action                       author  owner
    "read unpublished post": Right(OWN, ALL, "This post is not public."),
    "open unpublished list": Right(ALL, ALL, "There is nothing public here yet."),
    "create post": Right(OWN, ALL, "You can only write posts of your own."),
    "edit post": Right(OWN, ALL, "This post is another author's."),
    "delete post": Right(OWN, ALL, "This post is another author's."),
    "restore post": Right(OWN, ALL, "This post is another author's."),
    "arrange menu": Right(
        NONE,
        ALL,
        "Only the blog's owner can put pages into the menu. Save your text as a post or a draft.",
    ),
    "edit file": Right(OWN, ALL, "This file is another author's."),
    "delete file": Right(OWN, ALL, "This file is another author's."),
    "change tags": Right(NONE, ALL, "Only the blog's owner can rename or delete tags."),
    "rename series": Right(NONE, ALL, "Only the blog's owner can rename a series."),
    "change settings": Right(NONE, ALL, "Only the blog's owner can change settings."),
}

# A user's row; only `id` and `role` are read.
User = Mapping[str, Any] | Any
# The acting user of commands and imports: whoever runs them on the machine has an owner's rights.
SYSTEM: User = MappingProxyType({"id": None, "role": "owner"})


def may(user: User | None, action: str, thing: Any = None) -> bool:
    """Return True if the user, None for a visitor, may take an action on a post or file.

    `thing` is the row acted on, with its `author_id` or `user_id`; actions that concern the whole
    blog have none.
    """
    reach = _reach(user, action)
    if reach == OWN:
        return thing is not None and user is not None and _creator_id(thing) == user["id"]
    return reach == ALL


def may_all(user: User | None, action: str) -> bool:
    """Return True if the user may take an action on everyone's work."""
    return _reach(user, action) == ALL


def require(user: User | None, action: str, thing: Any = None) -> None:
    """Raise `Forbidden` unless `may` allows it."""
    if not may(user, action, thing):
        raise errors.Forbidden(RIGHTS[action].refusal)


def _reach(user: User | None, action: str) -> str:
    right = RIGHTS[action]
    # Plain SQL may have given a user a role that does not exist: it has no rights.
    if user is None or user["role"] not in ROLES:
        return NONE
    return str(getattr(right, user["role"]))


def _creator_id(thing: Any) -> Any:
    return thing["author_id" if "author_id" in thing.keys() else "user_id"]  # noqa: SIM118  # rows
