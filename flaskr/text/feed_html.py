"""Adapt rendered HTML to feed readers, which lack the blog's style sheet and scripts."""

import html
import re
import unicodedata

from .excerpts import ANY_ATTRIBUTE
from .excerpts import TAG
from .excerpts import strip_tags

ADAPTED_TAG = re.compile(rf"<(/?)(a|span|sup)((?:{ANY_ATTRIBUTE})*)>")
# Without a style sheet, a class has no effect: highlighted code is a third shorter without them.
PLAIN_SPAN = re.compile(r'(?: class="[^"]*")?')
CLASS = re.compile(r' class="([^"]*)"')
SOURCE = re.compile(r' src="([^"]*)"')
# Languages, and scripts of any language, that are written from right to left.
RIGHT_TO_LEFT = re.compile(
    r"(?:ar|arc|ckb|dv|fa|he|iw|ks|nqo|pnb|ps|sd|syr|ug|ur|yi)(?!-(?:Latn|Cyrl|Deva)\b)(?:-.*)?"
    r"|[a-z]{2,8}-(?:Arab|Hebr|Syrc|Thaa|Nkoo|Adlm|Rohg)\b.*",
    re.IGNORECASE,
)
# Enough text to find the direction of its first word.
OPENING_CHARS = 5000


def adapt(text: str) -> str:
    """Return rendered HTML for feed readers, with the classes by which they recognize footnotes."""
    return ADAPTED_TAG.sub(_Adapter().replace, text)


class _Adapter:
    """Replaces the tags of one text in order."""

    def __init__(self) -> None:
        # Whether the end tag of each open link and span is kept.
        self.open: list[bool] = []
        self.is_reference = False

    def replace(self, tag: re.Match[str]) -> str:
        end, name, attributes = tag.groups()
        if name == "sup":
            self.is_reference = not end and attributes == ' class="footnote-ref"'
            return tag[0]
        if end:
            return tag[0] if not self.open or self.open.pop() else ""
        replaced = self._replace_link(tag[0], attributes) if name == "a" else tag[0]
        if name == "span" and PLAIN_SPAN.fullmatch(attributes):
            replaced = ""
        self.open.append(bool(replaced))
        return replaced

    def _replace_link(self, tag: str, attributes: str) -> str:
        """Return the start tag of a link, or nothing for the link from a heading to itself."""
        found = CLASS.search(attributes)
        if found and found[1] == "anchor":
            return ""
        if found and found[1] == "footnote-back":
            return tag.replace(found[0], ' class="reversefootnote"')
        return tag.replace("<a", '<a class="footnote"', 1) if self.is_reference else tag


def is_right_to_left(language: str, text: str) -> bool:
    """Return True if text in this language, or else this HTML by its first word, runs leftwards."""
    if language:
        return bool(RIGHT_TO_LEFT.fullmatch(language))
    directions = map(unicodedata.bidirectional, strip_tags(text[:OPENING_CHARS]))
    return next((one for one in directions if one in ("L", "R", "AL")), "L") != "L"


def wrap(text: str, language: str, *, is_right_to_left: bool) -> str:
    """Put HTML into an element with its language and direction, if they are to be told."""
    attributes = f' lang="{html.escape(language)}"' if language else ""
    attributes += ' dir="rtl"' if is_right_to_left else ""
    return f"<div{attributes}>{text}</div>" if attributes and text else text


def find_audio(text: str) -> list[str]:
    """Return the URL of each recording in rendered HTML."""
    found: dict[str, None] = {}
    is_open = False
    if "<audio" not in text:
        return []
    for tag in TAG.finditer(text):
        end, name, attributes = tag.groups()
        if name == "audio":
            is_open = not end
        source = SOURCE.search(attributes) if is_open and name in ("audio", "source") else None
        if source:
            # Further sources are the same recording in other formats.
            is_open = False
            found.setdefault(html.unescape(source[1]))
    return list(found)
