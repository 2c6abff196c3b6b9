"""Posts as the trash stores them."""

import sqlite3

from . import stored_json

# The columns that `load` and `was_public` need.
COLUMNS = """
    trash.post_id, trash.author_id, trash.title, CAST(trash.deleted AS TEXT) AS deleted,
    trash.content
"""
STATUSES, KINDS = ("draft", "published"), ("post", "page")


def load(row: sqlite3.Row) -> stored_json.Object:
    """Return a post from the trash. A damaged one becomes a draft with the text that is left."""
    try:
        found = stored_json.load(row["content"], "post", "tags", "coauthors", "old_addresses")
        post = stored_json.require(found["post"], "author_id", "title", "body", "status", "created")
        if post["status"] not in STATUSES or post.get("kind", "post") not in KINDS:
            raise ValueError("A post in the trash is damaged.")
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
