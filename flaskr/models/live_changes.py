"""Read the state of posts that open pages show, to be compared with an earlier one."""

import sqlite3
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple

from .. import db
from .. import errors
from ..db import now
from . import permissions
from . import posts
from .permissions import User

# The newest posts by date and by id, each.
MAX_POSTS = 50


class PostState(NamedTuple):
    """The columns of a post that lists show, and whether visitors can read it."""

    title: str
    status: str
    created: str
    updated: str
    is_visible: int


class Save(NamedTuple):
    """The newest revision of a post, its editor, and its time in UTC."""

    revision: int
    editor_id: int | None
    editor: str
    saved: str


def read_posts(user: User) -> dict[int, PostState]:
    """Return the state of the newest posts that a user may edit, by id."""
    is_own, values = _own_posts(user)
    rows = db.all(
        f"""
        SELECT id, CAST(title AS TEXT) AS title, status, CAST(created AS TEXT) AS date,
            coalesce(CAST(updated AS TEXT), '') AS saved,
            status = 'published' AND created <= ? AS is_visible
        FROM post
        WHERE id IN (
            SELECT id
            FROM (SELECT id FROM post WHERE {is_own} ORDER BY id DESC LIMIT {MAX_POSTS}) AS added
            UNION
            SELECT id
            FROM (
                SELECT id
                FROM post
                WHERE {is_own} AND kind = 'post' AND status = 'published'
                ORDER BY created DESC
                LIMIT {MAX_POSTS}
            ) AS dated
        )
        """,
        now(),
        *values,
        *values,
    )
    return {int(id): PostState._make(columns) for id, *columns in rows}


def _own_posts(user: User) -> tuple[str, list[int]]:
    if permissions.may_all(user, "edit post"):
        return "TRUE", []
    return "author_id = ?", [user["id"]]


def published_since(
    before: Mapping[int, PostState], after: Mapping[int, PostState]
) -> dict[int, str]:
    """Return the titles of the scheduled posts that came out between two states, by id."""
    return {
        id: state.title
        for id, state in after.items()
        if state.is_visible
        and id in before
        and before[id].status == "published"
        and not before[id].is_visible
    }


def last_save(post_id: int, user: User, form: str = "") -> Save | None:
    """Return the newest revision of a post that the user may edit, unless the form made it."""
    try:
        posts.get_for_edit(post_id, user)
    except (errors.NotFound, errors.Forbidden):
        return None
    row: sqlite3.Row | None = db.one(
        """
        SELECT revision.id, form, editor_id, CAST(revision.created AS TEXT) AS saved,
            coalesce(nullif(display_name, ''), username, '') AS editor
        FROM revision
        LEFT JOIN "user" ON "user".id = editor_id
        WHERE post_id = ?
        ORDER BY revision.id DESC
        LIMIT 1
        """,
        post_id,
    )
    if row is None or (form and row["form"] == form):
        return None
    values: Any = (row["id"], row["editor_id"], row["editor"], row["saved"])
    return Save(*values)
