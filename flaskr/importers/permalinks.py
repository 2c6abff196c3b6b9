"""Compute the URL paths that a static site generator gave a post."""

import re
from datetime import datetime
from pathlib import Path

from ..text import slugify
from ..text import url_paths
from . import dates
from .post_metadata import Fields
from .post_metadata import first
from .post_metadata import split_words
from .post_metadata import texts
from .site_types import POST_FOLDERS
from .site_types import Site

DATE_STYLE = "/:categories/:year/:month/:day/:title.html"
STYLES = {
    "date": DATE_STYLE,
    "pretty": DATE_STYLE,
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "weekdate": "/:categories/:year/W:week/:short_day/:title.html",
    "none": "/:categories/:title.html",
}
MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"
DAYS = "Mon Tue Wed Thu Fri Sat Sun"
PLACEHOLDER = re.compile(
    r":(categories|year|short_year|month|i_month|short_month|day|i_day|y_day|week|short_day|w_day"
    r"|hour|minute|second|title|slug|output_ext)(?![a-z])"
)
OWN_FIELDS = ("path", "permalink", "url")
ALIAS_FIELDS = ("aliases", "alias", "redirect_from")


def find_own_path(fields: Fields) -> str:
    """Return the path that the front matter gives the post, or an empty string."""
    found = first(fields, *OWN_FIELDS)
    if not found or found in STYLES or PLACEHOLDER.search(found):
        return ""
    return url_paths.path_from_url(found)


def list_paths(fields: Fields, file: Path, site: Site, written: datetime | None) -> list[str]:
    """Return all paths of the post, its main path first.

    `written` is the date of the post in the time zone of its site.
    """
    own = [find_own_path(fields)]
    if not own[0]:
        own = (
            _jekyll_paths(fields, file, site, written)
            if site.jekyll
            else _folder_paths(fields, file, site)
        )
    found = own + [url_paths.path_from_url(url) for url in texts(fields, *ALIAS_FIELDS)]
    if site.base:
        found += [url_paths.normalize_path(f"{site.base}/{path}") for path in found if path]
    return [path for path in dict.fromkeys(found) if path not in ("", "/")]


def _jekyll_paths(fields: Fields, file: Path, site: Site, written: datetime | None) -> list[str]:
    if written is None or "_drafts" in file.parts:
        return []
    template = first(fields, "permalink") or site.permalink
    template = STYLES.get(template, template)
    values = _jekyll_values(fields, file, site, written)
    return [url_paths.normalize_path(PLACEHOLDER.sub(lambda match: values[match[1]], template))]


def _jekyll_values(fields: Fields, file: Path, site: Site, written: datetime) -> dict[str, str]:
    name = dates.split_name(file.stem)[1]
    title = first(fields, "slug") or name
    _, week, weekday = written.isocalendar()
    return {
        "categories": _categories(fields, file, site),
        "year": f"{written.year:04}",
        "short_year": f"{written.year % 100:02}",
        "month": f"{written.month:02}",
        "i_month": str(written.month),
        "short_month": MONTHS.split()[written.month - 1],
        "day": f"{written.day:02}",
        "i_day": str(written.day),
        "y_day": f"{written.timetuple().tm_yday:03}",
        "week": f"{week:02}",
        "short_day": DAYS.split()[weekday - 1],
        "w_day": str(weekday),
        "hour": f"{written.hour:02}",
        "minute": f"{written.minute:02}",
        "second": f"{written.second:02}",
        "title": title,
        "slug": slugify(title),
        "output_ext": ".html",
    }


def _categories(fields: Fields, file: Path, site: Site) -> str:
    parts = file.relative_to(site.root).parts if file.is_relative_to(site.root) else ()
    folders = parts[: next((i for i, part in enumerate(parts) if part in POST_FOLDERS), 0)]
    found = [*folders, *split_words(fields.get("categories")), first(fields, "category")]
    return "/".join(dict.fromkeys(name.lower() for name in found if name))


def _folder_paths(fields: Fields, file: Path, site: Site) -> list[str]:
    parts = file.relative_to(site.root).parts if file.is_relative_to(site.root) else (file.name,)
    *sections, name = [*parts[:-1], file.stem]
    if name == "index" and sections:
        name = sections.pop()
    last = first(fields, "slug")
    hugo = [*sections, last or name]
    zola = [*sections, last or dates.split_name(name)[1]]
    return [
        url_paths.normalize_path("/".join(re.sub(r"\s+", "-", part.lower()) for part in hugo)),
        url_paths.normalize_path(
            "/".join(part if part.isdigit() else slugify(part) for part in zola)
        ),
    ]
