"""Find the pages of people, tags and series by their names."""

import sqlite3
from collections.abc import Sequence

from .. import db
from ..db import now
from ..text import search_query
from ..text import search_words
from ..text.search_query import Term
from . import conditions
from . import search_index
from . import stems

MAX_CANDIDATES = 50
MAX_TAGS = 5
MAX_PER_KIND = 3
# The names of each kind, by index. Only pages with posts are found: each binds the time, for each
# list.
QUERIES = {
    "user_words": f"""
        SELECT id, CAST(coalesce(nullif(display_name, ''), username) AS TEXT) AS name,
            CAST(username AS TEXT) AS other_name, '' AS slug, 'person' AS kind
        FROM "user"
        WHERE (
            EXISTS (
                SELECT 1
                FROM post
                WHERE author_id = "user".id AND kind = 'post' AND {conditions.READABLE}
            )
            OR EXISTS (SELECT 1 FROM coauthor WHERE user_id = "user".id AND listed <= ?)
        )
    """,
    "series_words": """
        SELECT id, CAST(name AS TEXT) AS name, '' AS other_name, slug, 'series' AS kind
        FROM series
        WHERE EXISTS (SELECT 1 FROM series_post WHERE series_id = series.id AND listed <= ?)
    """,
    "tag_words": """
        SELECT id, CAST(name AS TEXT) AS name, '' AS other_name, slug, 'tag' AS kind
        FROM tag
        WHERE EXISTS (SELECT 1 FROM post_tag WHERE tag_id = tag.id AND listed <= ?)
    """,
}
ALL_TAGS = "SELECT id, CAST(name AS TEXT) AS name, '' AS other_name FROM tag WHERE TRUE"


def find(terms: list[Term]) -> list[sqlite3.Row]:
    """Return the people, series and tags whose names have all the terms, exact ones first."""
    wanted = search_query.required_terms(terms)
    if not wanted or len(wanted) < len(terms):
        return []
    match = " AND ".join(map(_build_match, wanted))
    found: list[sqlite3.Row] = []
    for index, query in QUERIES.items():
        rows = _read(index, match, query, [now()] * query.count("?"))
        rows = [row for row in rows if _has_all(row, wanted)]
        found += sorted(rows, key=lambda row: len(row["name"]))[:MAX_PER_KIND]
    return sorted(found, key=lambda row: not _is_exact(row, wanted))


def _read(index: str, match: str, query: str, values: list[str]) -> list[sqlite3.Row]:
    """Return the rows of a query, which ends with a condition, whose names match."""
    ids = search_index.find_ids(index, match, limit=MAX_CANDIDATES, newest=False)
    if not ids:
        return []
    query = f"{query} AND id IN ({conditions.placeholders(ids)}) ORDER BY id"
    return db.all(query, *values, *ids)


def _build_match(term: Term) -> str:
    """Return an expression that finds the names with a term, and perhaps others."""
    typed = search_words.as_typed(term.text)
    is_open = term.prefix or not term.words
    matches = [f"{search_index.quote(typed)}{' *' if is_open else ''}"]
    # The words of an index form have no Arabic article, but the index of names has it.
    if search_query.IS_ARABIC.match(typed):
        matches.append(search_index.quote(f"{search_words.ARABIC_ARTICLE}{typed}"))
    matches += [search_index.quote(term.joined)] if term.joined else []
    matches += [f"{search_index.quote(term.stem)} *"] if term.stem else []
    return f"({' OR '.join(matches)})"


def _has_all(row: sqlite3.Row, terms: list[Term]) -> bool:
    form = _form(row)
    return all(search_query.matches(form, term) for term in terms)


def _form(row: sqlite3.Row) -> str:
    names = f"{row['name']} {row['other_name']}"
    return f" {search_words.index_form(names, stems.stem)} "


def _is_exact(row: sqlite3.Row, terms: list[Term]) -> bool:
    names = (search_words.index_form(row[key]) for key in ("name", "other_name"))
    return " ".join(term.text for term in terms) in map(search_words.text_of, names)


def find_tags(terms: Sequence[Term]) -> dict[Term, list[int]]:
    """Return the ids of the oldest tags that have each term in their names, if there are any."""
    if not terms:
        return {}
    rows = _read_tags(terms)
    # Otherwise, the oldest tags with one term might leave out those with another.
    is_complete = len(rows) < MAX_CANDIDATES or len(terms) == 1
    return {
        term: tags[:MAX_TAGS]
        for term in terms
        if (tags := _pick(rows if is_complete else _read_tags([term]), term))
    }


def _read_tags(terms: Sequence[Term]) -> list[tuple[int, str]]:
    """Return the ids and names of the oldest tags with one of the terms."""
    match = " OR ".join(map(_build_match, terms))
    return [(row["id"], _form(row)) for row in _read("tag_words", match, ALL_TAGS, [])]


def _pick(rows: list[tuple[int, str]], term: Term) -> list[int]:
    return [tag_id for tag_id, form in rows if search_query.matches(form, term)]
