"""Names that templates and endpoints had before version 0.5, which overrides may still use.

In version 0.6, remove this module and the lines of `theme.py` that use it.
"""

from typing import Any

from flask import url_for

FOLDERS = {
    "account": "admin/profile",
    "browse": "public/archives",
    "crawlers": "public/sitemap",
    "desk": "admin/posts",
    "editor": "admin/previews",
    "feeds": "public/feeds",
    "history": "admin/revisions",
    "media": "admin/media",
    "search": "public/search",
    "settings": "admin/settings",
    "tags": "admin/tags",
    "unsaved": "admin/autosaves",
}
FORMER_FOLDERS = {new: old for old, new in FOLDERS.items()}
BLUEPRINTS = {
    "account": "profile",
    "browse": "archives",
    "crawlers": "sitemap",
    "desk": "posts",
    "editor": "previews",
    "history": "revisions",
    "identity": "branding",
    "unsaved": "autosaves",
}
ENDPOINTS = {"desk.withdraw": "posts.unpublish", "unsaved.keep": "autosaves.save"}


def new_template(name: str) -> str:
    """Return the current name of a template."""
    folder, _, file = name.rpartition("/")
    return f"{FOLDERS[folder]}/{file}" if folder in FOLDERS else name


def former_template(name: str) -> str | None:
    """Return the former name of a template that was renamed."""
    folder, _, file = name.rpartition("/")
    return f"{FORMER_FOLDERS[folder]}/{file}" if folder in FORMER_FOLDERS else None


def build_former_url(error: Exception, endpoint: str, values: dict[str, Any]) -> str:
    """Return the URL of a renamed endpoint, or raise the error for any other."""
    blueprint, _, view = endpoint.partition(".")
    if blueprint not in BLUEPRINTS:
        raise error
    return url_for(ENDPOINTS.get(endpoint, f"{BLUEPRINTS[blueprint]}.{view}"), **values)
