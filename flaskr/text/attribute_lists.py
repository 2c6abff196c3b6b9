"""Attribute lists such as `{#id .class width=300}`, as Pandoc, markdown-it-attrs and kramdown have.

A list directly after an image, link, code or emphasis belongs to it. At the end of a block, or on a
line of its own after it, it belongs to the block; before a block, to that. `[words]{.class}` is
an element of its own. Only known attributes and classes have an effect, but none is shown.
"""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

LIST = r"(?<!\{)\{(:?)([^{}\n]{1,300}+)\}(?!\})"
WHOLE = re.compile(rf"\s*{LIST}\s*")
AT_START = re.compile(LIST)
AT_END = re.compile(rf"(?:\A|(?<=[ \t])){LIST}[ \t]*+\Z")
SPAN = re.compile(rf"\[([^\[\]]{{1,300}}+)\]{LIST}")
PART = re.compile(
    r"""\s*+(?:#([^\s#.={}]{1,100})|\.([^\s#.={}]{1,100})|-(?=\s|\Z)"""
    r"""|([a-zA-Z][\w:-]{0,40})=("[^"]*+"|'[^']*+'|[^\s"'=<>`]++))"""
)
KEYS = frozenset(("id", "class", "dir", "height", "lang", "title", "width"))
# Written for other programs; they have no effect here.
OTHER_KEYS = frozenset(("align", "alt", "loading", "rel", "style", "target"))
CLOSED = re.compile("image|code_inline|(?:link|em|strong|s|mark|sub|sup|span)_close")
SHARES = (25, 33, 50, 66, 75, 100)


def apply_attributes(state: "StateCore") -> None:
    """Give the attributes in lists to their elements, and remove the lists."""
    tokens = state.tokens
    dropped: set[int] = set()
    for index, token in enumerate(tokens):
        if token.type != "inline" or "{" not in token.content:
            continue
        whole = WHOLE.fullmatch(token.content)
        attributes = parse(whole) if whole else None
        if attributes is None:
            _apply_within(tokens, index)
        elif tokens[index - 1].type == "paragraph_open" and not tokens[index - 1].hidden:
            _apply_to_neighbour(tokens, index, attributes)
            dropped.update((index - 1, index, index + 1))
        elif tokens[index - 1].type == "td_open" and tokens[index - 2].type == "tr_open":
            table = next(place for place in range(index, -1, -1) if tokens[place].tag == "table")
            _set(tokens[table], attributes)
            dropped.update(_find_row(tokens, index))
    if dropped:
        state.tokens = [token for place, token in enumerate(tokens) if place not in dropped]


def parse(match: re.Match[str]) -> dict[str, str] | None:
    """Return the attributes in a list, or None for other text in braces."""
    colon, content = match.groups()[-2:]
    found: dict[str, str] = {}
    known, position = bool(colon), 0
    content = content.strip()
    while position < len(content):
        part = PART.match(content, position)
        if not part:
            return None
        id, name, key, value = part.groups()
        if id or name:
            key, value = ("id", id) if id else ("class", name)
        if key:
            known = known or key in KEYS or key in OTHER_KEYS
            value = value.strip("\"'")
            found[key] = f"{found['class']} {value}" if key == "class" in found else value
        position = part.end()
    return found if known and (found or colon) else None


def _set(token: "Token", attributes: dict[str, str]) -> None:
    for key, value in attributes.items():
        share = re.fullmatch(r"(\d{1,3})(?:\.\d+)?%", value)
        if key == "class":
            token.attrJoin("class", value)
        elif key == "width" and share:
            nearest = min(SHARES, key=lambda one: abs(one - int(share[1])))
            token.attrJoin("class", f"w-{nearest}")
        elif key in KEYS and not share:
            token.attrSet(key, value.removesuffix("px"))


def _apply_to_neighbour(tokens: "list[Token]", index: int, attributes: dict[str, str]) -> None:
    """Give the attributes of a paragraph to the block that it touches, else to the next one."""
    before = _find_sibling_before(tokens, index - 1)
    line = (tokens[index - 1].map or [0])[0]
    touches = before is not None and (before.map or [0, 0])[1] == line
    after = tokens[index + 2] if index + 2 < len(tokens) else None
    if not touches and after is not None and after.nesting >= 0:
        _set(after, attributes)
    elif before is not None:
        _set(before, attributes)


def _find_sibling_before(tokens: "list[Token]", index: int) -> "Token | None":
    level = tokens[index].level
    for token in reversed(tokens[max(0, index - 10_000) : index]):
        if token.level < level:
            return None
        if token.level == level and token.nesting >= 0 and token.type != "inline":
            return token
    return None


def _find_row(tokens: "list[Token]", index: int) -> "range":
    end = next(place for place in range(index, len(tokens)) if tokens[place].type == "tr_close")
    return range(index - 2, end + 1)


def _apply_within(tokens: "list[Token]", index: int) -> None:
    """Apply the lists in the text of a block."""
    children = tokens[index].children or []
    if len(children) > 2 and children[1].type == "softbreak":
        found = WHOLE.fullmatch(children[0].content)
        attributes = parse(found) if found else None
        if attributes is not None:
            _set(tokens[index - 1], attributes)
            del children[:2]
    last = children[-1] if children else None
    if last and last.type == "text" and (found := AT_END.search(last.content)):
        inline = found.start() == 0 and len(children) > 1 and CLOSED.fullmatch(children[-2].type)
        attributes = None if inline else parse(found)
        if attributes is not None:
            opening = tokens[index - 1]
            _set(tokens[index - 2] if opening.hidden else opening, attributes)
            last.content = last.content[: found.start()].rstrip()
            if not last.content:
                del children[-1]
            while children and children[-1].type in ("softbreak", "hardbreak"):
                del children[-1]
    if any("{" in child.content for child in children if child.type == "text"):
        tokens[index].children = list(_apply_inline(children))


def _apply_inline(children: "list[Token]") -> "Iterator[Token]":
    for place, child in enumerate(children):
        if child.type == "text" and "{" in child.content:
            before = children[place - 1] if place else None
            if (
                before
                and CLOSED.fullmatch(before.type)
                and (found := AT_START.match(child.content))
            ):
                attributes = parse(found)
                opening = _find_opening(children, place - 1) if attributes else None
                if attributes and opening:
                    _set(opening, attributes)
                    child.content = child.content[found.end() :]
            yield from _split_spans(child)
        else:
            yield child


def _find_opening(children: "list[Token]", place: int) -> "Token | None":
    if children[place].nesting == 0:
        return children[place]
    level, name = children[place].level, children[place].type.replace("_close", "_open")
    nearby = reversed(children[max(0, place - 1000) : place])
    return next((child for child in nearby if child.level == level and child.type == name), None)


def _split_spans(child: "Token") -> "Iterator[Token]":
    from markdown_it.token import Token

    position = 0
    text = child.content
    for match in SPAN.finditer(text):
        attributes = parse(match)
        if attributes is not None:
            yield Token("text", "", 0, content=text[position : match.start()])
            span = Token("span_open", "span", 1)
            _set(span, attributes)
            yield from (
                span,
                Token("text", "", 0, content=match[1]),
                Token("span_close", "span", -1),
            )
            position = match.end()
    child.content = text[position:]
    yield child
