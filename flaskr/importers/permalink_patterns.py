"""Fill the patterns from which generators make addresses, like `/:year/:slug/`."""

import re
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from ..text import slugify
from ..text import url_paths
from ..text.normalization import normalize
from . import dates
from . import post_metadata
from . import site_configs
from .languages import Language
from .post_metadata import Fields
from .post_metadata import first
from .post_metadata import texts
from .sites import POST_FOLDERS
from .sites import Site

MONTHS = "January February March April May June July August September October November December"
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
PLACEHOLDER = re.compile(r":([a-z_]+)(?:\[([a-z0-9:]*)\])?")
BRACES = re.compile(r"\{([a-z_]+)(?:\.(?:slug|name))?(?::([^{}]*))?\}")
EXPRESSION = re.compile(r"\{\{-?\s*+([\w.]++)\s*+((?>(?:\|[^{}|]*+)*))-?\}\}|\{%(?:(?!\{%).)*?%\}")
# Parts of a date as Go writes them, in patterns of Hugo.
GO_DATES = {
    "2006": "year", "06": "short_year", "January": "long_month", "Jan": "short_month",
    "01": "month", "1": "i_month", "Monday": "long_day", "Mon": "short_day", "02": "day",
    "2": "i_day", "002": "y_day",
}  # fmt: skip
GO_DATE = re.compile(rf":({'|'.join(GO_DATES)})(?!\w)", re.ASCII)
# Folders that hold all posts rather than those of one category.
COMMON_FOLDERS = frozenset("articles posts blog content pages".split())
DATE_FILTER = re.compile(r"date(?:Format)?\s*[:(]\s*[\"']([^\"']+)[\"']", re.I)


class Place(NamedTuple):
    """A file with all that addresses are made of: its path below the posts, and its date there."""

    fields: Fields
    file: Path
    relative: Path
    title: str
    written: datetime | None
    language: Language
    is_page: bool = False
    is_twin_index: bool = False


def join(*parts: str) -> str:
    """Return the normalized path of these parts."""
    return url_paths.normalize_path("/".join(parts))


def fill(pattern: str, place: Place, site: Site, *, short_names: bool = False) -> str:
    """Return the path for a pattern with `:year`, `{slug}` or `{{ page.fileSlug }}`.

    With `short_names`, the date at the beginning of a file's name is left out in any case. The
    path is empty if something in the pattern is not known.
    """
    is_known = True
    values = _values(place, site, is_short=short_names or _has_short_names(site))

    def value(name: str, argument: str | None = None) -> str | None:
        if name == "date" and argument and place.written:
            return place.written.strftime(argument)
        if name == "sections" and argument:
            return _pick(values["sections"].split("/"), argument)
        found = values.get(name)
        return found if found is not None else (first(place.fields, name) or None)

    def fill_braces(match: re.Match[str]) -> str:
        return value(match[1], match[2]) or ""

    def fill_colon(match: re.Match[str]) -> str:
        nonlocal is_known
        found = value(match[1], match[2])
        # The longest name that is known: `:yearmonth` is `:year` and the word “month”.
        for end in range(len(match[1]) - 1, 3, -1):
            if found is None and (shorter := value(match[1][:end])) is not None:
                return shorter + match[1][end:]
        # Jekyll leaves such a name in the address.
        is_known = is_known and (found is not None or site.generator == "jekyll")
        return match[0] if found is None else found

    filled = EXPRESSION.sub(lambda match: _fill_expression(match, place, values), pattern)
    filled = PLACEHOLDER.sub(fill_colon, BRACES.sub(fill_braces, filled))
    return url_paths.normalize_path(filled) if is_known else ""


def _pick(sections: list[str], argument: str) -> str:
    if argument == "last":
        return sections[-1]
    if part := re.fullmatch(r"(\d{0,3}):(\d{0,3})", argument, re.ASCII):
        return "/".join(sections[int(part[1] or 0) : int(part[2]) if part[2] else None])
    number = re.fullmatch(r"\d{1,3}", argument, re.ASCII)
    return "/".join(sections[int(argument) : int(argument) + 1]) if number else ""


def _fill_expression(match: re.Match[str], place: Place, values: dict[str, str]) -> str:
    name = (match[1] or "").lower().rpartition(".")[2]
    filters = match[2] or ""
    if (wanted := DATE_FILTER.search(filters)) and place.written:
        return _format(wanted[1], place.written)
    found = values.get(name) if name != "title" else place.title
    found = first(place.fields, name) if found is None else found
    return slugify(found) if "slug" in filters else found


