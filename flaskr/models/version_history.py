"""The version history of a post: its revisions, page by page, with the size of each change."""

import sqlite3
from collections.abc import Iterator
from itertools import dropwhile
from typing import NamedTuple

from .. import db
from ..text import diff
from ..text import myers
from . import revisions
from .revisions import MAX_DELTA_STEPS
from .revisions import MAX_ID

PER_PAGE = 50


class Entry(NamedTuple):
    """A revision in the version history, with its change from the one before, if there is one.

    `size` is None if the change is too large to count its words, or one of the two is damaged.
    """

    row: sqlite3.Row
    is_first: bool
    has_new_title: bool
    size: diff.Size | None
    is_damaged: bool


class Page(NamedTuple):
    """A page of the version history, newest first.

    `older` and `newer` are the ids to pass as `before` for the next pages; 0 means the newest page.
    """

    entries: list[Entry]
    older: int | None
    newer: int | None


def list_page(post_id: int, before: int | None = None) -> Page:
    """Return a page of the revisions before an id, or the newest ones."""
    end = min(before, MAX_ID) if before else MAX_ID
    # Those of the page, the one before them, and those that its delta needs.
    rows = db.all(
        """
        SELECT revision.id, revision.created, title, step, delta, autosave,
            coalesce(nullif(display_name, ''), username) AS editor
        FROM revision
        LEFT JOIN "user" ON "user".id = editor_id
        WHERE post_id = ? AND revision.id < ?
        ORDER BY revision.id DESC
        LIMIT ?
        """,
        post_id,
        end,
        PER_PAGE + MAX_DELTA_STEPS,
    )
    entries = [*_measure(rows)][::-1][:PER_PAGE]
    has_older = len(entries) == PER_PAGE and not entries[-1].is_first
    older = entries[-1].row["id"] if has_older else None
    return Page(entries, older, _find_newer(post_id, end) if before else None)


def _measure(newest_first: list[sqlite3.Row]) -> Iterator[Entry]:
    """Yield the entries of the rows with a text that can be restored, oldest first."""
    budget = myers.Budget()
    rows = [*dropwhile(lambda row: row["step"], reversed(newest_first))]
    body: str | None = None
    title = ""
    for number, (row, new) in enumerate(zip(rows, revisions.read_texts(rows), strict=True)):
        size = None if body is None or new is None else diff.measure(body, new, budget)
        yield Entry(row, number == 0, row["title"] != title, size, new is None)
        body, title = new, row["title"]


def _find_newer(post_id: int, end: int) -> int:
    rows = db.all(
        "SELECT id FROM revision WHERE post_id = ? AND id >= ? ORDER BY id LIMIT ?",
        post_id,
        end,
        PER_PAGE + 1,
    )
    return int(rows[PER_PAGE]["id"]) if len(rows) > PER_PAGE else 0
