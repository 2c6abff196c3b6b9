"""Permanent redirects from former and misspelled URLs to current ones."""

import re
import sqlite3
import threading
import time
from contextlib import suppress

from flask import Flask
from flask import current_app
from flask import redirect
from flask import request
from flask import url_for
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from .. import errors
from ..models import old_locations
from ..models import post_lists
from ..models import posts
from ..models import redirects
from ..text import dates
from ..text import url_paths
from . import site_settings
from . import urls

SLUG = re.compile(r"/([a-z0-9-]{1,100})(\.md)?")
PLAIN_PATH = re.compile(r"/[A-Za-z0-9/._~-]{0,200}")
ARCHIVE = re.compile(r"/([0-9]{4})/(?:([0-9]{2})/)?")
BOT = re.compile(r"bot|crawl|spider|scan|curl|wget|python|java|go-http|http|monitor|\A\Z", re.I)
# The endpoints of URLs that can have any path, which are those of posts.
POST_ENDPOINTS = ("blog.show", "blog.show_by_id", "machines.markdown")
# Those of lists with names, which other programs spell in other ways.
LIST_ENDPOINTS = ("archives.tag", "archives.parts")
SECONDS_BETWEEN_RECORDS = 1.0

_record_lock = threading.Lock()
_last_record = {"at": 0.0}


def permanent_redirect(url: str) -> Response:
    """Redirect to a URL with the query of this request. Browsers revalidate the redirect."""
    query = request.query_string.decode("latin-1")
    # 308 keeps the method and the form of a POST.
    code = 301 if request.method in ("GET", "HEAD") else 308
    response = redirect(f"{url}?{query}" if query else url, code)
    response.headers["Cache-Control"] = "no-cache"
    return response


def redirect_to_current_slug(error: errors.Moved) -> Response:
    """Redirect from a former slug of a post, tag or series to the same page at its current one."""
    arguments = {**(request.view_args or {}), "slug": error.slug}
    return permanent_redirect(url_for(request.endpoint or "", **arguments))


def find_redirect() -> Response | None:
    """Return a redirect for a URL that was not found, if there is one. Raises `Gone`.

    It leads to the post that had the path on the site it came from, to where the owner says, to the
    list or feed that other programs have there, or to the page whose URL is spelled in another way.
    All are tried after our routes fail, because the path may match one of them.
    """
    path = url_paths.normalize_path(request.path)
    try:
        return _find_moved(path) or _find_list(path) or _find_respelled(path)
    except sqlite3.DatabaseError:
        return None


def find_for_visitors() -> Response | None:
    """Return a redirect from a page for writers to what the old site had at its URL, if anything.

    Other programs have public pages at `/tags` or `/drafts`.
    """
    path = url_paths.normalize_path(request.path)
    with suppress(errors.Gone, sqlite3.DatabaseError):
        if moved := _find_moved(path):
            return moved
        # The links of our own pages may have a query, those to lists of other programs have none.
        target = None if request.args else old_locations.find(path)
        if target and target != request.path:
            return permanent_redirect(urls.prefix_link(target))
    return None


def _find_moved(path: str) -> Response | None:
    # Servers that ignore case may have given the address in another one.
    spellings = dict.fromkeys((path, path.lower()))
    post = next(filter(None, map(posts.find_by_old_address, spellings)), None)
    if post:
        return permanent_redirect(urls.post_url(post))
    target = redirects.find_target(path)
    return permanent_redirect(urls.prefix_link(target)) if target else None


def _find_list(path: str) -> Response | None:
    """Return a redirect to the list or feed that another program would have at this path."""
    if request.endpoint not in (None, *POST_ENDPOINTS, *LIST_ENDPOINTS):
        return None
    found = old_locations.find(path)
    if found is None or found == request.path:
        return None
    archive = ARCHIVE.fullmatch(found)
    is_empty = archive and not _has_posts(int(archive[1]), int(archive[2] or 0) or None)
    return None if is_empty else permanent_redirect(urls.prefix_link(found))


def _find_respelled(path: str) -> Response | None:
    """Return a redirect to the page with this path, if it is not the one requested.

    `path` has no trailing slash, `.html` or `index.html`. Case is ignored, but not in names of
    tags, series and people.
    """
    if request.endpoint not in (None, *POST_ENDPOINTS):
        return None
    if path.lower() == request.path:
        return None
    slug = SLUG.fullmatch(path.lower())
    post = _find_post(slug[1]) if slug else None
    if slug and post:
        url = url_for("machines.markdown", slug=post["slug"]) if slug[2] else urls.post_url(post)
        return permanent_redirect(url)
    for spelling in dict.fromkeys((path, path.lower())):
        arguments = _match_route(spelling)
        # Names of tags, series and people are arguments.
        is_same = spelling == path or not arguments
        if arguments is not None and is_same and spelling != request.path:
            return permanent_redirect(request.script_root + spelling)
    return None


def _has_posts(year: int, month: int | None) -> bool:
    start, end = dates.day_bounds(site_settings.get("TIMEZONE"), year, month)
    return bool(post_lists.between(start, end, per_page=1).posts)


def _find_post(slug: str) -> sqlite3.Row | None:
    """Return the visible post with a current or former slug. Raises `Gone`."""
    try:
        return posts.get_by_slug(slug, None)
    except errors.Moved as moved:
        return posts.get_by_slug(moved.slug, None)
    except errors.NotFound:
        return None


def _match_route(path: str) -> dict[str, object] | None:
    """Return the arguments of the view that answers GET requests for a path, if not a post's."""
    if not PLAIN_PATH.fullmatch(path):
        return None
    try:
        endpoint, arguments = current_app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return None
    return None if endpoint in POST_ENDPOINTS else dict(arguments)


def record_not_found() -> None:
    """Count a page that somebody's browser did not find, at most one each second."""
    agent = request.headers.get("User-Agent", "")
    # Browsers ask for pages like this, but for pictures and recordings in other ways.
    is_page = "text/html" in request.headers.get("Accept", "")
    if request.method != "GET" or BOT.search(agent) or not is_page:
        return
    with _record_lock:
        is_due = time.monotonic() - _last_record["at"] >= SECONDS_BETWEEN_RECORDS
        if is_due:
            _last_record["at"] = time.monotonic()
    if is_due:
        with suppress(sqlite3.DatabaseError):
            redirects.record_not_found(request.path)


def find_from_query() -> Response | None:
    """Return a redirect to the post or feed that WordPress has at this query, if there is one.

    Its queries are `?p=42` and `?feed=rss2`.
    """
    if kind := request.args.get("feed", "")[:20]:
        feed = old_locations.find(f"/feed/{kind}")
        return redirect(urls.prefix_link(feed), 301) if feed else None
    for name in ("p", "page_id"):
        if number := request.args.get(name, "")[:20]:
            post = posts.find_by_old_address(f"/?{name}={number}")
            return redirect(urls.post_url(post), 301) if post else None
    return None


def init_app(app: Flask) -> None:
    """Register the redirect of renamed posts, tags and series."""
    app.register_error_handler(errors.Moved, redirect_to_current_slug)
