"""Fit links to headings to the anchors of this blog, as generators name them differently."""

import re
from collections import Counter

from .code_spans import MARKS
from .code_spans import Masks
from .links import make_anchor

HEADING = re.compile(r"^ {0,3}#{1,6}[ \t]+([^\n]+)$", re.MULTILINE)
EXPLICIT = re.compile(r"\{:?\s{0,20}#([\w:.-]{1,100})[^{}\n]{0,200}\}\Z")
ELEMENT_ID = re.compile(r"<[a-z][^<>]{0,500}?\s(?:id|name)\s*=\s*[\"']([^\"']{1,100})[\"']", re.I)
LINK = re.compile(r"!?\[([^\[\]]{0,500})\]\([^()]{0,500}\)")
LEADING_NUMBER = re.compile(r"\A[\d\W_]+")


def find(body: str) -> dict[str, str]:
    """Return the anchors of a body by keys that all generators' names for them share."""
    text = Masks().hide_blocks(MARKS.sub("", body))
    found: dict[str, str] = {}
    repeated: Counter[str] = Counter()
    names = ELEMENT_ID.findall(text)
    for match in HEADING.finditer(text):
        heading = match[1].rstrip(" \t").rstrip("#").rstrip()
        explicit = EXPLICIT.search(heading)
        anchor = explicit[1] if explicit else make_anchor(_plain(heading))
        repeated[anchor] += 1
        names.append(anchor if repeated[anchor] == 1 else f"{anchor}-{repeated[anchor] - 1}")
    for name in names:
        found.setdefault(name, name)
    for name in names:
        found.setdefault(_key(name), name)
    # Kramdown leaves out a number at the beginning.
    for name in names:
        found.setdefault(_key(LEADING_NUMBER.sub("", name)), name)
    return found


def fit(fragment: str, anchors: dict[str, str]) -> str:
    """Return the anchor that a fragment means, or the fragment itself."""
    return anchors.get(fragment) or anchors.get(_key(fragment)) or fragment


def _plain(heading: str) -> str:
    return re.sub(r"<[^<>]*>|[*`]|\\(?=\W)", "", LINK.sub(r"\1", heading))


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.lower())
