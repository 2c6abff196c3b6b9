"""Pure: two changed versions of a text made one, and the differences between two."""

import re
from collections.abc import Iterator
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

MINE, BETWEEN, THEIRS = "<<<<<<< yours", "=======", ">>>>>>> theirs"
WORDS = re.compile(r"\s+|\w+|[^\w\s]")
# Past so many words in one changed place, it is shown as one text gone and another come.
MOST_WORDS = 5000


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


class Change(NamedTuple):
    """A piece of text that is `kept`, `added` or `removed`."""

    kind: str
    text: str


def differences(old: str, new: str) -> list[Change]:
    """How `new` came out of `old`: changed lines word by word."""
    found: list[Change] = []
    before, after = old.splitlines(keepends=True), new.splitlines(keepends=True)
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        removed, added = "".join(before[a:b]), "".join(after[c:d])
        if kind == "equal":
            found.append(Change("kept", added))
        else:
            found += _words(removed, added)
    return found


def _words(removed: str, added: str) -> Iterator[Change]:
    before, after = WORDS.findall(removed), WORDS.findall(added)
    if not before or not after or len(before) + len(after) > MOST_WORDS:
        yield from _changes(removed, added)
        return
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield Change("kept", "".join(after[c:d]))
        else:
            yield from _changes("".join(before[a:b]), "".join(after[c:d]))


def _changes(removed: str, added: str) -> Iterator[Change]:
    if removed:
        yield Change("removed", removed)
    if added:
        yield Change("added", added)
