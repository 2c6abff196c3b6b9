"""Find the URLs in public files, whose templates and style sheets people may write by hand."""

import html
import re
from collections.abc import Callable

from ..text import absolute_urls

TAG = re.compile(r"""<[a-z](?>(?:[^<>"']+|"[^"]*"|'[^']*')*)>""", re.IGNORECASE)
ATTRIBUTE = re.compile(r"""(?<![^\s"'=<>/])([^\s"'=<>/]++)\s*+=\s*+("[^"]*"|'[^']*'|[^\s"'<>]+)""")
URL_ATTRIBUTES = frozenset("href src poster srcset cite".split())
MAYBE_URL = re.compile("href|src|poster|cite", re.IGNORECASE)
# In other files than pages, by the last part of their media type.
URLS = {
    "css": re.compile(r"""(?:\burl\(|@import)\s*["']?([^\s"'()]+)"""),
    "javascript": re.compile(r"""\b(?:from|import)\b\s*+(?:\(\s*+)?["'](\.{0,2}/[^\s"']+)["']"""),
    "manifest+json": re.compile(r'"src":\s*"([^"]+)"'),
}


def map_urls(page: str, join: Callable[[str], str]) -> str:
    """Return a page with each URL replaced by the result of a function."""

    def map_attribute(match: re.Match[str]) -> str:
        name = match[1].lower()
        if name not in URL_ATTRIBUTES:
            return match[0]
        value = absolute_urls.map_value(name, html.unescape(match[2].strip("\"'")), join)
        return f'{name}="{html.escape(value)}"'

    def map_tag(match: re.Match[str]) -> str:
        tag = match[0]
        return ATTRIBUTE.sub(map_attribute, tag) if MAYBE_URL.search(tag) else tag

    return TAG.sub(map_tag, page)


def find_urls(media_type: str, content: bytes) -> list[str]:
    """Return the URLs in a style sheet, a script or a web app manifest."""
    pattern = URLS.get(media_type.rpartition("/")[2])
    return pattern.findall(content.decode(errors="replace")) if pattern else []
