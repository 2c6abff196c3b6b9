"""Full-text search in posts and pages, best matches first.

Ranking every post that contains a common word would be slow. Only the newest matches are ranked,
and those with the words in the title or in a tag, of any age. The other matches follow by date. The
work is limited by numbers of posts and words, never by time, so a query always finds the same
posts. The median search takes 9 ms of CPU time with 10,000 posts and 11 ms with 100,000, and 99 of
100 searches, hostile ones included, take at most 18 and 43 ms (see tests/benchmarks/README.md).
"""

import sqlite3
from collections.abc import Iterator
from typing import NamedTuple

from .. import db
from .. import errors
from ..db import now
from ..text import Style
from ..text import search_query
from ..text import search_words
from ..text.search_query import Term
from . import conditions
from . import post_lists
from . import search_candidates
from . import search_index
from . import search_names
from . import search_texts
from . import spelling
from . import stems
from .search_candidates import CONTAINS_TEXT
from .search_candidates import Candidate
from .search_candidates import Condition

PER_PAGE = 10
# The numbers of matches to rank: the newest, those by title, and those by each tag.
MAX_NEWEST = 100
MAX_BY_TITLE = 60
MAX_BY_TAG = 60
# The number of candidates by title to find those matches in.
MAX_CANDIDATES = 240
POSTS_PER_QUERY = 120
# The number of texts to compare with the terms that are not in the query of the index.
MAX_CHECKED_POSTS = 240
TITLE_POINTS = 8
INEXACT_TITLE_POINTS = 5
TAG_POINTS = 4
MAX_TEXT_POINTS = 3
MAX_SUGGESTIONS = 6
# Some candidates are scheduled, which are not suggested.
MAX_SUGGESTION_CANDIDATES = 60


class Results(NamedTuple):
    """A page of results, best first, with the people, series and tags for the first page."""

    terms: list[Term]
    posts: list[sqlite3.Row]
    names: list[sqlite3.Row]
    # The number of results, or of the ranked ones if they are not all.
    total: int
    is_total: bool
    page: int
    has_next: bool
    # A query with near words, if nothing was found.
    suggestion: str


def find(
    query: str, page: int = 1, style: Style = search_texts.DEFAULT, suggests: bool = True
) -> Results:
    """Return a page of the published posts that match a query. Raises `NotFound`."""
    search_texts.update_few(style)
    terms = search_query.parse(query, stems.stem)
    search = _Search(terms)
    search.run()
    ids, end = search.rank(), page * PER_PAGE
    is_total = search.is_complete
    if len(ids) <= end and not is_total:
        ids += search.find_others()
        is_total = search.was_fully_read
    if page < 1 or (page > 1 and end - PER_PAGE >= len(ids)):
        raise errors.NotFound("There is no such page of results.")
    names = search_names.find(terms) if page == 1 else []
    return Results(
        terms=terms,
        posts=_load_posts(ids[end - PER_PAGE : end]),
        names=names,
        total=len(ids),
        is_total=is_total,
        page=page,
        has_next=len(ids) > end,
        suggestion=_suggest_query(query, terms) if suggests and not ids else "",
    )


def _suggest_query(query: str, terms: list[Term]) -> str:
    """Return the query with near words if it finds posts then."""
    near = spelling.suggest(terms)
    words = [near.get(search_words.fold(word), word) for word in query.split()]
    corrected = " ".join(words)
    is_better = bool(near) and corrected != query and _finds_posts(corrected)
    return corrected if is_better else ""


def _finds_posts(query: str) -> bool:
    search = _Search(search_query.parse(query, stems.stem))
    search.run()
    return bool(search.rows or search.find_others())