def _format(pattern: str, written: datetime) -> str:
    if "%" in pattern:
        return written.strftime(pattern)
    for mark, code in (("yyyy", "%Y"), ("YYYY", "%Y"), ("MM", "%m"), ("dd", "%d"), ("DD", "%d")):
        pattern = pattern.replace(mark, code)
    return written.strftime(pattern)


def _has_short_names(site: Site) -> bool:
    """Return True if the generator reads the date in the names of files."""
    if site.generator == "hugo":
        order = texts(site_configs.table(site.config, "frontmatter"), "date")
        return ":filename" in order
    if site.generator == "hexo":
        return ":year" in first(site.config, "new_post_name")
    return True


def _values(place: Place, site: Site, *, is_short: bool) -> dict[str, str]:
    stem = stem_of(place)
    name = dates.split_name(stem)[1] if is_short else stem
    slug = first(place.fields, "slug")
    title = slug or name
    sections = "/".join(sections_of(place))
    categories = _categories(place)
    found = {
        "categories": "/".join(categories),
        "slugified_categories": "/".join(map(_default_slug, categories)),
        "category": categories[0] if categories else "uncategorized",
        "collection": sections.partition("/")[0].lstrip("_"),
        "path": place.relative.with_suffix("").as_posix(),
        "sections": sections,
        "section": sections.partition("/")[0],
        "title": title,
        "name": name,
        "post_title": _default_slug(place.title),
        "slug": slug or _default_slug(place.title),
        "filename": name,
        "slugorfilename": title,
        "contentbasename": name,
        "slugorcontentbasename": title,
        "fileslug": name,
        "filepathstem": "/".join([*sections_of(place), name]),
        "author": next(iter(texts(place.fields, "author", "authors")), site.author()),
        "lang": place.language.code or site.language,
        "language": place.language.code or site.language,
        "output_ext": ".html",
    }
    if site.generator == "jekyll":
        found |= {"title": _pretty_slug(title), "slug": _default_slug(title)}
    if site.generator == "hexo":
        found |= {"title": "/".join([*sections_of(place), name]), "name": name}
        found |= {"category": _hexo_category(place, site)}
    if site.generator == "pelican":
        found |= _pelican_values(place, site)
    if site.generator == "hugo":
        found |= {"slug": slug or place.title, "title": place.title}
        found = {key: urlize(value, site) for key, value in found.items()}
    return {**found, **_date_values(place.written)}


def _date_values(written: datetime | None) -> dict[str, str]:
    if written is None:
        return {}
    _, week, weekday = written.isocalendar()
    month, day = MONTHS.split()[written.month - 1], DAYS.split()[weekday - 1]
    return {
        "year": f"{written.year:04}",
        "short_year": f"{written.year % 100:02}",
        "month": f"{written.month:02}",
        "i_month": str(written.month),
        "short_month": month[:3],
        "long_month": month,
        "monthname": month.lower(),
        "day": f"{written.day:02}",
        "i_day": str(written.day),
        "y_day": f"{written.timetuple().tm_yday:03}",
        "yearday": str(written.timetuple().tm_yday),
        "week": f"{week:02}",
        "short_day": day[:3],
        "long_day": day,
        "weekdayname": day.lower(),
        "weekday": str(weekday % 7),
        "w_day": str(weekday),
        "hour": f"{written.hour:02}",
        "minute": f"{written.minute:02}",
        "second": f"{written.second:02}",
        "timestamp": str(int(written.timestamp())),
    }


def stem_of(place: Place) -> str:
    """Return the name of the file, or of its folder if it is the folder's index."""
    path = place.language.path
    return path.parent.name if _is_index(path, place) else path.stem


def _is_index(path: Path, place: Place) -> bool:
    # Eleventy takes a file with the name of its folder for the index, too.
    names = ("index", "_index", path.parent.name) if place.is_twin_index else ("index", "_index")
    return bool(path.parent.name) and path.stem in names


def sections_of(place: Place) -> list[str]:
    """Return the folders above the post, without those that are not in addresses."""
    parts = list(place.language.path.parts[:-1])
    if _is_index(place.language.path, place):
        parts.pop()
    return [part for part in parts if part not in POST_FOLDERS]


