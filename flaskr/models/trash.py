"""The trash: deleted posts that can be restored unchanged for thirty days."""

import json
import sqlite3
from datetime import timedelta

from .. import db
from .. import errors
from ..db import get_db
from ..db import now
from ..db import one
from ..db import transaction
from . import deleted_posts
from . import permissions
from . import post_lists
from . import posts
from . import rendered_html
from . import retention
from . import revisions
from . import series
from . import tags
from . import users
from .permissions import User

RETENTION_DAYS = 30
POSTS_PER_PAGE = 30
# Binds `_restorer()`.
RESTORABLE = "(author_id = ? OR ? = 1)"
END_POSITION = "9999-12-31T23:59:59~0"


def put(post_id: int, user: User) -> None:
    """Move a post to the trash. Raises `NotFound`, `Forbidden`."""
    post = posts.get(post_id, user)
    permissions.require(user, "delete post", post)
    with transaction() as db:
        _purge_expired()
        db.execute(
            """
            INSERT INTO trash (post_id, author_id, title, deleted, content)
            VALUES (?, ?, ?, ?, ?)
            """,
            (
                post_id,
                post["author_id"],
                post["title"],
                now(),
                json.dumps(_serialize(post_id), default=str),
            ),
        )
        db.execute("DELETE FROM post WHERE id = ?", (post_id,))
        rendered_html.invalidate(post["body"])


def _serialize(post_id: int) -> dict[str, object]:
    db = get_db()
    post = db.execute("SELECT * FROM post WHERE id = ?", (post_id,)).fetchone()
    coauthors = db.execute(
        "SELECT user_id, position FROM coauthor WHERE post_id = ?", (post_id,)
    ).fetchall()
    in_series = series.for_post(post_id)
    addresses = db.execute("SELECT path FROM old_address WHERE post_id = ?", (post_id,)).fetchall()
    return {
        "post": dict(post),
        "tags": [tag["name"] for tag in tags.for_post(post_id)],
        "series": (in_series["name"], in_series["part"]) if in_series else None,
        "coauthors": [tuple(row) for row in coauthors],
        "old_addresses": [row["path"] for row in addresses],
    }


def _purge_expired() -> None:
    """Delete the posts that have been in the trash longer than `RETENTION_DAYS`."""
    oldest = retention.oldest(timedelta(days=RETENTION_DAYS))
    with transaction() as db:
        rows = db.execute(
            f"""
            DELETE FROM trash WHERE deleted <= ?
            RETURNING {deleted_posts.COLUMNS}
            """,
            (oldest,),
        ).fetchall()
        revisions.delete_for_posts([row["post_id"] for row in rows])
        # Only the URLs of public posts answer 410 Gone; a private post leaves no trace.
        db.executemany(
            """
            DELETE FROM former_slug
            WHERE post_id = ? AND NOT EXISTS (SELECT 1 FROM post WHERE id = former_slug.post_id)
            """,
            [(row["post_id"],) for row in rows if not deleted_posts.was_public(row)],
        )


def find_id(slug: str) -> int:
    """Return the id of the deleted post that had a slug. Raises `NotFound`."""
    row = one(
        """
        SELECT trash.post_id
        FROM former_slug
        JOIN trash ON trash.post_id = former_slug.post_id
        WHERE slug = ?
        """,
        slug,
    )
    if row is None:
        raise errors.NotFound("There is no such post in the trash.")
    return int(row["post_id"])


def restore(post_id: int, user: User) -> None:
    """Restore a deleted post with its id and URL. Raises `NotFound`.

    A page becomes a draft if the user may not put pages into the menu. If the author is no longer
    there, the user becomes the author.
    """
    row = _get(post_id, user)
    content = deleted_posts.load(row)
    with transaction() as db:
        columns = {column[0] for column in db.execute("SELECT * FROM post LIMIT 0").description}
        post = {name: value for name, value in content["post"].items() if name in columns}
        if post.get("kind") == "page" and not permissions.may(user, "arrange menu"):
            post["status"] = "draft"
        if users.find(post["author_id"]) is None:
            # Plain SQL has deleted the author.
            post["author_id"] = user["id"]
        db.execute(
            f"INSERT INTO post ({', '.join(post)}) VALUES ({', '.join('?' * len(post))})",
            tuple(post.values()),
        )
        tags.set_for_post(post_id, content["tags"])
        # Posts deleted by older versions have no series.
        series.set_for_post(post_id, *(content.get("series") or ("",)))
        db.executemany(
            """
            INSERT INTO coauthor (post_id, user_id, position)
            SELECT ?, id, ? FROM "user" WHERE id = ?
            """,
            [(post_id, position, user_id) for user_id, position in content["coauthors"]],
        )
        db.executemany(
            "INSERT INTO old_address (path, post_id) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
            [(path, post_id) for path in content["old_addresses"]],
        )
        db.execute("DELETE FROM trash WHERE post_id = ?", (post_id,))


def _get(post_id: int, user: User) -> sqlite3.Row:
    row = one(f"SELECT {deleted_posts.COLUMNS} FROM trash WHERE post_id = ?", post_id)
    if row is None or not permissions.may(user, "restore post", row):
        raise errors.NotFound("There is no such post in the trash.")
    return row


def for_writer(
    user: User, *, before: str | None = None, after: str | None = None
) -> post_lists.Page:
    """Return a page of the posts that the user may restore, last deleted first.

    Raises `NotFound` if a position does not have the form of `Page.older`.
    """
    forwards = after is not None
    place = after if forwards else before
    date, number = post_lists.parse_position(END_POSITION if place is None else place)
    order, sign = ("ASC", ">") if forwards else ("DESC", "<")
    rows = db.all(
        f"""
        SELECT post_id, title, deleted, CAST(deleted AS TEXT) AS stored_deleted
        FROM trash
        WHERE {RESTORABLE} AND (deleted, post_id) {sign} (?, ?)
        ORDER BY deleted {order}, post_id {order}
        LIMIT {POSTS_PER_PAGE + 1}
        """,
        *_restorer(user),
        date,
        number,
    )
    more, rows = len(rows) > POSTS_PER_PAGE, rows[:POSTS_PER_PAGE]
    if forwards:
        rows.reverse()
    first, last = (_position(rows[:1]), _position(rows[-1:]))
    return post_lists.Page(
        rows,
        older=last if forwards or more else None,
        newer=first if (more if forwards else place is not None) else None,
    )


def count(user: User) -> int:
    """Return the number of posts that the user may restore, at most `post_lists.MAX_COUNTED`."""
    return post_lists.count("trash", RESTORABLE, *_restorer(user))


def _restorer(user: User) -> tuple[int, bool]:
    return user["id"], permissions.may_all(user, "restore post")


def _position(rows: list[sqlite3.Row]) -> str | None:
    return post_lists.position(rows[0]["stored_deleted"], rows[0]["post_id"]) if rows else None
