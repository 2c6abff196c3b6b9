"""What the owner chooses for the blog: what each setting may hold, and where it is kept."""

import hashlib
import re
from collections.abc import Callable
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from .. import errors
from .. import text
from ..db import get_db
from ..db import transaction
from ..text import dates
from . import permissions
from . import post_fields
from . import posts
from .permissions import User

MAX_POSTS_PER_PAGE = 100
MAX_LINES = 50
MAX_LINE_CHARS = 1000
MAX_TEXT_CHARS = 5000
ICON = "ICON"
URL_PATTERN = re.compile(r"(https?://[^\s/]|mailto:[^\s/])\S*|/(?![/\\])\S*", re.IGNORECASE)
COLOR = re.compile(r"#[0-9a-f]{6}")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


class Link(NamedTuple):
    """A title, and the address that it leads to."""

    title: str
    address: str


def check(name: str, value: Any) -> Any:
    """The value of a setting as it is used. Raises `Invalid` with the field, the name in small."""
    try:
        return CHECKS[name](text.clean(str(value)))
    except errors.Invalid as error:
        raise errors.Invalid(error.message, name.lower()) from None


def _title(value: str) -> str:
    title = _line(value)
    if not title:
        raise errors.Invalid("Title is required.")
    return title


def _line(value: str) -> str:
    line = " ".join(CONTROL_CHARACTERS.sub(" ", value).split())
    if len(line) > MAX_LINE_CHARS:
        raise errors.Invalid(f"This is too long: at most {MAX_LINE_CHARS:,} characters.")
    return line


def _text(value: str) -> str:
    if len(value) > MAX_TEXT_CHARS:
        raise errors.Invalid(f"This is too long: at most {MAX_TEXT_CHARS:,} characters.")
    return value.strip()


def _language(value: str) -> str:
    language = post_fields.parse_language(value)
    if not language:
        raise errors.Invalid("Language is required. Write its code, such as en or pt-BR.")
    return language


def _zone(value: str) -> str:
    value = value.strip()
    try:
        ZoneInfo(value)
    except (LookupError, ValueError, OSError):
        raise errors.Invalid(
            "No such zone is known here. Name one such as Europe/Berlin."
        ) from None
    return value


def _date_format(value: str) -> str:
    return _one_of(value, dates.FORMATS)


def _registration(value: str) -> str:
    return _one_of(value, ("open", "closed"))


def _one_of(value: str, choices: Any) -> str:
    if value not in choices:
        raise errors.Invalid(f"Choose one of these: {'; '.join(choices)}.")
    return value


def _posts_per_page(value: str) -> int:
    value = value.strip()
    if not re.fullmatch("[0-9]{1,3}", value) or not 1 <= int(value) <= MAX_POSTS_PER_PAGE:
        raise errors.Invalid(f"Write a number from 1 to {MAX_POSTS_PER_PAGE}.")
    return int(value)


def _menu_links(value: str) -> str:
    lines = _lines(value)
    for line in lines:
        title, _, address = line.rpartition(" ")
        if not title.strip():
            raise errors.Invalid(f"Write a title, a space and an address, not only “{line}”.")
        _check_address(address)
    return "\n".join(lines)


def _rel_me(value: str) -> str:
    if len(value) > MAX_TEXT_CHARS:
        raise errors.Invalid(f"This is too long: at most {MAX_TEXT_CHARS:,} characters.")
    addresses = value.split()
    for address in addresses:
        _check_address(address)
        if address.startswith("/"):
            raise errors.Invalid(f"“{address}” is here. Write addresses that begin with https://.")
    return "\n".join(_lines("\n".join(addresses)))


def _lines(value: str) -> list[str]:
    lines = [line for line in map(_line, value.split("\n")) if line]
    if len(lines) > MAX_LINES:
        raise errors.Invalid(f"These are too many: at most {MAX_LINES}.")
    return lines


def _check_address(address: str) -> None:
    try:
        host = urlsplit(address).hostname
    except ValueError:
        host = None
    web = address.lower().startswith("http")
    if not URL_PATTERN.fullmatch(address) or (web and not host):
        raise errors.Invalid(
            f"“{address}” is no address. Write one that begins with https://, mailto: or /."
        )


