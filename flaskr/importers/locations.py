"""List the folders of the old site's lists, and find where links to lists lead now.

This blog knows the usual names, like `/tags/x`; only those of this site need redirects.
"""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from ..text import casefold_key
from ..text import old_locations
from ..text import slugify
from ..text import url_paths
from . import post_metadata
from . import site_configs
from .sites import Site

DATE_PARTS = re.compile(r"\d{1,4}")
# The folder of an address pattern like `label/{slug}.html`.
PATTERN_FOLDER = re.compile(r"/?([\w-]{1,60}(?:/[\w-]{1,60}){0,5})/(?=[{:])")
FOLDER_FIELDS = {
    "tag_dir": "/tag",
    "category_dir": "/tag",
    "archive_dir": "/archive",
    "pagination_dir": "/",
}
PATTERN_FIELDS = {"tag_url": "/tag", "category_url": "/tag"}
AUTHOR_PATTERNS = ("author_url",)
NAME_MAPS = (("tag_map", "tag_dir", "tags"), ("category_map", "category_dir", "categories"))


class Locations:
    """The folders of the lists of a site, with where they lead, and the names of its lists.

    `tags` and `series` hold the slugs of both by name, `authors` the user names by the names in
    files.
    """

    def __init__(
        self,
        site: Site,
        addresses: Iterable[str],
        tags: Mapping[str, str],
        authors: Mapping[str, str],
        series: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        self.tags = {casefold_key(name): slug for name, slug in tags.items()}
        self.slugs = set(tags.values())
        self.authors = {slugify(name): username for name, username in authors.items()}
        self.series = {slugify(name): slug for name, slug in series.items()}
        taken = set(addresses)
        self.redirects: dict[str, str] = {}
        for path, target in self._folders(site, taken):
            address = url_paths.normalize_path(path)
            if address not in ("/", target) and address not in taken:
                self.redirects.setdefault(address, target)
        self._by_key = {path.lower(): target for path, target in self.redirects.items()}
        self._lookups = old_locations.Lookups(
            self._find_tag, self._find_person, self._find_series, self._find_folder
        )

    def find(self, path: str) -> str:
        """Return the path on this blog for a normalized path of a list, or an empty string."""
        return old_locations.find(path, self._lookups) or ""

    def _find_tag(self, word: str) -> str | None:
        names = (word, *(word.replace(mark, " ") for mark in "-_+"))
        found = next((slug for one in names if (slug := self.tags.get(casefold_key(one)))), "")
        found = found or (slugify(word) if slugify(word) in self.slugs else "")
        return f"/tag/{quote(found)}" if found else None

    def _find_person(self, word: str) -> str | None:
        username = self.authors.get(slugify(word))
        return f"/user/{quote(username, safe='')}" if username else None

    def _find_series(self, word: str) -> str | None:
        found = self.series.get(slugify(word))
        return f"/series/{quote(found)}" if found else None

    def _find_folder(self, path: str) -> str | None:
        return self._by_key.get(path.lower())

    def _folders(self, site: Site, addresses: set[str]) -> Iterator[tuple[str, str]]:
        yield site.base, "/"
        yield from ((code, "/") for code in site.languages)
        yield from ((name, "/tag") for name in site.taxonomies())
        for name, target in FOLDER_FIELDS.items():
            yield post_metadata.first(site.config, name), target
        for name, target in PATTERN_FIELDS.items():
            yield _pattern_folder(site.config, name), target
        yield from _hugo_folders(site)
        yield from self._mapped_names(site)
        for folder in filter(None, (_pattern_folder(site.config, one) for one in AUTHOR_PATTERNS)):
            for slug, username in self.authors.items():
                yield f"{folder}/{slug}", f"/user/{quote(username, safe='')}"
        yield from ((section, "/") for section in _sections(addresses, site.base))

    def _mapped_names(self, site: Site) -> Iterator[tuple[str, str]]:
        """Yield the lists of Hexo that have other names in addresses than the tags."""
        for names, folder, default in NAME_MAPS:
            place = post_metadata.first(site.config, folder) or default
            for name, written in site_configs.table(site.config, names).items():
                if slug := self.tags.get(casefold_key(name)):
                    yield f"{place}/{post_metadata.text(written)}", f"/tag/{slug}"


def _hugo_folders(site: Site) -> Iterator[tuple[str, str]]:
    """Yield the lists with an address of their own in Hugo's configuration."""
    tables = site_configs.table(site.config, "permalinks")
    for name in site_configs.table(tables, "section"):
        yield post_metadata.first(site_configs.table(tables, "section"), name), "/"
    for name in site_configs.table(tables, "term"):
        yield _pattern_folder(site_configs.table(tables, "term"), name), "/tag"


def _pattern_folder(config: dict[str, Any], name: str) -> str:
    found = PATTERN_FOLDER.match(post_metadata.first(config, name))
    return found[1] if found else ""


def _sections(addresses: set[str], base: str) -> list[str]:
    """Return the folders of old addresses, without years, months and days."""
    found: dict[str, None] = {}
    for address in sorted(addresses):
        parts = address.removeprefix(f"{base}/").strip("/").split("/")[:-1]
        while parts:
            if not DATE_PARTS.fullmatch(parts[-1]):
                found["/" + "/".join(parts)] = None
            parts.pop()
    return list(found)
