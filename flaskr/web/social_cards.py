"""The picture of a post for link previews: one of its own, or a card drawn with its title."""

import hashlib
import re
import sqlite3
from typing import NamedTuple

from flask import url_for

from ..images import fonts
from ..images import social_cards
from ..models import social_images
from ..models.social_images import SocialImage
from ..text import titles
from ..text.line_breaking import split_for_lines
from . import site_settings
from . import urls

# Change it when cards look different, so that networks fetch them again.
DESIGN = 2
DEFAULT_COLOR = "#0a6560"
MAX_TEXT_CHARS = 300
KANA = re.compile("[\u3041-\u30ff]")
# Stacks of accents would reach other lines, and the margin. Vietnamese needs two.
MANY_ACCENTS = re.compile("([\u0300-\u036f]{3})[\u0300-\u036f]+")
HANGUL = re.compile("[\u1100-\u11ff\uac00-\ud7a3]")


class Card(NamedTuple):
    """The contents of a card."""

    title: social_cards.Line
    name: social_cards.Line | None
    color: str

    @property
    def version(self) -> str:
        """A hash of the contents, for the URL."""
        return hashlib.sha256(repr((DESIGN, *self)).encode(errors="replace")).hexdigest()[:16]

    def draw(self) -> bytes:
        """Return the PNG file. Raises `Unavailable` if others are being drawn."""
        return social_cards.draw(*self)


def social_image(post: sqlite3.Row, rendered: str) -> SocialImage | None:
    """Return the picture for previews of a post, with an absolute URL, if any."""
    title = titles.to_text(post["title"])
    found = social_images.find(post["cover"], rendered)
    if found is not None:
        url = urls.make_absolute(urls.prefix_link(found.url))
        return found._replace(url=url, alt=found.alt or title)
    card = find_card(post)
    if card is None:
        return None
    path = url_for("social_cards.show", id=post["id"], version=card.version)
    return SocialImage(urls.make_absolute(path), title, social_cards.WIDTH, social_cards.HEIGHT)


def find_card(post: sqlite3.Row) -> Card | None:
    """Return the card of a post, unless the owner switched cards off or no font has its letters."""
    if site_settings.get("SOCIAL_CARDS") == "off":
        return None
    blog_language = site_settings.get("LANGUAGE")
    title = _make_line(
        titles.to_text(post["title"])[:MAX_TEXT_CHARS], post["language"] or blog_language
    )
    if title is None:
        return None
    name = _make_line(site_settings.get("SITE_TITLE")[:MAX_TEXT_CHARS], blog_language)
    return Card(title, name, site_settings.get("ACCENT") or DEFAULT_COLOR)


def _make_line(text: str, language: str) -> social_cards.Line | None:
    """Return a text with its font, if any; emoji that the font lacks are removed."""
    from emoji import replace_emoji

    text = MANY_ACCENTS.sub(r"\1", text)
    language = _read_language(text, language)
    face = fonts.find(text, language)
    if face is None:
        text = replace_emoji(text, "")
        face = fonts.find(text, language)
    return social_cards.Line(tuple(split_for_lines(text)), face, language) if face else None


def _read_language(text: str, language: str) -> str:
    """Return the language of a text as its letters tell, else the one of the post or blog."""
    if KANA.search(text):
        return "ja"
    return "ko" if HANGUL.search(text) else language
