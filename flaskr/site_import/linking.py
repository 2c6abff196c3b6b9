"""Rewrite the links of one post, in two steps: the URLs of its files are only known later."""

import re
from collections.abc import Mapping
from pathlib import Path

from ..importers import links
from ..importers import shortcodes
from ..importers.documents import Document
from ..importers.link_index import Index
from ..importers.link_index import Origin
from ..importers.links import Target

# Stands for a target while files are imported. No text contains a noncharacter.
MARK = re.compile("\ufdd3([0-9]{1,6})\ufdd3")
MAX_SHOWN_CHARS = 200


class Linking:
    """The links of a post: the files it needs, with their alt texts, and those missing."""

    def __init__(self, index: Index, post: Document) -> None:
        self.index = index
        self.origin = Origin(Path(post["source"]), next(iter(post["addresses"]), ""))
        # The path of its cover, empty unless it is a file to import.
        self.cover = ""
        self.files: dict[str, str] = {}
        self.missing_files: list[str] = []
        self.missing_links: list[str] = []
        self._marked: list[tuple[str, str]] = []

    def rewrite(self, post: Document) -> None:
        """Rewrite the links of the body to posts, put marks for files, and find the cover."""
        post["body"] = links.rewrite(post["body"].replace("\ufdd3", ""), self._resolve)
        self.cover = self._find_cover(post["cover"], post["cover_alt"])

    def _resolve(self, target: Target) -> str | None:
        if MARK.search(target.written):
            return None
        found = self.index.find(target, self.origin)
        if found is None:
            return None
        if found.file:
            self._need(found.file, target.alt)
            return self._mark(found.file, shortcodes.encode(target.written))
        if found.url or found.fragment:
            return self._mark("", found.url + found.fragment)
        self._report_missing(found.missing[:MAX_SHOWN_CHARS])
        return None if target.by_name else self._as_written(target.written)

    def _mark(self, path: str, otherwise: str) -> str:
        """Return a mark, so that no other rule rewrites the target again."""
        self._marked.append((path, otherwise))
        return f"\ufdd3{len(self._marked) - 1}\ufdd3"

    def _as_written(self, written: str) -> str | None:
        """Return a target that stays, without our scheme and as Markdown allows it."""
        path = written.removeprefix(shortcodes.REFERENCE)
        return None if path == written and " " not in path else shortcodes.encode(path)

    def _need(self, path: str, alt: str) -> None:
        self.files[path] = self.files.get(path) or alt

    def _report_missing(self, name: str) -> None:
        path = re.split("[?#]", name)[0]
        suffix = links.FILE_SUFFIX.search(path)
        if suffix and not suffix[0].lower().startswith(
            (".md", ".htm", ".markdown", ".php", ".asp")
        ):
            self.missing_files.append(f"The file “{name}” was not found.")
        else:
            self.missing_links.append(f"The link to “{name}” leads to no post.")

    def _find_cover(self, written: str, alt: str) -> str:
        found = self.index.find(Target(written), self.origin) if written else None
        if found is None or not found.file or not links.IMAGE_NAME.search(Path(found.file).name):
            return ""
        self._need(found.file, alt)
        return found.file

    def finish(self, body: str, urls: Mapping[str, str]) -> str:
        """Return the body with the URLs of its files; those without one stay as written."""

        def replace(match: re.Match[str]) -> str:
            path, otherwise = self._marked[int(match[1])]
            return urls.get(path) or otherwise

        return MARK.sub(replace, body)
