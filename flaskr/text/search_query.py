"""Parse a search query into terms."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from . import scripts
from .normalization import normalize

MAX_QUERY_CHARS = 200
MAX_TERMS = 8
UNSPACED = re.compile(f"[{scripts.UNSPACED}]")
# Korean particles follow their word without a space.
HANGUL = re.compile("[\uac00-\ud7a3]")
QUOTES = str.maketrans("“”„«»", '"""""')
CHUNK = re.compile(r'(-?)"([^"]*)"?|(-?)([^\s"]+)')
LETTER = r"[^\W_]"
NON_ASCII = re.compile("[^\0-\x7f]+")


class Term(NamedTuple):
    """A word or a phrase; without `words`, a string of characters to find anywhere."""

    text: str
    words: tuple[str, ...] = ()
    excluded: bool = False
    prefix: bool = False


def clean_query(text: str) -> str:
    """Remove control characters from a query and limit its length."""
    return re.sub("[\0-\x1f\x7f\ud800-\udfff]+", " ", text)[:MAX_QUERY_CHARS].strip()


def parse(text: str) -> list[Term]:
    """Return the terms of a query: words, "phrases", and -exclusions. Never raises.

    The last word also matches longer words that begin with it.
    """
    text = normalize("NFC", clean_query(text))
    terms: list[Term] = []
    ends_open = False
    for match in CHUNK.finditer(text.translate(QUOTES)):
        quoted = match[4] is None
        if found := _split_terms(match[2] if quoted else match[4], bool(match[1] or match[3])):
            terms += found
            ends_open = not quoted
    terms = list(dict.fromkeys(terms))[:MAX_TERMS]
    if terms and ends_open and len(terms[-1].words) == 1 and not terms[-1].excluded:
        terms[-1] = terms[-1]._replace(prefix=True)
    return terms


def _split_terms(chunk: str, excluded: bool) -> list[Term]:
    words = "".join(char if _is_letter(char) else " " for char in chunk).split()
    if any(UNSPACED.search(word) for word in words):
        return [one for word in words for one in _split_unspaced(word, excluded)]
    folded = tuple(filter(None, map(fold, words)))
    if folded:
        hangul = len(folded) == 1 and not excluded and bool(HANGUL.search(folded[0]))
        return [Term(" ".join(folded), folded, excluded, hangul)]
    # Symbols and emoji are not in the word index.
    return [] if chunk.isascii() or words or not chunk.strip() else [Term(chunk, (), excluded)]


def _split_unspaced(word: str, excluded: bool) -> list[Term]:
    return [Term(word, (), excluded)] if UNSPACED.search(word) else _split_terms(word, excluded)


def _is_letter(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LN" or category in ("Co", "Mn", "Mc")


class _AccentTable(dict[int, str]):
    """A lazy translation table that removes accents as SQLite's tokenizer does."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = normalize("NFD", char)[0]
        if 0x300 <= code <= 0x36F:
            char = ""
        elif base.isascii() and base.isalpha():
            char = base
        self[code] = char
        return char


# The two lower-case forms of the Greek letter sigma are equal.
_accents = _AccentTable({0x3C2: "\u03c3"})


def fold(text: str) -> str:
    """Return the text in lower case and without accents, as in the word index."""
    text = text.lower()
    return (
        text if text.isascii() else NON_ASCII.sub(lambda match: match[0].translate(_accents), text)
    )


def required_terms(terms: Iterable[Term]) -> list[Term]:
    """Return the terms that a post must contain."""
    return [term for term in terms if not term.excluded]


def matches(plain_text: str, term: Term) -> bool:
    """Return True if the folded text contains the term."""
    first = term.words[0] if term.words else fold(term.text)
    return first in plain_text and compile_pattern(term).search(plain_text) is not None


@lru_cache(maxsize=64)
def compile_pattern(term: Term) -> re.Pattern[str]:
    """Return a pattern that finds the term in folded text."""
    if not term.words:
        return re.compile(re.escape(fold(term.text)))
    first, *others = map(re.escape, term.words)
    # A leading literal with a lookbehind is many times faster than a leading lookbehind.
    words = r"[\W_]{1,20}".join([f"{first}(?<!{LETTER}{first})", *others])
    return re.compile(words + (f"{LETTER}*" if term.prefix else f"(?!{LETTER})"))
