"""Queries of the full-text indexes, and the triggers that keep the indexes up to date.

Every query is bounded by a number of words and of ids, and returns ids in a fixed order.
"""

from collections.abc import Callable
from collections.abc import Sequence

from .. import db
from ..text import scripts
from ..text import search_query
from ..text.search_query import Term

# The number of ids read from an index, newest first.
MAX_CANDIDATES = 1000
MAX_TAGS = 5
# Comparing word positions is expensive in an index, so it is asked for few words and a short part
# of one phrase. The rest of the query is compared with the texts it finds.
MAX_MATCH_WORDS = 5
MAX_PHRASE_WORDS = 3
# A phrase of common words is searched in the newest posts only: in this many times the range of ids
# that has the newest `MAX_CANDIDATES` posts with its words.
PHRASE_RANGES = 40
# A prefix with fewer characters is not completed.
MIN_PREFIX_CHARS = 2
MAX_COMPLETIONS = 24
# The trigram index has three characters per entry. Shorter terms are searched in the newest posts.
TRIGRAM_CHARS = 3
MAX_TRIGRAM_CHARS = 12
# The columns in each index, by the table they come from.
INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "post": {
        "post_words": ("title", "body"),
        "post_titles": ("title",),
        "post_letters": ("title", "body"),
    },
    "tag": {"tag_words": ("name",)},
}
# Posts in scripts without spaces between words. Comparing lengths first rules most posts out fast.
IF_UNSPACED = f"""
  WHERE length(CAST(NEW.title || NEW.body AS BLOB)) > length(NEW.title || NEW.body)
    AND NEW.title || NEW.body GLOB '*[{scripts.UNSPACED}]*'"""


def triggers() -> dict[str, str]:
    """Return the triggers that update the indexes, by name."""
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
    find_ids = {"insert": "NEW.id", "update": "OLD.id, NEW.id", "delete": "OLD.id"}[event]
    steps = [f"DELETE FROM {index} WHERE rowid IN ({find_ids});" for index in INDEXES[table]]
    if event != "delete":
        steps += [_insert_statement(index, own) for index, own in INDEXES[table].items()]
    return "\n".join(
        [f"CREATE TRIGGER {table}_search_{event} AFTER {head}", "BEGIN", *steps, "END"]
    )


def _insert_statement(index: str, columns: Sequence[str]) -> str:
    values = ", ".join(f"CAST(NEW.{column} AS TEXT)" for column in columns)
    where = IF_UNSPACED if index == "post_letters" else ""
    return f"INSERT INTO {index} (rowid, {', '.join(columns)})\n  SELECT NEW.id, {values}{where};"


def find_ids(index: str, match: str, without: Sequence[str] = (), *, above: int = 0) -> list[int]:
    """Return the newest ids that match in an index of words, above an id."""
    rows = db.all(
        f"""
        SELECT rowid
        FROM {index}
        WHERE {index} MATCH ? AND rowid > ?
        ORDER BY rowid DESC
        LIMIT {MAX_CANDIDATES}
        """,
        " NOT ".join([f"({match})", *without]),
        above,
    )
    return [row["rowid"] for row in rows]


def find_phrase_limit(terms: list[Term]) -> int:
    """Return the id above which to search for the phrase of `build_match`, 0 if it is rare."""
    words = _subphrase(terms)
    ids = find_ids("post_words", " ".join(f'"{word}"' for word in words)) if words else []
    return ids[0] - PHRASE_RANGES * (ids[0] - ids[-1]) if len(ids) == MAX_CANDIDATES else 0


