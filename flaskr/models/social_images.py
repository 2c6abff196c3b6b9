"""Choose a picture of a post for link previews: its cover, or the first picture in its text."""

import html
import re
import sqlite3
from collections.abc import Iterator
from collections.abc import Mapping
from itertools import islice
from typing import NamedTuple

from .. import images
from .. import text
from . import media_variants
from . import responsive_images

# Social networks show only these, and only between these sizes.
TYPES = ("image/jpeg", "image/png", "image/webp", "image/gif")
MAX_BYTES = 5 * 1024 * 1024
MIN_SIDE = 200
MAX_VARIANT_WIDTH = 1600
MAX_CANDIDATES = 10
CARD = '<p class="card">'
WEB_URL = re.compile(r"https?://[^\s/]+/\S*|/(?![/\\])\S+", re.IGNORECASE)
VECTOR_URL = re.compile(r"[^?#]*\.svg(?:[?#]|$)", re.IGNORECASE)


class SocialImage(NamedTuple):
    """A picture for link previews. Only pictures in the media library have a size."""

    url: str
    alt: str
    width: int | None = None
    height: int | None = None


def find(cover: str, rendered: str) -> SocialImage | None:
    """Return the picture for previews of a post, given its cover and rendered text, if any."""
    candidates = [SocialImage(cover, "")] if cover else []
    candidates += islice(_pictures(rendered), MAX_CANDIDATES)
    names = {match[1] for found in candidates if (match := _library_name(found.url))}
    media = responsive_images.find_media(names) if names else {}
    return next(filter(None, (_check(found, media) for found in candidates)), None)


def _pictures(rendered: str) -> Iterator[SocialImage]:
    """Yield the pictures of a text, without those of link cards."""
    first, *others = rendered.split(CARD)
    for part in (first, *(other.partition("</p>")[2] for other in others)):
        for element in responsive_images.IMG.finditer(part):
            values = dict(text.ATTRIBUTE.findall(element[1]))
            if not any(int(values.get(side, MIN_SIDE)) < MIN_SIDE for side in ("width", "height")):
                alt = html.unescape(values.get("alt", ""))
                yield SocialImage(html.unescape(values.get("src", "")), alt)


def _library_name(url: str) -> re.Match[str] | None:
    return images.URL.fullmatch(url)


def _check(found: SocialImage, media: Mapping[str, sqlite3.Row]) -> SocialImage | None:
    """Return a picture in a form that networks can show, if there is one."""
    if match := _library_name(found.url):
        medium = media.get(match[1])
        return _fit(found, medium) if medium is not None else None
    return found if WEB_URL.fullmatch(found.url) and not VECTOR_URL.match(found.url) else None


def _fit(found: SocialImage, medium: sqlite3.Row) -> SocialImage | None:
    """Return a picture of the media library, or its WebP variant if it is unfit or too large."""
    alt, width, height = found.alt or medium["alt"], medium["width"], medium["height"]
    if medium["type"] in TYPES and medium["size"] <= MAX_BYTES:
        return SocialImage(found.url, alt, width, height)
    widths = [each for each in media_variants.widths(medium) if each <= MAX_VARIANT_WIDTH]
    if not widths:
        return None
    url = f"/media/{media_variants.file_name(medium['hash'], max(widths))}"
    return SocialImage(url, alt, max(widths), round(height * max(widths) / width))
