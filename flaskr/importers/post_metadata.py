"""Reads the fields of front matter, whatever shape their values have."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from ..text import clean

Fields = dict[str, Any]
NESTED = ("taxonomies", "extra")
# Each also in the spellings coverImage and cover-image.
COVERS = (
    "cover",
    "coverimage",
    "featuredimage",
    "featureimage",
    "image",
    "images",
    "banner",
    "header",
)
PICTURES = ("image", "path", "src", "url", "feature", "overlayimage")
SEPARATOR = re.compile("[,;]")
COVER_OR_SERIES = re.compile(r"(?im)^[^\w\n]*(?:series|cover|featured?[-_]?image|images?|banner)\b")
PARTS = ("seriespart", "seriesorder", "seriesindex", "seriesnumber", "seriesweight", "part")


def text(value: object) -> str:
    """A single value as one line of text; lists, tables and nothing give an empty one."""
    if value is None or isinstance(value, dict | list):
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return " ".join(clean(str(value)).split())


def first(fields: Fields, *names: str) -> str:
    """The text of the first of these fields that has any."""
    return next((found for name in names if (found := text(fields.get(name)))), "")


def is_true(value: object) -> bool:
    """Whether a value says yes, as YAML or TOML write it."""
    return text(value).lower() in ("true", "yes", "on", "1")


def is_false(value: object) -> bool:
    """Whether a value says no."""
    return text(value).lower() in ("false", "no", "off", "0")


def authors(fields: Fields) -> list[str]:
    """The names in `author` and `authors`: text, a list, or tables with a `name`."""
    return _unique(_named(fields, "authors") or _named(fields, "author"))


def _named(fields: Fields, name: str) -> list[str]:
    for table in _tables(fields):
        names = [_name(value) for value in _list(table.get(name))]
        if any(names):
            return names
    return []


def _tables(fields: Fields) -> Iterator[Fields]:
    yield fields
    for name in NESTED:
        if isinstance(fields.get(name), dict):
            yield fields[name]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _name(value: object) -> str:
    return text(value.get("name")) if isinstance(value, dict) else text(value)


def _unique(values: Iterable[str]) -> list[str]:
    kept: dict[str, str] = {}
    for value in values:
        kept.setdefault(value.casefold(), value)
    kept.pop("", None)
    return list(kept.values())


def tags(fields: Fields) -> list[str]:
    """The tags and categories, each once: from lists, or from text with commas or spaces."""
    taxonomies = fields.get("taxonomies")
    found = []
    for table in (fields, taxonomies if isinstance(taxonomies, dict) else {}):
        for name in ("tags", "categories"):
            found += split_words(table.get(name))
        found += [text(table.get("tag")), text(table.get("category"))]
    return _unique(found)


def split_words(value: object) -> list[str]:
    """A list as it is, and text split at its commas or else at its spaces."""
    if isinstance(value, list):
        return [text(item) for item in value]
    return [word.strip() for word in _split(text(value))]


def _split(written: str) -> list[str]:
    return SEPARATOR.split(written) if "," in written else written.split(" ")


def texts(fields: Fields, *names: str) -> list[str]:
    """Every text that these fields hold, single or in lists."""
    found = [text(item) for name in names for item in _list(fields.get(name))]
    return [item for item in found if item]


class Cover(NamedTuple):
    """A picture as a file names it, and the words that stand for it."""

    target: str
    alt: str


def cover(fields: Fields) -> Cover:
    """The picture that a post begins with, if any: text, a list, or a table."""
    for table in _tables(fields):
        plain = _spelled_alike(table)
        for name in COVERS:
            found = _cover(next(iter(_list(plain.get(name))), None))
            if found.target:
                return found._replace(alt=found.alt or text(plain.get(f"{name}alt")))
    return Cover("", "")


def _cover(value: object) -> Cover:
    if not isinstance(value, dict):
        target = text(value)
        return Cover("" if is_true(target) or is_false(target) else target, "")
    plain = _spelled_alike(value)
    return Cover(first(plain, *PICTURES), first(plain, "alt", "alttext"))


def _spelled_alike(table: Fields) -> Fields:
    return {re.sub("[-_ ]", "", str(name)).lower(): value for name, value in table.items()}


def series(fields: Fields) -> tuple[str, int | None]:
    """The series that a post is a part of, if any, and the number of the part."""
    for table in _tables(fields):
        value = next(iter(_list(table.get("series"))), None)
        plain = _spelled_alike(value) if isinstance(value, dict) else {}
        name = first(plain, "name", "title") or text(value)
        if name and not (is_true(name) or is_false(name)):
            return name, _number(first(plain, *PARTS, "order", "index", "number")) or _part(fields)
    return "", None


def _part(fields: Fields) -> int | None:
    numbers = (first(_spelled_alike(table), *PARTS) for table in _tables(fields))
    return _number(next(filter(None, numbers), ""))


def _number(written: str) -> int | None:
    return int(written) if re.fullmatch("[0-9]{1,6}", written) else None
