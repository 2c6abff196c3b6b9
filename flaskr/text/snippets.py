"""Extract and highlight search results in a text."""

import re
from bisect import bisect
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from . import search_query

MAX_SEARCHED_CHARS = 50_000
CONTEXT_CHARS = 700
SNIPPET_CHARS = 240
CHARS_BEFORE_HIT = 70
MAX_HITS_PER_TERM = 50
LINK = re.compile(
    r"!?\[([^\[\]]{0,300})\](?:\([^()\s]{0,1000}(?:\([^()\s]*\))?[^()]{0,300}\)|\[[^\[\]]{0,100}\])"
)
REFERENCE = re.compile(
    r"^ {0,3}\[[^\[\]]{1,300}\]:[ \t]*\S{1,1000}(?:[ \t]+[\"'(].{0,300})?$", re.MULTILINE
)
BRACKETS = re.compile(r"(?<!\w)\[([^\[\]]{1,300})\]")
AUTOLINK = re.compile(r"<(https?:[^<>\s]{1,1000})>")
TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>|<!--(?:[^<]|<(?!!--)){0,1000}?-->", re.DOTALL)
MARKS = re.compile(
    r"^[^\S\n]*(?:(?:[-+*]|\d{1,9}[.)])\s++(?:\[[ xX]\]\s++)?|[#>|:=\-]+\s*)"
    r"|\[\^[^\]]{1,50}\]:?|[*`~|\\]+|(?<![^\W_])_+|_+(?![^\W_])",
    re.MULTILINE,
)


class Part(NamedTuple):
    """A piece of a text, and a flag that says if it is a search hit."""

    text: str
    is_hit: bool


def highlight(text: str, terms: Sequence[search_query.Term]) -> list[Part]:
    """Split the text into hits and the text between them."""
    parts: list[Part] = []
    end = 0
    for start, stop in _find_hits(text, terms):
        parts += [Part(text[end:start], False), Part(text[start:stop], True)]
        end = stop
    return [part for part in [*parts, Part(text[end:], False)] if part.text]


def extract(body: str, terms: Sequence[search_query.Term]) -> list[Part]:
    """Return the part of a Markdown body with the most hits, or else its beginning."""
    body = body[:MAX_SEARCHED_CHARS]
    place = _densest_hit(_find_hits(body, terms))
    start = max(0, place - CONTEXT_CHARS)
    text = strip_markup(body[start : place + CONTEXT_CHARS])
    if start:
        # The text may begin in the middle of a link.
        text = text.partition(" ")[2] or text
    found = _densest_hit(_find_hits(text, terms))
    begin = _word_start(text, found - CHARS_BEFORE_HIT)
    shown = text[begin : begin + SNIPPET_CHARS]
    end = begin + len(shown)
    if end < len(text):
        shown = shown.rpartition(" ")[0] or shown
    parts = highlight(shown, terms)
    if begin or start:
        parts.insert(0, Part("… ", False))
    if end < len(text) or place + CONTEXT_CHARS < len(body):
        parts.append(Part(" …", False))
    return parts


def strip_markup(text: str) -> str:
    """Remove most Markdown and HTML markup, and join the text into one line."""
    text = AUTOLINK.sub(r"\1", LINK.sub(r"\1", REFERENCE.sub("", text)))
    return " ".join(BRACKETS.sub(r"\1", MARKS.sub("", TAG.sub(" ", text))).split())


def _find_hits(text: str, terms: Sequence[search_query.Term]) -> list[tuple[int, int]]:
    plain = search_query.fold(text)
    places: Sequence[int] = range(len(text) + 1)
    if len(plain) != len(text):
        # Removing accents can change the number of characters.
        pieces = [search_query.fold(char) for char in text]
        plain = "".join(pieces)
        places = [place for place, piece in enumerate(pieces) for _ in piece] + [len(text)]
    found = sorted(
        match.span()
        for term in search_query.required_terms(terms)
        for match in islice(search_query.compile_pattern(term).finditer(plain), MAX_HITS_PER_TERM)
    )
    hits: list[tuple[int, int]] = []
    for start, end in found:
        if not hits or places[start] >= hits[-1][1]:
            hits.append((places[start], places[end]))
    return hits


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
