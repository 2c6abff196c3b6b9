"""Attribute lists such as `{#id .class width=300}`, as Pandoc, markdown-it-attrs and kramdown have.

A list directly after an image, link, code or emphasis belongs to it. At the end of a block, or on a
line of its own after it, it belongs to the block; before a block, to that. `[words]{.class}` is
an element of its own. Only known attributes and classes have an effect, but none is shown.
"""

import re
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

LIST = r"(?<!\{)\{(:?)([^{}\n]{1,300}+)\}(?!\})"
WHOLE = re.compile(rf"\s*{LIST}\s*")
AT_START = re.compile(LIST)
AT_END = re.compile(rf"(?:\A|(?<=[ \t])){LIST}[ \t]*+\Z")
PART = re.compile(
    r"""\s*+(?:#([^\s#.={}]{1,100})|\.([^\s#.={}]{1,100})|-(?=\s|\Z)"""
    r"""|([a-zA-Z][\w:-]{0,40})=("[^"]*+"|'[^']*+'|[^\s"'=<>`]++))"""
)
SIZES = ("width", "height")
KEYS = frozenset(("id", "class", "dir", "height", "lang", "title", "width"))
# Written for other programs; they have little or no effect here.
OTHER_KEYS = frozenset(("align", "alt", "collapse", "loading", "rel", "style", "target"))
# Kramdown's references to lists, and the definitions of these lists.
REFERENCE = re.compile(r"[\w-]+(?::\s.*)?")
CLOSING_MARKS = re.compile(r"(?:\A|\s)#+\Z")
SIDES = ("left", "right", "center")
STYLE_SIDE = re.compile(r"(?:float|text-align):\s*(left|right|center)")
STYLE_WIDTH = re.compile(r"(?<![\w-])width:\s*(\d{1,4}(?:%|px))")
LANGUAGE_CLASS = re.compile(r"(?:language|lang)-(\w\S*)")
CLOSED = re.compile("image|code_inline|(?:link|em|strong|s|mark|sub|sup|span)_close")
LAST_LIST = -1
MAX_SPANS = 8
PERCENTAGE = re.compile(r"(\d{1,3})(?:\.\d+)?%")
SHARES = (25, 33, 50, 66, 75, 100)


def apply_attributes(state: "StateCore") -> None:
    """Give the attributes in lists to their elements, and remove the lists."""
    tokens = state.tokens
    dropped: set[int] = set()
    for index, token in enumerate(tokens):
        if token.type != "inline" or "{" not in token.content:
            continue
        whole = WHOLE.fullmatch(token.content)
        attributes = parse(whole, own_line=True) if whole else None
        if attributes is None:
            _apply_within(tokens, index)
        elif tokens[index - 1].type == "paragraph_open" and not tokens[index - 1].hidden:
            _apply_to_neighbour(tokens, index, attributes)
            dropped.update((index - 1, index, index + 1))
        elif tokens[index - 1].type == "td_open" and tokens[index - 2].type == "tr_open":
            table = next(place for place in range(index, -1, -1) if tokens[place].tag == "table")
            set_attributes(tokens[table], attributes)
            dropped.update(_find_row(tokens, index))
    if dropped:
        state.tokens = [token for place, token in enumerate(tokens) if place not in dropped]


def parse(match: re.Match[str], *, own_line: bool = False) -> dict[str, str] | None:
    """Return the attributes in a list, or None for other text in braces."""
    colon, content = match.groups()[-2:]
    if own_line and colon and REFERENCE.fullmatch(content.strip()):
        return {}
    return parse_content(content, has_colon=bool(colon))


def parse_content(content: str, *, has_colon: bool = False) -> dict[str, str] | None:
    """Return the attributes in the content of a list, or None for other text."""
    found: dict[str, str] = {}
    known, position = has_colon, 0
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
    return found if known and (found or has_colon) else None


def set_attributes(token: "Token", attributes: dict[str, str]) -> None:
    """Give attributes to an element."""
    for key, value in attributes.items():
        if key == "class":
            _add_classes(token, value)
        elif key == "style":
            side, width = STYLE_SIDE.search(value), STYLE_WIDTH.search(value)
            set_attributes(token, {"align": side[1]} if side else {})
            set_attributes(token, {"width": width[1]} if width else {})
        elif key == "align" and value in SIDES:
            token.attrJoin("class", value)
        elif key in SIZES and (share := nearest_share(value)):
            if key == "width":
                token.attrJoin("class", f"w-{share}")
        elif key in KEYS:
            token.attrSet(key, value.removesuffix("px"))


