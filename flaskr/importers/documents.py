"""Parse a file of any generator into a post or a page."""

import html
import re
import stat
from datetime import UTC
from datetime import date
from datetime import datetime
from pathlib import Path
from typing import Any
from typing import TypedDict

from ..errors import Invalid
from ..sizes import format_size
from . import authors
from . import bodies
from . import dates
from . import doubts
from . import front_matter
from . import inheritance
from . import languages
from . import mdx
from . import permalink_patterns
from . import permalinks
from . import post_kinds
from . import post_metadata
from . import visibility
from .post_kinds import NotAPost as NotAPost
from .post_metadata import Fields
from .sites import Site

MAX_FILE_BYTES = 5 * 1024 * 1024
MAX_TITLE_CHARS = 500
MAX_SUMMARY_CHARS = 1000
HEADING = re.compile(r"^ {0,3}#[ \t]+([^\s#].*)$", re.MULTILINE)
UNDERLINED = re.compile(r"([^\n]+)\n=+[ \t]*(?:\n|\Z)")
LINK = re.compile(r"\[([^\[\]]{0,500})\]\([^()]{0,500}\)")
EMPHASIS = re.compile(r"(\*\*|__|\*|`)(?=\S)([^*`\n]+)(?<=\S)\1")
CREATED_FIELDS = (
    "date pubdate pubdatetime publisheddate datepublished publishedat publishedon published "
    "publishdate postdate created createdat creationdate datecreated createddate datetime "
    "createdon dateadded written writtenat writtenon day timestamp time publish publicationdate "
    "firstpublished publishedtime posted postedat postedon postdategmt issued released datum fecha"
).split()
UPDATED_FIELDS = (
    "updated updatedat updateddate lastmod lastmodified lastmodifiedat lastupdated modified "
    "modifiedat moddatetime moddate datemodified dateupdated modifieddate updatedtime"
).split()
SUMMARY_FIELDS = ("description", "summary", "excerpt", "subtitle", "lead", "abstract", "tldr")
# In Eleventy, tags also make the lists that templates go through.
ELEVENTY_COLLECTIONS = frozenset(("post", "posts", "all", "nav", "pages"))
# More bytes beyond ASCII than this share are not text in an old Western encoding.
MAX_ACCENTS = 0.25
UNDECLARED = "It is not UTF-8 text and was read as Windows-1252: check its accents."


class Document(TypedDict):
    """A post as parsed. `dated` is false if `created` is the modification time of the file.

    `slug` is the text to make a slug of, and `translation` a key that its translations share.
    `addresses` are the paths that it had, the most likely first, and `aliases` those that led to
    it; `cover` is the path in the file, or the URL on this blog after the image was imported.
    """

    source: str
    kind: str
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
    language: str
    translation: str
    addresses: list[str]
    aliases: list[str]
    cover: str
    cover_alt: str
    series: str
    part: int | None
    # True for a note that is marked for publication.
    chosen: bool
    # Reasons for not being public, things to check, and parts left out or shown as code.
    reasons: list[str]
    warnings: list[str]
    remarks: list[str]


