"""Permissions: the actions each role may take on its own and on others' work."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from typing import NamedTuple

from .. import errors

NONE, OWN, ALL = "none", "own", "all"
ROLES = ("owner", "author")


class Right(NamedTuple):
    """The reach of an action for each role, and the message when it is refused."""

    author: str
    owner: str
    refusal: str


# To add a role, add a column here and in `Right`, and its name to `ROLES`.
RIGHTS = {
    # action                       author  owner
    "read unpublished post": Right(OWN, ALL, "This post is not published."),
    "open unpublished list": Right(ALL, ALL, "Nothing has been published here yet."),
    "create post": Right(OWN, ALL, "You can only create posts of your own."),
    "edit post": Right(OWN, ALL, "This post belongs to another author."),
    "delete post": Right(OWN, ALL, "This post belongs to another author."),
    "restore post": Right(OWN, ALL, "This post belongs to another author."),
    "change author": Right(
        NONE,
        ALL,
        "Only the blog's owner can give a post to another author. Put your own name first.",
    ),
    "arrange menu": Right(
        NONE,
        ALL,
        "Only the blog's owner can add pages to the menu. Save your text as a post or a draft.",
    ),
    "edit file": Right(OWN, ALL, "This file belongs to another author."),
    "delete file": Right(OWN, ALL, "This file belongs to another author."),
    "revoke token": Right(OWN, ALL, "This token belongs to another user."),
    "change tags": Right(NONE, ALL, "Only the blog's owner can rename or delete tags."),
    "rename series": Right(NONE, ALL, "Only the blog's owner can rename a series."),
    "change redirects": Right(NONE, ALL, "Only the blog's owner can change redirects."),
    "change settings": Right(NONE, ALL, "Only the blog's owner can change settings."),
}

# A user's row; only `id` and `role` are read.
User = Mapping[str, Any] | Any
# The acting user of commands and imports, which have an owner's rights.
SYSTEM: User = MappingProxyType({"id": None, "role": "owner"})


def may(user: User | None, action: str, thing: Any = None) -> bool:
    """Return True if the user, or a visitor if None, may take an action.

    `thing` is the row of the post or file, and None for actions on the whole blog.
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
    # Plain SQL may have stored an unknown role, which has no rights.
    if user is None or user["role"] not in ROLES:
        return NONE
    return str(getattr(right, user["role"]))


def _creator_id(thing: Any) -> Any:
    return thing["author_id" if "author_id" in thing.keys() else "user_id"]  # noqa: SIM118  # rows
