"""Freeze the public blog: render every page as a static file that any host can serve.

Starting from the front page and the sitemap, every link within the blog is followed.
"""

import html
from bisect import bisect
from collections.abc import Iterable
from collections.abc import Iterator
from http import HTTPStatus
from itertools import islice
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlsplit

from flask import current_app

from .. import db
from ..exporters import search_files
from ..models import static_sites
from ..web import urls
from . import entries
from . import frozen_paths
from . import searched_posts
from . import unchanged
from .entries import Medium
from .entries import Progress
from .folders import Folder
from .folders import NoRoom
from .frozen_paths import Unfit
from .pages import REDIRECTS
from .pages import Page
from .pages import Site
from .pages import Wanted
from .pages import find_older
from .pages import get
from .workers import Workers

MANIFEST = ".flaskr-freeze"
STARTS = (
    *("/", "/archive", "/tag", "/search", "/feed.xml", "/feed.atom", "/feed.json"),
    *("/sitemap.xml", "/robots.txt", "/llms.txt", "/favicon.ico"),
)
FEEDS = ("atom", "json")
NOT_FOUND = "/page-that-does-not-exist"
# Processes take a second to start.
MIN_POSTS_FOR_PROCESSES = 100
POSTS_AT_ONCE = 20
PAGES_AT_ONCE = 6
INDEX_FILES_AT_ONCE = 4
MAX_REDIRECTED = 20_000
REDIRECT_PAGE = """<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="robots" content="noindex">
    <meta http-equiv="refresh" content="0; url={url}">
    <link rel="canonical" href="{url}">
    <title>Moved</title>
  </head>
  <body><p>This page is now at <a href="{url}">{url}</a>.</p></body>
</html>
"""


class Broken(NamedTuple):
    """A link within the blog to no page or a broken one, and the page that has it."""

    url: str
    page: str


