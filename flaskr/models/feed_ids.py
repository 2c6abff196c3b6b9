"""Permanent ids for feeds, derived from the blog's UUID.

They stay the same when the blog moves to another URL.
"""

import sqlite3
import uuid
from collections.abc import Iterable

from .. import db


def feed_id() -> str:
    """Return the id of the blog's main feed."""
    return _blog_uuid().urn


def post_ids(posts: Iterable[sqlite3.Row]) -> dict[int, str]:
    """Return the feed id of each post by its database id; it does not depend on the slug."""
    blog = _blog_uuid()
    return {post["id"]: uuid.uuid5(blog, f"post {post['id']}").urn for post in posts}


def list_id(kind: str, key: str | int) -> str:
    """Return the id of the feed of a tag, a series or an author."""
    return uuid.uuid5(_blog_uuid(), f"{kind} {key}").urn


def _blog_uuid() -> uuid.UUID:
    (row,) = db.all("SELECT uuid FROM site WHERE id = 1")
    try:
        return uuid.UUID(row["uuid"])
    except ValueError:
        # Ids that are made from a damaged UUID stay the same, too.
        return uuid.uuid5(uuid.NAMESPACE_OID, row["uuid"])