def nearest_share(value: str) -> int:
    """Return the percentage nearest to that of a width for which there is a class, else 0."""
    share = PERCENTAGE.fullmatch(value)
    return min(SHARES, key=lambda one: abs(one - int(share[1]))) if share else 0


def _add_classes(token: "Token", names: str) -> None:
    token.attrJoin("class", names)
    language = LANGUAGE_CLASS.match(names)
    if language and token.type in ("fence", "code_block"):
        token.type, token.info = "fence", language[1]


def _apply_to_neighbour(tokens: "list[Token]", index: int, attributes: dict[str, str]) -> None:
    """Give the attributes of a paragraph to the block that it touches, else to the next one."""
    before = _find_sibling_before(tokens, index - 1)
    line = (tokens[index - 1].map or [0])[0]
    touches = before is not None and (before.map or [0, 0])[1] == line
    after = tokens[index + 2] if index + 2 < len(tokens) else None
    if not touches and after is not None and after.nesting >= 0:
        set_attributes(after, attributes)
    elif before is not None:
        set_attributes(before, attributes)


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
        attributes = parse(found, own_line=True) if found else None
        if attributes is not None:
            set_attributes(tokens[index - 1], attributes)
            del children[:2]
    last = children[-1] if children else None
    if last and last.type == "text" and (found := AT_END.search(last.content)):
        _apply_last(tokens, index, children, found)
    if any("{" in child.content for child in children if child.type == "text"):
        _apply_inline(children)


def _apply_last(
    tokens: "list[Token]", index: int, children: "list[Token]", found: re.Match[str]
) -> None:
    """Apply a list at the end of a block, unless it follows an element that it belongs to."""
    if found.start() == 0 and len(children) > 1 and CLOSED.fullmatch(children[-2].type):
        return
    opening, last = tokens[index - 1], children[-1]
    attributes = parse(found, own_line=found.start() == 0)
    if opening.type == "heading_open" and found[2].strip() == "-":
        attributes = {"class": "unnumbered"}
    if attributes is None:
        return
    set_attributes(tokens[index - 2] if opening.hidden else opening, attributes)
    last.content = last.content[: found.start()].rstrip()
    if opening.type == "heading_open":
        last.content = CLOSING_MARKS.sub("", last.content)
    if not last.content:
        del children[-1]
    while children and children[-1].type in ("softbreak", "hardbreak"):
        del children[-1]


def _apply_inline(children: "list[Token]") -> None:
    for place, (before, child) in enumerate(pairwise(children)):
        if child.type != "text" or not CLOSED.fullmatch(before.type):
            continue
        found = AT_START.match(child.content)
        attributes = parse(found) if found else None
        opening = _find_opening(children, place) if attributes else None
        if found and attributes and opening:
            set_attributes(opening, attributes)
            child.content = child.content[found.end() :]


def _find_opening(children: "list[Token]", place: int) -> "Token | None":
    if children[place].nesting == 0:
        return children[place]
    level, name = children[place].level, children[place].type.replace("_close", "_open")
    nearby = reversed(children[max(0, place - 1000) : place])
    return next((child for child in nearby if child.level == level and child.type == name), None)


def parse_span(rule: "Callable[..., bool]", state: "StateInline", silent: bool) -> bool:
    """Parse a link by its rule, else `[words]{.class}`."""
    if rule(state, silent):
        return True
    start, end = state.pos, state.posMax
    # The cache has positions of other rules from 0 on.
    if LAST_LIST not in state.cache:
        state.cache[LAST_LIST] = state.src.rfind("]{")
    if silent or state.cache[LAST_LIST] < start or state.level > MAX_SPANS:
        return False
    close = state.md.helpers.parseLinkLabel(state, start)
    found = AT_START.match(state.src, close + 1, end) if close > start else None
    attributes = parse(found) if found else None
    if not found or attributes is None:
        return False
    set_attributes(state.push("span_open", "span", 1), attributes)
    state.pos, state.posMax = start + 1, close
    state.md.inline.tokenize(state)
    state.push("span_close", "span", -1)
    state.pos, state.posMax = found.end(), end
    return True
