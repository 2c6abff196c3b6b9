"""Add sizes, `srcset` and alt text to library images in rendered HTML."""

import html
import re
import sqlite3
from collections.abc import Mapping
from typing import TypeVar

from markupsafe import Markup

from .. import db
from .. import images
from .. import text
from . import conditions
from . import media_storage
from . import media_variants

# This only matches sanitized HTML, where every value is in double quotes.
IMG = re.compile(r'<img((?: [^\s=">]+="[^"]*")*)>')
SOURCE = re.compile(rf' src="/media/({images.NAME})"')
# The largest width of an image in the text column and the margins of a narrow page, in CSS pixels.
# A test compares them with style.css.
COLUMN_WIDTH = 760
MARGINS = 52
# SQLite limits the number of values in a query.
MAX_QUERIED_NAMES = 5000
# Each image costs one file system access and several times its HTML.
MAX_SIZED_IMAGES = 1000

COVER = '<img src="{}" alt="" fetchpriority="high">'
HEADER = '<img src="{}" alt="{}" fetchpriority="high">'
# It is as wide as the widest frame of a look, in CSS pixels.
HEADER_SIZES = ' sizes="(min-width: 1240px) 1240px, 100vw"'
SIZES = re.compile(r' sizes="[^"]*"')
LAZY_COVER = '<img src="{}" alt="" loading="lazy" decoding="async">'

Key = TypeVar("Key")


def add_sizes(texts: Mapping[Key, text.Rendered]) -> dict[Key, text.Rendered]:
    """Return the texts with sizes and `srcset` added to their library images.

    Images whose file is missing stay as they are, so browsers show their alt text.
    """
    names = {name for rendered in texts.values() for name in SOURCE.findall(rendered.html)}
    if not names:
        return dict(texts)
    media = find_media(names)

    def size(fragment: str) -> str:
        return IMG.sub(lambda match: _add_size(match, media), fragment, count=MAX_SIZED_IMAGES)

    return {
        key: rendered._replace(
            html=size(rendered.html),
            excerpt=None if rendered.excerpt is None else size(rendered.excerpt),
        )
        for key, rendered in texts.items()
    }


def render_image(url: str) -> Markup:
    """Return an `img` element, with size, `srcset` and alt text if it is a library image."""
    return render_images({"": url})[""]


def render_images(urls: Mapping[Key, str], *, are_lazy: bool = False) -> dict[Key, Markup]:
    """Return an `img` element for each URL, as `render_image` does.

    With `are_lazy`, browsers load all but the first only when they come into view.
    """
    elements = {
        key: Markup(LAZY_COVER if are_lazy and number else COVER).format(url)  # noqa: S704  # constants
        for number, (key, url) in enumerate(urls.items())
    }
    media = find_media(set(SOURCE.findall("".join(elements.values()))))
    return {
        key: Markup(IMG.sub(lambda match: _add_size(match, media), element))  # noqa: S704  # escaped
        for key, element in elements.items()
    }


def render_header(url: str, alt: str) -> Markup:
    """Return the `img` element of the header picture, or nothing unless the library has it."""
    element = Markup(HEADER).format(url, alt)  # noqa: S704  # a constant
    media = find_media(set(SOURCE.findall(element)))
    sized = IMG.sub(lambda match: _add_size(match, media), element)
    shown = SIZES.sub(HEADER_SIZES, sized) if " width=" in sized else ""
    return Markup(shown)  # noqa: S704  # the element above, in which the values are escaped


def find_first(html: str) -> str | None:
    """Return the URL of the first library image in rendered HTML, or None."""
    match = SOURCE.search(html)
    return f"/media/{match[1]}" if match else None


def find_media(names: set[str]) -> dict[str, sqlite3.Row]:
    """Return the files of the media library with these names, by name."""
    if not names:
        return {}
    queried = sorted(names)[:MAX_QUERIED_NAMES]
    rows = db.all(
        f"""
        SELECT name, hash, type, size, alt, width, height, animated, widths
        FROM media
        WHERE name IN ({conditions.placeholders(queried)})
        """,
        *queried,
    )
    return {row["name"]: row for row in rows}


def _add_size(match: re.Match[str], media: dict[str, sqlite3.Row]) -> str:
    source = SOURCE.search(match[1])
    medium = media.get(source[1]) if source else None
    if medium is None:
        return match[0]
    values = dict(text.ATTRIBUTE.findall(match[1]))
    values["alt"] = values.get("alt") or html.escape(medium["alt"])
    if medium["width"] and media_storage.seems_present(medium["name"]):
        _set_size(values, medium)
        _set_srcset(values, medium)
    return "<img" + "".join(f' {name}="{value}"' for name, value in values.items()) + ">"


def _set_size(values: dict[str, str], medium: sqlite3.Row) -> None:
    width, height = medium["width"], medium["height"]
    if "width" in values:
        height = max(1, round(int(values["width"]) * height / width))
    elif "height" in values:
        width = max(1, round(int(values["height"]) * width / height))
    values.setdefault("width", str(width))
    values.setdefault("height", str(height))


def _set_srcset(values: dict[str, str], medium: sqlite3.Row) -> None:
    widths = [] if medium["animated"] else media_variants.widths(medium)
    if not widths or "srcset" in values:
        return
    names = [media_variants.file_name(medium["hash"], width) for width in widths]
    sources = [f"/media/{name} {width}w" for name, width in zip(names, widths, strict=True)]
    if widths[-1] < min(medium["width"], images.MIN_LARGEST_WIDTH):
        sources.append(f"{values['src']} {medium['width']}w")
    width = min(COLUMN_WIDTH, int(values["width"]))
    values["srcset"] = ", ".join(sources)
    sizes = f"(min-width: {width + MARGINS}px) {width}px, calc(100vw - {MARGINS}px)"
    # Browsers know the width of an image that they load late, as in a gallery or a grid of covers.
    values["sizes"] = f"auto, {sizes}" if values.get("loading") == "lazy" else sizes
