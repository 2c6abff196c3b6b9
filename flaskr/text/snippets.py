"""Extract and highlight search results in a visible text."""

import re
from bisect import bisect
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from . import search_query
from . import search_words
from .search_query import Term
from .search_words import Stem

SNIPPET_CHARS = 240
CHARS_BEFORE_HIT = 70
MAX_HITS_PER_TERM = 50
JOINTS = re.compile(search_query.JOINT)
PLAIN_JOINTS = str.maketrans(
    dict.fromkeys(search_words.HYPHENS, "-") | dict.fromkeys(search_words.APOSTROPHES, "'")
)


class Part(NamedTuple):
    """A piece of a text, and a flag that says if it is a search hit."""

    text: str
    is_hit: bool


def highlight(text: str, terms: Sequence[Term], stem: Stem | None = None) -> list[Part]:
    """Split the text into hits and the text between them; `stem` finds other forms of words."""
    return _split(text, _find_hits(text, terms, stem))


def _split(text: str, hits: Sequence[tuple[int, int]]) -> list[Part]:
    parts: list[Part] = []
    end = 0
    for start, stop in hits:
        parts += [Part(text[end:start], False), Part(text[start:stop], True)]
        end = stop
    return [part for part in [*parts, Part(text[end:], False)] if part.text]


def extract(text: str, terms: Sequence[Term], stem: Stem | None = None) -> list[Part]:
    """Return the part of a text with the most hits, or else its beginning."""
    hits = _find_hits(text, terms, stem)
    begin = _word_start(text, _densest_hit(hits) - CHARS_BEFORE_HIT)
    shown = text[begin : begin + SNIPPET_CHARS]
    if begin + len(shown) < len(text):
        shown = shown.rpartition(" ")[0] or shown
    end = begin + len(shown)
    inside = [(start - begin, stop - begin) for start, stop in hits if begin <= start < stop <= end]
    parts = _split(shown, inside)
    if begin:
        parts.insert(0, Part("… ", False))
    if end < len(text):
        parts.append(Part(" …", False))
    return parts


def _find_hits(text: str, terms: Sequence[Term], stem: Stem | None) -> list[tuple[int, int]]:
    """Return the start and end of each hit, without overlaps."""
    folded = text.lower()
    places: Sequence[int] = range(len(text) + 1)
    if not text.isascii():
        # Folding can change the number of characters.
        pieces = search_words.fold_each(text)
        folded = "".join(pieces).translate(PLAIN_JOINTS)
        places = [place for place, piece in enumerate(pieces) for _ in piece] + [len(text)]
    found = sorted(
        match.span()
        for term in search_query.required_terms(terms)
        for match in islice(_find_term(folded, term, stem), MAX_HITS_PER_TERM)
    )
    hits: list[tuple[int, int]] = []
    for start, end in found:
        if not hits or places[start] >= hits[-1][1]:
            hits.append((places[start], places[end]))
    return hits


def _find_term(folded: str, term: Term, stem: Stem | None) -> Iterator[re.Match[str]]:
    for match in search_query.compile_pattern(term).finditer(folded):
        if not term.stem or stem is None or _is_form(JOINTS.sub("", match[0]), term, stem):
            yield match


def _is_form(word: str, term: Term, stem: Stem) -> bool:
    """Return True if the word is the term, has its stem, or begins with it if it is open."""
    return (
        word == term.text
        or (term.prefix and word.startswith(term.text))
        or (word.isascii() and word.isalpha() and stem([word])[word] == term.stem)
    )


def _densest_hit(hits: list[tuple[int, int]]) -> int:
    """Return the start of the hit that most other hits follow closely."""
    starts = [start for start, _ in hits]
    many = [
        bisect(starts, start + SNIPPET_CHARS - CHARS_BEFORE_HIT) - place
        for place, start in enumerate(starts)
    ]
    return starts[many.index(max(many))] if many else 0


def _word_start(text: str, place: int) -> int:
    if place <= 0:
        return 0
    space = text.find(" ", place, place + CHARS_BEFORE_HIT // 2)
    return place if space < 0 else space + 1
