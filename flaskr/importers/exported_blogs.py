"""Read the files of `flaskr export`; `exporters/markdown.py` writes them."""

import os
import re
from pathlib import Path
from typing import Any

import yaml

from ..errors import Invalid
from ..text import clean
from . import front_matter
from . import post_metadata

MARKER = "flaskr.yaml"
FORMAT = 1
MAX_FILE_BYTES = 64 * 1024 * 1024
MAX_ID = 2**53
OPENING, CLOSING = "---\n", "\n---\n"
TIME = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)Z?", re.ASCII)
Fields = dict[str, Any]


def find_folder(path: Path) -> Path | None:
    """Return the folder of an export: this one, or one in it, as a zip may contain."""
    entries = list(os.scandir(path)) if path.is_dir() else []
    # Asking each of a hundred thousand posts takes seconds.
    below = [Path(entry) for entry in entries if not entry.is_file(follow_symlinks=False)]
    for folder in (path, *sorted(below)):
        if (folder / MARKER).is_file():
            return folder
    return None


def find_files(folder: Path) -> list[Path]:
    """Return the files of posts, drafts, pages and the trash."""
    found = [*folder.glob("content/**/*.md"), *folder.glob("trash/*.md")]
    return [file for file in found if file.is_file() and not file.is_symlink()]


def find_revisions(folder: Path) -> list[Path]:
    """Return the files of earlier versions, the oldest of each post first."""
    return [file for file in sorted(folder.glob("revisions/*/*.md")) if not file.is_symlink()]


def read_text(file: Path) -> str:
    """Read a file of the export. Raises `Invalid`."""
    try:
        if file.is_symlink() or file.stat().st_size > MAX_FILE_BYTES:
            raise Invalid("It is no file of an export, or too large for one.")
        return clean(file.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise Invalid(f"It cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def read_settings(folder: Path) -> Fields:
    """Return the fields of the file that marks an export. Raises `Invalid`."""
    fields = _load(read_text(folder / MARKER))
    if not isinstance(fields, dict) or number(fields.get("format")) is None:
        raise Invalid(f"{MARKER} is damaged.")
    if number(fields["format"]) != FORMAT:
        raise Invalid("This export was made by a newer flaskr. Upgrade this one first.")
    return fields


def read_rows(folder: Path, name: str) -> list[Fields]:
    """Return the rows of a table; a file that is missing has none. Raises `Invalid`."""
    file = folder / "data" / f"{name}.yaml"
    rows = _load(read_text(file)) if file.is_file() else []
    if not isinstance(rows or [], list):
        raise Invalid(f"{file.name} is not a list.")
    return [row for row in rows or [] if isinstance(row, dict)]


def _load(source: str) -> Any:
    try:
        return front_matter.load_yaml(source)
    except yaml.YAMLError as error:
        raise Invalid(f"It is not YAML: {error}.") from error


def parse_post(source: str) -> Fields:
    """Return a post as `models/exported_blogs.py` reads it from a database. Raises `Invalid`."""
    fields, body = split(source)
    extra = table(fields, "extra")
    former = texts(extra.get("former_slugs"))
    aliases = {*texts(fields.get("aliases")), *texts(extra.get("addresses"))}
    return {
        "id": number(extra.get("id")),
        "title": text(fields.get("title")),
        "body": body,
        "created": time(fields.get("date")) or "1970-01-01 00:00:00",
        "updated": time(fields.get("updated")) or time(fields.get("lastmod")),
        "status": "draft" if is_true(fields.get("draft")) else "published",
        "kind": "page" if text(extra.get("kind")) == "page" else "post",
        "menu_position": number(fields.get("weight")) or 0,
        "dated": is_true(extra.get("dated")),
        "part": number(extra.get("part")),
        "slug": text(fields.get("slug")) or text(extra.get("slug")),
        "summary": text(fields.get("description")),
        "language": text(fields.get("lang")),
        "cover": text(fields.get("cover")),
        "series": text(fields.get("series")),
        "translation": text(extra.get("translation")),
        "authors": texts(fields.get("authors")),
        "tags": texts(fields.get("tags")),
        "addresses": sorted(aliases - {f"/{slug}" for slug in former}),
        "former_slugs": former,
        "deleted": time(extra.get("deleted")),
    }


def parse_revision(source: str) -> Fields:
    """Return an earlier version of a post. Raises `Invalid`."""
    fields, body = split(source)
    extra = table(fields, "extra")
    return {
        "post_id": number(extra.get("post")),
        "title": text(fields.get("title")),
        "body": body,
        "created": time(fields.get("date")),
        "editor": next(iter(texts(fields.get("authors"))), ""),
        "autosave": number(extra.get("autosave")) or 0,
    }


def split(source: str) -> tuple[Fields, str]:
    """Return the front matter of a file and its body, to the last character. Raises `Invalid`."""
    # The front matter is never empty, and has no line of hyphens: all text in it is quoted.
    head, closing, body = source.partition(CLOSING)
    if not source.startswith(OPENING) or not closing:
        raise Invalid("Its front matter is missing or not closed.")
    fields = _load(head.removeprefix(OPENING))
    if not isinstance(fields, dict):
        raise Invalid("Its front matter is not a list of fields with values.")
    return fields, body.removesuffix("\n")


def table(fields: Fields, name: str) -> Fields:
    """Return a table in the fields, which is empty if it is missing."""
    found = fields.get(name)
    return found if isinstance(found, dict) else {}


def text(value: object) -> str:
    """Return a value as one line."""
    return post_metadata.text(value)


def texts(value: object) -> list[str]:
    """Return the texts in a list."""
    return list(filter(None, map(text, value))) if isinstance(value, list) else []


def number(value: object) -> int | None:
    """Return a number that the database can store, or None."""
    written = text(value)
    digits = written.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) < 17
    return int(written) if is_number and abs(int(written)) < MAX_ID else None


def is_true(value: object) -> bool:
    """Return True for a value that means yes."""
    return post_metadata.is_true(value)


def time(value: object) -> str:
    """Return a time as the database stores it, or an empty string."""
    match = TIME.fullmatch(text(value))
    return f"{match[1]} {match[2]}" if match else ""
