"""Lists of other blog programs, like `/categories/rivers/page/2`, and where they lead now."""

from contextlib import suppress
from urllib.parse import quote

from .. import db
from .. import errors
from .. import text
from ..text import old_locations
from . import profiles
from . import series
from . import slugs
from . import tags
from . import users


def find(path: str) -> str | None:
    """Return the path of the list on this blog for a normalized path, if a visitor may see it."""
    return old_locations.find(path, LOOKUPS)


def _find_tag(word: str) -> str | None:
    wanted = (*_slugs_by_name(word), slugs.from_title(word), text.slugify(word))
    for slug in dict.fromkeys(wanted):
        with suppress(errors.NotFound):
            try:
                return f"/tag/{tags.get_by_slug(slug)['slug']}"
            except errors.Moved as moved:
                return f"/tag/{moved.slug}"
    return None


def _slugs_by_name(word: str) -> list[str]:
    """Return the slugs of tags that are written like this in an address."""
    keys = [text.casefold_key(word.replace(mark, " ") if mark else word) for mark in ("", *"-_+")]
    rows = db.all("SELECT name_key, slug FROM tag WHERE name_key IN (?, ?, ?, ?)", *keys)
    found = {row["name_key"]: row["slug"] for row in rows}
    return [found[key] for key in keys if key in found]


def _find_person(word: str) -> str | None:
    for name in dict.fromkeys((word, word.replace("-", " "), word.replace("_", " "))):
        user = users.find_by_name(name) or users.find_by_display_name(name)
        with suppress(errors.NotFound):
            if user and profiles.get_by_url_name(str(user["id"])):
                return f"/user/{quote(profiles.url_name(user['id'], user['username']), safe='')}"
    return None


def _find_series(word: str) -> str | None:
    for slug in dict.fromkeys((slugs.from_title(word), text.slugify(word))):
        with suppress(errors.NotFound):
            try:
                return f"/series/{series.get_by_slug(slug)['slug']}"
            except errors.Moved as moved:
                return f"/series/{moved.slug}"
    return None


def _find_folder(path: str) -> str | None:
    row = db.one("SELECT target FROM redirect WHERE path = ?", path)
    return row["target"] if row else None


LOOKUPS = old_locations.Lookups(_find_tag, _find_person, _find_series, _find_folder)
