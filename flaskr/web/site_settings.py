"""The settings in force: what config.py or the environment fixes, else what the owner chose."""

import sqlite3
from collections.abc import Callable
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import Flask
from flask import current_app
from flask import g

from .. import default_settings
from .. import text
from ..models import posts
from ..models import settings as chosen

# Where the names that are fixed are kept, each with the words for where that was.
LOCKED_BY = "flaskr.fixed"


def get(name: str) -> Any:
    """The value in force of a setting that can be chosen on the page."""
    return _effective()[name]


def _effective() -> dict[str, Any]:
    # Read once for each request, so that a change is seen at once whoever made it.
    values: dict[str, Any] | None = g.get("site")
    if values is None:
        values = g.site = {**_stored(), **_locked_values(current_app)}
        for name in chosen.CHECKS:
            values.setdefault(name, current_app.config[name])
        values.setdefault(chosen.ICON, "")
    return values


def _stored() -> dict[str, Any]:
    return _unless_unavailable(chosen.stored_values) or {}


def _unless_unavailable(ask: Callable[..., Any], *values: str) -> Any:
    try:
        return ask(*values)
    except sqlite3.DatabaseError:
        # A page that says that the database is not there wants a title too.
        return None


def is_untouched() -> bool:
    """Whether the owner has not chosen anything yet, nor fixed the blog's name."""
    return not _stored() and "SITE_TITLE" not in locked()


def locked() -> dict[str, str]:
    """The settings that cannot be chosen, each with the words for where they are fixed."""
    return {
        name: current_app.extensions.get(LOCKED_BY, {}).get(
            name, "by the program that runs the blog"
        )
        for name in _locked_values(current_app)
    }


def _locked_values(app: Flask) -> dict[str, Any]:
    named: Mapping[str, str] = app.extensions.get(LOCKED_BY, {})
    return {
        name: chosen.check(name, app.config[name])
        for name in chosen.CHECKS
        # Whoever has the application at hand may set the configuration afterwards.
        if name in named or app.config[name] not in _defaults(app, name)
    }


def _defaults(app: Flask, name: str) -> tuple[Any, ...]:
    default = getattr(default_settings, name)
    return (default, default_settings.TESTING.get(name, default)) if app.testing else (default,)


def front_page() -> sqlite3.Row | None:
    """The page to begin with; None for the list of posts, or while there is no such page."""
    if "front_page" not in g:
        name = get("FRONT_PAGE")
        g.front_page = _unless_unavailable(posts.find_page, name) if name else None
    return g.front_page  # type: ignore[no-any-return]  # `g` holds anything


def menu_links() -> list[chosen.Link]:
    """The links that stand in the menu after the pages."""
    return chosen.links(get("MENU_LINKS"))


def footer() -> str:
    """The footer as safe HTML; empty where there is none."""
    return _rendered(get("FOOTER"))


@lru_cache(maxsize=8)
def _rendered(footer: str) -> str:
    # The number of no post: nothing in a footer can be mistaken for a part of one.
    return text.with_post_id(text.render(footer).html, 0)
