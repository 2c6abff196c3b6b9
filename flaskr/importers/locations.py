"""List the old addresses of feeds, tags, authors and lists, and where they lead now."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from urllib.parse import quote

from ..text import slugify
from ..text import url_paths
from .sites import Site

FEEDS = (
    "index.xml atom.xml rss.xml feed.xml feed rss atom feed/feed.xml feed/atom rss/feed.xml "
    "index.rss feeds/all.atom.xml feeds/all.rss.xml feed.atom index.json feed.json"
).split()
OWN_FEEDS = ("/feed.xml", "/feed.json", "/feed.atom")
TAG_FOLDERS = ("tags", "tag", "categories", "category", "topics")
TAG_FEEDS = ("", "/index.xml", "/feed", "/feed.xml", "/atom.xml", "/rss.xml")
AUTHOR_FOLDERS = ("authors", "author")
LISTS = {
    "tags": "/tag",
    "categories": "/tag",
    "archives": "/archive",
    "archive": "/archive",
    "search": "/search",
    "blog": "/",
    "posts": "/",
}
DATE_PARTS = re.compile(r"\d{1,4}")


def find(
    site: Site, addresses: Iterable[str], tags: Mapping[str, str], authors: Mapping[str, str]
) -> dict[str, str]:
    """Return the paths on this blog by the old paths.

    `tags` holds the slugs of tags by name, `authors` the user names by the names in files.
    """
    found: dict[str, str] = {}
    taken = set(addresses)
    for path, target in _pairs(site, taken, tags, authors):
        for one in (path, f"{site.base}/{path.lstrip('/')}"):
            address = url_paths.normalize_path(one)
            if address not in taken and address != target and address != "/":
                found.setdefault(address, target)
    return found


def _pairs(
    site: Site, addresses: set[str], tags: Mapping[str, str], authors: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    sections = _sections(addresses)
    prefixes = ["", *(f"/{code}" for code in site.languages)]
    for name, slug in tags.items():
        for folder in TAG_FOLDERS:
            for word in _spellings(name):
                for feed in TAG_FEEDS:
                    target = f"/tag/{slug}" + ("/feed.xml" if feed else "")
                    yield f"/{folder}/{word}{feed}", target
    for name, username in authors.items():
        for folder in AUTHOR_FOLDERS:
            for word in _spellings(name):
                yield f"/{folder}/{word}", f"/user/{quote(username, safe='')}"
    for prefix in prefixes:
        yield prefix, "/"
        yield from ((f"{prefix}/{feed}", "/feed.xml") for feed in FEEDS)
        yield from ((f"{prefix}/{name}", target) for name, target in LISTS.items())
    for section in sections:
        yield section, "/"
        yield from ((f"{section}/{feed}", "/feed.xml") for feed in FEEDS[:5])


def _spellings(name: str) -> list[str]:
    """Return how generators write a name in an address."""
    lower = name.lower()
    hyphenated = re.sub(r"\s+", "-", lower)
    words = re.sub(r"[^\w.+#-]+", "-", lower).strip("-")
    return list(dict.fromkeys((name, hyphenated, words, slugify(name), name.replace(" ", "-"))))


def _sections(addresses: set[str]) -> list[str]:
    """Return the folders of old addresses, without years, months and days."""
    found: dict[str, None] = {}
    for address in sorted(addresses):
        parts = address.split("/")[1:-1]
        while parts:
            if not DATE_PARTS.fullmatch(parts[-1]):
                found["/" + "/".join(parts)] = None
            parts.pop()
    return list(found)
