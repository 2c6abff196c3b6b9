"""Compare two texts line by line, and changed lines word by word."""

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from . import myers
from .delta import common_prefix_length

# Longer texts are shown whole: browsers show so long a comparison slowly.
MAX_LINES = 50_000
MAX_WORD_CHARS = 50_000
CONTEXT_CHARS = 300
# Lines that share less are easier to read as one removal and one addition.
MIN_SHARED_RATIO = 0.5
# Chinese and Japanese are compared and counted by character: there are no spaces between words.
IDEOGRAPHS = r"\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af"
COUNTED = re.compile(rf"[{IDEOGRAPHS}]|[^\W{IDEOGRAPHS}]+")
WORD = re.compile(rf"\s+|{COUNTED.pattern}|[^\w\s]")
TOO_DIFFERENT = "These texts are too different to compare in detail. Both are shown whole."


class Part(NamedTuple):
    """A part of a comparison; its kind is "same", "gone", "new", or "note".

    A "note" belongs to neither text: it tells the reader about the comparison.
    """

    kind: str
    text: str


class Size(NamedTuple):
    """The numbers of words that were added and removed."""

    added: int
    removed: int


def measure(old: str, new: str, budget: myers.Budget) -> Size | None:
    """Return the size of a change, or None if it is too large to count its words."""
    begin = common_prefix_length(old, new)
    end = common_prefix_length(old[begin:][::-1], new[begin:][::-1])
    begin = max(old.rfind(space, 0, begin) for space in " \n") + 1
    # Count whole words: the common beginning and end may have parts of them.
    end = max(len(old[len(old) - end :].partition(space)[2]) for space in " \n")
    gone, added = old[begin : len(old) - end], new[begin : len(new) - end]
    if len(gone) + len(added) > MAX_WORD_CHARS:
        return None
    olds, news = COUNTED.findall(gone), COUNTED.findall(added)
    kept = sum(block.length for block in myers.matching_blocks(olds, news, budget))
    return Size(len(news) - kept, len(olds) - kept)


def compare(old: str, new: str) -> list[Part]:
    """Return the parts of the comparison, with long unchanged parts shortened."""
    budget = myers.Budget()
    found = [
        Part(part.kind, shorten(part.text) if part.kind == "same" else part.text)
        for part in _compare_lines(old, new, budget)
        if part.text
    ]
    return [Part("note", TOO_DIFFERENT), *found] if budget.exhausted else found


def compare_words(old: str, new: str, budget: myers.Budget) -> tuple[list[Part], list[Part]]:
    """Return the parts of each text, of kind "same", "gone" or "new".

    All of a text is "same" if the texts have too little in common to compare their words.
    """
    parts = list(_compare_words(old, new, budget))
    if not any(part.kind == "same" for part in parts):
        return [Part("same", old)], [Part("same", new)]
    gone, added = (
        [part for part in parts if part.kind != hidden and part.text] for hidden in ("new", "gone")
    )
    return gone, added


def _compare_lines(old: str, new: str, budget: myers.Budget) -> Iterator[Part]:
    if old.count("\n") + new.count("\n") > MAX_LINES:
        budget.left = -1
        yield from _replacement(old, new)
        return
    olds, news = (list(io.StringIO(text, newline="\n")) for text in (old, new))
    for old_lines, new_lines, kept in _find_changes(olds, news, budget):
        yield from _compare_words("".join(old_lines), "".join(new_lines), budget)
        yield Part("same", "".join(kept))


def _find_changes(
    old: list[str], new: list[str], budget: myers.Budget
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield the removed items, the added items, and the unchanged items that follow them."""
    x = y = 0
    for block in [*myers.matching_blocks(old, new, budget), myers.Block(len(old), len(new), 0)]:
        yield old[x : block.old], new[y : block.new], old[block.old : block.old + block.length]
        x, y = block.old + block.length, block.new + block.length


def _compare_words(old: str, new: str, budget: myers.Budget) -> Iterator[Part]:
    if not (old and new) or budget.exhausted or len(old) + len(new) > MAX_WORD_CHARS:
        yield from _replacement(old, new)
        return
    olds, news = WORD.findall(old), WORD.findall(new)
    budget.left -= len(olds) + len(news)
    changes = list(_find_changes(olds, news, budget))
    if 2 * sum(len(kept) for _, _, kept in changes) < MIN_SHARED_RATIO * (len(olds) + len(news)):
        yield from _replacement(old, new)
        return
    for old_words, new_words, kept in changes:
        yield from _replacement("".join(old_words), "".join(new_words))
        yield Part("same", "".join(kept))


def _replacement(old: str, new: str) -> Iterator[Part]:
    yield Part("gone", old)
    yield Part("new", new)


def shorten(text: str) -> str:
    """Return the beginning and the end of a long text."""
    if len(text) <= 3 * CONTEXT_CHARS:
        return text
    return f"{text[:CONTEXT_CHARS].rstrip()} …\n\n… {text[-CONTEXT_CHARS:].lstrip()}"