def find_ids_by_trigrams(terms: list[Term], within: list[int] | None = None) -> list[int]:
    """Return the newest ids of posts with all these terms, among some ids if given."""
    match = " AND ".join(quote(term._replace(text=term.text[:MAX_TRIGRAM_CHARS])) for term in terms)
    # The plus sign keeps SQLite from querying the index once per id.
    among = f"AND +rowid IN ({', '.join('?' * len(within))})" if within is not None else ""
    rows = db.all(
        f"""
        SELECT rowid
        FROM post_letters
        WHERE post_letters MATCH ? {among}
        ORDER BY rowid DESC
        LIMIT {MAX_CANDIDATES}
        """,
        match,
        *(within or ()),
    )
    return [row["rowid"] for row in rows]


def find_tags(term: Term) -> list[int]:
    """Return the ids of the oldest tags with the term in their names."""
    if not term.words:
        query = "SELECT id FROM tag WHERE instr(name, ?) > 0 ORDER BY id LIMIT ?"
        return [row["id"] for row in db.all(query, term.text, MAX_TAGS)]
    query = "SELECT rowid AS id FROM tag_words WHERE tag_words MATCH ? ORDER BY rowid LIMIT ?"
    match = quote_prefix(term) if term.prefix else quote(term)
    return [row["id"] for row in db.all(query, match, MAX_TAGS)]


def has_trigrams(term: Term) -> bool:
    """Return True if the trigram index can find the term."""
    return len(term.text) >= TRIGRAM_CHARS and search_query.UNSPACED.search(term.text) is not None


def build_match(terms: list[Term], as_prefix: Callable[[Term], str] | None = None) -> str:
    """Return the `MATCH` expression for terms; `as_prefix` builds the query of an open one."""
    prefixes = [as_prefix(term) for term in terms if term.prefix] if as_prefix else []
    words = {word for term in terms if not (as_prefix and term.prefix) for word in term.words}
    subphrase = _subphrase(terms)
    longest = sorted(words - set(subphrase), key=lambda word: (-len(word), word))[:MAX_MATCH_WORDS]
    quoted = [f'"{word}"' for word in [" ".join(subphrase), *longest] if word]
    return " AND ".join([*quoted, *prefixes])


def _subphrase(terms: list[Term]) -> tuple[str, ...]:
    """Return the words in a row of the longest phrase with the most letters, likely the rarest."""
    phrase = max(terms, key=lambda term: len(term.words), default=None)
    if phrase is None or len(phrase.words) < 2:
        return ()
    starts = range(max(1, len(phrase.words) - MAX_PHRASE_WORDS + 1))
    candidates = [phrase.words[start : start + MAX_PHRASE_WORDS] for start in starts]
    return max(candidates, key=lambda words: len("".join(words)))


def covers_all_terms(terms: list[Term]) -> bool:
    """Return True if `build_match` and `find_ids_by_trigrams` use the terms in full."""
    phrases = [term for term in terms if len(term.words) > 1]
    return (
        len(phrases) <= 1
        and len(terms) - len(phrases) <= MAX_MATCH_WORDS
        and all(len(phrase.words) <= MAX_PHRASE_WORDS for phrase in phrases)
        and all(term.words or len(term.text) <= MAX_TRIGRAM_CHARS for term in terms)
    )


def quote(term: Term) -> str:
    """Return the term as a string of an FTS5 query."""
    words = " ".join(term.words) or term.text
    return '"' + words.replace('"', '""') + '"'


def quote_prefix(term: Term) -> str:
    """Return the term as a prefix query of FTS5."""
    return f"{quote(term)} *" if len(term.text) >= MIN_PREFIX_CHARS else quote(term)


def expand_prefix(term: Term) -> str:
    """Return an FTS5 query for the words that begin with the term.

    A prefix query on the bodies would merge the posts of too many words.
    """
    if len(term.text) < MIN_PREFIX_CHARS:
        return quote(term)
    words, after = [term.text], term.text
    while len(words) < MAX_COMPLETIONS:
        row = db.one("SELECT term FROM post_terms WHERE term >= ? ORDER BY term LIMIT 1", after)
        if row is None or not row["term"].startswith(term.text):
            break
        words.append(row["term"])
        after = f"{row['term']}\x01"
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"
