"""Full text of posts and pages: the best first, in a time that is bounded whatever is asked.

Of a common word every post is a match, and to rank them all is what costs. So the newest matches
are ranked, and beside them those that have the words in the title or in a tag, however old.
"""

import sqlite3
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from time import monotonic
from typing import NamedTuple

from .. import errors
from .. import queries
from ..db import get_db
from ..db import now
from ..db import time_limit
from ..queries import Term
from . import lists

PER_PAGE = 10
PAGES = 10
# How many matches are ranked: the newest, those by title, those by each tag.
NEWEST = 100
BY_TITLE = 60
BY_TAG = 60
TAGS = 5
# How many words a beginning of a word stands for, and which is too short to stand for any.
WORDS = 24
SHORTEST_BEGINNING = 2
# The index of letters has three at a time. For fewer, so many posts are looked through.
LETTERS = 3
LOOKED_THROUGH = 1000
# So much of a text counts for its rank; and so much of it is searched for words beside those that
# a tag has, or for words that it must not have.
BEGINNING = 4000
TEXT = 50_000
SUGGESTIONS = 6
# Ids in one statement, to begin with. After so many seconds no further one is begun, and what is
# under way is broken off.
STRETCH = 1024
SOON = 0.01
QUICK = 0.002
AT_MOST = 0.013

VISIBLE = "post.status = 'published' AND post.created <= ?"
WITHIN = "(SELECT rowid FROM post_words WHERE post_words MATCH ? AND rowid BETWEEN ? AND ?)"
CHARACTERS = "(instr(post.title, ?) > 0 OR instr(post.body, ?) > 0)"
COLUMNS = """post.id, post.slug, CAST(post.created AS TEXT) AS stored_created,
    CAST(post.title AS TEXT) AS title, substr(CAST(post.body AS TEXT), 1, ?) AS text"""

# The index tables: which table each is of, and its columns.
INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "post": {
        "post_words": ("title", "body"),
        "post_titles": ("title",),
        "post_letters": ("title", "body"),
    },
    "tag": {"tag_words": ("name",)},
}
# Posts in scripts that put no space between words. Comparing lengths first is quick.
UNSPACED = """
  WHERE length(CAST(NEW.title || NEW.body AS BLOB)) > length(NEW.title || NEW.body)
    AND NEW.title || NEW.body GLOB '*[ก-ໟက-႟ក-៹々-〇ぁ-ヿ㐀-鿿豈-龎ｦ-ﾟ𠀀-𳎯]*'"""

# In SQL, with its values.
Condition = tuple[str, tuple[str | int, ...]]


def triggers() -> dict[str, str]:
    """Return the triggers that keep the index tables, by name."""
    return {
        f"{table}_search_{event}": _trigger(table, event)
        for table in INDEXES
        for event in ("insert", "update", "delete")
    }


def _trigger(table: str, event: str) -> str:
    columns = {column: None for own in INDEXES[table].values() for column in own}
    watched = ", ".join(["id", *columns])
    before, after = (
        ", ".join(f"{row}.{column}" for column in ["id", *columns]) for row in ("OLD", "NEW")
    )
    head = {
        "insert": f"INSERT ON {table}",
        "update": f"UPDATE OF {watched} ON {table}\nWHEN ({before}) IS NOT ({after})",
        "delete": f"DELETE ON {table}",
    }[event]
    ids = {"insert": "NEW.id", "update": "OLD.id, NEW.id", "delete": "OLD.id"}[event]
    steps = [f"DELETE FROM {index} WHERE rowid IN ({ids});" for index in INDEXES[table]]
    if event != "delete":
        steps += [_insertion(index, own) for index, own in INDEXES[table].items()]
    return "\n".join(
        [f"CREATE TRIGGER {table}_search_{event} AFTER {head}", "BEGIN", *steps, "END"]
    )


