"""What makes this blog itself, wherever it is read."""

import sqlite3
import uuid
from collections.abc import Iterable

from ..db import get_db


def feed_id() -> str:
    """The id of the blog in feeds: the same after any change of address."""
    return _own().urn


def post_ids(posts: Iterable[sqlite3.Row]) -> dict[int, str]:
    """The id of each post in feeds: the same after any change of its slug or the site's address."""
    own = _own()
    return {post["id"]: uuid.uuid5(own, f"post {post['id']}").urn for post in posts}


def list_id(kind: str, key: str | int) -> str:
    """The id of the feed of a tag or a person."""
    return uuid.uuid5(_own(), f"{kind} {key}").urn


def _own() -> uuid.UUID:
    row = get_db().execute("SELECT uuid FROM site WHERE id = 1").fetchone()
    return uuid.UUID(row["uuid"])