def _accent(value: str) -> str:
    digits = value.strip().lower().removeprefix("#")
    if not digits:
        return ""
    color = f"#{''.join(digit * 2 for digit in digits) if len(digits) == 3 else digits}"
    if not COLOR.fullmatch(color):
        raise errors.Invalid("This is not a color. Enter one such as #0a6560.")
    return color


CHECKS: dict[str, Callable[[str], Any]] = {
    "SITE_TITLE": _title,
    "TAGLINE": _line,
    "DESCRIPTION": _line,
    "LANGUAGE": _language,
    "TIMEZONE": _zone,
    "DATE_FORMAT": _date_format,
    "POSTS_PER_PAGE": _posts_per_page,
    "FRONT_PAGE": _line,
    "MENU_LINKS": _menu_links,
    "REGISTRATION": _registration,
    "FOOTER": _text,
    "ACCENT": _accent,
    "REL_ME": _rel_me,
}


def links(value: str) -> list[Link]:
    """The links that `MENU_LINKS` has."""
    parts = (line.rpartition(" ") for line in value.split("\n") if line)
    return [Link(title, address) for title, _, address in parts]


def stored_values() -> dict[str, Any]:
    """What was chosen, as it is used; what plain SQL wrote and nobody can use is left out."""
    found: dict[str, Any] = {}
    rows = get_db().execute("SELECT CAST(name AS TEXT) AS name, CAST(value AS TEXT) FROM setting")
    for name, value in rows:
        if name == ICON:
            found[name] = value
        elif name in CHECKS:
            try:
                found[name] = _checked(name, value)
            except errors.Invalid:
                continue
    return found


# Every request asks for every setting, and they hardly ever change.
_checked = lru_cache(maxsize=256)(check)


def problems(values: Mapping[str, str]) -> dict[str, errors.Invalid]:
    """What is wrong with what was typed, by the names of fields."""
    found: dict[str, errors.Invalid] = {}
    for name, value in values.items():
        try:
            checked = check(name, value)
            if name == "FRONT_PAGE" and checked and posts.find_page(checked) is None:
                raise errors.Invalid("There is no such page, or not yet.", "front_page")
        except errors.Invalid as error:
            found[error.field] = error
    return found


def change(
    values: Mapping[str, str],
    user: User,
    places_in_menu: Mapping[int, int] | None = None,
    icons: Mapping[str, bytes] | None = None,
) -> None:
    """Store settings, the places of pages in the menu by their ids, and icons, all or none.

    With empty `icons` the blog has our own again. Raises `Invalid`, `Forbidden`.
    """
    permissions.require(user, "change settings")
    for problem in problems(values).values():
        raise problem
    with transaction():
        for name, value in values.items():
            _store(name, str(check(name, value)))
        posts.arrange_menu(places_in_menu or {}, user)
        if icons:
            set_icons(icons, user)
        elif icons is not None:
            drop_icons(user)


def _store(name: str, value: str) -> None:
    with transaction() as db:
        # A value that stays is not written, so that no page is made again for it.
        db.execute(
            "INSERT INTO setting (name, value) VALUES (?, ?)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value"
            " WHERE setting.value IS NOT excluded.value",
            (name, value),
        )


def set_icons(icons: Mapping[str, bytes], user: User) -> None:
    """Replace the blog's icons, by name. Raises `Forbidden`."""
    permissions.require(user, "change settings")
    with transaction() as db:
        db.execute("DELETE FROM icon")
        db.executemany("INSERT INTO icon (name, content) VALUES (?, ?)", list(icons.items()))
        _store(ICON, hashlib.sha256(b"".join(icons.values())).hexdigest()[:16])


def drop_icons(user: User) -> None:
    """Delete the blog's icons, so that the built-in one is shown. Raises `Forbidden`."""
    permissions.require(user, "change settings")
    with transaction() as db:
        db.execute("DELETE FROM icon")
        db.execute("DELETE FROM setting WHERE name = ?", (ICON,))


def icon(name: str) -> bytes:
    """One of the blog's icons. Raises `NotFound`."""
    row = get_db().execute("SELECT content FROM icon WHERE name = ?", (name,)).fetchone()
    if row is None:
        raise errors.NotFound("There is no such icon.")
    return bytes(row["content"])
