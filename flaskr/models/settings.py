"""Stored settings: validate and store the values from the settings page."""

import hashlib
import re
from collections.abc import Callable
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from typing import NamedTuple
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from .. import db
from .. import errors
from .. import images
from .. import text
from ..db import transaction
from ..text import custom_css
from ..text import dates
from . import looks
from . import permissions
from . import post_fields
from . import posts
from . import responsive_images
from .permissions import User

MAX_LISTED_POSTS = 100
MAX_LINES = 50
MAX_LINE_CHARS = 1000
MAX_TEXT_CHARS = 5000
ICON = "ICON"
URL_PATTERN = re.compile(r"(https?://[^\s/]|mailto:[^\s/])\S*|/(?![/\\])\S*", re.IGNORECASE)
HUB_PATTERN = re.compile(r"https?://[A-Za-z0-9.\[\]:-]+(?:[/?][!#-;=?-Z\[\]_a-z~]*)?")
COLOR = re.compile(r"#[0-9a-f]{6}")
CONTROL_CHARACTERS = re.compile(r"[\x00-\x1f\x7f]")


class Link(NamedTuple):
    """A link in the menu."""

    title: str
    url: str


def check(name: str, value: Any) -> Any:
    """Return the validated value of a setting. Raises `Invalid`."""
    try:
        return CHECKS[name](text.clean(str(value)))
    except errors.Invalid as error:
        raise errors.Invalid(error.message, name.lower()) from None


def _validate_title(value: str) -> str:
    title = _validate_line(value)
    if not title:
        raise errors.Invalid("Title is required.")
    return title


def _validate_line(value: str) -> str:
    line = " ".join(CONTROL_CHARACTERS.sub(" ", value).split())
    if len(line) > MAX_LINE_CHARS:
        raise errors.Invalid(f"This is too long: at most {MAX_LINE_CHARS:,} characters.")
    return line


def _validate_text(value: str) -> str:
    if len(value) > MAX_TEXT_CHARS:
        raise errors.Invalid(f"This is too long: at most {MAX_TEXT_CHARS:,} characters.")
    return value.strip()


def _validate_language(value: str) -> str:
    language = post_fields.parse_language(value)
    if not language:
        raise errors.Invalid("Language is required. Enter its code, such as en or pt-BR.")
    return language


def _validate_time_zone(value: str) -> str:
    value = value.strip()
    try:
        ZoneInfo(value)
    except (LookupError, ValueError, OSError):
        raise errors.Invalid(
            "This time zone is unknown. Enter one such as Europe/Berlin."
        ) from None
    return value


def _validate_date_format(value: str) -> str:
    return _validate_choice(value, ("", *dates.FORMATS))


def _validate_look(value: str) -> str:
    return _validate_choice(value, looks.LOOKS)


def _validate_registration(value: str) -> str:
    return _validate_choice(value, ("open", "closed"))


def _validate_switch(value: str) -> str:
    return _validate_choice(value, ("off", "on"))


def _validate_slugs(value: str) -> str:
    return _validate_choice(value, ("latin", "letters"))


def _validate_crawlers(value: str) -> str:
    return _validate_choice(value, ("allow", "refuse"))


def _validate_picture(value: str) -> str:
    url = value.strip()
    if url and not images.URL.fullmatch(url):
        raise errors.Invalid("Choose an image from the media library.")
    return url


def _validate_choice(value: str, choices: Any) -> str:
    if value not in choices:
        raise errors.Invalid(f"Choose one of these: {'; '.join(filter(None, choices))}.")
    return value


def _validate_number_of_posts(value: str) -> int:
    value = value.strip()
    if not re.fullmatch("[0-9]{1,3}", value) or not 1 <= int(value) <= MAX_LISTED_POSTS:
        raise errors.Invalid(f"Enter a number from 1 to {MAX_LISTED_POSTS}.")
    return int(value)


def _validate_menu_links(value: str) -> str:
    lines = _split_lines(value)
    for line in lines:
        title, _, url = line.rpartition(" ")
        if not title.strip():
            raise errors.Invalid(
                f"“{line}” needs a title and a URL. Enter both, with a space between them."
            )
        _check_url(url)
    return "\n".join(lines)


def _validate_profile_links(value: str) -> str:
    if len(value) > MAX_TEXT_CHARS:
        raise errors.Invalid(f"This is too long: at most {MAX_TEXT_CHARS:,} characters.")
    urls = value.split()
    for url in urls:
        _check_url(url)
        if url.startswith("/"):
            raise errors.Invalid(f"“{url}” is on this blog. Enter URLs that begin with https://.")
    return "\n".join(_split_lines("\n".join(urls)))


def _split_lines(value: str) -> list[str]:
    lines = [line for line in map(_validate_line, value.split("\n")) if line]
    if len(lines) > MAX_LINES:
        raise errors.Invalid(f"There are too many lines: at most {MAX_LINES}.")
    return lines


def _check_url(url: str) -> None:
    try:
        host = urlsplit(url).hostname
    except ValueError:
        host = None
    web = url.lower().startswith("http")
    if not URL_PATTERN.fullmatch(url) or (web and not host):
        raise errors.Invalid(
            f"“{url}” is not a URL. Enter one that begins with https://, mailto: or /."
        )


def _validate_hub(value: str) -> str:
    hub = value.strip()
    if not hub:
        return ""
    if len(hub) > MAX_LINE_CHARS or not HUB_PATTERN.fullmatch(hub):
        raise errors.Invalid(
            "This is not the address of a hub. Enter one such as https://pubsubhubbub.appspot.com/."
        )
    _check_url(hub)
    return hub


