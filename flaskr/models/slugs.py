"""Unique slugs: the last parts of the URLs of posts, tags and series."""

from collections.abc import Callable

MAX_SLUG_CHARS = 80


def make_unique(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return the wanted slug, with a number appended if it is taken."""
    if not is_taken(wanted):
        return wanted
    # Trying the numbers one by one would take a thousand queries if a thousand posts share a title:
    # doubling finds a free number, and bisecting finds one that follows a taken number.
    high = 2
    while is_taken(_append_number(wanted, high)):
        high *= 2
    low = max(high // 2, 1)
    while high - low > 1:
        middle = (low + high) // 2
        if is_taken(_append_number(wanted, middle)):
            low = middle
        else:
            high = middle
    return _append_number(wanted, high)


def _append_number(slug: str, number: int) -> str:
    suffix = f"-{number}"
    return slug[: MAX_SLUG_CHARS - len(suffix)].rstrip("-") + suffix
