"""Permanent redirects from former URLs to current ones."""

import sqlite3

from flask import Flask
from flask import redirect
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from .. import errors
from ..models import imports
from ..models import posts
from ..text import url_paths
from . import urls


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


def find_imported() -> Response | None:
    """Return a redirect from an address of the site that the blog was imported from, if any.

    An imported path may also match one of our routes, so it is tried after they fail.
    """
    try:
        path = url_paths.normalize_path(request.path)
        post = posts.find_by_old_address(path)
        target = urls.post_url(post) if post else _find_location(path)
    except sqlite3.DatabaseError:
        return None
    return permanent_redirect(target) if target else None


def _find_location(path: str) -> str | None:
    found = imports.find_location(path)
    return f"{request.script_root}{found}" if found else None


def find_numbered() -> Response | None:
    """Return a redirect to the post that had the number in this query (`?p=42`), if any."""
    for name in ("p", "page_id"):
        if number := request.args.get(name, "")[:20]:
            post = posts.find_by_old_address(f"/?{name}={number}")
            return redirect(urls.post_url(post), 301) if post else None
    return None


def init_app(app: Flask) -> None:
    """Register the redirect of renamed posts, tags and series."""
    app.register_error_handler(errors.Moved, redirect_to_current_slug)
