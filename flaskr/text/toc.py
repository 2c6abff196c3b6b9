"""Pure: the table of contents of a long text, out of its finished HTML."""

import html
import re
from typing import NamedTuple

from .excerpts import REFERENCE
from .excerpts import strip_tags

# Finished HTML alone: there each heading has an id and holds no other.
ATTRIBUTE = re.compile(r' ([^\s=">]+)="([^"]*)"')
HEADING = re.compile(r'<h([23])((?: [^\s=">]+="[^"]*")*+)>([^<]*+(?:<(?!/?h[1-6])[^<]*+)*+)</h\1>')
FEWEST = 3
MAX_ENTRIES = 100
LONG = 4


class Entry(NamedTuple):
    """A heading: its id, its text, and the headings under it."""

    id: str
    text: str
    parts: list["Entry"]


def table_of_contents(rendered: str, minutes: int) -> list[Entry]:
    """The headings of the two upper levels; none for a text that is short or has hardly any."""
    found: list[Entry] = []
    if minutes < LONG:
        return found
    # The number of all is bounded, or a text of nothing but headings would be sent twice.
    for match in HEADING.finditer(rendered):
        level, attributes, inner = match.groups()
        name = dict(ATTRIBUTE.findall(attributes))["id"]
        entry = Entry(html.unescape(name), strip_tags(REFERENCE.sub("", inner)).strip(), [])
        if entry.text:
            (found[-1].parts if found and level == "3" else found).append(entry)
    number = sum(1 + len(entry.parts) for entry in found)
    if number > MAX_ENTRIES:
        found = [entry._replace(parts=[]) for entry in found]
    return found if number >= FEWEST and len(found) <= MAX_ENTRIES else []
