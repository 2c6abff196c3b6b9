"""Full-text search in posts and pages, best matches first.

Ranking every post that contains a common word would be slow. Only the newest matches are ranked,
and those with the words in the title or in a tag, of any age. The work is limited by numbers of
posts and words, never by time, so a query always finds the same posts. The median search takes
8 ms of CPU time with 10,000 posts and 10 ms with 100,000, and 99 of 100 searches, hostile ones
included, take at most 17 and 37 ms (see tests/benchmarks/README.md).
"""

import sqlite3
from collections.abc import Collection
from collections.abc import Iterator
from typing import NamedTuple

from .. import db
from .. import errors
from ..db import now
from ..text import search_query
from ..text.search_query import Term
from . import conditions
from . import post_lists
from . import search_index

PER_PAGE = 10
MAX_PAGES = 10
# The numbers of matches to rank: the newest, those by title, and those by each tag.
MAX_NEWEST = 100
MAX_BY_TITLE = 60
MAX_BY_TAG = 60
# The number of candidates by title, or by each tag, to find those matches in.
MAX_CANDIDATES = 240
POSTS_PER_QUERY = 120
# The number of candidates whose texts are compared with terms that the index was not asked for.
MAX_CHECKED_POSTS = 360
# The rank depends on the beginning of a text. Conditions that the index cannot check, like long
# phrases and excluded ones, are checked on more of it.
RANKED_CHARS = 4000
MAX_CHECKED_CHARS = 50_000
TITLE_POINTS = 8
TAG_POINTS = 4
MAX_TEXT_POINTS = 3
MAX_SUGGESTIONS = 6
# Some candidates are drafts, which are not suggested.
MAX_SUGGESTION_CANDIDATES = 60

CONTAINS_TEXT = "(instr(post.title, ?) > 0 OR instr(post.body, ?) > 0)"
# An SQL condition and its values.
Condition = tuple[str, tuple[str | int, ...]]


class Results(NamedTuple):
    """A page of results, best first; `total` is at most `MAX_PAGES * PER_PAGE`."""

    terms: list[Term]
    posts: list[sqlite3.Row]
    total: int
    page: int
    pages: int
    # True if there may be more posts, which were not ranked.
    more: bool


