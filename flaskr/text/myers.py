"""Find the longest common subsequence of two sequences within a limited number of steps."""

from array import array
from collections.abc import Hashable
from collections.abc import Sequence
from itertools import count
from itertools import takewhile
from operator import eq
from typing import NamedTuple

# These take about a third of a second and 8 MB.
MAX_STEPS = 1_000_000


class Block(NamedTuple):
    """A common stretch: its positions in the two sequences, and its length."""

    old: int
    new: int
    length: int


class Budget:
    """A number of steps that several comparisons share."""

    def __init__(self, steps: int = MAX_STEPS) -> None:
        self.left = steps

    @property
    def exhausted(self) -> bool:
        """Return True once a comparison was cut short."""
        return self.left < 0


def matching_blocks(
    old: Sequence[Hashable], new: Sequence[Hashable], budget: Budget
) -> list[Block]:
    """Return the blocks that both sequences have in the same order.

    Once the budget is exhausted, return only the common prefix and suffix.
    """
    begin = common_prefix(old, new)
    end = common_prefix(old[begin:][::-1], new[begin:][::-1])
    old_end, new_end = len(old) - end, len(new) - end
    # Items that only one side has cannot match, and would take most of the steps.
    shared = set(old[begin:old_end]) & set(new[begin:new_end])
    numbers = {item: number for number, item in enumerate(shared)}
    olds = [at for at in range(begin, old_end) if old[at] in numbers]
    news = [at for at in range(begin, new_end) if new[at] in numbers]
    pairs = _common_subsequence(
        [numbers[old[at]] for at in olds], [numbers[new[at]] for at in news], budget
    )
    blocks = [Block(0, 0, begin), *(Block(olds[x], news[y], 1) for x, y in pairs)]
    return _join_adjacent([*blocks, Block(old_end, new_end, end)])


def common_prefix(one: Sequence[Hashable], other: Sequence[Hashable]) -> int:
    """Return the number of items that both sequences begin with."""
    return sum(takewhile(bool, map(eq, one, other)))


class _Level(NamedTuple):
    """The furthest positions in `old` for a number of edits, by diagonal from index `first`.

    The diagonal `x - y` of an index is `2 * index - edits`. One entry is added on either side, so
    that the next level needs no special cases.
    """

    first: int
    reached: "array[int]"

    def start(self, index: int) -> tuple[int, bool]:
        """Return the start position of the next level, and True if a deletion leads there."""
        at = index - self.first
        deleted, inserted = self.reached[at] + 1, self.reached[at + 1]
        return max(deleted, inserted), deleted >= inserted


def _common_subsequence(old: list[int], new: list[int], budget: Budget) -> list[tuple[int, int]]:
    """Return pairs of positions in a longest common subsequence, or none without budget.

    E. W. Myers, "An O(ND) Difference Algorithm and Its Variations", Algorithmica 1 (1986).
    """
    levels = [_Level(0, array("q", [-1, -2]))]
    for edits in count():
        first = max(0, (edits - len(new) + 1) // 2)
        last = min(edits, (edits + len(old)) // 2)
        reached = array("q", [-2])
        for index in range(first, last + 1):
            start, _ = levels[-1].start(index)
            x, y = start, start - 2 * index + edits
            while x < len(old) and y < len(new) and old[x] == new[y]:
                x += 1
                y += 1
            budget.left -= x - start + 1
            if budget.exhausted:
                return []
            reached.append(x)
            if x >= len(old) and y >= len(new):
                return _backtrack([*levels, _Level(first, reached)], index)
        reached.append(-2)
        levels.append(_Level(first, reached))
    return []  # pragma: no cover  # `count` has no end


def _backtrack(levels: list[_Level], index: int) -> list[tuple[int, int]]:
    pairs: list[tuple[int, int]] = []
    for edits in range(len(levels) - 2, -1, -1):
        end = levels[edits + 1].reached[index - levels[edits + 1].first + 1]
        start, deleted = levels[edits].start(index)
        shift = 2 * index - edits
        pairs += ((x, x - shift) for x in range(end - 1, start - 1, -1))
        index -= deleted
    return pairs[::-1]


def _join_adjacent(blocks: list[Block]) -> list[Block]:
    joined: list[Block] = []
    for block in blocks:
        last = joined[-1] if joined else None
        if last and (last.old + last.length, last.new + last.length) == block[:2]:
            joined[-1] = last._replace(length=last.length + block.length)
        elif block.length:
            joined.append(block)
    return joined
