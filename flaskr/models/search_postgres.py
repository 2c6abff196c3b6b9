"""Full-text search on PostgreSQL, with the queries that are written for FTS5.

An index in schema.postgresql.sql has the words of each row, and each two in a row with a space
before them. It is not in the order of the ids, and sorting the many rows with a common word takes
long. Each row is therefore indexed with two numbers of its id, too, and the newest parts of the ids
are searched first: with 100,000 posts, that takes 2 to 10 ms instead of 80.
"""

import itertools
import re
import unicodedata
from collections.abc import Sequence

from .. import db
from ..text import search_words
from . import conditions

# How many ids one part has, by the sign before its number.
PARTS = {"#": 2048, "##": 32_768}
# How many times as many ids a part of the next size has.
GROWTH = 16
# The index has each two words in a row. Longer phrases are compared with the texts, too.
MAX_PHRASE_WORDS = 2
# Longer words are divided in the index.
MAX_WORD_CHARS = 200
TOKEN = re.compile(r'"((?:[^"]|"")*)"( \*)?| (AND|OR|NOT) ')
OPERATORS = {"AND": " & ", "OR": " | ", "NOT": " & !"}
# Nothing has this word.
NOTHING = "#"
TRIGRAM_CHARS = 3
# The rank depends on the beginning of a text. Conditions that the index cannot check, like long
# phrases and excluded ones, are checked on more of it, with the words that its index form adds.
RANKED_CHARS = 4000
MAX_CHECKED_CHARS = 50_000
# Cutting out a part takes as long as reading the text, because PostgreSQL counts the characters.
# Short texts are therefore read whole, except Markdown, whose form depends on where it is cut.
RANKED_TEXT = f"""CASE
    WHEN octet_length(post_words.body) < 4 * {RANKED_CHARS} AND search_text.text IS NOT NULL
    THEN post_words.body
    ELSE left(split_part(post_words.body, '{search_words.TEXT_MARK}', -1), {RANKED_CHARS})
END"""
CHECKED_TEXT = f"""CASE WHEN octet_length(post_words.body) < {MAX_CHECKED_CHARS}
    THEN post_words.body ELSE left(post_words.body, {MAX_CHECKED_CHARS})
END"""
# In this form, PostgreSQL does not go through the ids in order and compute the words of each row.
ID = "rowid + 0"
INDEXED = {
    "post_words": "index_words(rowid, title, body)",
    "post_titles": "index_words(rowid, title)",
    "post_letters": "index_letters(rowid, title, body)",
    "tag_words": "index_words(rowid, name)",
    "user_words": "index_words(rowid, username, display_name)",
    "series_words": "index_words(rowid, name)",
}


def translate(match: str) -> str:
    """Return the `tsquery` for a `MATCH` expression."""
    return TOKEN.sub(_translate_token, match)


def _translate_token(token: re.Match[str]) -> str:
    if token[3]:
        return OPERATORS[token[3]]
    words = _split(token[1])
    pairs = [f" {word} {after}" for word, after in itertools.pairwise(words)]
    lexemes = [*map(_quote, pairs or words or [NOTHING])]
    lexemes[-1] += ":*" if token[2] else ""
    return f"({' & '.join(lexemes)})"


def _split(text: str) -> list[str]:
    spaced = "".join(char if _is_word_char(char) else " " for char in text)
    return [word[:MAX_WORD_CHARS] for word in spaced.split()]


def _is_word_char(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LN" or category in ("Mn", "Mc", "Co")


def _quote(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


def find_ids(index: str, match: str, above: int, *, newest: bool, limit: int) -> list[int]:
    """Return the newest ids that match in an index of words, above an id, or the oldest ones."""
    query, where = translate(match), f"{ID} > ?"
    if newest:
        return _find_newest(index, query, where, [above], limit)
    return _select(index, query, where, [above], "ASC", limit)


def find_ids_by_trigrams(
    texts: list[str], where: str, values: Sequence[int], limit: int
) -> list[int]:
    """Return the newest ids of posts with all these texts of at least three characters."""
    starts = [(text, start) for text in texts for start in range(len(text) - TRIGRAM_CHARS + 1)]
    trigrams = {text[start : start + TRIGRAM_CHARS] for text, start in starts}
    query = " & ".join(map(_quote, sorted(trigrams)))
    # Some posts have the trigrams of a longer text in different places.
    ids = _find_newest("post_letters", query, where, values, limit + limit // 2)
    return _with_texts([text for text in texts if len(text) > TRIGRAM_CHARS], ids)[:limit]


def _with_texts(texts: list[str], ids: list[int]) -> list[int]:
    if not texts or not ids:
        return ids
    contains = "(instr(lower(title), ?) > 0 OR instr(lower(body), ?) > 0)"
    rows = db.all(
        f"""
        SELECT rowid
        FROM post_letters
        WHERE rowid IN ({conditions.placeholders(ids)})
            AND {" AND ".join([contains] * len(texts))}
        ORDER BY rowid DESC
        """,
        *ids,
        *(text for text in texts for _ in range(2)),
    )
    return [row["rowid"] for row in rows]


def _find_newest(
    index: str, query: str, where: str, values: Sequence[int], limit: int
) -> list[int]:
    found = limit
    for part in _newest_parts(index):
        # A larger part with too few matches would be searched in vain.
        if found * GROWTH < limit:
            break
        ids = _select(index, f"({query}){part}", where, values, "DESC", limit)
        found = len(ids)
        if found == limit:
            return ids
    return _select(index, query, where, values, "DESC", limit)


def _newest_parts(index: str) -> list[str]:
    """Return the ends of queries that search the newest one or two parts of each size only."""
    row = db.one(f"SELECT coalesce(max(rowid), 0) AS newest FROM {index}")
    newest: int = row["newest"] if row else 0
    numbers = [(sign, newest // ids) for sign, ids in PARTS.items()]
    return [f" & ('{sign}{last}' | '{sign}{last - 1}')" for sign, last in numbers if last > 1]


def _select(
    index: str, query: str, where: str, values: Sequence[int], order: str, limit: int
) -> list[int]:
    # Making an object for each of a thousand rows would take as long as finding them.
    row = db.one(
        f"""
        SELECT ARRAY(
            SELECT rowid
            FROM {index}
            WHERE {INDEXED[index]} @@ CAST(? AS TSQUERY) AND {where}
            ORDER BY {ID} {order}
            LIMIT {limit}
        ) AS ids
        """,
        query,
        *values,
    )
    ids: list[int] = row["ids"] if row else []
    return ids


def check_words() -> None:
    """Delete some of the words that no post has any more, for completions and spelling."""
    db.one("SELECT check_words()")