def _validate_accent(value: str) -> str:
    digits = value.strip().lower().removeprefix("#")
    if not digits:
        return ""
    color = f"#{''.join(digit * 2 for digit in digits) if len(digits) == 3 else digits}"
    if not COLOR.fullmatch(color):
        raise errors.Invalid("This is not a color. Enter one such as #0a6560.")
    return color


CHECKS: dict[str, Callable[[str], Any]] = {
    "SITE_TITLE": _validate_title,
    "TAGLINE": _validate_line,
    "DESCRIPTION": _validate_line,
    "LANGUAGE": _validate_language,
    "TIMEZONE": _validate_time_zone,
    "DATE_FORMAT": _validate_date_format,
    "POSTS_PER_PAGE": _validate_number_of_posts,
    "POSTS_PER_FEED": _validate_number_of_posts,
    "WEBSUB_HUB": _validate_hub,
    "SLUGS": _validate_slugs,
    "FRONT_PAGE": _validate_line,
    "MENU_LINKS": _validate_menu_links,
    "REGISTRATION": _validate_registration,
    "FOOTER": _validate_text,
    "LOOK": _validate_look,
    "ACCENT": _validate_accent,
    "CUSTOM_CSS": custom_css.check,
    "HEADER_PICTURE": _validate_picture,
    "HEADER_ALT": _validate_line,
    "SOCIAL_CARDS": _validate_switch,
    "REL_ME": _validate_profile_links,
    "CURLY_QUOTES": _validate_switch,
    "SEARCH_ENGINES": _validate_crawlers,
    "AI_ANSWERS": _validate_crawlers,
    "AI_TRAINING": _validate_crawlers,
}
NUMBERS = frozenset(
    name for name, check_value in CHECKS.items() if check_value is _validate_number_of_posts
)


def parse_links(value: str) -> list[Link]:
    """Return the links in the value of `MENU_LINKS`."""
    lines = (line.rpartition(" ") for line in value.split("\n") if line)
    return [Link(title, url) for title, _, url in lines]


def stored_values() -> dict[str, Any]:
    """Return the stored settings by name, without unknown names and invalid values."""
    found: dict[str, Any] = {}
    rows = db.all("SELECT CAST(name AS TEXT) AS name, CAST(value AS TEXT) FROM setting")
    for name, value in rows:
        if name == ICON:
            found[name] = value
        elif name in CHECKS:
            try:
                found[name] = _check_cached(name, value)
            except errors.Invalid:
                continue
    return found


# Every request reads every setting, and they hardly ever change.
_check_cached = lru_cache(maxsize=256)(check)


def find_errors(values: Mapping[str, str]) -> dict[str, errors.Invalid]:
    """Return the errors in values, by the name of the form field."""
    found: dict[str, errors.Invalid] = {}
    for name, value in values.items():
        try:
            _check_existence(name, check(name, value))
        except errors.Invalid as error:
            found[error.field] = error
    return found


def _check_existence(name: str, value: Any) -> None:
    if name == "FRONT_PAGE" and value and posts.find_page(value) is None:
        raise errors.Invalid("This page is not published. Choose a different one.", "front_page")
    if name == "HEADER_PICTURE" and value and not responsive_images.render_header(value, ""):
        raise errors.Invalid(
            "This image is not in the media library. Choose a different one.", "header_picture"
        )


def change(
    values: Mapping[str, str],
    user: User,
    menu_positions: Mapping[int, int] | None = None,
    icons: Mapping[str, bytes] | None = None,
) -> None:
    """Store settings, the menu positions of pages by id, and icons in one transaction.

    Empty `icons` restore the built-in icon. Raises `Invalid`, `Forbidden`.
    """
    permissions.require(user, "change settings")
    for error in find_errors(values).values():
        raise error
    with transaction():
        for name, value in values.items():
            store(name, str(check(name, value)))
        posts.arrange_menu(menu_positions or {}, user)
        if icons:
            set_icons(icons, user)
        elif icons is not None:
            delete_icons(user)


def store(name: str, value: str) -> None:
    """Store a value that `check` has returned."""
    with transaction() as db:
        # Writing an unchanged value would invalidate all cached pages.
        db.execute(
            """
            INSERT INTO setting (name, value)
            VALUES (?, ?)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value
            WHERE setting.value <> excluded.value
            """,
            (name, value),
        )


def set_icons(icons: Mapping[str, bytes], user: User) -> None:
    """Replace the blog's icons, given by file name. Raises `Forbidden`."""
    permissions.require(user, "change settings")
    with transaction() as db:
        db.execute("DELETE FROM icon")
        db.executemany("INSERT INTO icon (name, content) VALUES (?, ?)", list(icons.items()))
        store(ICON, hashlib.sha256(b"".join(icons.values())).hexdigest()[:16])


def delete_icons(user: User) -> None:
    """Delete the blog's icons, which restores the built-in one. Raises `Forbidden`."""
    permissions.require(user, "change settings")
    with transaction() as db:
        db.execute("DELETE FROM icon")
        db.execute("DELETE FROM setting WHERE name = ?", (ICON,))


def get_icon(name: str) -> bytes:
    """Return an icon of the blog. Raises `NotFound`."""
    row = db.one("SELECT content FROM icon WHERE name = ?", name)
    if row is None:
        raise errors.NotFound("There is no such icon.")
    return bytes(row["content"])