class _Search:
    """A search: the terms of a query, and the matches found so far by id."""

    def __init__(self, terms: list[Term]) -> None:
        self.wanted = search_query.required_terms(terms)
        self.excluded = [term for term in terms if term.excluded]
        # The terms to compare with the texts, because the index was not asked for all of them.
        self.checked = [] if search_index.covers_all_terms(self.wanted) else self.wanted
        self.rows: dict[int, Candidate] = {}
        self.rejected: set[int] = set()
        self.number_checked = 0
        self.tags: dict[Term, list[int]] = {}
        # True if all matches are in `rows`, and if all are among `ids`.
        self.is_complete = self.was_fully_read = not self.wanted
        # The newest matches by text, with conditions that the index did not check.
        self.ids: list[int] = []
        self.where: list[Condition] = []
        self.min_excluded_words = 1

    def run(self) -> None:
        """Find matches by title, by tag and by text."""
        if not self.wanted:
            return
        self.tags = search_names.find_tags(self.wanted)
        self.conditions = [*self._conditions()]
        self._search_titles()
        self._search_tags()
        self._search_texts()

    def _conditions(self) -> Iterator[Condition]:
        yield conditions.READABLE, (now(),)
        excluded_tags = search_names.find_tags(self.excluded)
        for term in self.excluded:
            if not term.words:
                yield f"NOT {CONTAINS_TEXT}", (term.text, term.text)
            if tags := excluded_tags.get(term):
                yield (
                    "NOT EXISTS (SELECT 1 FROM post_tag WHERE post_id = post.id"
                    f" AND tag_id IN ({conditions.placeholders(tags)}))",
                    tuple(tags),
                )

    def _search_titles(self) -> None:
        if not all(term.words for term in self.wanted):
            return
        exact = search_index.build_match(self.wanted)
        inexact = search_index.build_match(self.wanted, search_index.as_prefix)
        ids = search_index.find_ids("post_titles", exact, limit=MAX_CANDIDATES)
        found = self._add_matches(ids, self.conditions, MAX_BY_TITLE)
        if found < MAX_BY_TITLE and inexact != exact:
            ids = search_index.find_ids("post_titles", inexact, limit=MAX_CANDIDATES)
            self._add_matches(ids, self.conditions, MAX_BY_TITLE - found)

    def _add_matches(
        self, ids: list[int], where: list[Condition], limit: int, min_words: int = 1
    ) -> int:
        """Add the first matches among the ids and return the number of matches among them.

        Posts with excluded terms of fewer than `min_words` are not among the ids.
        """
        excluded = [term for term in self.excluded if len(term.words) >= min_words]
        known = sum(post_id in self.rows for post_id in ids)
        others = [one for one in ids if one not in self.rows and one not in self.rejected]
        if excluded or self.checked:
            others = others[: MAX_CHECKED_POSTS - self.number_checked]
        rows = self._read_matches(others, where, limit, self.checked, excluded)
        self.rows.update((row.id, row) for row in rows)
        return known + len(rows)

    def _read_matches(
        self,
        ids: list[int],
        where: list[Condition],
        limit: int,
        checked: list[Term],
        excluded: list[Term],
        text: str = search_candidates.RANKED_TEXT,
    ) -> list[Candidate]:
        """Return the first posts that meet the conditions and have no excluded term.

        `text` is the part of their texts to read if no term has to be compared with it.
        """
        is_checked = bool(excluded or checked)
        text = search_candidates.CHECKED_TEXT if is_checked else text
        wanted, unwanted = (
            [search_query.needles(term) for term in terms] for terms in (checked, excluded)
        )
        found: list[Candidate] = []
        # Nearly all posts match unless their texts are checked, so no more need to be read.
        step = min(limit, POSTS_PER_QUERY) if limit and not is_checked else POSTS_PER_QUERY
        for start in range(0, len(ids), step):
            part = ids[start : start + step]
            rows = search_candidates.read(part, where, text)
            matching = [row for row in rows if search_candidates.is_match(row, wanted, unwanted)]
            self.rejected |= {*part} - {row.id for row in matching}
            self.number_checked += len(part) if is_checked else 0
            found += matching
            if len(found) >= limit:
                break
        return found[:limit]

    def _search_tags(self) -> None:
        for term, tags in self.tags.items():
            others = [other for other in self.wanted if other != term]
            excluded = [other for other in self.excluded if other.words]
            text = search_candidates.CHECKED_TEXT if others else search_candidates.RANKED_TEXT
            for tag_id in tags:
                ids = search_candidates.newest_ids_with_tag(tag_id)
                rows = self._read_matches(ids, self.conditions, MAX_BY_TAG, [], excluded, text)
                for other in others:
                    rows = search_candidates.filter_by_term(other, self.tags.get(other, []), rows)
                self.rows.update((row.id, row) for row in rows)

    def _search_texts(self) -> None:
        """Add the newest matches by text."""
        words = [term for term in self.wanted if term.words]
        trigrams = [term for term in self.wanted if search_index.has_trigrams(term)]
        short_terms = [
            (CONTAINS_TEXT, (term.text, term.text))
            for term in self.wanted
            if not term.words and term not in trigrams
        ]
        self.where = [*self.conditions, *short_terms]
        if not words and not trigrams:
            self.ids = search_candidates.newest_ids()
            self._add_matches(self.ids, self.where, MAX_NEWEST)
            return
        self.min_excluded_words = 1 if trigrams else 2
        above = search_index.find_phrase_limit(words)
        exact = search_index.build_match(words)
        inexact = search_index.build_match(words, search_index.complete)
        # Posts that only have other forms of the words come after those with the words themselves.
        matches = [*dict.fromkeys((exact, inexact))]
        if len(words) > search_index.MAX_MATCH_WORDS:
            # The texts are checked for all of so many words anyway.
            matches = [inexact]
        for match in matches:
            found = self._add_newest(match, trigrams, above)
            if found >= MAX_NEWEST or self.number_checked >= MAX_CHECKED_POSTS:
                break

    def _add_newest(self, match: str, trigrams: list[Term], above: int) -> int:
        """Add the newest posts that match in the indexes, and return the number of matches."""
        self.ids = self._find_newest(match, trigrams, above)
        found = self._add_matches(self.ids, self.where, MAX_NEWEST, self.min_excluded_words)
        self.was_fully_read = (
            len(self.ids) < search_index.MAX_CANDIDATES
            and self.number_checked < MAX_CHECKED_POSTS
            and not above
        )
        self.is_complete = found < MAX_NEWEST and self.was_fully_read
        return found

    def _find_newest(self, match: str, trigrams: list[Term], above: int) -> list[int]:
        without = [search_index.exclude(term) for term in self.excluded if len(term.words) == 1]
        ids = search_index.find_ids("post_words", match, without, above=above) if match else []
        if not trigrams:
            return ids
        if len(ids) == search_index.MAX_CANDIDATES:
            # Other posts may have the words as well, so they are compared with the texts.
            self.checked = self.wanted
            return search_index.find_ids_by_trigrams(trigrams)
        return search_index.find_ids_by_trigrams(trigrams, ids if match else None)

    def find_others(self) -> list[int]:
        """Return the ids of the matches that are not ranked, newest first."""
        excluded = [term for term in self.excluded if len(term.words) >= self.min_excluded_words]
        ids = [one for one in self.ids if one not in self.rows and one not in self.rejected]
        if excluded or self.checked:
            ids = ids[: MAX_CHECKED_POSTS - self.number_checked]
        rows = self._read_matches(
            ids, self.where, len(ids), self.checked, excluded, search_candidates.NO_TEXT
        )
        return [row.id for row in sorted(rows, key=lambda row: (row.created, row.id), reverse=True)]

    def rank(self) -> list[int]:
        """Return the ids of the matches found, best first and newest first among equals."""
        tagged = {
            term: search_candidates.find_tagged(self.rows, tags) for term, tags in self.tags.items()
        }
        phrase = f" {' '.join(term.text for term in self.wanted)} "

        exacts = {term: search_query.needles(term)[0] for term in self.wanted}

        def score(row: Candidate) -> int:
            points = (
                TITLE_POINTS if row.title.endswith(phrase) and _words(row.title) == phrase else 0
            )
            text = _words(row.text)[: search_candidates.RANKED_CHARS]
            for term, exact in exacts.items():
                if exact in row.title:
                    points += TITLE_POINTS
                elif search_query.matches(row.title, term):
                    points += INEXACT_TITLE_POINTS
                elif row.id in tagged.get(term, ()):
                    points += TAG_POINTS
                points += min(MAX_TEXT_POINTS, text.count(exact))
            return points

        scored = [(score(row), row.created, row.id) for row in self.rows.values()]
        return [post_id for *_, post_id in sorted(scored, reverse=True)]


def _words(form: str) -> str:
    return f" {search_words.text_of(form)} "


def _load_posts(ids: list[int]) -> list[sqlite3.Row]:
    """Return the posts with all columns that lists show, in the same order."""
    if not ids:
        return []
    rows = db.all(f"{post_lists.SELECT} WHERE post.id IN ({conditions.placeholders(ids)})", *ids)
    found = {row["id"]: row for row in rows}
    return [found[post_id] for post_id in ids]


def suggest(query: str) -> list[sqlite3.Row]:
    """Return the newest posts with titles that match an unfinished query."""
    wanted = search_query.required_terms(search_query.parse(query, stems.stem))
    if not wanted or not all(term.words for term in wanted):
        return []
    match = search_index.build_match(wanted, search_index.as_prefix)
    ids = search_index.find_ids("post_titles", match, limit=MAX_SUGGESTION_CANDIDATES)
    if not ids:
        return []
    return db.all(
        f"""
        SELECT id, slug, CAST(title AS TEXT) AS title
        FROM post
        WHERE id IN ({conditions.placeholders(ids)}) AND {conditions.READABLE}
        ORDER BY id DESC
        LIMIT {MAX_SUGGESTIONS}
        """,
        *ids,
        now(),
    )
