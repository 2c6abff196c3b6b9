"""Effective settings: the locked value of each setting, else the stored one, else the default."""

import sqlite3
from collections.abc import Callable
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import current_app
from flask import g

from .. import text
from ..models import locked_settings
from ..models import permissions
from ..models import posts
from ..models import settings


def get(name: str) -> Any:
    """Return the effective value of a setting from the settings page."""
    return _effective_values()[name]


def _effective_values() -> dict[str, Any]:
    # They are read once per request, so that a change by any process takes effect at once.
    values: dict[str, Any] | None = g.get("effective_settings")
    if values is None:
        values = {**_stored_values(), **locked_settings.values(current_app)}
        for name in settings.CHECKS:
            values.setdefault(name, current_app.config[name])
        values.setdefault(settings.ICON, "")
        g.effective_settings = values
    return values


def change(values: Mapping[str, Any], user: permissions.User) -> None:
    """Store settings, and use them for the rest of this request."""
    settings.change(values, user)
    g.pop("effective_settings", None)


def preview(values: Mapping[str, Any]) -> None:
    """Use other values for the rest of this request, without storing them."""
    _effective_values().update(values)


def _stored_values() -> dict[str, Any]:
    return _call_if_available(settings.stored_values) or {}


def _call_if_available(function: Callable[..., Any], *arguments: str) -> Any:
    try:
        return function(*arguments)
    except sqlite3.DatabaseError:
        # The page that reports a missing database needs a title, too.
        return None


def is_untouched() -> bool:
    """Return True if the owner has neither changed a setting nor locked the blog's title."""
    return not _stored_values() and "SITE_TITLE" not in locked()


def locked() -> dict[str, str]:
    """Return the locked settings, each with the source of its value in words."""
    return locked_settings.sources(current_app)


def front_page() -> sqlite3.Row | None:
    """Return the page to show at `/`, or None to show the list of posts."""
    if "front_page" not in g:
        name = get("FRONT_PAGE")
        g.front_page = _call_if_available(posts.find_page, name) if name else None
    return g.front_page  # type: ignore[no-any-return]  # `g` holds anything


def text_style(language: str = "") -> text.Style:
    """Return how texts are rendered in a language, by default the blog's."""
    return text.Style(language.strip() or str(get("LANGUAGE")), get("CURLY_QUOTES") == "on")


def menu_links() -> list[settings.Link]:
    """Return the owner's menu links, which follow the pages."""
    return settings.parse_links(get("MENU_LINKS"))


def footer() -> str:
    """Return the owner's footer as safe HTML, or an empty string."""
    return _render_footer(get("FOOTER"))


@lru_cache(maxsize=8)
def _render_footer(footer: str) -> str:
    # Ids in the HTML contain a post's id, and no post has id 0.
    return text.with_post_id(text.render(footer).html, 0)
