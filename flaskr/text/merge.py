"""Merge two changed versions of a text."""

from collections.abc import Iterator
from collections.abc import Sequence
from typing import NamedTuple

from . import myers

MINE, BETWEEN, THEIRS = "<<<<<<< yours", "=======", ">>>>>>> theirs"
MAX_LINES = 250_000


class Merged(NamedTuple):
    """A merged text, and a flag that says if it contains conflict markers."""

    text: str
    conflict: bool


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Merge the changes of both versions to `base`, line by line as `diff3` does.

    A conflict is marked and keeps both versions. Versions that are too different to compare are
    one conflict.
    """
    lines = [text.split("\n") for text in (base, mine, theirs)]
    merged: list[str] = []
    conflict = False
    at = [0, 0, 0]
    for starts, length in _common_stretches(*lines):
        old, ours, others = (
            part[begin:end] for part, begin, end in zip(lines, at, starts, strict=True)
        )
        if ours == others or others == old:
            merged += ours
        elif ours == old:
            merged += others
        else:
            conflict = True
            merged += [MINE, *ours, BETWEEN, *others, THEIRS]
        merged += lines[0][starts[0] : starts[0] + length]
        at = [start + length for start in starts]
    return Merged("\n".join(merged), conflict)


def _common_stretches(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[tuple[int, int, int], int]]:
    """Yield the starts in the three texts and the length of each stretch that both kept."""
    budget = myers.Budget()
    ours = _matching_blocks(base, mine, budget)
    others = _matching_blocks(base, theirs, budget)
    i = j = 0
    while i < len(ours) and j < len(others):
        a, b = ours[i], others[j]
        start, end = max(a.old, b.old), min(a.old + a.length, b.old + b.length)
        if start < end:
            yield (start, a.new + start - a.old, b.new + start - b.old), end - start
        if a.old + a.length < b.old + b.length:
            i += 1
        else:
            j += 1
    yield (len(base), len(mine), len(theirs)), 0


def _matching_blocks(
    base: Sequence[str], version: Sequence[str], budget: myers.Budget
) -> list[myers.Block]:
    too_long = len(base) + len(version) > MAX_LINES
    return [] if too_long else myers.matching_blocks(base, version, budget)