def _categories(place: Place) -> list[str]:
    folders = _folders_above_posts(place.relative)
    words = post_metadata.split_words(place.fields.get("categories"))
    found = [*folders, *words, first(place.fields, "category")]
    return list(dict.fromkeys(name.lower() for name in found if name))


def _hexo_category(place: Place, site: Site) -> str:
    """Return the last category below those above it, as Hexo names it in addresses."""
    written = place.fields.get("categories") or place.fields.get("category")
    lists = [one for one in post_metadata.as_list(written) if isinstance(one, list)]
    names = [
        post_metadata.text(one) for one in post_metadata.as_list(lists[-1] if lists else written)
    ]
    mapped = site_configs.table(site.config, "category_map")
    parts = [first(mapped, name.lower()) or re.sub(r"\s+", "-", name) for name in names if name]
    return "/".join(parts) or first(site.config, "default_category") or "uncategorized"


def _pelican_values(place: Place, site: Site) -> dict[str, str]:
    name = stem_of(place)
    by_name = first(site.config, "slugify_source") == "basename"
    rules = first(site.config, "filename_metadata") + first(site.config, "path_metadata")
    day, rest = dates.split_name(name)
    short = rest if "(?P<slug>" in rules and (day or "(?P<date>" not in rules) else ""
    author = next(iter(texts(place.fields, "author", "authors")), site.author())
    return {
        "slug": first(place.fields, "slug")
        or short
        or pelican_slug(name if by_name else place.title, site),
        "category": pelican_slug(_pelican_category(place, site), site),
        "author": pelican_slug(author, site),
    }


def _pelican_category(place: Place, site: Site) -> str:
    uses_folder = not post_metadata.is_false(site.config.get("use_folder_as_category"))
    folder = place.relative.parent.name if uses_folder else ""
    own = first(place.fields, "category")
    return own or folder or first(site.config, "default_category") or "misc"


def folder_categories(path: Path, site: Site) -> list[str]:
    """Return the categories that Jekyll and Pelican make of the folders of a post."""
    if site.generator == "jekyll":
        return _folders_above_posts(path)
    uses_folder = not post_metadata.is_false(site.config.get("use_folder_as_category"))
    name = path.parent.name if site.generator == "pelican" and uses_folder else ""
    return [name] if name and name.lower() not in COMMON_FOLDERS else []


def _folders_above_posts(path: Path) -> list[str]:
    parts = path.parts
    return list(parts[: next((i for i, part in enumerate(parts) if part in POST_FOLDERS), 0)])


def pelican_slug(text: str, site: Site) -> str:
    """Return a slug as Pelican makes it."""
    from anyascii import anyascii

    is_latin = not post_metadata.is_true(site.config.get("slugify_use_unicode"))
    plain = re.sub(r"[^\w\s-]", "", anyascii(text[:500]) if is_latin else text[:500])
    return re.sub(r"[-\s]+", "-", plain.strip()).lower()


def _default_slug(text: str) -> str:
    """Return a slug as Jekyll makes it: other scripts than Latin stay."""
    return re.sub(r"[\W_]+", "-", normalize("NFC", text[:500]).lower()).strip("-")


def _pretty_slug(text: str) -> str:
    return re.sub(r"[^\w.~!$&'()+,;=@]+", "-", normalize("NFC", text[:500])).strip("-")


def name_date_parts(pattern: str) -> str:
    """Return a pattern of Hugo with `:year` for `:2006`, the year of Go's example of a date."""
    return GO_DATE.sub(lambda match: f":{GO_DATES[match[1]]}", pattern)


def needs_date(pattern: str) -> bool:
    """Return True if a pattern has a part of the date."""
    names = {match[1] for match in PLACEHOLDER.finditer(pattern)}
    return not names.isdisjoint(_date_values(datetime(2000, 1, 1)))


def urlize(text: str, site: Site) -> str:
    """Return a part of an address as Hugo makes it."""
    if post_metadata.is_true(site.config.get("removepathaccents")):
        text = re.sub("[\u0300-\u036f]", "", normalize("NFD", text[:500]))
    kept = re.sub(r"[^\w\s./\\%~+#-]", "", normalize("NFC", text[:500]).lower())
    return re.sub(r"-{2,}", "-", re.sub(r"\s+", "-", kept.strip()))
