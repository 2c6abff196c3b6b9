"""Cut an excerpt from the rendered HTML of a long text."""

import html
import re
from collections.abc import Iterable
from collections.abc import Iterator

# For sanitized HTML only: every tag is closed, and every value is double-quoted.
ANY_ATTRIBUTE = r" [^\s=\">]+=\"[^\"]*\""
TAG = re.compile(rf"<(/?)([a-z][a-z0-9]*)((?:{ANY_ATTRIBUTE})*)>")
TAG_OR_END = re.compile(TAG.pattern + r"|\Z")
VOID_TAGS = re.compile("br|col|hr|img|input|source|track|wbr")
BREAKABLE = re.compile("blockquote|dd|div|dt|figure|h[2-6]|li|p|pre|table|tr")
REFERENCE = re.compile(r"<sup class=\"footnote-ref\"><a(?: [^\s=\">]+=\"[^\"]*\")*>\d+</a></sup>")

# The only entities the sanitizer writes; `&amp;` last, or `&amp;lt;` would become `<`.
ENTITIES = {"&nbsp;": "\xa0", "&lt;": "<", "&gt;": ">", "&amp;": "&"}
# Links within the text. Their targets have the placeholder for a prefix. In excerpts, another
# placeholder takes the place of the post's URL.
LOCAL_LINK = re.compile(' href="#(\ufdd0[^"]+)"')
PAGE_PLACEHOLDER = "\ufdd7"
MAX_FULL_CHARS = 1000
EXCERPT_CHARS = 600
MIN_HIDDEN_CHARS = 300
MAX_BLOCK_CHARS = 5000
MIN_SHOWN_CHARS = 200
IMAGE_CHARS = 200


def tags_with(attribute: str) -> re.Pattern[str]:
    """Return a pattern for the start tags with an attribute: calling Python for each tag is slow.

    The pattern of the attribute begins with the space before it.
    """
    other = rf"(?>(?:(?!{attribute}){ANY_ATTRIBUTE})*)"
    return re.compile(rf"<[a-z][a-z0-9]*{other}(?:{attribute})(?>(?:{ANY_ATTRIBUTE})*)>")


def excerpt(text: str) -> str | None:
    """Return the first blocks with headings demoted, or None if the text is short enough."""
    blocks = ((block, _visible_chars(block)) for block in _split_blocks(text))
    shown: list[str] = []
    count = total = 0
    for block, length in blocks:
        total += length
        if count >= EXCERPT_CHARS or block.lstrip().startswith('<div class="footnotes"'):
            break
        if length > MAX_BLOCK_CHARS:
            if count < MIN_SHOWN_CHARS:
                block = _truncate_block(block)
                shown.append(block)
                count += _visible_chars(block)
            break
        shown.append(block)
        count += length
    if not _reaches(max(MAX_FULL_CHARS + 1, count + MIN_HIDDEN_CHARS) - total, blocks):
        return None
    while len(shown) > 1 and re.match(r"\s*<h[1-6r]\b", shown[-1]):
        shown.pop()
    return _redirect_links(demote_headings("".join(shown)).strip())


def _reaches(chars: int, blocks: Iterable[tuple[str, int]]) -> bool:
    """Return True if the blocks have so many characters, without reading all of a long text."""
    for _, length in blocks:
        if chars <= 0:
            break
        chars -= length
    return chars <= 0


def _split_blocks(text: str) -> Iterator[str]:
    start = depth = 0
    for tag in TAG.finditer(text):
        if not VOID_TAGS.fullmatch(tag[2]):
            depth += -1 if tag[1] else 1
        if not depth:
            yield text[start : tag.end()]
            start = tag.end()
    if start < len(text):
        yield text[start:]


def _visible_chars(text: str) -> int:
    return len(strip_tags(text).strip()) + IMAGE_CHARS * text.count("<img ")


def strip_tags(text: str) -> str:
    """Return the text of rendered HTML without tags, drawings and the source of formulas."""
    return unescape(TAG.sub("", remove_elements(remove_elements(text, "annotation"), "svg")))


def unescape(text: str) -> str:
    """Return text of sanitized HTML with characters in place of entities."""
    # Not `html.unescape`, which takes many seconds for millions of entities.
    for entity, character in ENTITIES.items():
        text = text.replace(entity, character)
    return text


def task_mark(checkbox: str) -> str:
    """Return the text that shows the state of a checkbox, given its tag."""
    return "☑ " if " checked=" in checkbox else "☐ "


def remove_elements(text: str, name: str) -> str:
    """Remove the elements with this name, which have attributes, and their content."""
    first, *others = text.split(f"<{name} ")
    return first + "".join(other.partition(f"</{name}>")[2] for other in others)


def _truncate_block(block: str) -> str:
    out: list[str] = []
    stack: list[str] = []
    count = position = 0
    for tag in TAG_OR_END.finditer(block):
        piece = block[position : tag.start()]
        if count + len(piece) > MAX_FULL_CHARS:
            out.append(_truncate_text(piece, MAX_FULL_CHARS - count))
            break
        out.append(piece + tag[0])
        count += len(piece)
        position = tag.end()
        if tag[1]:
            stack.pop()
        elif tag[2] and not VOID_TAGS.fullmatch(tag[2]):
            stack.append(tag[2])
        if count >= EXCERPT_CHARS and tag[1] and BREAKABLE.fullmatch(tag[2]):
            break
    return "".join(out) + "".join(f"</{name}>" for name in reversed(stack))


def _truncate_text(text: str, length: int) -> str:
    text = re.sub(r"&[^;]*\Z", "", text[:length])
    return re.sub(r"\s+\S*\Z", "", text) + "…"


def demote_headings(text: str) -> str:
    """Lower each heading by one level, for pages that list several posts."""
    return re.sub(r"(</?h)([1-5])\b", lambda match: f"{match[1]}{int(match[2]) + 1}", text)


def _redirect_links(text: str) -> str:
    """Make links to targets that were cut off lead to them on the post's page."""
    ids = set(re.findall(r' id="([^"]*)"', text))
    return LOCAL_LINK.sub(
        lambda link: link[0] if link[1] in ids else f' href="{PAGE_PLACEHOLDER}{link[1][1:]}"', text
    )


def link_to_page(text: str, url: str) -> str:
    """Return an excerpt in which links to omitted text lead to the page with this URL."""
    return text.replace(PAGE_PLACEHOLDER, f"{html.escape(url)}#")
