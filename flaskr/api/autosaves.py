"""Autosaves: texts from the editor that are not saved in a post yet."""

import sqlite3
from typing import Any

from flask import g

from ..models import autosaves
from ..models import posts
from . import table
from .table import Field
from .table import Operation
from .table import Reply
from .table import Shape
from .times import format_time

POST = Field("post", table.nullable(table.integer(1)), "The id of its post, if there is one.")
OF_POST = Field("post", table.integer(1), "The id of a post. Without it: those of new posts.")
UNSAVED = Shape(
    "UnsavedText",
    (
        Field("key", table.STRING, is_read_only=True),
        POST,
        Field("title", table.STRING, is_required=True),
        Field("body", table.STRING, is_required=True),
        Field("saved", table.TIME, "The time when it was typed.", is_read_only=True),
    ),
)
TEXT = {"body": {"title": "Tides", "body": "The sea"}}


def _as_json(row: sqlite3.Row) -> dict[str, Any]:
    fields = autosaves.load_fields(row)
    return {
        "key": row["key"],
        "post": row["post_id"],
        "title": fields.get("title", ""),
        "body": fields.get("body", ""),
        "saved": format_time(row["kept"]),
    }


def list_unsaved(query: dict[str, Any]) -> Reply:
    """List your unsaved texts for a post, or for new posts, newest first."""
    post_id = query.get("post")
    if post_id is not None:
        posts.get_for_edit(post_id, g.user)
    return Reply([_as_json(row) for row in autosaves.for_post(g.user["id"], post_id)])


def show_unsaved(key: str) -> Reply:
    """Return one of your unsaved texts."""
    return Reply(_as_json(autosaves.get(g.user["id"], key)))


def store_unsaved(key: str, body: dict[str, Any]) -> Reply:
    """Store a text under a key. The other fields of the form stay, as does the post."""
    post_id = body.pop("post", None)
    if post_id is not None:
        posts.get_for_edit(post_id, g.user)
    before = autosaves.find(g.user["id"], key)
    fields = {**(autosaves.load_fields(before) if before else {}), **body}
    base = before["base"] if before else ""
    autosaves.save(g.user["id"], key, fields, post_id=post_id, base=base)
    row = autosaves.find(g.user["id"], key)
    return Reply(_as_json(row) if row else None)


def discard_unsaved(key: str) -> Reply:
    """Discard an unsaved text."""
    autosaves.get(g.user["id"], key)
    autosaves.discard(g.user["id"], key)
    return Reply(None)


OPERATIONS = (
    Operation("GET", "/unsaved", list_unsaved, "read", UNSAVED, is_list=True, query=(OF_POST,)),
    Operation("GET", "/unsaved/{key}", show_unsaved, "read", UNSAVED),
    Operation("PUT", "/unsaved/{key}", store_unsaved, "write", UNSAVED, body=UNSAVED, example=TEXT),
    Operation("DELETE", "/unsaved/{key}", discard_unsaved, "write"),
)