def _insertion(index: str, columns: Sequence[str]) -> str:
    values = ", ".join(f"CAST(NEW.{column} AS TEXT)" for column in columns)
    where = UNSPACED if index == "post_letters" else ""
    return f"INSERT INTO {index} (rowid, {', '.join(columns)})\n  SELECT NEW.id, {values}{where};"


class Results(NamedTuple):
    """A page of what was found, best first; `total` is `PAGES * PER_PAGE` at most."""

    terms: list[Term]
    posts: list[sqlite3.Row]
    total: int
    page: int
    pages: int
    # Whether there may be others that were not found in time, or not ranked.
    more: bool


def find(typed: str, page: int = 1) -> Results:
    """What everyone may read that has all that was typed. Raises `NotFound` for no such page."""
    terms = queries.parse(typed)
    search = _Search(terms)
    if search.wanted:
        with time_limit(AT_MOST) as left:
            search.run(lambda: left() < AT_MOST - SOON)
    ranked = search.ranked()
    found = ranked[: PAGES * PER_PAGE]
    more = len(ranked) > len(found) or not search.is_complete
    pages = max(1, -(-len(found) // PER_PAGE))
    if not 1 <= page <= pages:
        raise errors.NotFound("There is no such page of results.")
    shown = _whole(found[(page - 1) * PER_PAGE : page * PER_PAGE])
    return Results(terms, shown, len(found), page, pages, more)


class _Search:
    """The posts that may be shown, by id: what there is of them when time is up."""

    def __init__(self, terms: list[Term]) -> None:
        self.wanted = queries.wanted(terms)
        self.excluded = [term for term in terms if term.excluded]
        self.rows: dict[int, sqlite3.Row] = {}
        self.tags: dict[Term, list[int]] = {}
        self.is_complete = not self.wanted
        # All that is looked at where something must not be in it.
        self.length = TEXT if self.excluded else BEGINNING

    def run(self, is_late: Callable[[], bool]) -> None:
        """Find them: by title, by tag, by text."""
        self.tags = {term: tags for term in self.wanted if (tags := _tags(term))}
        self.shown = [*self._shown()]
        self._by_title(is_late)
        self._by_tags()
        self.is_complete = self._by_text(is_late)

    def _shown(self) -> Iterator[Condition]:
        yield VISIBLE, (now(),)
        for term in self.excluded:
            if not term.words:
                yield f"NOT {CHARACTERS}", (term.text, term.text)
            if tags := _tags(term):
                yield (
                    "NOT EXISTS (SELECT 1 FROM post_tag WHERE post_id = post.id"
                    f" AND tag_id IN ({_marks(tags)}))",
                    tuple(tags),
                )

    def _by_title(self, is_late: Callable[[], bool]) -> None:
        if not all(term.words for term in self.wanted):
            return
        exact = " AND ".join(_quoted(term._replace(prefix=False)) for term in self.wanted)
        found, _ = self._in_stretches("post_titles", exact, self.shown, BY_TITLE, is_late)
        if found < BY_TITLE and any(term.prefix for term in self.wanted):
            match = " AND ".join(map(_quoted, self.wanted))
            where = [("post_titles MATCH ?", (match,)), *self.shown]
            self._keep(_select("post_titles", "rowid", where, BY_TITLE - found, self.length))

    def _keep(self, rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
        """Keep those that have no word that they must not have."""
        rows = [
            row
            for row in rows
            if not any(queries.has(_all(row), term) for term in self.excluded if term.words)
        ]
        self.rows.update((row["id"], row) for row in rows)
        return rows

    def _by_tags(self) -> None:
        for term, tags in self.tags.items():
            others = [other for other in self.wanted if other != term]
            for tag_id in tags:
                where = [("tag_id = ?", (tag_id,)), *self.shown]
                rows = _select(
                    "post_tag", "post_id", where, BY_TAG, TEXT if others else self.length
                )
                for other in others:
                    rows = _with(other, self.tags.get(other, []), rows)
                self._keep(rows)

    def _by_text(self, is_late: Callable[[], bool]) -> bool:
        """Keep the newest matches, and say whether those are all."""
        words = [term for term in self.wanted if term.words]
        letters = [term for term in self.wanted if _is_indexed(term)]
        where = [
            *self.shown,
            *(
                (CHARACTERS, (term.text, term.text))
                for term in self.wanted
                if not term.words and term not in letters
            ),
        ]
        if not words and not letters:
            return self._without_index(where)
        without = [_quoted(term) for term in self.excluded if term.words]

        def look(said: str) -> tuple[int, bool]:
            if not letters:
                match = " NOT ".join([said, *without])
                return self._in_stretches("post_words", match, where, NEWEST, is_late)
            match = " AND ".join(map(_quoted, letters))
            within = [("IN", said)] * bool(said) + [("NOT IN", one) for one in without]
            return self._in_stretches("post_letters", match, where, NEWEST, is_late, within)

        found, is_all = look(" AND ".join(_quoted(term._replace(prefix=False)) for term in words))
        if found < NEWEST and any(term.prefix for term in words):
            # What only begins so fills up what the whole words leave.
            is_all = look(" AND ".join(map(_with_beginnings, words)))[1]
        return is_all

    def _in_stretches(
        self,
        index: str,
        match: str,
        where: list[Condition],
        most: int,
        is_late: Callable[[], bool],
        within: Iterable[tuple[str, str]] = (),
    ) -> tuple[int, bool]:
        """Go from the newest ids to the oldest: how many were found, and whether those are all."""
        low, highest = (
            get_db()
            .execute("SELECT (SELECT min(id) FROM post), (SELECT max(id) FROM post)")
            .fetchone()
        )
        high, length, found = highest, STRETCH, 0
        while high is not None and high >= low:
            if found >= most or (high < highest and is_late()):
                return found, False
            stretch = (max(low, high - length), high)
            conditions: list[Condition] = [
                (f"{index} MATCH ?", (match,)),
                (f"{index}.rowid BETWEEN ? AND ?", stretch),
                *where,
                *((f"post.id {operator} {WITHIN}", (one, *stretch)) for operator, one in within),
            ]
            began = monotonic()
            found += len(self._keep(_select(index, "rowid", conditions, most - found, self.length)))
            high = stretch[0] - 1
            length *= 2 if monotonic() - began < QUICK else 1
        return found, found < most

    def _without_index(self, where: list[Condition]) -> bool:
        """Look through the newest posts one by one."""
        (visible, until), *others = where
        newest = (
            f"(SELECT id AS newest_id FROM post WHERE kind = 'post' AND {visible}"
            f" ORDER BY created DESC, id DESC LIMIT {LOOKED_THROUGH})"
        )
        rows = (
            get_db()
            .execute(
                f"SELECT {COLUMNS} FROM {newest} CROSS JOIN post ON post.id = newest_id"
                f" WHERE {' AND '.join(condition for condition, _ in others)} LIMIT {NEWEST}",
                (self.length, *until, *(value for _, values in others for value in values)),
            )
            .fetchall()
        )
        self._keep(rows)
        return False

    def ranked(self) -> list[sqlite3.Row]:
        """The best first, and of two that are as good the newer."""
        tagged = {term: _tagged(self.rows, tags) for term, tags in self.tags.items()}
        phrase = " ".join(term.text for term in self.wanted)

        def score(row: sqlite3.Row) -> int:
            title, text = queries.plain(row["title"]), queries.plain(row["text"][:BEGINNING])
            points = 8 if title.strip() == phrase else 0
            for term in self.wanted:
                if queries.has(title, term):
                    points += 8
                elif row["id"] in tagged.get(term, ()):
                    points += 4
                points += min(3, text.count(queries.plain(term.text)))
            return points

        scored = [(score(row), row["stored_created"], row["id"], row) for row in self.rows.values()]
        return [row for *_, row in sorted(scored, key=lambda one: one[:3], reverse=True)]


def _select(
    table: str, key: str, where: list[Condition], most: int, length: int = BEGINNING
) -> list[sqlite3.Row]:
    """The newest posts among those that a table names."""
    return (
        get_db()
        .execute(
            f"SELECT {COLUMNS} FROM {table} CROSS JOIN post ON post.id = {table}.{key}"
            f" WHERE {' AND '.join(condition for condition, _ in where)}"
            f" ORDER BY {table}.{key} DESC LIMIT ?",
            (length, *(value for _, values in where for value in values), most),
        )
        .fetchall()
    )


def _all(row: sqlite3.Row) -> str:
    return queries.plain(f"{row['title']}\n{row['text']}")


def _marks(values: Collection[int]) -> str:
    return ", ".join("?" * len(values))


def _with(term: Term, tags: list[int], rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """Those that have the term, in their text or as a tag."""
    tagged = _tagged([row["id"] for row in rows], tags)
    return [row for row in rows if row["id"] in tagged or queries.has(_all(row), term)]


def _tagged(ids: Collection[int], tags: list[int]) -> set[int]:
    rows = get_db().execute(
        "SELECT post_id FROM post_tag"
        f" WHERE post_id IN ({_marks(ids)}) AND tag_id IN ({_marks(tags)})",
        (*ids, *tags),
    )
    return {row["post_id"] for row in rows}


def _tags(term: Term) -> list[int]:
    """The tags that have the term in their names."""
    if term.words:
        query = "SELECT rowid FROM tag_words WHERE tag_words MATCH ? LIMIT ?"
        return [row["rowid"] for row in get_db().execute(query, (_quoted(term), TAGS))]
    query = "SELECT id FROM tag WHERE instr(name, ?) > 0 LIMIT ?"
    return [row["id"] for row in get_db().execute(query, (term.text, TAGS))]


def _is_indexed(term: Term) -> bool:
    """Whether the index of letters has it."""
    return len(term.text) >= LETTERS and queries.UNSPACED.search(term.text) is not None


def _quoted(term: Term) -> str:
    """The term as SQLite's index takes it."""
    words = '"' + (" ".join(term.words) or term.text).replace('"', '""') + '"'
    is_beginning = term.prefix and len(term.text) >= SHORTEST_BEGINNING
    return f"{words} *" if is_beginning else words


def _with_beginnings(term: Term) -> str:
    """The term with the words that it is the beginning of: all bodies have too many to have SQLite
    put them together."""
    if not term.prefix or len(term.text) < SHORTEST_BEGINNING:
        return _quoted(term._replace(prefix=False))
    words, after = [term.text], term.text
    while len(words) < WORDS:
        row = (
            get_db()
            .execute("SELECT term FROM post_terms WHERE term >= ? LIMIT 1", (after,))
            .fetchone()
        )
        if row is None or not row["term"].startswith(term.text):
            break
        words.append(row["term"])
        after = f"{row['term']}\x01"
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"


def _whole(ranked: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """The posts as lists show them, in the same order."""
    ids = [row["id"] for row in ranked]
    rows = get_db().execute(f"{lists.SELECT} WHERE post.id IN ({_marks(ids)})", ids)
    found = {row["id"]: row for row in rows}
    return [found[post_id] for post_id in ids]


def suggest(typed: str) -> list[sqlite3.Row]:
    """The newest posts whose titles have all that was typed so far."""
    wanted = queries.wanted(queries.parse(typed))
    if not wanted or not all(term.words for term in wanted):
        return []
    where: list[Condition] = [
        ("post_titles MATCH ?", (" AND ".join(map(_quoted, wanted)),)),
        (VISIBLE, (now(),)),
    ]
    found: list[sqlite3.Row] = []
    with time_limit(SOON):
        found += _select("post_titles", "rowid", where, SUGGESTIONS, 0)
    return found
