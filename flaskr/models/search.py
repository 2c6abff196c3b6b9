"""Full text of posts and pages: the best first.

Of a common word every post is a match, and to rank them all is what costs. So the newest matches
are ranked, and beside them those that have the words in the title or in a tag, however old. The
work is bounded by numbers of posts and words, so that the same query always finds the same. Among
100,000 posts it takes 10 ms, and 50 ms where common words stand in a phrase (figures of a busy
machine, in tests/benchmarks/README.md).
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
# How many matches are ranked: the newest, those by title, those by each tag.
MAX_NEWEST = 100
MAX_BY_TITLE = 60
MAX_BY_TAG = 60
# Of those by title or tag, which come beside the newest, fewer.
COMPARED = 240
# Posts are read so many at a time, until enough may be shown.
POSTS_AT_ONCE = 120
# So much of a text counts for its rank; and so much of it is searched for phrases, for words beside
# those that a tag has, and for words that it must not have.
OPENING_CHARS = 4000
MAX_TEXT_CHARS = 50_000
MAX_SUGGESTIONS = 6
# Drafts are among them, and not suggested.
SUGGESTIONS_LOOKED_AT = 60

CHARACTERS = "(instr(post.title, ?) > 0 OR instr(post.body, ?) > 0)"
COLUMNS = """post.id, post.slug, CAST(post.created AS TEXT) AS stored_created,
    CAST(post.title AS TEXT) AS title, substr(CAST(post.body AS TEXT), 1, ?) AS text"""
# In SQL, with its values.
Condition = tuple[str, tuple[str | int, ...]]


class Results(NamedTuple):
    """A page of what was found, best first; `total` is `PAGES * PER_PAGE` at most."""

    terms: list[Term]
    posts: list[sqlite3.Row]
    total: int
    page: int
    pages: int
    # Whether there may be others, older ones, that were not looked at or not ranked.
    more: bool


def find(typed: str, page: int = 1) -> Results:
    """What everyone may read that has all that was typed. Raises `NotFound` for no such page."""
    terms = search_query.parse(typed)
    search = _Search(terms)
    if search.wanted:
        search.run()
    ranked = search.ranked()
    found = ranked[: MAX_PAGES * PER_PAGE]
    more = len(ranked) > len(found) or not search.is_complete
    pages = max(1, -(-len(found) // PER_PAGE))
    if not 1 <= page <= pages:
        raise errors.NotFound("There is no such page of results.")
    shown = _whole(found[(page - 1) * PER_PAGE : page * PER_PAGE])
    return Results(terms, shown, len(found), page, pages, more)


class _Search:
    """The posts that may be shown, by id, as far as they have been found."""

    def __init__(self, terms: list[Term]) -> None:
        self.wanted = search_query.required_terms(terms)
        self.excluded = [term for term in terms if term.excluded]
        # Compared with what an index finds, where that is asked only in part.
        self.checked = [] if search_index.is_asked_whole(self.wanted) else self.wanted
        self.rows: dict[int, sqlite3.Row] = {}
        self.tags: dict[Term, list[int]] = {}
        self.is_complete = not self.wanted
        self.length = OPENING_CHARS

    def run(self) -> None:
        """Find them: by title, by tag, by text."""
        self.tags = {term: tags for term in self.wanted if (tags := search_index.tags(term))}
        self.shown = [*self._shown()]
        self._by_title()
        self._by_tags()
        self.is_complete = self._by_text()

    def _shown(self) -> Iterator[Condition]:
        yield conditions.READABLE, (now(),)
        for term in self.excluded:
            if not term.words:
                yield f"NOT {CHARACTERS}", (term.text, term.text)
            if tags := search_index.tags(term):
                yield (
                    "NOT EXISTS (SELECT 1 FROM post_tag WHERE post_id = post.id"
                    f" AND tag_id IN ({_marks(tags)}))",
                    tuple(tags),
                )

    def _by_title(self) -> None:
        if not all(term.words for term in self.wanted):
            return
        exact, beginnings = (
            search_index.match(self.wanted),
            search_index.match(self.wanted, search_index.as_beginning),
        )
        found = self._keep(
            search_index.ids("post_titles", exact)[:COMPARED], self.shown, MAX_BY_TITLE
        )
        if found < MAX_BY_TITLE and beginnings != exact:
            ids = search_index.ids("post_titles", beginnings)[:COMPARED]
            self._keep(ids, self.shown, MAX_BY_TITLE - found)

    def _keep(self, ids: list[int], where: list[Condition], most: int, least_words: int = 1) -> int:
        """Keep the first posts that have what was typed; return how many.

        Excluded terms of fewer than `least_words` the index has left out.
        """
        excluded = [term for term in self.excluded if len(term.words) >= least_words]
        rows = self._first(ids, where, most, self.checked, excluded)
        self.rows.update((row["id"], row) for row in rows)
        return len(rows)

    def _first(
        self,
        ids: list[int],
        where: list[Condition],
        most: int,
        checked: list[Term],
        excluded: list[Term],
    ) -> list[sqlite3.Row]:
        """Return the first posts that meet the conditions, and have no excluded term."""
        length = MAX_TEXT_CHARS if excluded or checked else self.length
        found: list[sqlite3.Row] = []
        for start in range(0, len(ids), POSTS_AT_ONCE):
            found += (
                row
                for row in _read(ids[start : start + POSTS_AT_ONCE], where, length)
                if _has(row, checked, excluded)
            )
            if len(found) >= most:
                break
        return found[:most]

    def _by_tags(self) -> None:
        for term, tags in self.tags.items():
            others = [other for other in self.wanted if other != term]
            excluded = [other for other in self.excluded if other.words]
            self.length = MAX_TEXT_CHARS if others else self.length
            for tag_id in tags:
                rows = self._first(_newest_of_tag(tag_id), self.shown, MAX_BY_TAG, [], excluded)
                for other in others:
                    rows = _with(other, self.tags.get(other, []), rows)
                self.rows.update((row["id"], row) for row in rows)

    def _by_text(self) -> bool:
        """Keep the newest matches; return whether those are all."""
        words = [term for term in self.wanted if term.words]
        letters = [term for term in self.wanted if search_index.is_indexed(term)]
        characters = [
            (CHARACTERS, (term.text, term.text))
            for term in self.wanted
            if not term.words and term not in letters
        ]
        where = [*self.shown, *characters]
        if not words and not letters:
            self._keep(_newest_posts(), where, MAX_NEWEST)
            return False
        without = [search_index.quoted(term) for term in self.excluded if len(term.words) == 1]

        def look(said: str) -> tuple[int, bool]:
            if letters:
                ids = search_index.ids_with_letters(letters, said)
                found = self._keep(ids, where, MAX_NEWEST)
            else:
                ids = search_index.ids("post_words", said, without)
                found = self._keep(ids, where, MAX_NEWEST, least_words=2)
            return found, found < MAX_NEWEST and len(ids) < search_index.CANDIDATES

        found, is_all = look(search_index.match(words))
        if found < MAX_NEWEST and any(term.prefix for term in words):
            # What only begins so fills up what the whole words leave.
            is_all = look(search_index.match(words, search_index.with_beginnings))[1]
        return is_all

    def ranked(self) -> list[sqlite3.Row]:
        """The best first, and of two that are as good the newer."""
        tagged = {term: _tagged(self.rows, tags) for term, tags in self.tags.items()}
        phrase = " ".join(term.text for term in self.wanted)

        def score(row: sqlite3.Row) -> int:
            title, text = (
                search_query.fold(row["title"]),
                search_query.fold(row["text"][:OPENING_CHARS]),
            )
            points = 8 if title.strip() == phrase else 0
            for term in self.wanted:
                if search_query.matches(title, term):
                    points += 8
                elif row["id"] in tagged.get(term, ()):
                    points += 4
                points += min(3, text.count(search_query.fold(term.text)))
            return points

        scored = [(score(row), row["stored_created"], row["id"], row) for row in self.rows.values()]
        return [row for *_, row in sorted(scored, key=lambda one: one[:3], reverse=True)]


def _newest_of_tag(tag_id: int) -> list[int]:
    rows = db.all(
        f"""
        SELECT post_id
        FROM post_tag
        WHERE tag_id = ?
        ORDER BY post_id DESC
        LIMIT {COMPARED}
        """,
        tag_id,
    )
    return [row["post_id"] for row in rows]


def _newest_posts() -> list[int]:
    rows = db.all(
        f"""
        SELECT id
        FROM post
        WHERE kind = 'post' AND {conditions.READABLE}
        ORDER BY created DESC, id DESC
        LIMIT {search_index.CANDIDATES}
        """,
        now(),
    )
    return [row["id"] for row in rows]


def _read(ids: list[int], where: list[Condition], length: int) -> list[sqlite3.Row]:
    """Return those of these posts that meet the conditions, in the order of the ids."""
    rows = db.all(
        f"""
        SELECT {COLUMNS}
        FROM post
        WHERE post.id IN ({_marks(ids)})
            AND {" AND ".join(condition for condition, _ in where)}
        """,
        length,
        *ids,
        *(value for _, values in where for value in values),
    )
    places = {post_id: place for place, post_id in enumerate(ids)}
    return sorted(rows, key=lambda row: places[row["id"]])


def _has(row: sqlite3.Row, wanted: list[Term], excluded: list[Term]) -> bool:
    if not wanted and not excluded:
        return True
    text = _all(row)
    return all(search_query.matches(text, term) for term in wanted) and not any(
        search_query.matches(text, term) for term in excluded
    )


def _all(row: sqlite3.Row) -> str:
    return search_query.fold(f"{row['title']}\n{row['text']}")


def _marks(values: Collection[int]) -> str:
    return ", ".join("?" * len(values))


def _with(term: Term, tags: list[int], rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """Those that have the term, in their text or as a tag."""
    tagged = _tagged([row["id"] for row in rows], tags)
    return [row for row in rows if row["id"] in tagged or search_query.matches(_all(row), term)]


def _tagged(ids: Collection[int], tags: list[int]) -> set[int]:
    rows = db.all(
        f"""
        SELECT post_id
        FROM post_tag
        WHERE post_id IN ({_marks(ids)}) AND tag_id IN ({_marks(tags)})
        """,
        *ids,
        *tags,
    )
    return {row["post_id"] for row in rows}


def _whole(ranked: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The posts as lists show them, in the same order."""
    if not ranked:
        return []
    ids = [row["id"] for row in ranked]
    rows = db.all(f"{post_lists.SELECT} WHERE post.id IN ({_marks(ids)})", *ids)
    found = {row["id"]: row for row in rows}
    return [found[post_id] for post_id in ids]


def suggest(typed: str) -> list[sqlite3.Row]:
    """The newest posts whose titles have all that was typed so far."""
    wanted = search_query.required_terms(search_query.parse(typed))
    if not wanted or not all(term.words for term in wanted):
        return []
    ids = search_index.ids("post_titles", search_index.match(wanted, search_index.as_beginning))
    return _read(ids[:SUGGESTIONS_LOOKED_AT], [(conditions.READABLE, (now(),))], 0)[
        :MAX_SUGGESTIONS
    ]
