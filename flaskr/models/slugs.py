"""Unique slugs: the last parts of the URLs of posts, tags and series."""

from collections.abc import Callable

from .. import text
from . import effective_settings

MAX_SLUG_CHARS = 80


def from_title(title: str, language: str = "") -> str:
    """Return the slug for a title in a language, by default the blog's."""
    language = language or str(effective_settings.read("LANGUAGE"))
    keep_letters = effective_settings.read("SLUGS") == "letters"
    return text.title_slug(title, language, keep_letters=keep_letters)


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
