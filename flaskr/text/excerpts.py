"""The beginning of a long text, cut from its finished HTML where it reads best."""

import re
from collections.abc import Iterator

# Sanitised HTML alone: there every tag is closed, and every value stands in double quotes.
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?: [^\s=\">]+=\"[^\"]*\")*)>")
TAG_OR_END = re.compile(TAG.pattern + r"|\Z")
VOID = re.compile("br|col|hr|img|input|source|track|wbr")
PARTS = re.compile("blockquote|dd|div|dt|figure|h[2-6]|li|p|pre|table|tr")
REFERENCE = re.compile(r"<sup class=\"footnote-ref\"><a(?: [^\s=\">]+=\"[^\"]*\")*>\d+</a></sup>")

# All that a sanitiser writes in text; `&amp;` last, or `&amp;lt;` would become `<`.
ENTITIES = {"&nbsp;": "\xa0", "&lt;": "<", "&gt;": ">", "&amp;": "&"}
LONG = 1000
ENOUGH = 600
LITTLE = 300
ENORMOUS = 5000
SOME = 200
PICTURE = 200


def excerpt(text: str) -> str | None:
    """The first blocks of a long text, headings one level lower; None where all may be shown."""
    blocks = [(block, _length(block)) for block in _blocks(text)]
    hidden = sum(length for _, length in blocks)
    if hidden <= LONG:
        return None
    shown: list[str] = []
    count = 0
    for block, length in blocks:
        if count >= ENOUGH or block.lstrip().startswith('<div class="footnotes"'):
            break
        if length > ENORMOUS:
            if count < SOME:
                block = _beginning(block)
                shown.append(block)
                count += _length(block)
            break
        shown.append(block)
        count += length
    if hidden - count < LITTLE:
        return None
    while len(shown) > 1 and re.match(r"\s*<h[1-6r]\b", shown[-1]):
        shown.pop()
    return _linked(demote_headings("".join(shown)).strip())


def _blocks(text: str) -> Iterator[str]:
    start = depth = 0
    for tag in TAG.finditer(text):
        if not VOID.fullmatch(tag[2]):
            depth += -1 if tag[1] else 1
        if not depth:
            yield text[start : tag.end()]
            start = tag.end()
    if start < len(text):
        yield text[start:]


def _length(text: str) -> int:
    return len(strip_tags(text).strip()) + PICTURE * text.count("<img ")


def strip_tags(text: str) -> str:
    """What a reader sees of the HTML: its text without the tags."""
    text = TAG.sub("", text)
    # Millions of them take `html.unescape` many seconds.
    for entity, character in ENTITIES.items():
        text = text.replace(entity, character)
    return text


def _beginning(block: str) -> str:
    out: list[str] = []
    stack: list[str] = []
    count = position = 0
    for tag in TAG_OR_END.finditer(block):
        piece = block[position : tag.start()]
        if count + len(piece) > LONG:
            out.append(_shortened(piece, LONG - count))
            break
        out.append(piece + tag[0])
        count += len(piece)
        position = tag.end()
        if tag[1]:
            stack.pop()
        elif tag[2] and not VOID.fullmatch(tag[2]):
            stack.append(tag[2])
        if count >= ENOUGH and tag[1] and PARTS.fullmatch(tag[2]):
            break
    return "".join(out) + "".join(f"</{name}>" for name in reversed(stack))


def _shortened(text: str, length: int) -> str:
    text = re.sub(r"&[^;]*\Z", "", text[:length])
    return re.sub(r"\s+\S*\Z", "", text) + "…"


def demote_headings(text: str) -> str:
    """The HTML with each heading one level lower, for a page where the post's title is one."""
    return re.sub(r"(</?h)([1-5])\b", lambda match: f"{match[1]}{int(match[2]) + 1}", text)


def _linked(text: str) -> str:
    """The beginning of a text without links to what was cut off."""
    text = REFERENCE.sub("", text)
    ids = set(re.findall(r' id="([^"]*)"', text))
    return TAG.sub(lambda tag: _unlinked(tag, ids), text)


def _unlinked(tag: re.Match[str], ids: set[str]) -> str:
    target = re.search(r' href="#([^"]+)"', tag[3]) if tag[2] == "a" else None
    return tag[0] if target is None or target[1] in ids else tag[0].replace(target[0], "")
