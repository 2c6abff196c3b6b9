"""Read the fields of front matter, regardless of the shape of their values."""

import re
from collections.abc import Iterable
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from typing import NamedTuple

from ..text import clean

Fields = dict[str, Any]
# Generators keep fields of the theme in these.
NESTED_TABLES = ("params", "extra", "taxonomies")
# Names are compared without case, hyphens, and underscores: coverImage, cover-image.
COVER_FIELDS = (
    "cover",
    "coverimage",
    "featuredimage",
    "featureimage",
    "featured",
    "heroimage",
    "hero",
    "ogimage",
    "image",
    "images",
    "banner",
    "header",
    "thumbnail",
    "thumb",
)
IMAGE_FIELDS = ("image", "path", "src", "source", "url", "feature", "overlayimage", "relative")
SEPARATOR = re.compile("[,;\uff0c\u3001]")
PART_FIELDS = ("seriespart", "seriesorder", "seriesindex", "seriesnumber", "seriesweight", "part")
TAG_FIELDS = ("tags", "categories", "topics", "tag", "category")
FALSE_TEXTS = ("", "false", "no", "off", "0", "0.0", "n", "f", "none", "null", "nil", "~", "never")
TRUE_TEXTS = ("true", "yes", "on", "1", "1.0", "y", "t", "always")
UNMARKED = str.maketrans("", "", "-_ ")
MAX_TAGS = 50
MAX_TAG_CHARS = 100


def text(value: object) -> str:
    """Return a value as one line of text; lists and tables become an empty string."""
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
    return text(value).strip("\"'").lower() in TRUE_TEXTS


def is_false(value: object) -> bool:
    """Return True for a YAML or TOML value that means no."""
    return text(value).strip("\"'").lower() in FALSE_TEXTS[1:]


def plain_tables(fields: Fields) -> list[Fields]:
    """Return the fields, and those nested below them, with names like `coverimage`."""
    return [plain_names(table) for table in _tables(fields)]


def find_value(fields: Fields, *names: str) -> Any:
    """Return the first value that is not empty, by names like `coverimage`."""
    tables = plain_tables(fields)
    found = (table.get(name) for name in names for table in tables)
    return next((value for value in found if value not in (None, "", [], {})), None)


def _tables(fields: Fields) -> Iterator[Fields]:
    yield fields
    for name in NESTED_TABLES:
        if isinstance(fields.get(name), dict):
            yield fields[name]


def as_list(value: object) -> list[Any]:
    """Return a list as it is, and any other value as a list of one."""
    return value if isinstance(value, list) else [value]


def plain_names(table: Fields) -> Fields:
    """Return a table with names in lower case, without hyphens, underscores and spaces."""
    return {plain_name(name): value for name, value in table.items()}


@lru_cache(maxsize=4096)
def plain_name(name: object) -> str:
    """Return a name like `coverimage` for Cover-Image."""
    return str(name).translate(UNMARKED).lower()


def deduplicate(values: Iterable[str]) -> list[str]:
    """Return the values that differ, ignoring case, without the empty one."""
    kept: dict[str, str] = {}
    for value in values:
        kept.setdefault(value.casefold(), value)
    kept.pop("", None)
    return list(kept.values())


def tags(fields: Fields, *names: str, split_at_spaces: bool = True) -> list[str]:
    """Return the tags and categories from lists, tables, or text; `names` are further fields.

    Text is split at commas. Without one, Jekyll splits it at spaces, and others keep it.
    """
    found: list[str] = []
    taxonomies = fields.get("taxonomies")
    for table in (fields, taxonomies if isinstance(taxonomies, dict) else {}):
        for name in (*TAG_FIELDS, *names):
            is_plural = name not in ("tag", "category")
            found += split_words(table.get(name, ""), split_at_spaces and is_plural)
    return deduplicate(name.strip().lstrip("#") for name in found)


def split_words(value: object, split_at_spaces: bool = True) -> list[str]:
    """Return the items of a list, of lists in it, or of text split at commas or else at spaces."""
    if isinstance(value, list):
        return [word for item in value for word in _list_item(item)]
    if isinstance(value, dict):
        return _list_item(value)
    written = text(value) if value else ""
    if written.startswith("[") and written.endswith("]"):
        written = written[1:-1].replace('"', "").replace("'", "")
    if SEPARATOR.search(written):
        return [word.strip() for word in SEPARATOR.split(written)]
    if written.startswith("#") or split_at_spaces:
        return written.split(" ")
    return [written]


def _list_item(item: object) -> list[str]:
    if isinstance(item, list):
        return [word for inner in item if not isinstance(inner, list) for word in _list_item(inner)]
    if isinstance(item, dict):
        plain = plain_names(item)
        return [first(plain, "name", "title", "label", "value", "slug") or next(iter(item), "")]
    return ["" if item in ("null", "~") else text(item)]


def texts(fields: Fields, *names: str) -> list[str]:
    """Return all texts in the fields, single or in lists."""
    found = [text(item) for name in names for item in as_list(fields.get(name))]
    return [item for item in found if item]


class Cover(NamedTuple):
    """A cover image as named in the file, and its alt text."""

    target: str
    alt: str


NO_COVER = Cover("", "")


def cover(fields: Fields) -> Cover:
    """Return the cover image: text, a list, or a table."""
    for plain in plain_tables(fields):
        for name in COVER_FIELDS:
            value = plain.get(name)
            found = _parse_cover(next(iter(as_list(value)), None)) if value else NO_COVER
            if found.target:
                return found._replace(alt=found.alt or text(plain.get(f"{name}alt")))
    return NO_COVER


def _parse_cover(value: object) -> Cover:
    if not isinstance(value, dict):
        target = text(value)
        return Cover("" if is_true(target) or is_false(target) else target, "")
    plain = plain_names(value)
    target = first(plain, *IMAGE_FIELDS)
    return Cover(
        "" if is_true(target) or is_false(target) else target, first(plain, "alt", "alttext")
    )


def series(fields: Fields) -> tuple[str, int | None]:
    """Return the name of the series, or an empty string, and the number of the part."""
    for table in _tables(fields):
        value = next(iter(as_list(table.get("series"))), None)
        plain = plain_names(value) if isinstance(value, dict) else {}
        name = first(plain, "name", "title") or text(value)
        if name and not (is_true(name) or is_false(name)):
            return name, _parse_number(
                first(plain, *PART_FIELDS, "order", "index", "number")
            ) or _find_part(fields)
    return "", None


def _find_part(fields: Fields) -> int | None:
    numbers = (first(table, *PART_FIELDS) for table in plain_tables(fields))
    return _parse_number(next(filter(None, numbers), ""))


def _parse_number(written: str) -> int | None:
    return int(written) if re.fullmatch("[0-9]{1,6}", written) else None
