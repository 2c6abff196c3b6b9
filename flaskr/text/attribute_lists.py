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
    from collections.abc import Iterator

    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token

LIST = r"(?<!\{)\{(:?)([^{}\n]{1,300}+)\}(?!\})"
WHOLE = re.compile(rf"{LIST}[ \t]*+")
AT_START = re.compile(LIST)
AT_END = re.compile(rf"(?:\A|(?<=[ \t}}])){LIST}[ \t]*+\Z")
PART = re.compile(
    r"""\s*+(?:#([^\s#.={}]{1,100})|\.([^\s#.={}]{1,100})|-(?=\s|\Z)"""
    r"""|([a-zA-Z][\w:-]{0,40})=("[^"]*+"|'[^']*+'|[^\s"'=<>`]++)|([\w-]++)(?=\s|\Z))"""
)
SIZES = ("width", "height")
KEYS = frozenset(("id", "class", "dir", "height", "lang", "title", "width"))
# Written for other programs; they have little or no effect here.
OTHER_KEYS = frozenset(("align", "alt", "collapse", "loading", "rel", "style", "target"))
# Kramdown's definitions of lists, to which others refer by a word.
DEFINITION = re.compile(r"([\w-]+):\s(.*)")
WORD = re.compile(r"(?<!\S)[\w-]+(?!\S)")
LISTS = "attribute lists"
CLOSING_MARKS = re.compile(r"(?:\A|\s)#+\Z")
SIDES = ("left", "right", "center")
STYLE_SIDE = re.compile(r"(?:float|text-align):\s*(left|right|center)")
STYLE_WIDTH = re.compile(r"(?<![\w-])width:\s*(\d{1,4}(?:%|px))")
LANGUAGE_CLASS = re.compile(r"(?:language|lang)-(\w\S*)")
CLOSED = re.compile(
    "image|code_inline|footnote_ref|math|(?:link|em|strong|s|mark|sub|sup|span)_close"
)
# More lists in a row are text.
MAX_LISTS = 4
MAX_LINES = 20
LAST_LIST = -1
MAX_SPANS = 8
PERCENTAGE = re.compile(r"(\d{1,3})(?:\.\d+)?%")
SHARES = (25, 33, 50, 66, 75, 100)


