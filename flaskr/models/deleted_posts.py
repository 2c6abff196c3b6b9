"""Posts as the trash stores them."""

import sqlite3

from . import stored_json

# What `load` and `was_public` read.
COLUMNS = """
    trash.post_id, trash.author_id, trash.title, CAST(trash.deleted AS TEXT) AS deleted,
    trash.content
"""


def load(row: sqlite3.Row) -> stored_json.Object:
    """Return what the trash stores. If it is damaged, that is a draft with what is left of it."""
    try:
        found = stored_json.load(row["content"], "post", "tags", "coauthors", "old_addresses")
        stored_json.require(found["post"], "author_id", "title", "body", "status", "created")
    except ValueError:
        post = {
            "id": row["post_id"],
            "author_id": row["author_id"],
            **stored_json.find_texts(row["content"]),
            "title": row["title"],
            "status": "draft",
            "created": row["deleted"],
        }
        return {"post": post, "tags": [], "coauthors": [], "old_addresses": []}
    return found


def was_public(row: sqlite3.Row) -> bool:
    """Return True if the post was visible to everyone when it was deleted."""
    post = load(row)["post"]
    return bool(post["status"] == "published" and post["created"] <= row["deleted"])
