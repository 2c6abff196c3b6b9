"""Pure: compare two texts by lines and, within lines that changed, by words."""

import io
import re
from collections.abc import Iterator
from typing import NamedTuple

from . import myers

# Longer texts are shown whole: nobody reads so long a comparison, and no browser shows it quickly.
MAX_LINES = 50_000
MAX_WORD_CHARS = 50_000
SHOWN = 300
# Lines that share less than this read better as other lines.
ALIKE = 0.5
WORD = re.compile(r"\s+|\w+|[^\w\s]")
TOO_DIFFERENT = "These texts are too different to compare in detail. Both are shown whole."


class Part(NamedTuple):
    """A stretch of text that is in both, or in one of the two: "same", "gone" or "new".

    A "note" is in none: it is for the reader of the comparison.
    """

    kind: str
    text: str


def compare(old: str, new: str) -> list[Part]:
    """Return the two texts as one run of parts; what both share is cut where it is long."""
    budget = myers.Budget()
    found = [
        Part(part.kind, _cut(part.text) if part.kind == "same" else part.text)
        for part in _by_lines(old, new, budget)
        if part.text
    ]
    return [Part("note", TOO_DIFFERENT), *found] if budget.exhausted else found


def _by_lines(old: str, new: str, budget: myers.Budget) -> Iterator[Part]:
    if old.count("\n") + new.count("\n") > MAX_LINES:
        budget.left = -1
        yield from _changed(old, new)
        return
    olds, news = (list(io.StringIO(text, newline="\n")) for text in (old, new))
    for old_lines, new_lines, kept in _changes(olds, news, budget):
        yield from _by_words("".join(old_lines), "".join(new_lines), budget)
        yield Part("same", "".join(kept))


def _changes(
    old: list[str], new: list[str], budget: myers.Budget
) -> Iterator[tuple[list[str], list[str], list[str]]]:
    """Yield what was removed, what was put there instead, and what follows in both."""
    x = y = 0
    for block in [*myers.matching_blocks(old, new, budget), myers.Block(len(old), len(new), 0)]:
        yield old[x : block.old], new[y : block.new], old[block.old : block.old + block.length]
        x, y = block.old + block.length, block.new + block.length


def _by_words(old: str, new: str, budget: myers.Budget) -> Iterator[Part]:
    if not (old and new) or budget.exhausted or len(old) + len(new) > MAX_WORD_CHARS:
        yield from _changed(old, new)
        return
    olds, news = WORD.findall(old), WORD.findall(new)
    budget.left -= len(olds) + len(news)
    changes = list(_changes(olds, news, budget))
    if 2 * sum(len(kept) for _, _, kept in changes) < ALIKE * (len(olds) + len(news)):
        yield from _changed(old, new)
        return
    for old_words, new_words, kept in changes:
        yield from _changed("".join(old_words), "".join(new_words))
        yield Part("same", "".join(kept))


def _changed(old: str, new: str) -> Iterator[Part]:
    yield Part("gone", old)
    yield Part("new", new)


def _cut(text: str) -> str:
    if len(text) <= 3 * SHOWN:
        return text
    return f"{text[:SHOWN].rstrip()} …\n\n… {text[-SHOWN:].lstrip()}"
