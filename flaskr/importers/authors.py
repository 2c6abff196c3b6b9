"""Read the authors of a post, without their e-mail addresses."""

import re
from typing import Any

from . import post_metadata
from .post_metadata import Fields

AUTHOR_FIELDS = ("authors", "author", "creator", "byline", "writer")
NAME_FIELDS = ("name", "displayname", "title", "fullname", "nickname", "username", "login", "id")
ADDRESS = re.compile(r"[<(\[]?(?<![^\s<>()\[\],;])[^\s<>()\[\],;]+@[^\s<>()\[\],;]+[>)\]]?")
SEPARATOR = re.compile(
    r"\s{0,20};\s{0,20}|\s{0,20},\s{0,20}(?:(?:and|und|et|y|&)\s{1,20})?"
    r"|\s{1,20}(?:and|&)\s{1,20}"
)
TITLES = re.compile(r"(?:Jr|Sr|Ph\.?D|M\.?D|MBA|Esq|II|III)\.?", re.I)
UNSAFE = re.compile(r"[/\\?#%]+")
MAX_NAME_CHARS = 64
MAX_AUTHORS = 20


def find(fields: Fields, known: dict[str, str] | None = None) -> list[str]:
    """Return the names in `author` and `authors`: text, a list, or tables with a `name`.

    `known` holds the names of people by the keys that the site uses for them.
    """
    for name in AUTHOR_FIELDS:
        for table in post_metadata.plain_tables(fields):
            values = _split(table.get(name))
            names = [clean_name((known or {}).get(value.lower(), value)) for value in values]
            if any(names):
                return post_metadata.deduplicate(names)[:MAX_AUTHORS]
    return []


def _split(value: Any) -> list[str]:
    if isinstance(value, list):
        return [name for item in value for name in _split_item(item)]
    if isinstance(value, dict):
        return _split_item(value)
    written = ADDRESS.sub("", post_metadata.text(value))
    parts = SEPARATOR.split(written)
    # “Sammy Davis, Jr.” is one person.
    joined: list[str] = []
    for part in parts:
        if joined and TITLES.fullmatch(part):
            joined[-1] += f", {part}"
        else:
            joined.append(part)
    return joined


def _split_item(item: Any) -> list[str]:
    if isinstance(item, dict):
        plain = post_metadata.plain_names(item)
        name = post_metadata.first(plain, *NAME_FIELDS)
        return [name or " ".join(filter(None, map(post_metadata.text, _names(plain))))]
    return [post_metadata.text(item)]


def _names(plain: Fields) -> list[Any]:
    return [plain.get("firstname"), plain.get("lastname")]


def clean_name(name: str) -> str:
    """Return a name as an account can have it: without addresses, slashes, or too many letters."""
    name = UNSAFE.sub(" ", ADDRESS.sub("", name)).replace("@", " ")
    name = " ".join(name.split()).strip(" ,;<>()[]\"'")
    if len(name) > MAX_NAME_CHARS:
        name = name[: MAX_NAME_CHARS - 1].rpartition(" ")[0] or name[: MAX_NAME_CHARS - 1]
    return name if name not in (".", "..") else ""
