"""Build the table of contents of a long text from its rendered HTML."""

import html
import re
from typing import NamedTuple

from .excerpts import REFERENCE
from .excerpts import strip_tags

# For rendered HTML only: each heading has an id, and headings are not nested.
ATTRIBUTE = re.compile(r' ([^\s=">]+)="([^"]*)"')
HEADING = re.compile(
    r'<h([23])((?>(?: [^\s=">]+="[^"]*")*))>([^<]*+(?>(?:<(?!/?h[1-6])[^<]*+)*))</h\1>'
)
MIN_ENTRIES = 3
MAX_ENTRIES = 100
MIN_READING_MINUTES = 4


class Entry(NamedTuple):
    """A heading: its id, its text, and its subheadings."""

    id: str
    text: str
    parts: list["Entry"]


TABLE_START = '<nav class="toc" aria-label="Contents">'
UNLISTED = re.compile(r"\b(?:no_toc|unlisted)\b")
ANY_HEADING = re.compile(HEADING.pattern.replace("[23]", "[2-6]"))


def render_all(rendered: str) -> str:
    """Return the table of contents that an author asked for: all headings, however few."""
    items: list[str] = []
    levels: list[str] = []
    for match in ANY_HEADING.finditer(rendered):
        level, attributes, inner = match.groups()
        values = dict(ATTRIBUTE.findall(attributes))
        text = strip_tags(REFERENCE.sub("", inner)).strip()
        if not text or UNLISTED.search(values.get("class", "")):
            continue
        while levels and levels[-1] > level:
            levels.pop()
            items.append("</li></ol>")
        if levels and levels[-1] == level:
            items.append("</li>")
        else:
            items.append("<ol>")
            levels.append(level)
        link = f'<a href="#{values["id"]}">{html.escape(text, quote=False)}</a>'
        items.append(f'<li dir="auto">{link}')
    return f"{TABLE_START}{''.join(items)}{'</li></ol>' * len(levels)}</nav>" if items else ""


def table_of_contents(rendered: str, minutes: int) -> list[Entry]:
    """Return the headings of the upper two levels. A short text, or one with few, has no table."""
    found: list[Entry] = []
    if minutes < MIN_READING_MINUTES or TABLE_START in rendered:
        return found
    # The number is limited, or a text full of headings would be sent twice.
    for match in HEADING.finditer(rendered):
        level, attributes, inner = match.groups()
        name = dict(ATTRIBUTE.findall(attributes))["id"]
        entry = Entry(html.unescape(name), strip_tags(REFERENCE.sub("", inner)).strip(), [])
        if entry.text:
            (found[-1].parts if found and level == "3" else found).append(entry)
    number = sum(1 + len(entry.parts) for entry in found)
    if number > MAX_ENTRIES:
        found = [entry._replace(parts=[]) for entry in found]
    return found if number >= MIN_ENTRIES and len(found) <= MAX_ENTRIES else []