class Freezer:
    """Writes the public pages of the blog, with its links followed from page to page."""

    def __init__(self, folder: Folder, site: Site, progress: Progress) -> None:
        self.folder = folder
        self.site = site
        self.progress = progress
        # All URLs, unquoted, with a page that links to each: a post, rather than a list.
        self.linked_from: dict[str, str] = {}
        self.posts: set[str] = set()
        # URLs to render. Further pages of lists come first, as only each leads to the next one, and
        # have the address of the newer page.
        self.waiting: dict[str, str] = {}
        self.waiting_lists: dict[str, str] = {}
        self.broken: list[Broken] = []
        self.unfit: list[str] = []
        self.failed: list[str] = []
        self.pages = 0
        # Files are as the last run left them.
        self.is_untouched = False

    def has_nothing_to_do(self, state: str) -> bool:
        """Return True if the folder is up to date, and use the report of the last run."""
        found = unchanged.find_note(self.folder)
        self.is_untouched = found is not None
        if found is None or found.get("state") != state:
            return False
        self.pages, self.unfit = found["pages"], found["unfit"]
        self.broken = [Broken(*each) for each in found["broken"]]
        self.folder.leave_all()
        return True

    def run(self, workers: Workers, state: str) -> None:
        """Write all files and remove those that are no longer part of the blog."""
        self._write_pages(workers, search_files.build(list(self._read_posts(workers))))
        self._put(NOT_FOUND, "404.html", self.site.get(NOT_FOUND).content)
        self._write_host_files()
        # They come last, so that none takes the place of another file.
        with self.site.app.request_context(self.site.environ("/")):
            self._write_redirects()
        # A page that cannot be rendered at this moment must not take others off the site.
        report = {"pages": self.pages, "broken": self.broken, "unfit": self.unfit}
        note = "" if self.failed else unchanged.write_note(self.folder, state, report)
        self.folder.finish(note, is_complete=not self.failed)

    def _read_posts(self, workers: Workers) -> Iterator[search_files.Page]:
        """Yield the posts with their words. Their HTML is stored before any page needs it."""
        self._want(STARTS, "")
        ids = static_sites.visible_ids()
        parts = (ids[at : at + POSTS_AT_ONCE] for at in range(0, len(ids), POSTS_AT_ONCE))
        for part, found in workers.run(searched_posts.read, lambda: next(parts, None)):
            self._want([post.path for post in found], "")
            self.posts.update(frozen_paths.address(post.path) for post in found)
            yield from (post.searched for post in found)
            self.progress("Posts", bisect(ids, part[-1]), len(ids))

    def _want(self, found: Iterable[str], page: str, older: str | None = None) -> None:
        """Note the URLs that a page links to; `older` is that of the next page of a list."""
        for url in found:
            key = unquote(url)
            if key not in self.linked_from:
                self.linked_from[key] = page
                if url == older:
                    self.waiting_lists[url] = page
                else:
                    self.waiting[url] = ""
            elif page in self.posts and self.linked_from[key] not in self.posts:
                self.linked_from[key] = page

    def _write_pages(self, workers: Workers, index: Iterator[tuple[str, bytes]]) -> None:
        for wanted, pages in workers.run(get, self._take, PAGES_AT_ONCE):
            # The processes render the next pages during this.
            self._write_index(islice(index, INDEX_FILES_AT_ONCE))
            for number, found in enumerate(pages):
                # The next page of a list is wanted unless another page led there.
                is_next = number >= len(wanted.urls)
                if is_next and self.waiting_lists.pop(found.url, None) is None:
                    break
                self._write(found)
            total = len(self.linked_from)
            self.progress("Pages", total - len(self.waiting) - len(self.waiting_lists), total)

        self._write_index(index)

    def _write_index(self, files: Iterable[tuple[str, bytes]]) -> None:
        for name, content in files:
            self._put(f"/search/{name}", f"search/{name}", content)

    def _take(self) -> Wanted | None:
        """Return the next page to render, together with the same feed in other formats."""
        while waiting := self.waiting_lists or self.waiting:
            url = next(iter(waiting))
            newer = waiting.pop(url)
            try:
                name = _file_name(url)
            except Unfit:
                self.unfit.append(url)
                continue
            if file := _find_medium(name):
                self._put(url, name, file)
                continue
            # A card takes longer than a page, and its name changes with its content.
            is_card = name.startswith("social-card/") and not name.endswith(".html")
            if is_card and self.is_untouched and self.folder.keep(name):
                continue
            return Wanted([url, *self._take_formats(url)], newer)
        return None

    def _take_formats(self, url: str) -> list[str]:
        # Pages link to one of the three, and people may have subscribed to another.
        if not url.endswith("/feed.xml") or frozen_paths.PEOPLE.fullmatch(url):
            return []
        others = [url.removesuffix("xml") + kind for kind in FEEDS]
        self._want(others, url)
        return [other for other in others if self.waiting.pop(other, None) is not None]

    def _write(self, found: Page) -> None:
        url, name = found.url, _file_name(found.url)
        if found.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.failed.append(url)
        elif found.status not in (HTTPStatus.OK, *REDIRECTS) or not found.is_public:
            self.broken.append(Broken(url, self.linked_from[unquote(url)]))
        elif found.status in REDIRECTS:
            self._want(found.links, url)
            if name.endswith(".html"):
                self._write_new(url, name, found.target)
        elif found.is_html:
            self._write_page(name, found)
        else:
            self._put(url, name, found.content)
            self._want(found.links, url)

    def _put(self, url: str, name: str, content: bytes | Medium) -> bool:
        """Write the file of a URL, and return True if it has room."""
        try:
            self.folder.write(name, content)
        except NoRoom:
            self.unfit.append(url)
            return False
        return True

    def _write_page(self, name: str, found: Page) -> None:
        file = name if name.endswith(".html") else f"{name}/index.html"
        if file in self.folder.names:
            # The address of a post may be that of the file of the front page.
            self.unfit.append(found.url)
            return
        self.pages += self._put(found.url, file, found.content)
        self._want(found.links, frozen_paths.address(found.url), find_older(found))

    def _write_new(self, url: str, name: str, target: str) -> bool:
        """Write a page that leads to another URL, unless there is a page of this name."""
        if name in self.folder.names:
            return False
        return self._put(url, name, REDIRECT_PAGE.format(url=html.escape(target)).encode())

    def _write_redirects(self) -> None:
        """Write a page for each old address, also under the name that it may have had."""
        redirects = static_sites.redirects(MAX_REDIRECTED)
        links = self.site.links()
        for number, (path, target) in enumerate(redirects.items(), 1):
            if "?" not in path:
                self._write_old(path, links.replace(urls.prefix_link(target)))
            self.progress("Redirects", number, len(redirects))

    def _write_old(self, path: str, target: str) -> None:
        try:
            name = frozen_paths.file_name(f"{quote(path)}/")
        except Unfit:
            self.unfit.append(path)
            return
        if self._write_new(path, name, target):
            self._write_new(path, f"{name.removesuffix('/index.html')}.html", target)

    def _write_host_files(self) -> None:
        """Write the files that hosts read: no host may take away names with an underscore."""
        policy = self.site.get("/").headers["Content-Security-Policy"]
        lines = ["/*", f"  Content-Security-Policy: {policy}", "  X-Content-Type-Options: nosniff"]
        self._put("/_headers", "_headers", "".join(f"{line}\n" for line in lines).encode())
        self._put("/.nojekyll", ".nojekyll", b"")


def _file_name(url: str) -> str:
    return frozen_paths.file_name(urlsplit(frozen_paths.address(url)).path)


def _find_medium(name: str) -> Medium | None:
    """Return the file of the media library that has this name in the frozen blog, if any."""
    if not name.startswith("media/") or name.count("/") != 1:
        return None
    return entries.find_medium(name.removeprefix("media/"))


def freeze(target: Path, url: str, progress: Progress, *, processes: int = 1) -> Freezer:
    """Write the public blog into a folder. Raises `Conflict`, `Unavailable`."""
    db.check_schema()
    if len(static_sites.visible_ids()) < MIN_POSTS_FOR_PROCESSES:
        processes = 1
    site = Site(current_app._get_current_object(), url)  # type: ignore[attr-defined]  # a proxy has it
    freezer = Freezer(Folder(target, MANIFEST), site, progress)
    with freezer.folder.hold():
        state = unchanged.read_state(site)
        if not freezer.has_nothing_to_do(state):
            with Workers(site, url, processes) as workers:
                freezer.run(workers, state)
    return freezer
