"""Take the text that readers see from rendered HTML."""

import re

from .excerpts import REFERENCE
from .excerpts import TAG
from .excerpts import remove_elements
from .excerpts import unescape

INLINE = frozenset(
    "a abbr b bdi bdo cite code data del dfn em font i ins kbd q rp rt ruby s samp small span"
    " strike strong sub sup time tt u var wbr".split()
)
BACK_LINK = '<a class="footnote-back"'
ALT = re.compile(r' alt="([^"]*)"')


def visible_text(html: str) -> str:
    """Return the text of rendered HTML in one line, with spaces between its blocks.

    The texts that stand for pictures are a part of it; the sources of formulas are not.
    """
    for name in ("annotation", "svg"):
        html = remove_elements(html, name)
    first, *others = REFERENCE.sub("", html).split(BACK_LINK)
    html = first + "".join(other.partition("</a>")[2] for other in others)
    text = TAG.sub(_replace_tag, html)
    return " ".join(unescape(text).split())


def separates_words(name: str) -> bool:
    """Return True if the text before an element and the text in it are different words."""
    # The elements of formulas begin with an m.
    return name not in INLINE and not name.startswith("m")


def _replace_tag(tag: re.Match[str]) -> str:
    if not separates_words(tag[2]):
        return ""
    alt = ALT.search(tag[3]) if tag[2] == "img" else None
    return f" {alt[1]} ".replace("&quot;", '"') if alt else " "
