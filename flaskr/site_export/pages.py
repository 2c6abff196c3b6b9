"""Render public pages, with links to the files of the frozen blog.

Requests go straight to the views, over one connection and application context: rendering a page
takes about a millisecond, and the whole test client as much again.
"""

import html
import re
from collections.abc import Mapping
from http import HTTPStatus
from io import BytesIO
from typing import Any
from typing import NamedTuple
from urllib.parse import unquote
from urllib.parse import urlsplit

from flask import Flask
from flask import Response
from flask import request
from flask import url_for

from ..web.frozen import FROZEN
from . import frozen_paths
from . import page_links

# The blueprints with pages for readers, and files.
PUBLIC = frozenset("archives blog branding feeds machines search sitemap social_cards".split())
SOCIAL_IMAGE = re.compile('<meta property="og:image" content="([^"<>]*)">')
REDIRECTS = frozenset((301, 302, 308))
# Each page of a list leads to the next one, so that two processes cannot render them at once.
LIST_PAGES_AT_ONCE = 4


class Page(NamedTuple):
    """A response: its URL, the content for its file, and the local URLs in it.

    `target` is the URL to which it redirects.
    """

    url: str
    status: int
    is_public: bool
    is_html: bool
    content: bytes
    links: list[str]
    target: str
    headers: Mapping[str, str]


class Wanted(NamedTuple):
    """URLs to render; `newer` is the address of the newer page if it is a further one of a list."""

    urls: list[str]
    newer: str


class Site:
    """The blog at the address that it will have as static files."""

    def __init__(self, app: Flask, url: str) -> None:
        parts = urlsplit(url)
        self.app = app
        self.scheme, self.host = parts.scheme, parts.netloc
        self.root = parts.path.rstrip("/")
        self.origin = f"{self.scheme}://{self.host}"

    def links(self, newer: str = "", page: str = "/") -> frozen_paths.Links:
        """Return the links of a page; `newer` is the address of the page before it in a list."""
        return frozen_paths.Links(self.origin, self.root, newer, page)

    def get(self, url: str, newer: str = "") -> Page:
        """Return the page that a visitor gets."""
        with self.app.request_context(self.environ(url)):
            try:
                response = self.app.full_dispatch_request()
            except Exception:
                # One broken page must not stop the others.
                self.app.logger.exception("Could not render %s", url)
                response = Response(status=HTTPStatus.INTERNAL_SERVER_ERROR)
            content = _read(response)
            is_public = self._is_public(response)
        links, target = self.links(newer, url), ""
        is_html = response.mimetype == "text/html"
        if response.status_code in REDIRECTS:
            target, content = links.replace(response.location or "/"), b""
        elif is_html:
            text = content.decode()
            content = page_links.map_urls(text, links.replace).encode()
            for image in SOCIAL_IMAGE.findall(text):
                links.replace(html.unescape(image))
        else:
            for address in page_links.find_urls(response.mimetype or "", content):
                links.replace(address)
        return Page(
            url,
            response.status_code,
            is_public,
            is_html,
            content,
            list(links.found),
            target,
            dict(response.headers),
        )

    def _is_public(self, response: Response) -> bool:
        """Return True unless the page is for people who write."""
        if response.status_code in REDIRECTS:
            # Old addresses belong to no view.
            return not (response.location or "").startswith(url_for("auth.login"))
        endpoint = request.endpoint
        return (request.blueprint or endpoint) in PUBLIC or endpoint == "static"

    def environ(self, url: str) -> dict[str, Any]:
        """Return the WSGI environ of a request."""
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


def get(site: Site, wanted: Wanted) -> list[Page]:
    """Return the pages at some URLs. Of a list, the next older pages follow."""
    found = [site.get(url, wanted.newer) for url in wanted.urls]
    if wanted.newer:
        while len(found) < LIST_PAGES_AT_ONCE and (older := find_older(found[-1])):
            found.append(site.get(older, frozen_paths.address(found[-1].url)))
    return found


def find_older(page: Page) -> str | None:
    """Return the URL of the next page of a list, if there is one."""
    # The link to it comes after the posts, which may link to any page.
    path = page.url.partition("?")[0]
    links = (url for url in reversed(page.links) if url.startswith(f"{path}?before="))
    return next(filter(frozen_paths.has_address, links), None)


def _read(response: Response) -> bytes:
    """Return the whole content, also of a file that a server would send by itself."""
    response.direct_passthrough = False
    content = response.get_data()
    response.close()
    return content
