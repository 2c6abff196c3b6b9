"""Merge two changed versions of a text."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from itertools import chain
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from . import myers

MAX_LINES = 250_000
# The rest of the text is one conflict: people do not want to choose more often.
MAX_CONFLICTS = 100
SAME, MINE, THEIRS, CONFLICT = "same", "mine", "theirs", "conflict"
# Items, quotes and table rows would change their look after a blank line.
CONTINUES = re.compile(r"\s|[>|]|([-*+]|\d+[.)])\s")
FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
# The marks of earlier versions of flaskr, in the order in which they follow each other.
MARKS = ("<<<<<<< yours", "=======", ">>>>>>> theirs")


class Block(NamedTuple):
    """A stretch of both versions; its kind says whose change it is, or that they conflict.

    The text of a side is empty, or lines that all end with a newline. The blocks of a side make
    its text and one more newline.
    """

    kind: str
    mine: str
    theirs: str

    @property
    def text(self) -> str:
        """Return the merged text of a block that is not a conflict."""
        return self.theirs if self.kind == THEIRS else self.mine

    @property
    def both(self) -> str:
        """Return both versions, as two paragraphs unless they are parts of a list or table."""
        if not (self.mine.strip() and self.theirs.strip()):
            return self.mine + self.theirs
        is_apart = self.mine.endswith("\n\n") or CONTINUES.match(self.theirs)
        return self.mine + ("" if is_apart else "\n") + self.theirs

    def choose(self, choice: str) -> str:
        """Return the text for the choice "mine", "theirs" or "both"."""
        return {MINE: self.mine, THEIRS: self.theirs}.get(choice, self.both)


def merge(base: str, mine: str, theirs: str) -> list[Block]:
    """Merge the changes of both versions to `base`, line by line as `diff3` does.

    Versions that are too different to compare are one conflict.
    """
    lines = [_split(text) for text in (base, mine, theirs)]
    stretches = _common_stretches(*lines)
    return _limit_conflicts(_join_adjacent(chain.from_iterable(_blocks(lines, stretches))))


def _split(text: str) -> list[str]:
    return [f"{line}\n" for line in text.split("\n")]


def join(texts: Iterable[str]) -> str:
    """Return the text that the texts of all blocks make."""
    return "".join(texts).removesuffix("\n")


def conflicts(blocks: Iterable[Block]) -> list[Block]:
    """Return the blocks that somebody has to choose a version of."""
    return [block for block in blocks if block.kind == CONFLICT]


def _blocks(
    lines: Sequence[Sequence[str]], stretches: Iterable[tuple[tuple[int, int, int], int]]
) -> Iterator[Iterable[Block]]:
    at = (0, 0, 0)
    for starts, length in stretches:
        yield _changes(
            *(part[begin:end] for part, begin, end in zip(lines, at, starts, strict=True))
        )
        kept = "".join(lines[0][starts[0] : starts[0] + length])
        yield [Block(SAME, kept, kept)]
        at = (starts[0] + length, starts[1] + length, starts[2] + length)


def _changes(base: Sequence[str], mine: Sequence[str], theirs: Sequence[str]) -> tuple[Block, ...]:
    """Return the blocks between two stretches that both kept."""
    ours, others = "".join(mine), "".join(theirs)
    if mine == theirs:
        return (Block(SAME, ours, others),)
    if theirs == base:
        return (Block(MINE, ours, others),)
    if mine == base:
        return (Block(THEIRS, ours, others),)
    begin = myers.common_prefix(mine, theirs)
    end = myers.common_prefix(mine[begin:][::-1], theirs[begin:][::-1])
    before, after = "".join(mine[:begin]), "".join(mine[len(mine) - end :])
    ours, others = ("".join(side[begin : len(side) - end]) for side in (mine, theirs))
    return Block(SAME, before, before), Block(CONFLICT, ours, others), Block(SAME, after, after)


def _join_adjacent(blocks: Iterable[Block]) -> list[Block]:
    filled = (block for block in blocks if block.mine or block.theirs)
    return [_join_blocks(kind, group) for kind, group in groupby(filled, attrgetter("kind"))]


def _join_blocks(kind: str, blocks: Iterable[Block]) -> Block:
    parts = list(blocks)
    return Block(kind, "".join(part.mine for part in parts), "".join(part.theirs for part in parts))


def _limit_conflicts(blocks: list[Block]) -> list[Block]:
    """Make one conflict of the last ones if there are too many."""
    places = [place for place, block in enumerate(blocks) if block.kind == CONFLICT]
    if len(places) <= MAX_CONFLICTS:
        return blocks
    first, end = places[MAX_CONFLICTS - 1], places[-1] + 1
    return [*blocks[:first], _join_blocks(CONFLICT, blocks[first:end]), *blocks[end:]]


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


def find_marks(text: str) -> int | None:
    """Return the line of the first conflict that an earlier version marked, outside of code."""
    if MARKS[0] not in text:
        return None
    begin, expected, fence = 0, 0, ""
    for number, line in enumerate(text.split("\n"), 1):
        opened = FENCE.match(line)
        if fence:
            closes = opened and opened[1].startswith(fence) and not line.strip(" `~")
            fence = "" if closes else fence
        elif opened:
            fence = opened[1]
        elif line == MARKS[expected]:
            begin = number if expected == 0 else begin
            expected += 1
            if expected == len(MARKS):
                return begin
        elif line == MARKS[0]:
            begin, expected = number, 1
    return None
