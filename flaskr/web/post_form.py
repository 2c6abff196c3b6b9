"""The fields of the editor's form, as the rules take them."""

import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from flask import g
from flask import request

from .. import errors
from ..models import autosaves
from ..models import conflicts
from ..models import drafts
from ..models import post_fields
from ..text import dates
from . import site_settings
from . import template_dates

# Any number with this many digits fits into 64 bits.
MAX_DIGITS = 18
CHOICE_PREFIX = "keep-"
MAX_AGE_SECONDS = 10**9
# These fields describe the form itself and are not part of the post.
METADATA_FIELDS = ("key", "base", "restored")


def read_fields(post: sqlite3.Row | None = None) -> dict[str, Any]:
    """Return the fields of a post as typed, without those that the form does not have.

    Raises `Invalid` for a malformed date or number, and `EditConflict` for a missing choice.
    """
    found, problems = read_valid_fields(post)
    for problem in problems:
        raise problem
    if post and request.form.get("against", "").isdecimal():
        found |= _resolve_conflict(post, found)
    return found


def read_valid_fields(
    post: sqlite3.Row | None = None,
) -> tuple[dict[str, Any], list[errors.Invalid]]:
    """Return the fields as `read_fields` does, and the errors of those that cannot be read."""
    form = request.form
    found: dict[str, Any] = {
        name: form.get(name, post[name] if post else "") for name in ("title", "body")
    }
    problems = []
    for name, read in _readers(post).items():
        try:
            value = read()
        except errors.Invalid as problem:
            problems.append(problem)
        else:
            found |= {} if value is None else {name: value}
    return found, problems


def _readers(post: sqlite3.Row | None) -> dict[str, Callable[[], Any]]:
    """Return functions that read the fields of the form by name."""
    form = request.form
    readers: dict[str, Callable[[], Any]] = {
        field.name: partial(field.read, form[field.name])
        for field in post_fields.FIELDS.values()
        if field.name in form
    }
    if "cover" in form:
        readers["cover"] = read_cover
    if "address" in form:
        readers["address"] = partial(form.get, "address")
    if post and form.get("base", "").isdecimal():
        readers["base"] = lambda: int(form["base"][:MAX_DIGITS])
    # An unchanged date is not parsed again: when clocks go back, the same local time occurs twice.
    if form.get("created") and not (post and _shows_date(form["created"], post)):
        readers["created"] = lambda: dates.to_utc(form["created"], site_settings.get("TIMEZONE"))
    return readers


def _shows_date(typed: str, post: sqlite3.Row) -> bool:
    shown = template_dates.input_time(post["created"])
    # Browsers leave out the seconds of a full minute.
    return typed in (shown, shown.removesuffix(":00"))


def read_form(post_id: int | None = None, key: str = "") -> drafts.Form:
    """Return the form with its key, which is empty if it is missing or malformed."""
    form = request.form
    own_key = form.get("key", "")
    return drafts.Form(
        key or (own_key if autosaves.is_key(own_key) else ""),
        {name: value for name, value in form.items() if name not in METADATA_FIELDS},
        post_id,
        form.get("base", ""),
        form.get("restored", ""),
        timedelta(seconds=max(0, min(request.args.get("age", 0, type=int), MAX_AGE_SECONDS))),
    )


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
