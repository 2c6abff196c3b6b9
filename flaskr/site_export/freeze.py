"""Freeze the public blog: render every page as a static file that any host can serve.

Starting from the front page and the sitemap, every link within the blog is followed. Requests go
straight to the views, over one connection and application context: rendering a page takes about a
millisecond, and the whole test client as much again.
"""

import html
import re
from collections.abc import Iterable
from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from typing import NamedTuple
from urllib.parse import quote
from urllib.parse import unquote
from urllib.parse import urlsplit

from flask import Flask
from flask import Response
from flask import current_app
from flask import request

from .. import db
from ..exporters import search_files
from ..models import exported_blogs
from ..models import media_storage
from ..models import rendered_html
from ..models import static_sites
from ..models import tags
from ..text import absolute_urls
from ..text.visible_text import visible_text
from ..web import site_settings
from ..web import template_dates
from ..web import urls
from ..web.frozen import FROZEN
from . import frozen_paths
from .entries import Progress
from .folders import Folder
from .frozen_paths import Unfit

MANIFEST = ".flaskr-freeze"
# The blueprints with pages for readers, and files.
PUBLIC = frozenset("archives blog branding feeds machines search sitemap social_cards".split())
STARTS = (
    *("/", "/archive", "/tag", "/search", "/feed.xml", "/feed.atom", "/feed.json"),
    *("/sitemap.xml", "/robots.txt", "/llms.txt", "/favicon.ico"),
)
FEEDS = ("atom", "json")
SOCIAL_IMAGE = re.compile('<meta property="og:image" content="([^"<>]*)">')
NOT_FOUND = "/page-that-does-not-exist"
REDIRECTS = (301, 302, 308)
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

    def __init__(self, folder: Folder, url: str, progress: Progress) -> None:
        self.folder = folder
        self.progress = progress
        parts = urlsplit(url)
        self.scheme, self.host = parts.scheme, parts.netloc
        self.root = parts.path.rstrip("/")
        self.origin = f"{self.scheme}://{self.host}"
        self.app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # a proxy has it
        # URLs to render, with the page that linked to each, and the newer page of a list.
        self.waiting: dict[str, tuple[str, str]] = {}
        self.seen: set[str] = set()
        self.broken: list[Broken] = []
        self.unfit: list[str] = []
        self.failed: list[str] = []
        self.pages = 0

    def run(self) -> None:
        """Write all files and remove those that are no longer part of the blog."""
        with self.app.request_context(self._environ("/")):
            self._write_search()
        self._want(STARTS, "")
        self._want(map(self._post_url, static_sites.visible_posts()), "")
        while self.waiting:
            url = next(iter(self.waiting))
            self._freeze(url, *self.waiting.pop(url))
            self.progress("Pages", len(self.seen) - len(self.waiting), len(self.seen))
        self._write_not_found()
        with self.app.request_context(self._environ("/")):
            self._write_redirects()
        self._write_host_files()
        # A page that cannot be rendered at this moment must not take others off the site.
        self.folder.finish(is_complete=not self.failed)

    def _searched_pages(self) -> Iterator[search_files.Page]:
        """Yield the posts, rendered and stored in batches: each transaction waits for the disk."""
        total, done = static_sites.count_visible(), 0
        for batch in static_sites.batches():
            rendered = rendered_html.for_posts(batch, site_settings.text_style())
            tagged = tags.for_posts([post["id"] for post in batch])
            for post in batch:
                names = [tag["name"] for tag in tagged[post["id"]]]
                words = map(exported_blogs.clean_line, (post["summary"], *names))
                yield search_files.Page(
                    post["id"],
                    f"{self.root}{frozen_paths.address(self._post_url(post))}",
                    post["title"] or "Untitled",
                    f"by {post['author']} on {template_dates.format_date(post['created'])}",
                    " ".join([*words, visible_text(rendered[post["id"]].html)]),
                )
            done += len(batch)
            self.progress("Posts", done, total)

    def _post_url(self, post: db.Row) -> str:
        return f"/{post['id'] if post['slug'] is None else quote(str(post['slug']))}"

    def _want(self, found: Iterable[str], page: str, newer: str = "") -> None:
        for url in found:
            key = unquote(url)
            if key not in self.seen:
                self.seen.add(key)
                self.waiting[url] = page, newer

    def _freeze(self, url: str, page: str, newer: str) -> None:
        try:
            address = frozen_paths.address(url)
            name = frozen_paths.file_name(urlsplit(address).path)
        except Unfit:
            self.unfit.append(url)
            return
        # A card takes longer than a page, and its name tells what it shows.
        is_card = name.startswith("social-card/")
        if self._copy_medium(url, name) or (is_card and self.folder.keep(name)):
            return
        response, is_public = self._get(url)
        if response.status_code in REDIRECTS:
            self._write_redirect(name, url, response)
        elif response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.failed.append(url)
        elif response.status_code != 200 or not is_public:
            self.broken.append(Broken(url, page))
        elif response.mimetype == "text/html":
            self._write_page(name, address, response, newer)
        else:
            self.folder.write(name, response.get_data())
            # Pages link to one of the three feeds, and people may have subscribed to another.
            if name.endswith("/feed.xml"):
                self._want([url.replace("feed.xml", f"feed.{kind}") for kind in FEEDS], url)

    def _copy_medium(self, url: str, name: str) -> bool:
        """Copy a file of the media library, and return True if it is one."""
        if not name.startswith("media/") or name.count("/") != 1:
            return False
        file = media_storage.path(name.removeprefix("media/"))
        if not file.is_file():
            return False
        self.folder.write(name, file)
        return True

    def _get(self, url: str) -> tuple[Response, bool]:
        """Return the response to a visitor, and True if the page is for readers."""
        with self.app.request_context(self._environ(url)):
            try:
                response = self.app.full_dispatch_request()
            except Exception:
                # One broken page must not stop the others.
                self.app.logger.exception("Could not render %s", url)
                response = Response(status=500)
            _load(response)
            blueprint = request.blueprint or request.endpoint
            return response, blueprint in PUBLIC or request.endpoint == "static"

    def _environ(self, url: str) -> dict[str, Any]:
        # Building one by Werkzeug's test client takes half as long as a page.
        parts = urlsplit(url)
        port = {"http": 80, "https": 443}[self.scheme]
        return {
            "REQUEST_METHOD": "GET",
            "SCRIPT_NAME": self.root,
            "PATH_INFO": unquote(parts.path).encode().decode("latin-1"),
            "QUERY_STRING": parts.query,
            "HTTP_HOST": self.host,
            "SERVER_NAME": urlsplit(self.origin).hostname or "localhost",
            "SERVER_PORT": str(urlsplit(self.origin).port or port),
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": self.scheme,
            "wsgi.input": BytesIO(),
            FROZEN: True,
        }

    def _write_page(self, name: str, address: str, response: Response, newer: str) -> None:
        links = frozen_paths.Links(self.origin, self.root, newer)
        text = response.get_data(as_text=True)
        content = absolute_urls.map_urls(text, links.replace)
        for url in SOCIAL_IMAGE.findall(text):
            links.replace(html.unescape(url))
        self.folder.write(
            name if name.endswith(".html") else f"{name}/index.html", content.encode()
        )
        self.pages += 1
        older = [url for url in links.found if "?before=" in url]
        self._want(older, address, address)
        self._want([url for url in links.found if "?before=" not in url], address)

    def _write_redirect(self, name: str, url: str, response: Response) -> None:
        links = frozen_paths.Links(self.origin, self.root)
        target = links.replace(response.location or "/")
        self._want(links.found, url)
        if name.endswith(".html"):
            self._write_new(name, target)

    def _write_new(self, name: str, target: str) -> None:
        """Write a page that leads to another URL, unless there is a page of this name."""
        if self.folder.has_room(name):
            shown = html.escape(target)
            self.folder.write(name, REDIRECT_PAGE.format(url=shown).encode())

    def _write_not_found(self) -> None:
        response, _ = self._get(NOT_FOUND)
        links = frozen_paths.Links(self.origin, self.root)
        content = absolute_urls.map_urls(response.get_data(as_text=True), links.replace)
        self.folder.write("404.html", content.encode())

    def _write_redirects(self) -> None:
        """Write a page for each old address, also under the name that it may have had."""
        redirects = static_sites.redirects(MAX_REDIRECTED)
        links = frozen_paths.Links(self.origin, self.root)
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
        self._write_new(name, target)
        self._write_new(f"{name.removesuffix('/index.html')}.html", target)

    def _write_search(self) -> None:
        for name, content in search_files.build(self._searched_pages()):
            self.folder.write(f"search/{name}", content)

    def _write_host_files(self) -> None:
        """Write the files that hosts read: no host may take away names with an underscore."""
        response, _ = self._get("/")
        policy = response.headers["Content-Security-Policy"]
        lines = ["/*", f"  Content-Security-Policy: {policy}", "  X-Content-Type-Options: nosniff"]
        self.folder.write("_headers", "".join(f"{line}\n" for line in lines).encode())
        self.folder.write(".nojekyll", b"")


def _load(response: Response) -> None:
    """Read the whole response, also a file that a server would send by itself."""
    response.direct_passthrough = False
    response.get_data()
    response.close()


def freeze(target: Path, url: str, progress: Progress) -> Freezer:
    """Write the public blog into a folder. Raises `Conflict`, `Unavailable`."""
    db.check_schema()
    freezer = Freezer(Folder(target, MANIFEST), url, progress)
    freezer.run()
    return freezer
