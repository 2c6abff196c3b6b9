"""What makes this blog itself, wherever it is read."""

import sqlite3
import uuid

from ..db import get_db


def feed_id() -> str:
    """The id of the blog in feeds: the same after any change of address."""
    return _own().urn


def post_id(post: sqlite3.Row) -> str:
    """The id of a post in feeds: the same after any change of its slug or the site's address."""
    return uuid.uuid5(_own(), f"post {post['id']}").urn


def list_id(kind: str, key: str | int) -> str:
    """The id of the feed of a tag or a person."""
    return uuid.uuid5(_own(), f"{kind} {key}").urn


def _own() -> uuid.UUID:
    row = get_db().execute("SELECT uuid FROM site WHERE id = 1").fetchone()
    return uuid.UUID(row["uuid"])
