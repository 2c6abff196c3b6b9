"""Fragments of pages that come again on page after page, made once and kept in memory.

A fragment is a template that shows nothing but the values given to it and what every page knows of
the blog. The same values make the same fragment, so nothing has to say that one is out of date. A
page that is made anew because one post changed finds all the others ready.
"""

import functools
import sqlite3
from collections.abc import Callable
from collections.abc import Hashable
from typing import Any

from flask import Flask
from flask import current_app
from flask import g
from flask import request
from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from . import overrides
from . import site
from .kept import Kept

# In characters, of the values and of what was made of them; longer fragments are made each time.
ROOM = 4_000_000
LONGEST = 40_000
# What a fragment takes in memory beside them.
OVERHEAD = 1000
KEPT = "flaskr.fragments"


@pass_context
def fragment(context: Context, template: str, **values: Any) -> Markup:
    """The HTML that a template makes of values, which are compared to know it again."""
    if "make_fragment" not in g:
        g.make_fragment = _maker()
    made: Markup = g.make_fragment(context, template, values)
    return made


def _maker() -> Callable[[Context, str, dict[str, Any]], Markup]:
    kept: Kept[Markup] | None = current_app.extensions[KEPT]
    # Whoever is logged in sees more in the same place.
    if kept is None or g.get("user") is not None:
        return _make
    return functools.partial(_find_or_make, kept, (request.script_root, site.known()))


def _make(context: Context, template: str, values: dict[str, Any]) -> Markup:
    # As a part of its page: where it fails, the page does.
    made = context.environment.get_template(template, parent=context.name).make_module(values)
    return Markup(made)  # noqa: S704  # what is in it was escaped where it had to be


def _find_or_make(
    kept: Kept[Markup],
    known: Hashable,
    context: Context,
    template: str,
    values: dict[str, Any],
) -> Markup:
    key = (template, known, *((name, _hashable(value)) for name, value in values.items()))
    found = kept.find(key)
    if found is None:
        found = _make(context, template, values)
        size = len(found) + _length(key)
        if size < LONGEST:
            kept.keep(key, found, size + OVERHEAD)
    return found


def _hashable(value: Any) -> Hashable:
    return tuple(value) if isinstance(value, list) else value


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    return sum(map(_length, value)) if isinstance(value, (sqlite3.Row, tuple)) else 0


def init_app(app: Flask) -> None:
    """Give the templates the word `fragment`."""
    # The owner's templates may show what no value tells; one of ours that changes is to be seen.
    is_certain = not app.debug and not overrides.has_templates(app)
    app.extensions[KEPT] = Kept(ROOM) if is_certain else None
    app.add_template_global(fragment)
