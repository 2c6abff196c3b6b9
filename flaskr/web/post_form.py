"""The fields of the editor's form, as the rules take them."""

import sqlite3
from typing import Any

from flask import g
from flask import request

from ..models import conflicts
from ..models import post_fields
from ..text import dates
from . import site_settings
from . import template_dates

# Any number with this many digits fits into 64 bits.
MAX_DIGITS = 18
CHOICE_PREFIX = "keep-"


def read_fields(post: sqlite3.Row | None = None) -> dict[str, Any]:
    """Return the fields of a post as typed, without those that the form does not have.

    Raises `Invalid` for a malformed date or number, and `EditConflict` for a missing choice.
    """
    form = request.form
    found: dict[str, Any] = {
        name: form.get(name, post[name] if post else "") for name in ("title", "body")
    }
    for field in post_fields.FIELDS.values():
        if field.name in form and (value := field.read(form[field.name])) is not None:
            found[field.name] = value
    if "cover" in found:
        found["cover"] = read_cover()
    if "address" in form:
        found["address"] = form["address"]
    if post and form.get("base", "").isdecimal():
        found["base"] = int(form["base"][:MAX_DIGITS])
    if post and form.get("against", "").isdecimal():
        found |= _resolve_conflict(post, found)
    # An unchanged date is not parsed again: when clocks go back, the same local time occurs twice.
    if form.get("created") and not (
        post and form["created"] == template_dates.input_time(post["created"])
    ):
        found["created"] = dates.to_utc(form["created"], site_settings.get("TIMEZONE"))
    return found


def _resolve_conflict(post: sqlite3.Row, found: dict[str, Any]) -> dict[str, Any]:
    """Return the text that the user chose between two versions, with its new base."""
    against = int(request.form["against"][:MAX_DIGITS])
    title, body = conflicts.resolve(
        post["id"],
        g.user,
        base=found.get("base", 0),
        against=against,
        title=found["title"],
        body=found["body"],
        choices={
            name.removeprefix(CHOICE_PREFIX): value
            for name, value in request.form.items()
            if name.startswith(CHOICE_PREFIX)
        },
    )
    return {"title": title, "body": body, "base": against}


def read_cover() -> str:
    """Return the cover as typed, without the path prefix of a URL copied from a page."""
    return request.form.get("cover", "").replace(f"{request.script_root}/media/", "/media/", 1)
