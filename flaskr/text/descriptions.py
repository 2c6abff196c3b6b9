"""Describe a text by its beginning, as plain text."""

import re

from .excerpts import TAG
from .excerpts import task_mark
from .excerpts import unescape
from .visible_text import separates_words

# Elements whose words are not part of the text, or mean nothing without their shape.
LEFT_OUT = ("annotation", "audio", "nav", "pre", "svg", "table", "video")
LEFT_OUT_CLASSES = {"figure": ' class="chart"', "sup": ' class="footnote-ref"'}
EDGES = {name: re.compile(f"<(/?){name}[ >]") for name in (*LEFT_OUT, *LEFT_OUT_CLASSES)}
FOOTNOTES = ' class="footnotes"'
# A text with so many tags before its first words has no description.
MAX_TAGS = 5000


def describe(html: str, max_chars: int) -> str:
    """Return the visible text of rendered HTML, or its beginning if it is longer than `max_chars`.

    Footnotes, code blocks and tables are left out.
    """
    parts: list[str] = []
    found = tags = position = 0
    while found < max_chars and tags < MAX_TAGS:
        tag = TAG.search(html, position)
        parts.append(unescape(html[position : tag.start() if tag else len(html)]))
        found += len(parts[-1].strip())
        if tag is None or FOOTNOTES in tag[3]:
            break
        tags += 1
        position = tag.end()
        parts.append(_replacement(tag))
        if not tag[1] and (tag[2] in LEFT_OUT or LEFT_OUT_CLASSES.get(tag[2], ">") in tag[3]):
            position = _find_end(html, tag[2], position)
    return " ".join("".join(parts).split())


def _replacement(tag: re.Match[str]) -> str:
    if tag[2] == "input":
        return task_mark(tag[0])
    return " " if separates_words(tag[2]) else ""


def _find_end(html: str, name: str, position: int) -> int:
    depth = 1
    for edge in EDGES[name].finditer(html, position):
        depth += -1 if edge[1] else 1
        if not depth:
            return edge.end()
    return len(html)
