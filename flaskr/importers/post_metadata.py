"""Read the fields of front matter, regardless of the shape of their values."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from ..text import clean

Fields = dict[str, Any]
NESTED_TABLES = ("taxonomies", "extra")
# Names are compared without case, hyphens, and underscores: coverImage, cover-image.
COVER_FIELDS = (
    "cover",
    "coverimage",
    "featuredimage",
    "featureimage",
    "image",
    "images",
    "banner",
    "header",
)
IMAGE_FIELDS = ("image", "path", "src", "url", "feature", "overlayimage")
SEPARATOR = re.compile("[,;]")
COVER_OR_SERIES = re.compile(r"(?im)^[^\w\n]*(?:series|cover|featured?[-_]?image|images?|banner)\b")
PART_FIELDS = ("seriespart", "seriesorder", "seriesindex", "seriesnumber", "seriesweight", "part")


def text(value: object) -> str:
    """Return a value as one line of text; None, lists, and tables become an empty string."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(clean(str(value)).split())


def first(fields: Fields, *names: str) -> str:
    """Return the text of the first field that is not empty."""
    return next((found for name in names if (found := text(fields.get(name)))), "")


def is_true(value: object) -> bool:
    """Return True for a YAML or TOML value that means yes."""
    return text(value).lower() in ("true", "yes", "on", "1")


def is_false(value: object) -> bool:
    """Return True for a YAML or TOML value that means no."""
    return text(value).lower() in ("false", "no", "off", "0")


def authors(fields: Fields) -> list[str]:
    """Return the names in `author` and `authors`: text, a list, or tables with a `name`."""
    return _deduplicate(_find_names(fields, "authors") or _find_names(fields, "author"))


def _find_names(fields: Fields, name: str) -> list[str]:
    for table in _tables(fields):
        names = [_name(value) for value in _as_list(table.get(name))]
        if any(names):
            return names
    return []


def _tables(fields: Fields) -> Iterator[Fields]:
    yield fields
    for name in NESTED_TABLES:
        if isinstance(fields.get(name), dict):
            yield fields[name]


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(value: object) -> str:
    return text(value.get("name")) if isinstance(value, dict) else text(value)


def _deduplicate(values: Iterable[str]) -> list[str]:
    kept: dict[str, str] = {}
    for value in values:
        kept.setdefault(value.casefold(), value)
    kept.pop("", None)
    return list(kept.values())


def tags(fields: Fields) -> list[str]:
    """Return the tags and categories from lists, or from text with commas or spaces."""
    taxonomies = fields.get("taxonomies")
    found = []
    for table in (fields, taxonomies if isinstance(taxonomies, dict) else {}):
        for name in ("tags", "categories"):
            found += split_words(table.get(name))
        found += [text(table.get("tag")), text(table.get("category"))]
    return _deduplicate(found)


def split_words(value: object) -> list[str]:
    """Return the items of a list, or of text split at commas or else at spaces."""
    if isinstance(value, list):
        return [text(item) for item in value]
    return [word.strip() for word in _split_text(text(value))]


def _split_text(written: str) -> list[str]:
    return SEPARATOR.split(written) if "," in written else written.split(" ")


def texts(fields: Fields, *names: str) -> list[str]:
    """Return all texts in the fields, single or in lists."""
    found = [text(item) for name in names for item in _as_list(fields.get(name))]
    return [item for item in found if item]


class Cover(NamedTuple):
    """A cover image as named in the file, and its alt text."""

    target: str
    alt: str


def cover(fields: Fields) -> Cover:
    """Return the cover image: text, a list, or a table."""
    for table in _tables(fields):
        plain = _normalize_names(table)
        for name in COVER_FIELDS:
            found = _parse_cover(next(iter(_as_list(plain.get(name))), None))
            if found.target:
                return found._replace(alt=found.alt or text(plain.get(f"{name}alt")))
    return Cover("", "")


def _parse_cover(value: object) -> Cover:
    if not isinstance(value, dict):
        target = text(value)
        return Cover("" if is_true(target) or is_false(target) else target, "")
    plain = _normalize_names(value)
    return Cover(first(plain, *IMAGE_FIELDS), first(plain, "alt", "alttext"))


def _normalize_names(table: Fields) -> Fields:
    return {re.sub("[-_ ]", "", str(name)).lower(): value for name, value in table.items()}


def series(fields: Fields) -> tuple[str, int | None]:
    """Return the name of the series, or an empty string, and the number of the part."""
    for table in _tables(fields):
        value = next(iter(_as_list(table.get("series"))), None)
        plain = _normalize_names(value) if isinstance(value, dict) else {}
        name = first(plain, "name", "title") or text(value)
        if name and not (is_true(name) or is_false(name)):
            return name, _parse_number(
                first(plain, *PART_FIELDS, "order", "index", "number")
            ) or _find_part(fields)
    return "", None


def _find_part(fields: Fields) -> int | None:
    numbers = (first(_normalize_names(table), *PART_FIELDS) for table in _tables(fields))
    return _parse_number(next(filter(None, numbers), ""))


def _parse_number(written: str) -> int | None:
    return int(written) if re.fullmatch("[0-9]{1,6}", written) else None
