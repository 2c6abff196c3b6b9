"""What the index of words and letters is asked, and the triggers that keep it.

The work is bounded by numbers of words and of ids, whatever is asked.
"""

from collections.abc import Callable
from collections.abc import Sequence

from .. import db
from ..text import scripts
from ..text import search_query
from ..text.search_query import Term

# So many ids are taken from an index, newest first.
CANDIDATES = 1000
TAGS = 5
# To compare positions is what costs the index most. So it looks for so many words, of which so
# many of one phrase stand together; the rest of a phrase is compared with what it finds.
INDEXED_WORDS = 8
INDEXED_PHRASE = 3
# How many words a beginning of a word stands for, and which is too short to stand for any.
WORDS = 24
SHORTEST_BEGINNING = 2
# The index of letters has three at a time, and is asked for so many. For fewer than three, the
# newest posts are looked through.
LETTERS = 3
INDEXED_LETTERS = 12
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
UNSPACED = f"""
  WHERE length(CAST(NEW.title || NEW.body AS BLOB)) > length(NEW.title || NEW.body)
    AND NEW.title || NEW.body GLOB '*[{scripts.UNSPACED}]*'"""


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


def ids(index: str, match: str, without: Sequence[str] = ()) -> list[int]:
    """Return the newest ids in an index of words."""
    rows = db.all(
        f"""
        SELECT rowid
        FROM {index}
        WHERE {index} MATCH ?
        ORDER BY rowid DESC
        LIMIT {CANDIDATES}
        """,
        " NOT ".join([f"({match})", *without]),
    )
    return [row["rowid"] for row in rows]


def ids_with_letters(letters: list[Term], words: str) -> list[int]:
    """Return the newest ids of posts that have all these letters, and words where there are any."""
    # The sign keeps SQLite from asking the index of letters once for each row of the other.
    within = "AND +rowid IN (SELECT rowid FROM post_words WHERE post_words MATCH ?)"
    match = " AND ".join(
        quoted(term._replace(text=term.text[:INDEXED_LETTERS])) for term in letters
    )
    rows = db.all(
        f"""
        SELECT rowid
        FROM post_letters
        WHERE post_letters MATCH ?
            {within if words else ""}
        ORDER BY rowid DESC
        LIMIT {CANDIDATES}
        """,
        match,
        *([words] if words else []),
    )
    return [row["rowid"] for row in rows]


def tags(term: Term) -> list[int]:
    """The tags that have the term in their names."""
    if term.words:
        query = "SELECT rowid AS id FROM tag_words WHERE tag_words MATCH ? LIMIT ?"
        match = as_beginning(term) if term.prefix else quoted(term)
        return [row["id"] for row in db.all(query, match, TAGS)]
    query = "SELECT id FROM tag WHERE instr(name, ?) > 0 LIMIT ?"
    return [row["id"] for row in db.all(query, term.text, TAGS)]


def is_indexed(term: Term) -> bool:
    """Whether the index of letters has it."""
    return len(term.text) >= LETTERS and search_query.UNSPACED.search(term.text) is not None


def match(terms: list[Term], last: Callable[[Term], str] | None = None) -> str:
    """Return what the index of words is asked; `last` makes that of a term that is a beginning."""
    phrase = max(terms, key=lambda term: len(term.words), default=None)
    beginnings = [last(term) for term in terms if term.prefix] if last else []
    words = {word for term in terms if not (last and term.prefix) for word in term.words}
    together = _longest_part(phrase) if phrase and len(phrase.words) > 1 else ()
    longest = sorted(words - set(together), key=lambda word: (-len(word), word))[:INDEXED_WORDS]
    parts = [f'"{" ".join(together)}"'] * bool(together) + [f'"{word}"' for word in longest]
    return " AND ".join([*parts, *beginnings])


def _longest_part(phrase: Term) -> tuple[str, ...]:
    """Return the words of a phrase that stand together and have most letters, as the rarest."""
    starts = range(max(1, len(phrase.words) - INDEXED_PHRASE + 1))
    parts = [phrase.words[start : start + INDEXED_PHRASE] for start in starts]
    return max(parts, key=lambda part: len("".join(part)))


def is_asked_whole(terms: list[Term]) -> bool:
    """Return whether `match` and `ids_with_letters` leave nothing out."""
    phrases = [term for term in terms if len(term.words) > 1]
    return (
        len(phrases) <= 1
        and all(len(phrase.words) <= INDEXED_PHRASE for phrase in phrases)
        and all(term.words or len(term.text) <= INDEXED_LETTERS for term in terms)
    )


def quoted(term: Term) -> str:
    """Return the term as SQLite's index takes it."""
    words = " ".join(term.words) or term.text
    return '"' + words.replace('"', '""') + '"'


def as_beginning(term: Term) -> str:
    return f"{quoted(term)} *" if len(term.text) >= SHORTEST_BEGINNING else quoted(term)


def with_beginnings(term: Term) -> str:
    """Return the term with the words that it is the beginning of.

    All bodies have too many words for SQLite to put them together.
    """
    if len(term.text) < SHORTEST_BEGINNING:
        return quoted(term)
    words, after = [term.text], term.text
    while len(words) < WORDS:
        row = db.one("SELECT term FROM post_terms WHERE term >= ? LIMIT 1", after)
        if row is None or not row["term"].startswith(term.text):
            break
        words.append(row["term"])
        after = f"{row['term']}\x01"
    return "(" + " OR ".join(f'"{word}"' for word in words) + ")"
