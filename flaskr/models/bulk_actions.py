"""Bulk actions: change several posts in one transaction."""

import sqlite3
from collections.abc import Iterable
from typing import Any
from typing import NamedTuple

from .. import errors
from ..db import transaction
from . import posts
from . import tags
from . import trash
from . import undo
from .permissions import User

MAX_POSTS = 100


class Changed(NamedTuple):
    """The number of posts that were changed, and a key to undo it, unless it is empty."""

    number: int
    undo_key: str


def set_status(post_ids: Iterable[int], user: User, status: str) -> Changed:
    """Publish or unpublish posts. Raises `Invalid`, `Forbidden`, `NotFound`."""
    with transaction():
        chosen = _get_all_for_edit(post_ids, user)
        if status == "published" and not all(post["title"] for post in chosen):
            raise errors.Invalid("One of the posts has no title. Add a title first.", "id")
        before = [undo.snapshot(post) for post in chosen]
        for post in chosen:
            _update(post, user, status=status)
        return Changed(len(chosen), undo.store(user, undo.STATE, before))


def add_tag(post_ids: Iterable[int], user: User, name: str) -> Changed:
    """Add tags to posts. Raises `Invalid`, `Forbidden`, `NotFound`."""
    if not name.strip():
        raise errors.Invalid("Type a tag first.", "tag")
    added = tags.validate_names(name.split(","))
    with transaction():
        chosen = _get_all_for_edit(post_ids, user)
        before = [undo.snapshot(post) for post in chosen]
        for post, old in zip(chosen, before, strict=True):
            _update(post, user, tags=[*old["tags"], *added])
        return Changed(len(chosen), undo.store(user, undo.TAGS, before))


def delete(post_ids: Iterable[int], user: User) -> Changed:
    """Delete posts. Raises `Invalid`, `Forbidden`, `NotFound`."""
    with transaction():
        chosen = _get_all_for_edit(post_ids, user)
        for post in chosen:
            trash.put(post["id"], user)
        return Changed(
            len(chosen), undo.store(user, undo.TRASH, ({"id": post["id"]} for post in chosen))
        )


def restore(post_ids: Iterable[int], user: User) -> Changed:
    """Restore posts from the trash. Raises `Invalid`, `NotFound`."""
    chosen = _check_ids(post_ids)
    with transaction():
        for post_id in chosen:
            trash.restore(post_id, user)
    return Changed(len(chosen), "")


def _get_all_for_edit(post_ids: Iterable[int], user: User) -> list[sqlite3.Row]:
    return [posts.get_for_edit(post_id, user) for post_id in _check_ids(post_ids)]


def _check_ids(post_ids: Iterable[int]) -> list[int]:
    chosen = list(dict.fromkeys(post_ids))
    if not chosen:
        raise errors.Invalid("Choose posts first.", "id")
    if len(chosen) > MAX_POSTS:
        raise errors.Invalid(f"Choose at most {MAX_POSTS} posts at once.", "id")
    return chosen


def _update(post: sqlite3.Row, user: User, **new: Any) -> None:
    posts.update(post["id"], user, title=post["title"], body=post["body"], **new)
