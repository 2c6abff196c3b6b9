"""Find where the paths of lists and feeds of other blog programs lead on this blog."""

import re
from collections.abc import Callable
from typing import NamedTuple

# The last parts of the paths of feeds, with the format.
FEEDS = {
    "atom": "atom",
    "atom.xml": "atom",
    "feed": "xml",
    "feed.atom": "atom",
    "feed.json": "json",
    "feed.rss": "xml",
    "feed.xml": "xml",
    "index.json": "json",
    "index.rss": "xml",
    "index.xml": "xml",
    "rss": "xml",
    "rss.xml": "xml",
    "rss2.xml": "xml",
}
# Those below one of these folders, like `/feed/rdf`.
FEED_FOLDERS = frozenset(("feed", "feeds", "rss"))
FEEDS_IN_FOLDER = FEEDS | {"json": "json", "rdf": "xml", "rss2": "xml"}
LISTS = {
    "tags": "/tag",
    "tag": "/tag",
    "categories": "/tag",
    "category": "/tag",
    "topics": "/tag",
    "archives": "/archive",
    "archive": "/archive",
    "search": "/search",
    "sitemap.xml": "/sitemap.xml",
    "blog": "/",
    "post": "/",
    "posts": "/",
}
TAG_FOLDERS = frozenset(("tags", "tag", "categories", "category", "topics", "topic"))
AUTHOR_FOLDERS = frozenset(("authors", "author", "user"))
# Pelican names the feeds of categories like this.
NAMED_FEED = re.compile(r"(.+?)\.(atom|rss)(?:\.xml)?", re.IGNORECASE)
NUMBERED_PAGE = re.compile(r"(?:page|index|pg)[-_]?\d{1,5}", re.IGNORECASE)
NUMBER = re.compile(r"\d{1,4}", re.ASCII)
YEAR = re.compile(r"[12]\d{3}", re.ASCII)
MONTH = re.compile(r"0?[1-9]|1[0-2]", re.ASCII)
PAGE_WORDS = frozenset("page pages p pagina página seite".split())
MAX_PARTS = 10
MAX_CHARS = 300

Lookup = Callable[[str], str | None]


class Lookups(NamedTuple):
    """Functions that return the URL for the name of a tag, a person or a series, and for a path.

    A name is as some program writes it in a URL. The path is one of the old blog's folders.
    """

    tag: Lookup
    person: Lookup
    series: Lookup
    folder: Lookup


def find(path: str, lookups: Lookups) -> str | None:
    """Return the path on this blog for a normalized path of a list or feed, if it has one.

    Pages of a list, like `/tags/x/page/2`, lead to the list.
    """
    parts = [part for part in path.split("/") if part]
    if len(parts) > MAX_PARTS or len(path) > MAX_CHARS:
        return None
    for listed in _without_page(parts):
        if found := _find_list(listed, lookups):
            return found
        rest, kind = _split_feed(listed)
        if kind and (found := _find_list(rest, lookups)):
            return _feed_of(found, kind)
    return _find_named_feed(parts, lookups)


def _split_feed(parts: list[str]) -> tuple[list[str], str]:
    """Return the path of the list that a path may be a feed of, and the format of the feed."""
    *rest, last = parts or [""]
    if len(rest) == 1 and rest[0].lower() in TAG_FOLDERS and "." not in last:
        # `/tag/rss` is the page of a tag.
        return rest, ""
    if rest and rest[-1].lower() in FEED_FOLDERS and last.lower() in FEEDS_IN_FOLDER:
        return rest[:-1], FEEDS_IN_FOLDER[last.lower()]
    return rest, FEEDS.get(last.lower(), "")


def _without_page(parts: list[str]) -> list[list[str]]:
    """Return the path, and the path without the number of a page."""
    found = [parts]
    if not parts:
        return found
    if NUMBERED_PAGE.fullmatch(parts[-1]):
        found.append(parts[:-1])
    elif NUMBER.fullmatch(parts[-1]) and len(parts) > 1 and not YEAR.fullmatch(parts[-2]):
        bare = [parts[:-1]]
        # Other words than these are only taken for “page” below a list.
        without_word = [parts[:-2]] if len(parts) > 2 or parts[-2].lower() in PAGE_WORDS else []
        is_known = parts[-2].lower() in PAGE_WORDS
        found += [*without_word, *bare] if is_known else [*bare, *without_word]
    elif len(parts) > 1 and (name := parts[-1].rstrip("0123456789")) and name != parts[-1]:
        # Pelican appends the number to the name: /tag/rivers2.html
        found.append([*parts[:-1], name])
    return found


def _find_list(parts: list[str], lookups: Lookups) -> str | None:
    if not parts:
        return "/"
    for end in range(len(parts), 0, -1):
        target = lookups.folder("/" + "/".join(parts[:end]))
        found = target and _find_inside(target, parts[end:], lookups)
        if found:
            return found
    return _find_standard(parts, lookups)


def _find_inside(target: str, rest: list[str], lookups: Lookups) -> str | None:
    if not rest:
        return target
    if target == "/":
        return _find_list(rest, lookups)
    if target == "/tag":
        # Below a category are those in it.
        return lookups.tag(rest[-1])
    return _find_archive(rest) if target == "/archive" else None


def _find_standard(parts: list[str], lookups: Lookups) -> str | None:
    folder, rest = parts[0].lower(), parts[1:]
    if not rest:
        return LISTS.get(folder) or _find_archive(parts)
    if folder in TAG_FOLDERS:
        return lookups.tag(rest[-1])
    if folder in AUTHOR_FOLDERS:
        return lookups.person(rest[0]) if len(rest) == 1 else None
    if folder == "series":
        return lookups.series(rest[0]) if len(rest) == 1 else None
    if folder in LISTS:
        return _find_inside(LISTS[folder], rest, lookups)
    return _find_archive(parts)


def _find_archive(parts: list[str]) -> str | None:
    """Return the archive of a year or month, also for a day, which has no archive."""
    if not YEAR.fullmatch(parts[0]) or len(parts) > 3:
        return None
    if len(parts) == 1:
        return f"/{parts[0]}/"
    is_date = all(map(NUMBER.fullmatch, parts[1:])) and MONTH.fullmatch(parts[1])
    return f"/{parts[0]}/{int(parts[1]):02}/" if is_date else None


def _find_named_feed(parts: list[str], lookups: Lookups) -> str | None:
    named = NAMED_FEED.fullmatch(parts[-1]) if parts and parts[0].lower() == "feeds" else None
    if named is None:
        return None
    return _feed_of(lookups.tag(named[1]) or "/", named[2].lower().replace("rss", "xml"))


def _feed_of(target: str, kind: str) -> str:
    is_list = target.startswith(("/tag/", "/user/", "/series/"))
    return f"{target}/feed.{kind}" if is_list else f"/feed.{kind}"
