"""Keep the look of HTML that the sanitizer would remove: old elements, alignment and sizes."""

import html
import re

from .attribute_lists import SIDES
from .attribute_lists import STYLE_SIDE
from .attribute_lists import STYLE_WIDTH
from .attribute_lists import nearest_share

TAG = re.compile(
    r"<(/?)(center|strike|tt|p|div|h[1-6]|img|table|td|th)(?![\w-])([^<>]{0,2000})>", re.IGNORECASE
)
ATTRIBUTE = re.compile(
    r"""\s(align|width|style|class)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""", re.IGNORECASE
)
NEW_NAMES = {"center": "div", "strike": "s", "tt": "code"}


def modernize(raw: str) -> str:
    """Return raw HTML with elements and classes in place of those of former times."""
    return TAG.sub(_modernize_tag, raw)


def _modernize_tag(tag: re.Match[str]) -> str:
    end, name, rest = tag[1], tag[2].lower(), tag[3]
    new_name = NEW_NAMES.get(name, tag[2])
    if end:
        return f"</{new_name}>"
    values = {key.lower(): a or b or c for key, a, b, c in ATTRIBUTE.findall(rest)}
    side = "center" if name == "center" else values.get("align", "").lower()
    style = values.get("style", "")
    if found := STYLE_SIDE.search(style):
        side = found[1]
    width = STYLE_WIDTH.search(style)
    size = width[1] if width else values.get("width", "")
    classes = [f"align-{side}" if name in ("td", "th") else side] if side in SIDES else []
    if name == "img" and (share := nearest_share(size)):
        classes.append(f"w-{share}")
    if not classes:
        return f"<{new_name}{rest}>"
    # A parser ignores the second of two attributes.
    classes += html.escape(values.get("class", "")).split()
    return f'<{new_name} class="{" ".join(classes)}"{rest}>'
