"""Pure: where a text has what was searched for, in its context."""

import re
from bisect import bisect
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from . import search_query

SEARCHED = 50_000
AROUND = 700
LENGTH = 240
BEFORE = 70
MOST_HITS = 50
LINK = re.compile(
    r"!?\[([^\[\]]{0,300})\](?:\([^()\s]{0,1000}(?:\([^()\s]*\))?[^()]{0,300}\)|\[[^\[\]]{0,100}\])"
)
REFERENCE = re.compile(
    r"^ {0,3}\[[^\[\]]{1,300}\]:[ \t]*\S{1,1000}(?:[ \t]+[\"'(].{0,300})?$", re.MULTILINE
)
BRACKETS = re.compile(r"(?<!\w)\[([^\[\]]{1,300})\]")
ADDRESS = re.compile(r"<(https?:[^<>\s]{1,1000})>")
TAG = re.compile(r"</?[A-Za-z][^<>]{0,1000}>|<!--(?:[^<]|<(?!!--)){0,1000}?-->", re.DOTALL)
MARKS = re.compile(
    r"^[^\S\n]*(?:(?:[-+*]|\d{1,9}[.)])\s++(?:\[[ xX]\]\s++)?|[#>|:=\-]+\s*)"
    r"|\[\^[^\]]{1,50}\]:?|[*`~|\\]+|(?<![^\W_])_+|_+(?![^\W_])",
    re.MULTILINE,
)


class Part(NamedTuple):
    """A piece of a text, and whether it was searched for."""

    text: str
    is_hit: bool


def highlight(text: str, terms: Sequence[search_query.Term]) -> list[Part]:
    """The whole text, cut where what was searched for begins and ends."""
    parts: list[Part] = []
    end = 0
    for start, stop in _hits(text, terms):
        parts += [Part(text[end:start], False), Part(text[start:stop], True)]
        end = stop
    return [part for part in [*parts, Part(text[end:], False)] if part.text]


def extract(body: str, terms: Sequence[search_query.Term]) -> list[Part]:
    """The place in a body of Markdown with most of what was searched for; else its beginning."""
    body = body[:SEARCHED]
    place = _best(_hits(body, terms))
    start = max(0, place - AROUND)
    text = readable(body[start : place + AROUND])
    if start:
        # What came before may have been cut in the middle of a link.
        text = text.partition(" ")[2] or text
    found = _best(_hits(text, terms))
    begin = _word_start(text, found - BEFORE)
    shown = text[begin : begin + LENGTH]
    end = begin + len(shown)
    if end < len(text):
        shown = shown.rpartition(" ")[0] or shown
    parts = highlight(shown, terms)
    if begin or start:
        parts.insert(0, Part("… ", False))
    if end < len(text) or place + AROUND < len(body):
        parts.append(Part(" …", False))
    return parts


def readable(text: str) -> str:
    """Markdown as one line to read, roughly: without marks, tags and addresses of links."""
    text = ADDRESS.sub(r"\1", LINK.sub(r"\1", REFERENCE.sub("", text)))
    return " ".join(BRACKETS.sub(r"\1", MARKS.sub("", TAG.sub(" ", text))).split())


def _hits(text: str, terms: Sequence[search_query.Term]) -> list[tuple[int, int]]:
    plain = search_query.fold(text)
    places: Sequence[int] = range(len(text) + 1)
    if len(plain) != len(text):
        # Letters without their accents may be fewer, or more.
        pieces = [search_query.fold(char) for char in text]
        plain = "".join(pieces)
        places = [place for place, piece in enumerate(pieces) for _ in piece] + [len(text)]
    found = sorted(
        match.span()
        for term in search_query.required_terms(terms)
        for match in islice(search_query.compile_pattern(term).finditer(plain), MOST_HITS)
    )
    hits: list[tuple[int, int]] = []
    for start, end in found:
        if not hits or places[start] >= hits[-1][1]:
            hits.append((places[start], places[end]))
    return hits


def _best(hits: list[tuple[int, int]]) -> int:
    """The start of the hit after which most others follow closely."""

    starts = [start for start, _ in hits]
    many = [bisect(starts, start + LENGTH - BEFORE) - place for place, start in enumerate(starts)]
    return starts[many.index(max(many))] if many else 0


def _word_start(text: str, place: int) -> int:
    if place <= 0:
        return 0
    space = text.find(" ", place, place + BEFORE // 2)
    return place if space < 0 else space + 1
