"""Parse a Markdown file, with or without the front matter of Jekyll, Hugo, or Zola."""

import re
import stat
from datetime import UTC
from datetime import date
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from ..errors import AppError
from ..errors import Invalid
from ..text import slugify
from . import dates
from . import front_matter
from . import links
from . import permalinks
from . import post_metadata
from . import template_tags
from .post_metadata import Fields
from .site_types import Site
from .site_types import contains

MAX_FILE_BYTES = 5 * 1024 * 1024
PROJECT_FILE = re.compile(r"(?i)(?:readme|license|changelog|contributing|code_of_conduct)(?:\.|$)")
HEADING = re.compile(r"^ {0,3}#[ \t]+([^\s#].*)$", re.MULTILINE)
UNDERLINED = re.compile(r"([^\n]+)\n=+[ \t]*(?:\n|\Z)")
LINK = re.compile(r"\[([^\[\]]{0,500})\]\([^()]{0,500}\)")
EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)([^*`\n]+)(?<=\S)\1")
CREATED_FIELDS = ("date", "publishdate", "publish_date", "created", "pubdate")
UPDATED_FIELDS = ("updated", "lastmod", "last_modified_at", "modified")


class NotAPost(AppError):
    """The file is not a post; the message is a short reason."""


class Post(TypedDict):
    """A post as parsed. `dated` is false if `created` is the modification time of the file."""

    source: str
    title: str
    body: str
    created: str
    dated: bool
    updated: str | None
    status: str
    slug: str
    summary: str
    tags: list[str]
    authors: list[str]
    old_addresses: list[str]
    images: list[str]
    # The path in the file, or the URL on this blog after the image was imported.
    cover: str
    cover_alt: str
    series: str
    part: int | None
    warnings: list[str]


def load(file: Path) -> bytes:
    """Read a file. Raises `Invalid` if it cannot be read or is too large for a post."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Invalid("It is not a regular file.")
        if status.st_size > MAX_FILE_BYTES:
            size = status.st_size / 1024 / 1024
            raise Invalid(
                f"It is too large for a post: {size:.1f} MB, at most {MAX_FILE_BYTES >> 20} MB."
            )
        return file.read_bytes()
    except (OSError, ValueError) as error:
        raise Invalid(f"It cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def parse(content: bytes, file: Path, site: Site) -> Post:
    """Parse the content of a file into a post. Raises `NotAPost` or `Invalid`.

    Times are strings in UTC, as the database stores them. The slug may already be taken.
    """
    head, body = front_matter.split(decode(content))
    _check_is_post(head, body, file)
    title, body = _find_title(head, body, file)
    body = template_tags.convert(body, site.jekyll)
    body, lost = links.rewrite_post_links(
        body, file, site.root, lambda target: address_of(target, site)
    )
    moment = _find_created(head, file, site)
    written = moment.astimezone(site.zone) if moment else None
    cover, (series, part) = post_metadata.cover(head), post_metadata.series(head)
    return {
        "source": str(file),
        "title": title,
        "body": body,
        "created": dates.format_utc(moment or datetime.fromtimestamp(file.stat().st_mtime, UTC)),
        "dated": moment is not None,
        "updated": _find_updated(head, site),
        "status": "draft" if _is_draft(head, file) else "published",
        "slug": _build_slug(head, file),
        "summary": post_metadata.first(head, "description", "summary", "excerpt"),
        "tags": post_metadata.tags(head),
        "authors": post_metadata.authors(head),
        "old_addresses": permalinks.list_paths(head, file, site, written),
        "images": links.find_images(body, file, site.root),
        "cover": cover.target,
        "cover_alt": cover.alt,
        "series": series,
        "part": part,
        "warnings": [
            *([] if moment else ["It has no date; the modification time of the file is used."]),
            *(
                f"“{name}” is not Markdown and stays as written."
                for name in template_tags.find_unconverted(body)
            ),
            *(f"The link to “{name}” does not lead to a post." for name in lost),
        ],
    }


def decode(content: bytes) -> str:
    """Decode a file to text with `\\n` line ends. Raises `Invalid` if it is not UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = content[error.start]
        raise Invalid(
            f"It is not UTF-8 text (byte {byte:02X} on line {line}); save it as UTF-8."
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Invalid(f"It is not a text file: it has a NUL character on line {line}.")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_is_post(head: Fields, body: str, file: Path) -> None:
    if file.name.startswith("_index."):
        raise NotAPost("the page of a section")
    if not head and PROJECT_FILE.match(file.name):
        raise NotAPost("no front matter")
    if "redirect_to" in head:
        raise NotAPost("a redirect")
    if not body.strip() and not post_metadata.first(head, "title"):
        raise NotAPost("no title and no text")


def _find_title(head: Fields, body: str, file: Path) -> tuple[str, str]:
    if title := post_metadata.first(head, "title"):
        return title, body
    leading = HEADING.match(body) or UNDERLINED.match(body)
    if leading:
        return _strip_markup(leading[1]), body[leading.end() :].strip("\n")
    # A heading further down is a good title, but must stay where it is.
    if heading := HEADING.search(body):
        return _strip_markup(heading[1]), body
    name = re.sub(r"[-_\s]+", " ", _file_title(file)).strip()
    return name[:1].upper() + name[1:] or file.name, body


def _strip_markup(heading: str) -> str:
    # A longer title is refused anyway.
    heading = post_metadata.text(heading[:1000])
    unclosed = heading.rstrip("#")
    if unclosed.endswith(" "):
        heading = unclosed.rstrip()
    return EMPHASIS.sub(r"\2", LINK.sub(r"\1", heading))


def _file_title(file: Path) -> str:
    name = file.parent.name if file.stem == "index" and file.parent.name else file.stem
    return dates.split_name(name)[1]


def _find_created(head: Fields, file: Path, site: Site) -> datetime | None:
    for name in CREATED_FIELDS:
        if post_metadata.text(head.get(name)):
            return dates.parse(head[name], site.zone)
    day = _find_day(head, file, site)
    return dates.parse(day, site.zone) if day else None


def _find_day(head: Fields, file: Path, site: Site) -> date | None:
    folder = file.parent
    inside = str(folder.relative_to(site.root)) if folder.is_relative_to(site.root) else ""
    return (
        dates.find_in_path(permalinks.find_own_path(head))
        or dates.split_name(file.stem)[0]
        or dates.split_name(folder.name)[0]
        or dates.find_in_path(inside)
    )


def _find_updated(head: Fields, site: Site) -> str | None:
    for name in UPDATED_FIELDS:
        if post_metadata.text(head.get(name)):
            return dates.format_utc(dates.parse(head[name], site.zone))
    return None


def _is_draft(head: Fields, file: Path) -> bool:
    return (
        post_metadata.is_true(head.get("draft"))
        or post_metadata.is_false(head.get("published"))
        or "_drafts" in file.parts
    )


def _build_slug(head: Fields, file: Path) -> str:
    last = permalinks.find_own_path(head).rpartition("/")[2]
    return slugify(post_metadata.first(head, "slug") or last or _file_title(file))


def address_of(file: Path, site: Site) -> str:
    """Return the URL path of the post in a file, or an empty string."""
    if not contains(site, file):
        return ""
    try:
        head, body = front_matter.split(decode(load(file)))
        _check_is_post(head, body, file)
        moment = _find_created(head, file, site)
    except AppError:
        return ""
    file = file.resolve()
    written = moment.astimezone(site.zone) if moment else None
    return next(iter(permalinks.list_paths(head, file, site, written)), "")
