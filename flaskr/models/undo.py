"""Undo: restore the former state of posts after a change, unless they have changed again.

A change stores a snapshot of its posts under a random key, for a day. The key says nothing about
permissions: undoing takes the same ones as the change itself.
"""

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterable
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any
from typing import NamedTuple

from .. import errors
from ..db import format_timestamp
from ..db import now
from ..db import one
from ..db import transaction
from . import permissions
from . import post_fields
from . import posts
from . import retention
from . import revisions
from . import series
from . import stored_json
from . import tags
from . import trash
from .permissions import User

MAX_AGE = timedelta(days=1)
# The parts of a post that undoing a change puts back.
STATE, TAGS, TEXT, EVERYTHING, TRASH = "state", "tags", "text", "everything", "trash"
Snapshot = dict[str, Any]


class Undone(NamedTuple):
    """A change that was undone: the part of its posts that it changed, and their ids."""

    part: str
    post_ids: list[int]


def snapshot(post: sqlite3.Row, **differences: Any) -> Snapshot:
    """Return the state of a post. `differences` replace parts of it: `status="draft"`."""
    revisions.record(post)
    revisions.pin(post["id"])
    in_series = series.for_post(post["id"])
    return {
        "id": post["id"],
        "revision": revisions.newest_id(post["id"]),
        "status": post["status"],
        "created": post["stored_created"],
        "dated": post["dated"],
        "slug": post["slug"],
        "columns": {
            field.name: post[field.name] for field in post_fields.FIELDS.values() if field.is_column
        },
        "authors": [author["username"] for author in posts.authors(post["id"])],
        "tags": [tag["name"] for tag in tags.for_post(post["id"])],
        "series": [in_series["name"], in_series["part"]] if in_series else ["", None],
        **differences,
    }


def store(user: User, part: str, before: Iterable[Snapshot]) -> str:
    """Store the state of posts before a change, and return a key to undo it.

    The key is empty if the user may not undo the change: authors cannot publish a page again, and
    commands cannot undo anything.
    """
    if user["id"] is None:
        return ""
    found = [*before]
    if part != TRASH:
        current = [posts.get_stored(post["id"]) for post in found]
        if not all(_may_put_back(user, *pair) for pair in zip(current, found, strict=True)):
            return ""
        found = [
            {**post, "fingerprint": _fingerprint(row)}
            for row, post in zip(current, found, strict=True)
        ]
    key = secrets.token_urlsafe(16)
    with transaction() as db:
        db.execute("DELETE FROM undo WHERE created < ?", (retention.oldest(MAX_AGE),))
        db.execute(
            "INSERT INTO undo (key, user_id, created, change) VALUES (?, ?, ?, ?)",
            (key, user["id"], now(), json.dumps({"part": part, "posts": found})),
        )
    return key


def _oldest() -> str:
    return format_timestamp(datetime.now(UTC) - MAX_AGE)


def _may_put_back(user: User, post: sqlite3.Row, before: Snapshot) -> bool:
    returns_to_menu = before["columns"]["kind"] == "page" and (
        post["status"],
        before["status"],
    ) == ("draft", "published")
    return not returns_to_menu or permissions.may(user, "arrange menu")


def _fingerprint(post: sqlite3.Row) -> str:
    """Return a hash of everything that a writer can change in a post."""
    state = {**snapshot(post), "title": post["title"], "body": post["body"], "revision": None}
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def apply(key: str, user: User) -> Undone:
    """Undo a change. Raises `NotFound`, `Conflict` if a post has changed since, and `Forbidden`."""
    row = one(
        "SELECT change FROM undo WHERE key = ? AND user_id = ? AND created >= ?",
        key,
        user["id"],
        _oldest(),
    )
    try:
        change = stored_json.load(row["change"] if row else "", "part", "posts")
    except ValueError:
        raise errors.NotFound("This can no longer be undone.") from None
    with transaction() as db:
        for before in change["posts"]:
            if change["part"] == TRASH:
                trash.restore(before["id"], user)
            else:
                _put_back(_get_unchanged(before, user), before, change["part"], user)
        db.execute("DELETE FROM undo WHERE key = ?", (key,))
    return Undone(change["part"], [before["id"] for before in change["posts"]])


def _get_unchanged(before: Snapshot, user: User) -> sqlite3.Row:
    post = posts.get_for_edit(before["id"], user)
    if _fingerprint(post) != before["fingerprint"]:
        raise errors.Conflict(
            f"“{post['title'] or 'Untitled'}” has changed since, so nothing was undone."
        )
    return post


def _put_back(post: sqlite3.Row, before: Snapshot, part: str, user: User) -> None:
    text = revisions.get(post["id"], before["revision"]) if part in (TEXT, EVERYTHING) else None
    new: dict[str, Any] = {
        "title": text.title if text else post["title"],
        "body": text.body if text else post["body"],
    }
    if part in (STATE, EVERYTHING):
        new["status"] = before["status"]
    if part in (TAGS, EVERYTHING):
        new["tags"] = before["tags"]
    if part == EVERYTHING:
        name, number = before["series"]
        new |= {
            **before["columns"],
            "authors": before["authors"],
            "series": name,
            "part": number,
        }
    posts.update(post["id"], user, **new)
    if part in (STATE, EVERYTHING):
        _put_back_date(before)
    if part == EVERYTHING:
        _put_back_slug(post, before)


def _put_back_date(before: Snapshot) -> None:
    with transaction() as db:
        db.execute(
            "UPDATE post SET created = ?, dated = ? WHERE id = ?",
            (before["created"], before["dated"], before["id"]),
        )


def _put_back_slug(post: sqlite3.Row, before: Snapshot) -> None:
    """Give a post its former slug again, unless another post has taken it."""
    slug = before["slug"]
    if slug in (None, post["slug"]) or post_fields.number_slug(slug, post["id"]) != slug:
        return
    with transaction() as db:
        db.execute("UPDATE post SET slug = ? WHERE id = ?", (slug, post["id"]))
