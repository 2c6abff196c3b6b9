"""Queries of the full-text indexes, and the triggers that keep the indexes up to date in SQLite.

Every query is bounded by a number of words and of ids, and returns ids in a fixed order. The
triggers index Markdown as it is, because plain SQL knows nothing else. `search_texts` replaces it
by the visible text.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager

from .. import db
from ..text import scripts
from ..text import search_words
from ..text.search_query import Term
from . import conditions
from . import search_postgres

# The number of ids read from an index, newest first.
MAX_CANDIDATES = 1000
# Comparing word positions is expensive in an index, so it is asked for few words and a short part
# of one phrase. The rest of the query is compared with the texts it finds.
MAX_MATCH_WORDS = 5
MAX_PHRASE_WORDS = 3
# A phrase of common words is searched in the newest posts only: in this many times the range of ids
# that has the newest `MAX_CANDIDATES` posts with its words.
PHRASE_RANGES = 40
MAX_COMPLETIONS = 24
# The trigram index has three characters per entry. Shorter terms are searched in the newest posts.
TRIGRAM_CHARS = 3
MAX_TRIGRAM_CHARS = 12
# No word has these characters, which come before and after all others.
FIRST_CHAR, LAST_CHAR = "\x01", "\U0010ffff"
# The columns in each index, by the table they come from.
INDEXES: dict[str, dict[str, tuple[str, ...]]] = {
    "post": {
        "post_words": ("title", "body"),
        "post_titles": ("title",),
        "post_letters": ("title", "body"),
    },
    "tag": {"tag_words": ("name",)},
    "user": {"user_words": ("username", "display_name")},
    "series": {"series_words": ("name",)},
}
# Other columns that the visible text depends on.
MORE_COLUMNS = {"post": ("summary", "language", "status")}
VALUES = {"body": "CAST(NEW.summary AS TEXT) || char(10) || CAST(NEW.body AS TEXT)"}
IS_PUBLISHED = "NEW.status = 'published'"
# Posts in scripts without spaces between words. Comparing lengths first rules most posts out fast.
IS_UNSPACED = f"""length(CAST(NEW.title || NEW.body AS BLOB)) > length(NEW.title || NEW.body)
    AND NEW.title || NEW.body GLOB '*[{scripts.UNSPACED}]*'"""
Alternatives = Callable[[Term], list[str]]


def triggers() -> dict[str, str]:
    """Return the triggers that update the indexes, by name."""
    return {
        f"{table}_search_{event}": _trigger(table, event)
        for table in INDEXES
        for event in ("insert", "update", "delete")
    }


def _trigger(table: str, event: str) -> str:
    columns = {column: None for own in INDEXES[table].values() for column in own}
    watched = ["id", *columns, *MORE_COLUMNS.get(table, ())]
    before, after = (", ".join(f"{row}.{one}" for one in watched) for row in ("OLD", "NEW"))
    # Drafts are saved often and are not indexed.
    unless = " AND 'published' IN (OLD.status, NEW.status)" if table == "post" else ""
    head = {
        "insert": f'INSERT ON "{table}"',
        "update": f'UPDATE OF {", ".join(watched)} ON "{table}"\n'
        f"WHEN ({before}) IS NOT ({after}){unless}",
        "delete": f'DELETE ON "{table}"',
    }[event]
    find_ids = {"insert": "NEW.id", "update": "OLD.id, NEW.id", "delete": "OLD.id"}[event]
    steps = [f"DELETE FROM {index} WHERE rowid IN ({find_ids});" for index in INDEXES[table]]
    if table == "post":
        steps.append(f"DELETE FROM search_text WHERE post_id IN ({find_ids});")
    if event != "delete":
        steps += _insert_statements(table)
    return "\n".join(
        [f"CREATE TRIGGER {table}_search_{event} AFTER {head}", "BEGIN", *steps, "END"]
    )


def _insert_statements(table: str, source: str = "", limit: str = "") -> list[str]:
    """Return the statements that index the new row, or rows of a source within a limit."""
    statements = [
        _insert_statement(table, index, columns, source, limit)
        for index, columns in INDEXES[table].items()
    ]
    if table == "post":
        statements.append(
            f"INSERT INTO search_text (post_id) SELECT NEW.id{source} WHERE {IS_PUBLISHED}{limit};"
        )
    return statements


def _insert_statement(
    table: str, index: str, columns: Sequence[str], source: str, limit: str
) -> str:
    if table == "post":
        values = [VALUES.get(column, f"CAST(NEW.{column} AS TEXT)") for column in columns]
        where = f"\n  WHERE {IS_PUBLISHED}{limit}"
        where += f" AND {IS_UNSPACED}" if index == "post_letters" else ""
    else:
        values = [_fold_in_sql(f"CAST(NEW.{column} AS TEXT)") for column in columns]
        where = ""
    names, expressions = ", ".join(columns), ", ".join(values)
    return f"INSERT INTO {index} (rowid, {names})\n  SELECT NEW.id, {expressions}{source}{where};"


@contextmanager
def index_new_posts_together() -> Iterator[None]:
    """In a transaction that creates many posts, index them at the end of the block on SQLite.

    FTS5 writes what it has indexed to the database after each statement. One statement for 200
    posts saves a fifth of the time of an import.
    """
    if db.is_postgres():
        yield
        return
    name = "post_search_insert"
    connection = db.get_db()
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM post").fetchone()
    connection.execute(f"DROP TRIGGER IF EXISTS {name}")
    yield
    # The trigger for changed posts may have indexed some.
    for index in INDEXES["post"]:
        connection.execute(f"DELETE FROM {index} WHERE rowid > ?", (last,))
    connection.execute("DELETE FROM search_text WHERE post_id > ?", (last,))
    for statement in _insert_statements("post", " FROM post AS NEW", f" AND NEW.id > {last}"):
        connection.execute(statement)
    connection.execute(triggers()[name])


def _fold_in_sql(value: str) -> str:
    """Return SQL that replaces the letters which the index does not fold by itself."""
    for letter, spelling in search_words.SPELLINGS.items():
        for one in dict.fromkeys((letter, letter.upper())):
            if len(one) == 1 and not one.isascii() and letter in search_words.FREQUENT:
                value = f"replace({value}, '{one}', '{spelling}')"
    return value


def find_ids(
    index: str,
    match: str,
    without: Sequence[str] = (),
    *,
    above: int = 0,
    limit: int | None = None,
    newest: bool = True,
) -> list[int]:
    """Return the newest ids that match in an index of words, above an id, or the oldest ones."""
    limit = limit or MAX_CANDIDATES
    match = " NOT ".join([f"({match})", *without])
    if db.is_postgres():
        return search_postgres.find_ids(index, match, above, newest=newest, limit=limit)
    rows = db.all(
        f"""
        SELECT rowid
        FROM {index}
        WHERE {index} MATCH ? AND rowid > ?
        ORDER BY rowid {"DESC" if newest else "ASC"}
        LIMIT {limit}
        """,
        match,
        above,
    )
    return [row["rowid"] for row in rows]


def find_phrase_limit(terms: list[Term]) -> int:
    """Return the id above which to search for the phrase of `build_match`, 0 if it is rare."""
    words = _subphrase(terms)
    ids = find_ids("post_words", " AND ".join(map(quote, words))) if words else []
    return ids[0] - PHRASE_RANGES * (ids[0] - ids[-1]) if len(ids) == MAX_CANDIDATES else 0


def find_ids_by_trigrams(terms: list[Term], within: list[int] | None = None) -> list[int]:
    """Return the newest ids of posts with all these terms, among some ids if given."""
    texts = [term.text[:MAX_TRIGRAM_CHARS] for term in terms]
    # The plus sign keeps SQLite from querying the index once per id.
    where = f"+rowid IN ({conditions.placeholders(within)})" if within is not None else "TRUE"
    if db.is_postgres():
        return search_postgres.find_ids_by_trigrams(texts, where, within or (), MAX_CANDIDATES)
    rows = db.all(
        f"""
        SELECT rowid
        FROM post_letters
        WHERE post_letters MATCH ? AND {where}
        ORDER BY rowid DESC
        LIMIT {MAX_CANDIDATES}
        """,
        " AND ".join(map(quote, texts)),
        *(within or ()),
    )
    return [row["rowid"] for row in rows]


def has_trigrams(term: Term) -> bool:
    """Return True if the trigram index can find the term."""
    return not term.words and len(term.text) >= TRIGRAM_CHARS


def build_match(terms: list[Term], find_alternatives: Alternatives | None = None) -> str:
    """Return the `MATCH` expression for terms, or for them and the alternatives to them."""
    phrase = _longest_phrase(terms)
    subphrase = _subphrase(terms)
    words: dict[str, str] = {}
    is_asked = not subphrase
    for term in terms:
        alternatives = find_alternatives(term) if find_alternatives else []
        if alternatives or len(term.words) == 1:
            itself = _match_all(term.words, subphrase if term == phrase else ())
            words[_any_of([itself, *alternatives])] = term.text
            is_asked = is_asked or term == phrase
        else:
            words |= {quote(word): word for word in term.words if word not in subphrase}
    longest = sorted(words, key=lambda match: (-len(words[match]), match))[:MAX_MATCH_WORDS]
    return " AND ".join([*([] if is_asked else [quote(" ".join(subphrase))]), *longest])


def _match_all(words: Sequence[str], subphrase: Sequence[str]) -> str:
    if subphrase or len(words) == 1:
        return quote(" ".join(subphrase or words))
    return f"({' AND '.join(map(quote, words[:MAX_PHRASE_WORDS]))})"


def _any_of(matches: Sequence[str]) -> str:
    return f"({' OR '.join(matches)})" if len(matches) > 1 else matches[0]


def _longest_phrase(terms: list[Term]) -> Term | None:
    return max(terms, key=lambda term: len(term.words), default=None)


def _subphrase(terms: list[Term]) -> tuple[str, ...]:
    """Return the words in a row of the longest phrase with the most letters, likely the rarest."""
    phrase = _longest_phrase(terms)
    if phrase is None or len(phrase.words) < 2:
        return ()
    starts = range(max(1, len(phrase.words) - MAX_PHRASE_WORDS + 1))
    candidates = [phrase.words[start : start + MAX_PHRASE_WORDS] for start in starts]
    return max(candidates, key=lambda words: len("".join(words)))


def covers_all_terms(terms: list[Term]) -> bool:
    """Return True if `build_match` and `find_ids_by_trigrams` use the terms in full."""
    phrases = [term for term in terms if len(term.words) > 1]
    max_words = search_postgres.MAX_PHRASE_WORDS if db.is_postgres() else MAX_PHRASE_WORDS
    return (
        len(phrases) <= 1
        and len(terms) - len(phrases) <= MAX_MATCH_WORDS
        and all(len(phrase.words) <= max_words for phrase in phrases)
        and all(term.words or len(term.text) <= MAX_TRIGRAM_CHARS for term in terms)
    )


def quote(text: str) -> str:
    """Return a word or phrase as a string of an FTS5 query."""
    return '"' + text.replace('"', '""') + '"'


def exclude(term: Term) -> str:
    """Return the `MATCH` expression for an excluded term."""
    return _any_of([*map(quote, term.alternatives)])


def as_prefix(term: Term) -> list[str]:
    """Return the alternatives to a term in an index of titles, including longer words."""
    return [*map(quote, term.alternatives[1:]), *([f"{quote(term.text)} *"] if term.prefix else [])]


def complete(term: Term) -> list[str]:
    """Return the alternatives to a term in the index of bodies, including longer words.

    A prefix query would merge the posts of too many words.
    """
    longer = words_with_beginning(term.text, MAX_COMPLETIONS) if term.prefix else []
    return [*map(quote, [*term.alternatives[1:], *longer])]


def words_with_beginning(start: str, limit: int) -> list[str]:
    """Return the first words in the index that begin with a text."""
    end = f"{start}{LAST_CHAR}"
    if db.is_postgres():
        return _first_words(start, end, limit)
    words: list[str] = []
    # FTS5 returns a word once for each place where it occurs, so a frequent word would use up the
    # limit. Each query therefore reads one word, and the next query starts after it.
    while len(words) < limit and (found := _first_words(start, end, 1)):
        words += found
        start = f"{found[0]}{FIRST_CHAR}"
    return words


def _first_words(start: str, end: str, limit: int) -> list[str]:
    rows = db.all(
        f"SELECT term FROM post_terms WHERE term >= ? AND term < ? ORDER BY term LIMIT {limit}",
        start,
        end,
    )
    return [row["term"] for row in rows]


def existing_words(words: Sequence[str]) -> list[str]:
    """Return those of the words that are in the index."""
    rows = db.all(
        f"""
        SELECT column1 AS word
        FROM (VALUES {", ".join(["(?)"] * len(words))}) AS words
        WHERE EXISTS (SELECT 1 FROM post_terms WHERE term = column1)
        """,
        *words,
    )
    return [row["word"] for row in rows]
