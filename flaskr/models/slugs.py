"""Addresses that no other row of a table has."""

from collections.abc import Callable

MAX_SLUG_CHARS = 80


def make_unique(wanted: str, taken: Callable[[str], bool]) -> str:
    """The wanted slug if nothing has taken it, else the same with a number."""
    if not taken(wanted):
        return wanted
    # To try one after another would take a thousand steps where a thousand posts have one title:
    # doubling finds a free number in a few, and halving one that follows a taken one.
    high = 2
    while taken(_numbered(wanted, high)):
        high *= 2
    low = max(high // 2, 1)
    while high - low > 1:
        middle = (low + high) // 2
        if taken(_numbered(wanted, middle)):
            low = middle
        else:
            high = middle
    return _numbered(wanted, high)


def _numbered(slug: str, number: int) -> str:
    ending = f"-{number}"
    return slug[: MAX_SLUG_CHARS - len(ending)].rstrip("-") + ending
