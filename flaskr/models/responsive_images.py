"""Pictures of the library in finished HTML: their size, their narrower widths, their alt text."""

import html
import re
import sqlite3
from collections.abc import Mapping
from typing import TypeVar

from markupsafe import Markup

from .. import images
from .. import text
from ..db import get_db
from . import media_storage

# Sanitised HTML alone: there every value stands in double quotes.
PICTURE = re.compile(r'<img((?: [^\s=">]+="[^"]*")*)>')
SOURCE = re.compile(rf' src="/media/({images.NAME})"')
# As wide as style.css makes the text, and what it leaves beside it, in CSS pixels.
COLUMN = 760
MARGINS = 52
# SQLite takes so many values at once, and no page has so many pictures.
MOST = 5000
# Of one text so many pictures are told their size: that takes a look at the disk for each, and
# makes its HTML several times as long.
MAX_SIZED = 1000

Key = TypeVar("Key")


def sized(texts: Mapping[Key, text.Rendered]) -> dict[Key, text.Rendered]:
    """The texts with each picture of the library in them told its size and its widths.

    A picture whose file is gone is left as it is: its alt text stands in for it.
    """
    names = {name for one in texts.values() for name in SOURCE.findall(one.html)}
    if not names:
        return dict(texts)
    known = _media(names)

    def size(part: str) -> str:
        return PICTURE.sub(lambda match: _sized(match, known), part, count=MAX_SIZED)

    return {
        key: one._replace(
            html=size(one.html), excerpt=None if one.excerpt is None else size(one.excerpt)
        )
        for key, one in texts.items()
    }


def image(address: str) -> Markup:
    """The picture at this address as HTML, told its size, its widths and what it shows."""
    picture = Markup('<img src="{}" alt="">').format(address)
    known = _media(set(SOURCE.findall(picture)))
    return Markup(PICTURE.sub(lambda match: _sized(match, known), picture))  # noqa: S704  # escaped


def _media(names: set[str]) -> dict[str, sqlite3.Row]:
    asked = sorted(names)[:MOST]
    rows = get_db().execute(
        "SELECT name, hash, alt, width, height, animated, widths FROM media"
        f" WHERE name IN ({', '.join('?' * len(asked))})",
        asked,
    )
    return {row["name"]: row for row in rows}


def _sized(match: re.Match[str], known: dict[str, sqlite3.Row]) -> str:
    source = SOURCE.search(match[1])
    medium = known.get(source[1]) if source else None
    if medium is None:
        return match[0]
    values = dict(text.ATTRIBUTE.findall(match[1]))
    values["alt"] = values.get("alt") or html.escape(medium["alt"])
    if medium["width"] and media_storage.is_there(medium["name"]):
        _set_size(values, medium)
        _set_widths(values, medium)
    return "<img" + "".join(f' {name}="{value}"' for name, value in values.items()) + ">"


def _set_size(values: dict[str, str], medium: sqlite3.Row) -> None:
    width, height = medium["width"], medium["height"]
    if "width" in values:
        height = max(1, round(int(values["width"]) * height / width))
    elif "height" in values:
        width = max(1, round(int(values["height"]) * width / height))
    values.setdefault("width", str(width))
    values.setdefault("height", str(height))


def _set_widths(values: dict[str, str], medium: sqlite3.Row) -> None:
    widths = [] if medium["animated"] else list(map(int, medium["widths"].split()))
    if not widths or "srcset" in values:
        return
    sources = [f"/media/{medium['hash']}-{width}.webp {width}w" for width in widths]
    if widths[-1] < min(medium["width"], max(images.VARIANT_WIDTHS)):
        sources.append(f"{values['src']} {medium['width']}w")
    shown = min(COLUMN, int(values["width"]))
    values["srcset"] = ", ".join(sources)
    values["sizes"] = f"(min-width: {shown + MARGINS}px) {shown}px, calc(100vw - {MARGINS}px)"