def find(query: str, page: int = 1) -> Results:
    """Return a page of the published posts that match a query. Raises `NotFound`."""
    terms = search_query.parse(query)
    search = _Search(terms)
    if search.wanted:
        search.run()
    ranked = search.rank()
    found = ranked[: MAX_PAGES * PER_PAGE]
    more = len(ranked) > len(found) or not search.is_complete
    pages = max(1, -(-len(found) // PER_PAGE))
    if not 1 <= page <= pages:
        raise errors.NotFound("There is no such page of results.")
    shown = _load_posts(found[(page - 1) * PER_PAGE : page * PER_PAGE])
    return Results(terms, shown, len(found), page, pages, more)


class _Search:
    """A search: the terms of a query, and the matches found so far by id."""

    def __init__(self, terms: list[Term]) -> None:
        self.wanted = search_query.required_terms(terms)
        self.excluded = [term for term in terms if term.excluded]
        # The terms to compare with the texts, because the index was not asked for all of them.
        self.checked = [] if search_index.covers_all_terms(self.wanted) else self.wanted
        self.rows: dict[int, sqlite3.Row] = {}
        self.tags: dict[Term, list[int]] = {}
        self.is_complete = not self.wanted
        self.text_chars = RANKED_CHARS

    def run(self) -> None:
        """Find matches by title, by tag and by text."""
        self.tags = {term: tags for term in self.wanted if (tags := search_index.find_tags(term))}
        self.conditions = [*self._conditions()]
        self._search_titles()
        self._search_tags()
        self.is_complete = self._search_texts()

    def _conditions(self) -> Iterator[Condition]:
        yield conditions.READABLE, (now(),)
        for term in self.excluded:
            if not term.words:
                yield f"NOT {CONTAINS_TEXT}", (term.text, term.text)
            if tags := search_index.find_tags(term):
                yield (
                    "NOT EXISTS (SELECT 1 FROM post_tag WHERE post_id = post.id"
                    f" AND tag_id IN ({_placeholders(tags)}))",
                    tuple(tags),
                )

    def _search_titles(self) -> None:
        if not all(term.words for term in self.wanted):
            return
        exact = search_index.build_match(self.wanted)
        with_prefix = search_index.build_match(self.wanted, search_index.quote_prefix)
        ids = search_index.find_ids("post_titles", exact)[:MAX_CANDIDATES]
        found = self._add_matches(ids, self.conditions, MAX_BY_TITLE)
        if found < MAX_BY_TITLE and with_prefix != exact:
            ids = search_index.find_ids("post_titles", with_prefix)[:MAX_CANDIDATES]
            self._add_matches(ids, self.conditions, MAX_BY_TITLE - found)

    def _add_matches(
        self, ids: list[int], where: list[Condition], limit: int, min_words: int = 1
    ) -> int:
        """Add the first matches among the ids and return their number.

        Posts with excluded terms of fewer than `min_words` are not among the ids.
        """
        excluded = [term for term in self.excluded if len(term.words) >= min_words]
        rows = self._read_matches(ids, where, limit, self.checked, excluded)
        self.rows.update((row["id"], row) for row in rows)
        return len(rows)

    def _read_matches(
        self,
        ids: list[int],
        where: list[Condition],
        limit: int,
        checked: list[Term],
        excluded: list[Term],
    ) -> list[sqlite3.Row]:
        """Return the first posts that meet the conditions and have no excluded term."""
        text_chars = self.text_chars
        if excluded or checked:
            text_chars = MAX_CHECKED_CHARS
            ids = ids[:MAX_CHECKED_POSTS]
        found: list[sqlite3.Row] = []
        for start in range(0, len(ids), POSTS_PER_QUERY):
            found += (
                row
                for row in _read(ids[start : start + POSTS_PER_QUERY], where, text_chars)
                if _matches(row, checked, excluded)
            )
            if len(found) >= limit:
                break
        return found[:limit]

    def _search_tags(self) -> None:
        for term, tags in self.tags.items():
            others = [other for other in self.wanted if other != term]
            excluded = [other for other in self.excluded if other.words]
            self.text_chars = MAX_CHECKED_CHARS if others else self.text_chars
            for tag_id in tags:
                ids = _newest_ids_with_tag(tag_id)
                rows = self._read_matches(ids, self.conditions, MAX_BY_TAG, [], excluded)
                for other in others:
                    rows = _filter_by_term(other, self.tags.get(other, []), rows)
                self.rows.update((row["id"], row) for row in rows)

    def _search_texts(self) -> bool:
        """Add the newest matches by text. Return True if there are no others."""
        words = [term for term in self.wanted if term.words]
        trigrams = [term for term in self.wanted if search_index.has_trigrams(term)]
        short_terms = [
            (CONTAINS_TEXT, (term.text, term.text))
            for term in self.wanted
            if not term.words and term not in trigrams
        ]
        where = [*self.conditions, *short_terms]
        if not words and not trigrams:
            self._add_matches(_newest_ids(), where, MAX_NEWEST)
            return False
        without = [search_index.quote(term) for term in self.excluded if len(term.words) == 1]
        above = search_index.find_phrase_limit(words)

        def add_matches(match: str) -> tuple[int, bool]:
            ids = search_index.find_ids("post_words", match, without, above=above) if match else []
            if trigrams:
                within = ids if match else None
                if len(ids) == search_index.MAX_CANDIDATES:
                    # Other posts may have the words as well, so they are compared with the texts.
                    self.checked, within = self.wanted, None
                ids = search_index.find_ids_by_trigrams(trigrams, within)
            found = self._add_matches(ids, where, MAX_NEWEST, min_words=1 if trigrams else 2)
            fully_read = len(ids) < min(MAX_CHECKED_POSTS, search_index.MAX_CANDIDATES)
            return found, found < MAX_NEWEST and fully_read and not above

        found, is_complete = add_matches(search_index.build_match(words))
        if found < MAX_NEWEST and any(term.prefix for term in words):
            # Posts that only have longer words come after those with the word itself.
            match = search_index.build_match(words, search_index.expand_prefix)
            _, is_complete = add_matches(match)
        return is_complete

    def rank(self) -> list[sqlite3.Row]:
        """Return the matches, best first and newest first among equals."""
        tagged = {term: _find_tagged(self.rows, tags) for term, tags in self.tags.items()}
        phrase = " ".join(term.text for term in self.wanted)

        def score(row: sqlite3.Row) -> int:
            title = search_query.fold(row["title"])
            text = search_query.fold(row["text"][:RANKED_CHARS])
            points = TITLE_POINTS if title.strip() == phrase else 0
            for term in self.wanted:
                if search_query.matches(title, term):
                    points += TITLE_POINTS
                elif row["id"] in tagged.get(term, ()):
                    points += TAG_POINTS
                points += min(MAX_TEXT_POINTS, text.count(search_query.fold(term.text)))
            return points

        scored = [(score(row), row["stored_created"], row["id"], row) for row in self.rows.values()]
        return [row for *_, row in sorted(scored, key=lambda entry: entry[:3], reverse=True)]


def _newest_ids_with_tag(tag_id: int) -> list[int]:
    rows = db.all(
        f"""
        SELECT post_id
        FROM post_tag
        WHERE tag_id = ?
        ORDER BY listed DESC, post_id DESC
        LIMIT {MAX_CANDIDATES}
        """,
        tag_id,
    )
    return [row["post_id"] for row in rows]


def _newest_ids() -> list[int]:
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


def _read(ids: list[int], where: list[Condition], text_chars: int) -> list[sqlite3.Row]:
    """Return the posts with these ids that meet the conditions, in the order of the ids."""
    rows = db.all(
        f"""
        SELECT
            post.id, post.slug, CAST(post.created AS TEXT) AS stored_created,
            CAST(post.title AS TEXT) AS title, substr(CAST(post.body AS TEXT), 1, ?) AS text
        FROM post
        WHERE post.id IN ({_placeholders(ids)})
            AND {" AND ".join(condition for condition, _ in where)}
        """,
        text_chars,
        *ids,
        *(value for _, values in where for value in values),
    )
    order = {post_id: index for index, post_id in enumerate(ids)}
    return sorted(rows, key=lambda row: order[row["id"]])


def _matches(row: sqlite3.Row, wanted: list[Term], excluded: list[Term]) -> bool:
    if not wanted and not excluded:
        return True
    text = _text(row)
    return all(search_query.matches(text, term) for term in wanted) and not any(
        search_query.matches(text, term) for term in excluded
    )


def _text(row: sqlite3.Row) -> str:
    return search_query.fold(f"{row['title']}\n{row['text']}")


def _placeholders(values: Collection[int]) -> str:
    return ", ".join("?" * len(values))


def _filter_by_term(term: Term, tags: list[int], rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """Return the posts that have the term in their text or as a tag."""
    tagged = _find_tagged([row["id"] for row in rows], tags)
    return [row for row in rows if row["id"] in tagged or search_query.matches(_text(row), term)]


def _find_tagged(ids: Collection[int], tags: list[int]) -> set[int]:
    rows = db.all(
        f"""
        SELECT post_id
        FROM post_tag
        WHERE post_id IN ({_placeholders(ids)}) AND tag_id IN ({_placeholders(tags)})
        """,
        *ids,
        *tags,
    )
    return {row["post_id"] for row in rows}


def _load_posts(ranked: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """Return the posts with all columns that lists show, in the same order."""
    if not ranked:
        return []
    ids = [row["id"] for row in ranked]
    rows = db.all(f"{post_lists.SELECT} WHERE post.id IN ({_placeholders(ids)})", *ids)
    found = {row["id"]: row for row in rows}
    return [found[post_id] for post_id in ids]


def suggest(query: str) -> list[sqlite3.Row]:
    """Return the newest posts with titles that match an unfinished query."""
    wanted = search_query.required_terms(search_query.parse(query))
    if not wanted or not all(term.words for term in wanted):
        return []
    match = search_index.build_match(wanted, search_index.quote_prefix)
    ids = search_index.find_ids("post_titles", match)[:MAX_SUGGESTION_CANDIDATES]
    return _read(ids, [(conditions.READABLE, (now(),))], text_chars=0)[:MAX_SUGGESTIONS]
