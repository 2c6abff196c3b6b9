"""Read the posts that may match a search, and compare them with its terms."""

import itertools
from collections.abc import Collection
from typing import NamedTuple

from .. import db
from ..db import now
from ..text import search_query
from ..text import search_words
from ..text.search_query import Term
from . import conditions
from . import search_index
from . import search_postgres
from . import stems
from .search_postgres import MAX_CHECKED_CHARS
from .search_postgres import RANKED_CHARS as RANKED_CHARS

# The number of the newest posts with a tag.
MAX_TAGGED = 240
# SQL for the part of a text to read.
NO_TEXT = "''"
RANKED_TEXT = f"""substr(
    post_words.body, instr(post_words.body, '{search_words.TEXT_MARK}') + 1, {RANKED_CHARS}
)"""
CHECKED_TEXT = f"substr(post_words.body, 1, {MAX_CHECKED_CHARS})"
POSTGRES_TEXTS = {
    RANKED_TEXT: search_postgres.RANKED_TEXT,
    CHECKED_TEXT: search_postgres.CHECKED_TEXT,
}
CONTAINS_TEXT = "(instr(post_words.title, ?) > 0 OR instr(post_words.body, ?) > 0)"
# An SQL condition and its values.
Condition = tuple[str, tuple[str | int, ...]]


class Candidate(NamedTuple):
    """A post that may match, with its index forms between spaces."""

    id: int
    created: str
    title: str
    text: str


def newest_ids_with_tag(tag_id: int) -> list[int]:
    """Return the ids of the newest posts with a tag."""
    rows = db.all(
        f"""
        SELECT post_id
        FROM post_tag
        WHERE tag_id = ?
        ORDER BY listed DESC, post_id DESC
        LIMIT {MAX_TAGGED}
        """,
        tag_id,
    )
    return [row["post_id"] for row in rows]


def newest_ids() -> list[int]:
    """Return the ids of the newest posts."""
    rows = db.all(
        f"""
        SELECT id
        FROM post
        WHERE kind = 'post' AND {conditions.READABLE}
        ORDER BY created DESC, id DESC
        LIMIT {search_index.MAX_CANDIDATES}
        """,
        now(),
    )
    return [row["id"] for row in rows]


def read(ids: list[int], where: list[Condition], text: str) -> list[Candidate]:
    """Return the posts with these ids that meet the conditions, in the order of the ids.

    `text` is the SQL of a part of the text, such as `RANKED_TEXT`.
    """
    text = POSTGRES_TEXTS.get(text, text) if db.is_postgres() else text
    rows = db.all(
        f"""
        SELECT post.id, CAST(post.created AS TEXT) AS created, post_words.title, {text} AS text,
            search_text.text IS NULL AS is_markdown
        FROM post
        JOIN post_words ON post_words.rowid = post.id
        LEFT JOIN search_text ON search_text.post_id = post.id
        WHERE post.id IN ({conditions.placeholders(ids)})
            AND {" AND ".join(condition for condition, _ in where)}
        """,
        *ids,
        *(value for _, values in where for value in values),
    )
    order = {post_id: index for index, post_id in enumerate(ids)}
    return sorted(itertools.starmap(_make_candidate, rows), key=lambda row: order[row.id])


def _make_candidate(
    post_id: int, created: str, title: str, text: str, is_markdown: bool
) -> Candidate:
    if is_markdown:
        title, text = (search_words.index_form(one, stems.stem) for one in (title, text))
    return Candidate(post_id, created, f" {title} ", f" {text} ")


def is_match(row: Candidate, wanted: list[list[str]], excluded: list[list[str]]) -> bool:
    """Return True if the post has all wanted terms and no excluded one, each as its needles."""
    text = f"{row.title}\n{row.text}"
    return all(any(one in text for one in needles) for needles in wanted) and not any(
        any(one in text for one in needles) for needles in excluded
    )


def filter_by_term(term: Term, tags: list[int], rows: list[Candidate]) -> list[Candidate]:
    """Return the posts that have the term in their text or as a tag."""
    tagged = find_tagged([row.id for row in rows], tags)
    needles = [search_query.needles(term)]
    return [row for row in rows if row.id in tagged or is_match(row, needles, [])]


def find_tagged(ids: Collection[int], tags: list[int]) -> set[int]:
    """Return those of the posts that have one of the tags."""
    if not ids or not tags:
        return set()
    rows = db.all(
        f"""
        SELECT post_id
        FROM post_tag
        WHERE post_id IN ({conditions.placeholders(ids)})
            AND tag_id IN ({conditions.placeholders(tags)})
        """,
        *ids,
        *tags,
    )
    return {row["post_id"] for row in rows}
