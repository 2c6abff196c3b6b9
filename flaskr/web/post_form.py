"""What the editor's form says, as the rules take it."""

import sqlite3
from typing import Any

from flask import request

from .. import errors
from ..text import dates
from . import site_settings
from . import template_helpers

# Every number of so many digits fits into 64 bits.
MAX_DIGITS = 18
TEXTS = ("address", "summary", "language")
NUMBERS = {"menu_position": "Menu order", "part": "Part"}


def fields(post: sqlite3.Row | None = None) -> dict[str, Any]:
    """The fields of a post as typed; those that the form does not have are left out.

    Raises `Invalid` for a date or number that cannot be read.
    """
    form = request.form
    found: dict[str, Any] = {
        name: form.get(name, post[name] if post else "") for name in ("title", "body")
    }
    found |= {name: form[name] for name in TEXTS if name in form}
    if post and form.get("base", "").isdecimal():
        found["base"] = int(form["base"][:MAX_DIGITS])
    if "cover" in form:
        found["cover"] = cover()
    if "tags" in form:
        found["tags"] = form["tags"].split(",")
    if form.get("kind") in ("post", "page"):
        found["kind"] = form["kind"]
    if "series" in form:
        found["series"] = form["series"]
        found["part"] = _number("part", form["part"]) if form.get("part") else None
    if form.get("menu_position"):
        found["menu_position"] = _number("menu_position", form["menu_position"])
    # A date that was not touched is not read again: where the clocks go back it means two times.
    if form.get("created") and not (
        post and form["created"] == template_helpers.input_time(post["created"])
    ):
        found["created"] = dates.to_utc(form["created"], site_settings.get("TIMEZONE"))
    return found


def cover() -> str:
    """Return the cover as typed; an address copied from a page has no path prefix any more."""
    return request.form.get("cover", "").replace(f"{request.script_root}/media/", "/media/", 1)


def _number(name: str, typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 6):
        raise errors.Invalid(f"{NUMBERS[name]} must be a number.", name)
    return int(typed)
