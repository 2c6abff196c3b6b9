"""Pure: two changed versions of a text made one."""

from collections.abc import Iterator
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

MINE, BETWEEN, THEIRS = "<<<<<<< yours", "=======", ">>>>>>> theirs"


class Merged(NamedTuple):
    """The text, and whether it has places marked in which both versions differ."""

    text: str
    conflict: bool


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Both versions' changes to `base`, line by line, as `diff3` does it.

    Where both changed the same place, it is marked and holds both.
    """
    lines = [text.splitlines() for text in (base, mine, theirs)]
    merged: list[str] = []
    conflict = False
    at = [0, 0, 0]
    for starts, length in _kept(*lines):
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


def _kept(
    base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]
) -> Iterator[tuple[tuple[int, int, int], int]]:
    """The stretches that both versions kept: where they begin in the three texts, how long."""
    ours, others = (
        SequenceMatcher(None, base, version, autojunk=False).get_matching_blocks()
        for version in (mine, theirs)
    )
    i = j = 0
    while i < len(ours) and j < len(others):
        a, b = ours[i], others[j]
        start, end = max(a.a, b.a), min(a.a + a.size, b.a + b.size)
        if start < end:
            yield (start, a.b + start - a.a, b.b + start - b.a), end - start
        if a.a + a.size < b.a + b.size:
            i += 1
        else:
            j += 1
    yield (len(base), len(mine), len(theirs)), 0
