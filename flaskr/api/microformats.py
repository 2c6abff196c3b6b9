"""Turn the properties of Micropub (microformats 2) into the fields of posts, and back.

Pictures are the last paragraphs of a text. The rest of it is the property `content`.
"""

import re
import sqlite3
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from werkzeug.urls import iri_to_uri

from .. import errors
from .. import text
from ..models import media
from ..models import posts
from ..text import dates
from ..text import excerpts
from ..web import site_settings
from ..web import urls
from .times import format_time

STATUSES = ("draft", "published")
# Others than "public" are drafts, because the blog has no posts that only some readers see.
VISIBILITIES = ("public", "unlisted", "private", "protected")
MAX_PHOTOS = 100
MAX_MADE_TITLE_CHARS = 60
MAX_RENDERED_CHARS = 4000
PHOTO_URL = re.compile(r"(?:https?://|/(?!/))[^\s<>()\\]+", re.IGNORECASE)
PHOTO = re.compile(rf"!\[((?:[^\\\[\]\n]|\\[^\n])*)\]\(({PHOTO_URL.pattern})\)", re.IGNORECASE)
ESCAPED = re.compile(r"\\([^\n])")
HTML_BLOCK = re.compile(r"<(?:p|h[1-6]|div|ul|ol|blockquote|figure|table)\b", re.IGNORECASE)
Properties = dict[str, list[Any]]


def as_list(value: Any) -> list[Any]:
    """Return the values of a property. Some clients send one value without a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def read_text(value: Any, name: str) -> str:
    """Return a text without the characters that cannot be stored. Raises `Invalid`."""
    if not isinstance(value, str):
        raise errors.Invalid(f"{name} has to be a text.", name)
    return text.clean(value)


def _read_texts(properties: Properties, name: str) -> list[str]:
    return [read_text(value, name) for value in properties[name]]


def read_fields(properties: Properties) -> dict[str, Any]:
    """Return the fields of a post that properties contain, besides its text and status."""
    fields: dict[str, Any] = {}
    for name, field in {"name": "title", "summary": "summary", "mp-slug": "slug"}.items():
        if name in properties:
            fields[field] = " ".join(_read_texts(properties, name))
    if "category" in properties:
        fields["tags"] = [name for name in _read_texts(properties, "category") if name.strip()]
    if properties.get("published"):
        typed = _read_texts(properties, "published")[0]
        fields["created"] = dates.to_utc(typed, site_settings.get("TIMEZONE"))
    return fields


def read_status(properties: Properties) -> str | None:
    """Return the status that properties ask for, if they do. Raises `Invalid`."""
    status: str | None = _choose(properties, "post-status", STATUSES)
    is_limited = _choose(properties, "visibility", VISIBILITIES) not in (None, "public")
    return "draft" if is_limited else status


def _choose(properties: Properties, name: str, choices: Iterable[str]) -> Any:
    values = properties.get(name) or [None]
    if len(values) > 1 or values[0] not in (None, *choices):
        raise errors.Invalid(f"{name} has to be one of {', '.join(choices)}.", name)
    return values[0]


def read_content(values: Iterable[Any]) -> str:
    """Return the texts of the property `content` as Markdown, which may contain HTML."""
    return "\n\n".join(map(_read_content, values))


def _read_content(value: Any) -> str:
    if not isinstance(value, dict):
        return read_text(value, "content")
    if "html" not in value:
        return read_text(value.get("value"), "content")
    html = read_text(value["html"], "content").strip()
    if "<pre" not in html:
        # After a blank line, Markdown would go on.
        html = "\n".join(line for line in html.split("\n") if line.strip())
    return html if HTML_BLOCK.match(html) else f"<div>{html}</div>"


def read_photos(values: list[Any], alts: Iterable[str] = ()) -> list[str]:
    """Return the Markdown of the values of the property `photo`. Raises `Invalid`."""
    if len(values) > MAX_PHOTOS:
        raise errors.Invalid(f"A post can have {MAX_PHOTOS} photos.", "photo")
    descriptions = [*alts, *[""] * len(values)]
    return [_read_photo(value, alt) for value, alt in zip(values, descriptions, strict=False)]


def _read_photo(value: Any, alt: str) -> str:
    if isinstance(value, dict):
        value, alt = value.get("value"), read_text(value.get("alt") or "", "photo")
    url = iri_to_uri(read_text(value, "photo").strip())
    url = url.replace("(", "%28").replace(")", "%29")
    if not PHOTO_URL.fullmatch(url):
        raise errors.Invalid("photo has to be the address of an image.", "photo")
    return f"![{_escape(alt)}]({_make_relative(url)})"


def _escape(alt: str) -> str:
    return media.MARKDOWN_CHARACTERS.sub(r"\\\1", " ".join(alt.split()))


def _make_relative(url: str) -> str:
    """Return a URL of this blog as texts store it, and others unchanged."""
    root = urls.make_absolute("/")
    return f"/{url.removeprefix(root)}" if url.startswith(root) else url


def join(content: str, photos: list[str]) -> str:
    """Return the text of a post."""
    return "\n\n".join([*([content.rstrip()] if content.strip() else []), *photos])


def split(body: str) -> tuple[str, list[str]]:
    """Return the content of a post's text, and the Markdown of the photos below it."""
    paragraphs, photos = body.rstrip().split("\n\n"), []
    while paragraphs and PHOTO.fullmatch(paragraphs[-1]):
        photos.append(paragraphs.pop())
    return ("\n\n".join(paragraphs) if photos else body), photos[::-1]


