"""Index the visible text of published posts.

A trigger indexes the Markdown of a post at once, even after plain SQL, and marks the post as
outdated in `search_text`. Rendering replaces the Markdown by the visible text: each search first
renders a few outdated posts, and a thread renders the rest. Until then, a search finds the
Markdown. Saving a post therefore takes no longer.
"""

import sqlite3
from collections.abc import Iterator

from .. import db
from .. import errors
from ..db import transaction
from ..text import Style
from ..text import search_words
from ..text.visible_text import visible_text
from . import conditions
from . import rendered_html
from . import search_postgres
from . import stems

# Raise this number when the same text gives different words.
VERSION = 1
POSTS_PER_STEP = 10
# The posts, and the characters in them, that a search waits for.
MAX_AWAITED_POSTS = 25
MAX_AWAITED_CHARS = 100_000
MAX_QUOTED_CHARS = 50_000
INDEXES = ("post_words", "post_titles", "post_letters")
COLUMNS = """
    post.id, post.status, CAST(post.title AS TEXT) AS title, CAST(post.body AS TEXT) AS body,
    CAST(post.summary AS TEXT) AS summary, CAST(post.language AS TEXT) AS language
"""


DEFAULT = Style("en")


def _form(style: Style) -> str:
    """Return the value of `search_text.form` for an index that is up to date."""
    return f"{VERSION}:{style.language}"


def has_outdated(style: Style = DEFAULT) -> bool:
    """Return True if a post is not up to date in the index."""
    return bool(_find_outdated(style, 1))


def update_few(style: Style = DEFAULT) -> None:
    """Index the posts that are not up to date, unless that would take long."""
    ids = _find_outdated(style, MAX_AWAITED_POSTS + 1)
    if not ids or len(ids) > MAX_AWAITED_POSTS:
        return
    posts = _read(ids)
    if sum(len(post["body"]) for post in posts) <= MAX_AWAITED_CHARS:
        _index(ids, posts, style)


def update_next(style: Style = DEFAULT) -> bool:
    """Index some posts that are not up to date. Return False if there is no more to do."""
    ids = _find_outdated(style, POSTS_PER_STEP)
    return bool(ids) and _index(ids, _read(ids), style)


def _find_outdated(style: Style, limit: int) -> list[int]:
    # SQLite uses the index for these two comparisons, but not for `<>`.
    parts = [
        f"""
        SELECT *
        FROM (
            SELECT post_id
            FROM search_text
            WHERE form {comparison} ?
            ORDER BY form DESC, post_id DESC
            LIMIT ?
        ) AS outdated
        """
        for comparison in ("<", ">")
    ]
    query = f"{' UNION ALL '.join(parts)} LIMIT ?"
    rows = db.all(query, *(_form(style), limit) * 2, limit)
    return [row["post_id"] for row in rows]


def _read(ids: list[int]) -> list[sqlite3.Row]:
    return db.all(f"SELECT {COLUMNS} FROM post WHERE id IN ({conditions.placeholders(ids)})", *ids)


def _index(ids: list[int], posts: list[sqlite3.Row], style: Style) -> bool:
    """Replace the entries of the posts. Return False if the database cannot be written now."""
    known = {post["id"]: (post, visible) for post, visible in _with_texts(posts, style)}
    try:
        with transaction(wait=False) as connection:
            current = {post["id"]: post for post in _read(ids)}
            for post_id in ids:
                post, visible = known.get(post_id, (None, ""))
                # A post that has changed since it was read stays outdated.
                if current.get(post_id) != post:
                    continue
                for index in INDEXES:
                    connection.execute(f"DELETE FROM {index} WHERE rowid = ?", (post_id,))
                if post is None:
                    connection.execute("DELETE FROM search_text WHERE post_id = ?", (post_id,))
                else:
                    _store(connection, post, visible, style)
            if db.is_postgres():
                search_postgres.check_words()
    except errors.Unavailable:
        return False
    return True


def _with_texts(posts: list[sqlite3.Row], style: Style) -> Iterator[tuple[sqlite3.Row, str]]:
    rendered = rendered_html.for_posts(posts, style)
    for post in posts:
        text = visible_text(rendered[post["id"]].html)
        summary = " ".join(post["summary"].split())
        yield post, f"{summary} {text}".strip()


def _store(connection: sqlite3.Connection, post: sqlite3.Row, visible: str, style: Style) -> None:
    is_english = (post["language"] or style.language).lower().startswith("en")
    stem = stems.stem if is_english else None
    title, body = (search_words.index_form(text, stem) for text in (post["title"], visible))
    connection.execute(
        "INSERT INTO post_words (rowid, title, body) VALUES (?, ?, ?)", (post["id"], title, body)
    )
    connection.execute("INSERT INTO post_titles (rowid, title) VALUES (?, ?)", (post["id"], title))
    if search_words.UNSPACED.search(post["title"] + visible):
        connection.execute(
            "INSERT INTO post_letters (rowid, title, body) VALUES (?, ?, ?)",
            (post["id"], search_words.fold(post["title"]), search_words.fold(visible)),
        )
    connection.execute(
        "UPDATE search_text SET text = ?, form = ? WHERE post_id = ?",
        (visible, _form(style), post["id"]),
    )


def get_texts(posts: list[sqlite3.Row], style: Style = DEFAULT) -> dict[int, str]:
    """Return the visible text of each post by post id, for a page of results."""
    if not posts:
        return {}
    rows = db.all(
        f"""
        SELECT post_id, substr(text, 1, {MAX_QUOTED_CHARS}) AS text
        FROM search_text
        WHERE text IS NOT NULL AND post_id IN ({conditions.placeholders(posts)})
        """,
        *(post["id"] for post in posts),
    )
    found: dict[int, str] = {row["post_id"]: row["text"] for row in rows}
    missing = [post for post in posts if post["id"] not in found]
    return found | {post["id"]: text for post, text in _with_texts(missing, style)}