def load(file: Path) -> bytes:
    """Read a file. Raises `Invalid` if it cannot be read or is too large for a post."""
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Invalid("It is not a regular file.")
        if status.st_size > MAX_FILE_BYTES:
            raise Invalid(
                f"It is too large for a post: {format_size(status.st_size)}, at most"
                f" {format_size(MAX_FILE_BYTES)}."
            )
        return file.read_bytes()
    except (OSError, ValueError) as error:
        raise Invalid(f"It cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def parse(content: bytes, file: Path, site: Site) -> Document:
    """Parse the content of a file into a post. Raises `NotAPost` or `Invalid`.

    Times are strings in UTC, as the database stores them. The slug may already be taken, and links
    are as written.
    """
    text, warnings = decode(content)
    parts = bodies.split_html(text) if _is_html_document(text, file) else front_matter.split(text)
    if file.suffix == ".mdx" and not parts.is_marked:
        parts = parts._replace(fields=mdx.read_fields(text))
    warnings += parts.remarks
    own = {name: value for name, value in parts.fields.items() if value is not None}
    fields = inheritance.add_defaults(own, file, site)
    post_kinds.check(fields, parts, file, site)
    title, body = _find_title(fields, parts.body, file, site)
    language = languages.find(fields, site.relative(file), site, site.content_folder(file))
    moment, unread = _find_created(fields, file, site)
    warnings += unread
    source = doubts.Source(fields, parts, file, site, language, moment is not None)
    seen = _decide_visibility(source, moment, is_unreadable=bool(unread) and moment is None)
    is_page = post_kinds.is_page(fields, file, site, is_dated=moment is not None)
    body, remarks = bodies.convert(body, _page_fields(fields, title, moment), file, site)
    if not body.strip() and parts.body.strip() and is_page:
        raise NotAPost("a page that the generator fills")
    # Hugo makes addresses of the date as written, others of that in the site's time zone.
    written = moment if moment is None or site.generator == "hugo" else moment.astimezone(site.zone)
    place = permalinks.Place(
        fields, file, site.relative(file), title, written, language, is_page,
        site.generator == "eleventy",
    )  # fmt: skip
    cover, (series, part) = post_metadata.cover(fields), post_metadata.series(fields)
    if not cover.target and (picture := inheritance.find_featured(file, site)):
        cover = cover._replace(target=picture)
    summary, shortened = _find_summary(fields)
    title, cut = _shorten(title, MAX_TITLE_CHARS, "title")
    names, dropped = _find_tags(fields, language.path, site)
    if moment is None and not is_page and not unread:
        warnings.append("It has no date; the modification time of the file is used.")
    created = seen.appears or moment or datetime.fromtimestamp(file.stat().st_mtime, UTC)
    return {
        "source": str(file),
        "kind": "page" if is_page else "post",
        "title": title,
        "body": body,
        "created": dates.format_utc(created),
        "dated": moment is not None,
        "updated": _find_updated(fields, site, warnings),
        "status": seen.status,
        "slug": _build_slug(fields, language.path),
        "summary": summary,
        "tags": names,
        "authors": authors.find(fields, site.known_authors()),
        "language": language.code,
        "translation": languages.translation_key(fields, language, site),
        "addresses": permalinks.list_paths(place, site),
        "aliases": permalinks.list_aliases(place, site),
        "cover": cover.target,
        "cover_alt": cover.alt,
        "series": series[:200],
        "part": part,
        "chosen": visibility.is_chosen(fields),
        "reasons": seen.reasons,
        "warnings": [*warnings, *cut, *shortened, *dropped],
        "remarks": remarks,
    }


def _decide_visibility(
    source: doubts.Source, created: datetime | None, *, is_unreadable: bool
) -> visibility.Visibility:
    site = source.site
    path = site.relative(source.file)
    seen = visibility.decide(source.fields, path, zone=site.zone, created=created, now=site.now)
    if seen.status != "published":
        return seen
    doubt = "its date cannot be read" if is_unreadable else doubts.find(source)
    if not doubt:
        return seen
    return seen._replace(status="draft", reasons=[f"It is a draft now, because {doubt}."])


def _page_fields(fields: Fields, title: str, moment: datetime | None) -> Fields:
    """Return the fields as templates see them: with a title and a date in any case."""
    found = {**fields, "title": title}
    return {**found, "date": moment} if moment else found


def list_addresses(post: Document) -> list[str]:
    """Return all old addresses, then those in lower case, for servers that ignored case."""
    found = [*post["addresses"], *post["aliases"]]
    return list(dict.fromkeys([*found, *map(str.lower, found)]))


def decode(content: bytes) -> tuple[str, list[str]]:
    """Decode a file to text with `\\n` line ends, and tell if its encoding was guessed.

    Raises `Invalid` if it is no text.
    """
    remarks: list[str] = []
    try:
        is_utf16 = content[:2] in (b"\xff\xfe", b"\xfe\xff")
        text = content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        text = _decode_western(content, error)
        remarks.append(UNDECLARED)
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Invalid(f"It is not a text file: it has a NUL character on line {line}.")
    return text.replace("\r\n", "\n").replace("\r", "\n"), remarks


def _decode_western(content: bytes, error: UnicodeDecodeError) -> str:
    accents = sum(byte > 127 for byte in content)
    try:
        if accents <= MAX_ACCENTS * len(content):
            return content.decode("cp1252")
    except UnicodeDecodeError:
        pass
    line = content.count(b"\n", 0, error.start) + 1
    raise Invalid(
        f"It is not UTF-8 text (byte {content[error.start]:02X} on line {line}); save it as UTF-8."
    ) from error


def _is_html_document(text: str, file: Path) -> bool:
    return file.suffix.lower() in (".html", ".htm") and bool(
        re.match(r"\s*(?:<!doctype\s+html|<html)\b", text, re.I)
    )


def _find_title(fields: Fields, body: str, file: Path, site: Site) -> tuple[str, str]:
    leading = HEADING.match(body) or UNDERLINED.match(body)
    if title := _named_title(fields, site):
        # These show only one of them.
        repeats = leading and site.generator in ("docusaurus", "vitepress", "obsidian", "quartz")
        if leading and repeats and _strip_markup(leading[1]) == title:
            body = body[leading.end() :].strip("\n")
        return html.unescape(title), body
    if leading:
        return _strip_markup(leading[1]), body[leading.end() :].strip("\n")
    # A heading further down is a good title, but must stay where it is.
    if heading := HEADING.search(body):
        return _strip_markup(heading[1]), body
    name = _file_title(file)
    if dates.split_name(name)[0] is None:
        name = re.sub(r"[-_\s]+", " ", name).strip()
    return name[:1].upper() + name[1:] or file.name, body


def _named_title(fields: Fields, site: Site) -> str:
    """Return the title, which may be a table of titles by language or by their kind."""
    found = fields.get("title")
    if not isinstance(found, dict):
        return post_metadata.first(fields, "title")
    plain = post_metadata.plain_names(found)
    names = (site.language, "main", "title", "text", "default", "en", "long", "short")
    return post_metadata.first(plain, *map(post_metadata.plain_name, names), *plain)


def _strip_markup(heading: str) -> str:
    # A longer title is shortened anyway.
    heading = post_metadata.text(heading[:1000])
    unclosed = heading.rstrip("#")
    if unclosed.endswith(" "):
        heading = unclosed.rstrip()
    return EMPHASIS.sub(r"\2", LINK.sub(r"\1", heading))


def _shorten(text: str, limit: int, name: str) -> tuple[str, list[str]]:
    if len(text) <= limit:
        return text, []
    return text[: limit - 1].rstrip() + "…", [f"Its {name} was cut to {limit:,} characters."]


def _find_summary(fields: Fields) -> tuple[str, list[str]]:
    return _shorten(post_metadata.first(fields, *SUMMARY_FIELDS), MAX_SUMMARY_CHARS, "description")


def _find_tags(fields: Fields, path: Path, site: Site) -> tuple[list[str], list[str]]:
    found = post_metadata.tags(
        fields, *site.taxonomies(), split_at_spaces=site.generator == "jekyll"
    )
    found = post_metadata.deduplicate([*found, *permalink_patterns.folder_categories(path, site)])
    if site.generator == "eleventy":
        found = [name for name in found if name.lower() not in ELEVENTY_COLLECTIONS]
    kept = [name for name in found if len(name) <= post_metadata.MAX_TAG_CHARS]
    kept = kept[: post_metadata.MAX_TAGS]
    dropped = len(found) - len(kept)
    return kept, [f"{dropped} of its tags are too many or too long."] if dropped else []


def _file_title(file: Path) -> str:
    is_index = file.stem == "index" or file.name == "page.mdx"
    name = file.parent.name if is_index and file.parent.name else file.stem
    return dates.split_name(name)[1]


def _find_created(fields: Fields, file: Path, site: Site) -> tuple[datetime | None, list[str]]:
    """Return the date of the post, if it has one, and a remark if it cannot be read."""
    problems: list[str] = []
    values = _values(fields, CREATED_FIELDS)
    for value in values:
        try:
            return dates.parse_with_offset(value, site.zone, site.blog_zone), []
        except Invalid as error:
            problems = problems or [error.message]
    # Without other dates, Hugo takes that of the last change.
    written = [*map(dates.find_day, values), *map(dates.find_day, _values(fields, UPDATED_FIELDS))]
    for day in (_find_day(fields, file, site), *written):
        if day and _is_readable(day, site):
            return dates.parse(day, site.zone, site.blog_zone), [
                f"{problem} The date {day} is used." for problem in problems
            ]
    return None, problems


def _values(fields: Fields, names: list[str]) -> list[Any]:
    """Return the values that should be dates, the most important first."""
    tables = post_metadata.plain_tables(fields)
    found = (table.get(name) for name in names for table in tables)
    return [
        value
        for value in found
        if value not in (None, "", [])
        and not isinstance(value, dict)
        and not dates.is_file_time(value)
        and not str(value).startswith("0001-01-01")
        and not (post_metadata.is_true(value) or post_metadata.is_false(value))
    ]


def _is_readable(day: date, site: Site) -> bool:
    try:
        dates.parse(day, site.zone, site.blog_zone)
    except Invalid:
        return False
    return True


def _find_day(fields: Fields, file: Path, site: Site) -> date | None:
    folder = file.parent
    inside = str(folder.relative_to(site.root)) if folder.is_relative_to(site.root) else ""
    # Docusaurus reads the date across folders: 2024/03-04-title.md.
    across = site.relative(file).with_suffix("").parts if site.generator == "docusaurus" else ()
    return (
        dates.find_in_path(permalinks.find_own_path(fields))
        or dates.split_name("-".join(across))[0]
        or dates.split_name(file.stem)[0]
        or dates.split_name(folder.name)[0]
        or dates.find_in_path(inside)
    )


def _find_updated(fields: Fields, site: Site, warnings: list[str]) -> str | None:
    for value in _values(fields, UPDATED_FIELDS):
        try:
            return dates.format_utc(dates.parse(value, site.zone, site.blog_zone))
        except Invalid as error:
            warnings.append(f"{error.message} It is the date of its last change, and left out.")
            break
    return None


def _build_slug(fields: Fields, path: Path) -> str:
    last = permalinks.find_own_path(fields).rpartition("/")[2]
    return post_metadata.first(fields, "slug", "postslug") or last or _file_title(path)