def change_body(body: str, changed: Properties) -> str:
    """Return the text of a post after a change of its content, its photos or both."""
    content, photos = split(body)
    if "content" in changed:
        content = read_content(changed["content"])
    if "photo" in changed:
        photos = read_photos(changed["photo"])
    return join(content, photos)


def make_title(body: str) -> str:
    """Return the beginning of a text, as the title of a post without one."""
    words = " ".join(excerpts.strip_tags(text.render(body[:MAX_RENDERED_CHARS]).html).split())
    if not words:
        photo = PHOTO.search(body)
        words = " ".join(ESCAPED.sub(r"\1", photo[1]).split()) or "Photo" if photo else ""
    if len(words) <= MAX_MADE_TITLE_CHARS:
        return words
    beginning = words[:MAX_MADE_TITLE_CHARS]
    return (beginning.rpartition(" ")[0] or beginning) + "…"


def describe(post: sqlite3.Row, tags: list[str], location: str) -> Properties:
    """Return the properties of a post."""
    content, photos = split(post["body"])
    found = {
        "name": [post["title"]],
        "content": [content],
        "summary": [post["summary"]],
        "category": tags,
        "photo": list(map(_describe_photo, photos)),
        "published": [format_time(post["created"])],
        "updated": [format_time(post["updated"])],
        "post-status": ["draft" if post["status"] == "draft" else "published"],
        "visibility": ["public" if posts.is_visible(post) else "private"],
        "mp-slug": [post["slug"]],
        "url": [location],
    }
    return {name: values for name, values in found.items() if values not in ([], [""], [None])}


def _describe_photo(markdown: str) -> Any:
    alt, url = PHOTO.fullmatch(markdown).groups()  # type: ignore[union-attr]  # `split` found it
    url = urls.make_absolute(url)
    return {"value": url, "alt": ESCAPED.sub(r"\1", alt)} if alt else url


def change(before: Properties, changes: Mapping[str, Any]) -> Properties:
    """Return the properties that an update changes, with their new values. Raises `Invalid`."""
    changed: Properties = {}
    for operation, apply in OPERATIONS.items():
        given = changes.get(operation)
        if operation == "delete" and isinstance(given, list):
            changed |= {read_text(name, operation): [] for name in given}
        elif isinstance(given, dict):
            for name, values in given.items():
                current = changed.get(name, before.get(name, []))
                changed[name] = apply(current, as_list(values))
        elif given is not None:
            raise errors.Invalid(f"{operation} has to be an object of lists.")
    if not changed:
        raise errors.Invalid("An update needs replace, add or delete.")
    return changed


def _remove(current: list[Any], values: list[Any]) -> list[Any]:
    unwanted = [one for one in map(_value_of, values) if isinstance(one, str)]
    return [one for one in current if _value_of(one) not in unwanted]


def _value_of(photo: Any) -> Any:
    return photo.get("value") if isinstance(photo, dict) else photo


OPERATIONS: dict[str, Callable[[list[Any], list[Any]], list[Any]]] = {
    "replace": lambda _, values: values,
    "add": lambda current, values: [*current, *values],
    "delete": _remove,
}