def parse_line(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Parse a list of attributes on a line of its own."""
    place = state.bMarks[start] + state.tShift[start]
    whole = WHOLE.fullmatch(state.src, place, state.eMarks[start])
    attributes = parse(whole, own_line=True) if whole else None
    if not whole or attributes is None or state.is_code_block(start):
        return False
    if not silent:
        if found := DEFINITION.fullmatch(whole[2].strip()):
            lists = state.env.setdefault(LISTS, {})
            lists[found[1]] = parse_content(found[2], has_colon=True) or {}
        touches = start > 0 and not state.isEmpty(start - 1)
        token = state.push("attribute_line", "", 0)
        token.content, token.map = state.src[place : state.eMarks[start]], [start, start + 1]
        token.meta.update(attributes=attributes, touches=touches, words=WORD.findall(whole[2]))
        state.line = start + 1
    return True


def apply_attributes(state: "StateCore") -> None:
    """Give the attributes in lists to their elements, and remove the lists."""
    lines = [place for place, token in enumerate(state.tokens) if token.type == "attribute_line"]
    for index, token in enumerate(state.tokens):
        if token.type == "inline" and "{" in token.content:
            _apply_within(state.tokens, index)
    if lines:
        for first, last in _find_runs(lines):
            _apply_to_neighbour(state.tokens, first, last, state.env.get(LISTS, {}))
        state.tokens = [token for token in state.tokens if token.type != "attribute_line"]


def _find_runs(places: list[int]) -> "Iterator[tuple[int, int]]":
    """Yield the first and the last of each run of neighbouring places."""
    first = places[0]
    for place, following in zip(places, [*places[1:], None], strict=True):
        if following != place + 1:
            yield first, place
            first = following or 0


def parse(
    match: re.Match[str], *, own_line: bool = False, any_key: bool = False
) -> dict[str, str] | None:
    """Return the attributes in a list, or None for other text in braces."""
    colon, content = match.groups()[-2:]
    if own_line and colon and DEFINITION.fullmatch(content.strip()):
        return {}
    return parse_content(
        content, has_colon=bool(colon), has_words=own_line and bool(colon), any_key=any_key
    )


def parse_content(
    content: str, *, has_colon: bool = False, has_words: bool = False, any_key: bool = False
) -> dict[str, str] | None:
    """Return the attributes in the content of a list, or None for other text.

    Words are kramdown's references. Unknown keys alone are an attribute list where `any_key`.
    """
    found: dict[str, str] = {}
    known, position = has_colon or any_key, 0
    content = content.strip()
    while position < len(content):
        part = PART.match(content, position)
        if not part or (part[5] and not has_words):
            return None
        id, name, key, value, _ = part.groups()
        if id or name:
            key, value = ("id", id) if id else ("class", name)
        if key:
            known = known or key in KEYS or key in OTHER_KEYS
            value = value[1:-1] if value[0] in "\"'" else value
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


def _apply_to_neighbour(
    tokens: "list[Token]", first: int, last: int, lists: dict[str, dict[str, str]]
) -> None:
    """Give the attributes of lines to the block that they touch, else to the next one."""
    before = _find_sibling_before(tokens, first)
    after = last + 1 if tokens[last + 1 : last + 2] and tokens[last + 1].nesting >= 0 else None
    touches = tokens[first].meta["touches"] and before is not None
    place = before if touches or after is None else after
    if place is None:
        return
    block = _find_visible(tokens, place)
    for line in tokens[first : last + 1][:MAX_LINES]:
        for attributes in (*map(lists.get, line.meta["words"]), line.meta["attributes"]):
            set_attributes(block, attributes or {})


def _find_visible(tokens: "list[Token]", place: int) -> "Token":
    """Return a token, or the item of a tight list that the parser hides a paragraph of."""
    return tokens[place - 1 if tokens[place].hidden else place]


def _find_sibling_before(tokens: "list[Token]", index: int) -> int | None:
    level = tokens[index].level
    for place in range(index - 1, max(-1, index - 10_000), -1):
        token = tokens[place]
        if token.level < level:
            return None
        if token.level == level and token.nesting >= 0 and token.type != "inline":
            return place
    return None


def _apply_within(tokens: "list[Token]", index: int) -> None:
    """Apply the lists in the text of a block."""
    children = tokens[index].children or []
    if children and tokens[index - 2].type == "list_item_open":
        _apply_to_item(tokens[index - 2], children[0])
    for _ in range(MAX_LISTS):
        last = children[-1] if children else None
        found = AT_END.search(last.content) if last and last.type == "text" else None
        if not found or not _apply_last(tokens, index, children, found):
            break
    if any("{" in child.content for child in children if child.type == "text"):
        _apply_inline(children)


def _apply_to_item(item: "Token", first: "Token") -> None:
    """Apply a list of kramdown at the beginning of a list item."""
    found = AT_START.match(first.content)
    attributes = parse(found) if found and found[1] else None
    if found and attributes:
        set_attributes(item, attributes)
        first.content = first.content[found.end() :].lstrip()


def _apply_last(
    tokens: "list[Token]", index: int, children: "list[Token]", found: re.Match[str]
) -> bool:
    """Apply a list at the end of a block, unless it follows an element that it belongs to."""
    others = children[-1].content[: found.start()]
    if others[-1:] in ("", "}") and len(children) > 1 and CLOSED.fullmatch(children[-2].type):
        return False
    opening, last = tokens[index - 1], children[-1]
    attributes = parse(found)
    if opening.type == "heading_open" and found[2].strip() == "-":
        attributes = {"class": "unnumbered"}
    if attributes is None:
        return False
    set_attributes(_find_visible(tokens, index - 1), attributes)
    last.content = last.content[: found.start()].rstrip()
    if opening.type == "heading_open":
        last.content = CLOSING_MARKS.sub("", last.content)
    return True


def _apply_inline(children: "list[Token]") -> None:
    for place, (before, child) in enumerate(pairwise(children)):
        if child.type != "text" or not CLOSED.fullmatch(before.type):
            continue
        for _ in range(MAX_LISTS):
            found = AT_START.match(child.content)
            attributes = parse(found, any_key=True) if found else None
            opening = _find_opening(children, place) if attributes else None
            if not found or not attributes or opening is None:
                break
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
    # A footnote is not a span.
    if state.src.startswith("[^", start):
        return False
    close = state.md.helpers.parseLinkLabel(state, start)
    found = AT_START.match(state.src, close + 1, end) if close > start else None
    attributes = parse(found, any_key=True) if found else None
    if not found or attributes is None:
        return False
    set_attributes(state.push("span_open", "span", 1), attributes)
    state.pos, state.posMax = start + 1, close
    state.md.inline.tokenize(state)
    state.push("span_close", "span", -1)
    state.pos, state.posMax = found.end(), end
    return True
