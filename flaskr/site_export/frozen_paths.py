"""The files of a frozen blog: the path of each page, and links between them."""

import os
import re
from functools import lru_cache
from urllib.parse import unquote
from urllib.parse import urlsplit

from ..text.absolute_urls import absolutize_url

INDEX = "index.html"
# Names of people may look like names of files.
PEOPLE = re.compile(r"/user/[^/]+")
FILE = re.compile(r"\.[A-Za-z0-9]{2,11}")
POSITION = re.compile(r"(before|after)=([0-9T:.~%A-Fa-f-]{1,60})")
# Windows cannot have more characters in names of files than other systems.
UNFIT = re.compile(r'[\x00-\x1f\x7f\\<>:"|?*]' if os.name == "nt" else r"[\x00-\x1f\x7f\\]")
MAX_NAME_BYTES = 250


class Unfit(Exception):
    """A URL that cannot be a file."""


@lru_cache(maxsize=4096)
def address(url: str) -> str:
    """Return the address of the file of a page, which ends in a slash for an `index.html`.

    `url` is a path without the prefix of the blog, perhaps with the position of a list. Raises
    `Unfit`.
    """
    parts = urlsplit(url)
    path = parts.path
    if parts.query and not path.startswith("/static/"):
        position = POSITION.fullmatch(parts.query)
        if position is None:
            raise Unfit(url)
        # No slug contains a tilde.
        name = f"{position[1]}~{unquote(position[2]).replace(':', '')}"
        path = f"{path.rstrip('/')}/{name}/"
    is_file = FILE.fullmatch(path[path.rfind(".") :] if "." in path.rpartition("/")[2] else "")
    if path.endswith("/") or (is_file and not PEOPLE.fullmatch(path)):
        return path
    return f"{path}/"


def has_address(url: str) -> bool:
    """Return True if the page at a URL can be a file."""
    try:
        address(url)
    except Unfit:
        return False
    return True


def file_name(url: str) -> str:
    """Return the path of the file at an address. Raises `Unfit`."""
    names = unquote(url).lstrip("/").split("/")
    names[-1] = names[-1] or INDEX
    for name in names:
        is_unfit = name in ("", ".", "..") or UNFIT.search(name) or name.endswith((" ", "."))
        if is_unfit or len(name.encode(errors="replace")) > MAX_NAME_BYTES:
            raise Unfit(url)
    return "/".join(names)


class Links:
    """The links of a page: those within the blog are collected, and lead to the files.

    `newer` is the address of the page before this one in a list, and `page` the URL of this one.
    """

    def __init__(self, origin: str, root: str, newer: str = "", page: str = "/") -> None:
        self.origin = origin
        self.root = root
        self.newer = newer
        self.page = page
        self.found: dict[str, None] = {}

    def local(self, url: str) -> str | None:
        """Return the path of a URL of this blog without its prefix, or None for other URLs."""
        if self.origin and url.startswith(f"{self.origin}/"):
            url = url.removeprefix(self.origin)
        if not url.startswith("/") or url.startswith(("//", "/\\")):
            return None
        if self.root:
            if not url.startswith(f"{self.root}/") and url != self.root:
                return None
            url = url.removeprefix(self.root) or "/"
        return url

    def replace(self, url: str) -> str:
        """Return the URL of a link in the frozen blog."""
        path, mark, fragment = url.partition("#")
        if path and not path.startswith("/"):
            # The address of a page ends in a slash, which its URL may not.
            path = absolutize_url(path, f"{self.root}{self.page}")
        local = self.local(path) if path else None
        if local is None:
            return f"{path}{mark}{fragment}"
        if self.newer and "?after=" in local and "~" in local:
            return f"{self.root}{self.newer}{mark}{fragment}"
        self.found[local] = None
        try:
            return f"{self.root}{address(local)}{mark}{fragment}"
        except Unfit:
            return f"{self.root}{local}{mark}{fragment}"
