"""Build URLs for templates, feeds and redirects.

Text and settings store paths as if the blog were at the root of its host. Pages add the request's
path prefix to them, absolute URLs the one of `SITE_URL`.
"""

import sqlite3
from typing import Any
from typing import TypeVar
from urllib.parse import urlsplit

from flask import current_app
from flask import request
from flask import url_for
from werkzeug.urls import iri_to_uri

from ..models import profiles
from ..text import absolute_urls
from ..text import excerpts
from . import site_settings

Text = TypeVar("Text", bound=str)


def post_url(post: sqlite3.Row) -> str:
    """Return the URL of a post's page, which has the post's id while there is no slug."""
    front = site_settings.front_page()
    if front is not None and front["id"] == post["id"]:
        return url_for("index")
    if post["slug"] is None:
        return url_for("blog.show_by_id", id=post["id"])
    return url_for("blog.show", slug=post["slug"])


def list_url(**position: Any) -> str:
    """Return the URL of the list of posts, which is not `/` if a page is the front page."""
    return url_for(
        "blog.index" if site_settings.front_page() is None else "blog.all_posts", **position
    )


def person_url(user_id: int, username: str) -> str:
    """Return the URL of an author's page."""
    return url_for("archives.person", name=profiles.url_name(user_id, username))


def date_url(year: int, month: int | None = None, **position: Any) -> str:
    """Return the URL of the posts of a year or month: `/2026/`, `/2026/03/`."""
    root, mark, query = url_for("index", **position).partition("?")
    return f"{root}{year:04}/{f'{month:02}/' if month else ''}{mark}{query}"


def make_absolute(path: str) -> str:
    """Return the absolute URL of a path of this blog. Absolute URLs are returned unchanged."""
    if not path.startswith("/"):
        return path
    site = urlsplit(current_app.config["SITE_URL"] or request.host_url)
    below_root = path.removeprefix(request.script_root)
    # Feeds and search engines need international host names in ASCII.
    origin = iri_to_uri(f"{site.scheme}://{site.netloc}").rstrip("/")
    return f"{origin}{public_root()}{below_root}"


def is_web_address(url: str) -> bool:
    """Return True for the full address of a site, such as `https://blog.example`."""
    try:
        parts = urlsplit(url)
        # An invalid port is found only when it is read.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def public_root() -> str:
    """Return the path prefix that readers see: the one in `SITE_URL`, or the request's."""
    return urlsplit(current_app.config["SITE_URL"]).path.rstrip("/") or request.script_root


def current_path(**arguments: Any) -> str:
    """Return the percent-encoded path of the requested page, with these query arguments."""
    values = {**(request.view_args or {}), **arguments}
    return date_url(**values) if "year" in values else url_for(request.endpoint or "", **values)


def prefix_html(html: Text, page: str = "") -> Text:
    """Add the path prefix to the URLs in stored HTML. `page` is the URL of an excerpt's post."""
    prefixed = absolute_urls.prefix_paths(html, request.script_root)
    return type(html)(excerpts.link_to_page(prefixed, page))


def prefix_link(url: str) -> str:
    """Add the path prefix to a URL that a user entered, such as a cover's."""
    return absolute_urls.prefix_path(url, request.script_root)
