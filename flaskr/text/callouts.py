"""Callouts: alerts of GitHub and Obsidian, `:::` containers, and `!!!` admonitions.

All of them become the same elements, in one of the five kinds that GitHub has.
"""

import functools
import re
from typing import TYPE_CHECKING
from typing import Any
from typing import NamedTuple

from .attribute_lists import parse_content
from .attribute_lists import set_attributes
from .callout_titles import title_of
from .dispatch import INTERRUPTING

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterator
    from collections.abc import Sequence

    from markdown_it import MarkdownIt
    from markdown_it.renderer import RendererHTML
    from markdown_it.rules_block import StateBlock
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

LANGUAGE = "language"
NAMES = {
    "note": "note abstract cite example faq help info question quote seealso summary tldr todo",
    "tip": "tip check done hint success",
    "important": "important",
    "warning": "warning attention",
    "caution": "caution bug danger error fail failure missing",
}
KINDS = {name: kind for kind, names in NAMES.items() for name in names.split()}
FOLDED = ("details", "spoiler")
# Obsidian has names of one's own, metadata after a bar, and `+` and `-` to make it collapsible.
ALERT = re.compile(
    r"\[!(\w[\w-]{0,30})\s?(?:\|[^\]\n]{0,60})?\]([+-]?)(?:[ \t]+([^\n]*))?(?:\n|\Z)"
)
HEADER = re.compile(
    r"\s*+([A-Za-z][\w-]{0,40})?(?:\[([^\n]{0,200})\]|[ \t]++([^\n]{0,200}))?", re.DOTALL
)
HEADER_LIST = re.compile(r"\{([^{}]{1,300})\}\s*\Z")
# Python-Markdown takes all words for classes; mkdocs uses these to place a callout.
ADMONITION = re.compile(r'\s?([\w-]+)(?>(?: +[\w-]+)*)(?: +"(.*)")? *')
PLACING = re.compile(r"(?:\s?\b(?:inline|end)\b)+")
MAX_OPEN = 20


def install(md: "MarkdownIt") -> None:
    """Add the three forms to a parser."""
    from mdit_py_plugins.admon import admon_plugin

    admon_plugin(md)
    known = dict(zip(md.block.ruler.get_active_rules(), md.block.ruler.getRules(""), strict=True))
    admonition = functools.partial(_parse_admonition, known["admonition"])
    md.block.ruler.at("admonition", admonition, INTERRUPTING)
    md.block.ruler.before("fence", "container_box", _parse_container, INTERRUPTING)
    md.core.ruler.after("block", "callouts", _parse_callouts)
    md.add_render_rule("callout_title_open", _render_title)
    md.add_render_rule("callout_title_close", _render_title_end)


class Header(NamedTuple):
    """The first line of a container: `name Title`, `name[Title]{.class}`, or `{.name}`."""

    name: str
    title: str
    attributes: dict[str, str]
    is_open: bool = False


@functools.lru_cache(1000)
def _read_header(info: str) -> Header | None:
    info = info.rstrip(": \t")
    attributes: dict[str, str] = {}
    is_open = False
    if found := HEADER_LIST.search(info[-310:]):
        is_open = found[1].strip() == "open"
        attributes = parse_content(found[1]) or {}
        if attributes or is_open:
            info = info[: -len(found[0])].rstrip()
    words = HEADER.fullmatch(info)
    if not words or not (words[1] or attributes):
        return None
    title = (words[2] or words[3] or attributes.pop("title", "")).strip().strip('"')
    classes = attributes.get("class", "").split()
    names = [words[1] or "", *(name.removeprefix("callout-") for name in classes)]
    name = next((name for name in names if name.lower() in KINDS or name.lower() in FOLDED), "")
    if title and not name:
        return None
    name = name or names[0]
    return Header(name.lower(), title, attributes, is_open or attributes.get("collapse") == "false")


def _parse_container(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Parse a container, which ends with a line of colons, as in Pandoc and in markdown-it."""
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not line.startswith(":::") or state.is_code_block(start):
        return False
    info = line.lstrip(":")
    if not info.strip() or not _read_header(info):
        return False
    if silent:
        return True
    last, is_closed = _find_end(state, start, end)
    parent, line_max = state.parentType, state.lineMax
    state.parentType, state.lineMax = "container", last
    opening = state.push("container_box_open", "div", 1)
    opening.block, opening.info, opening.map = True, info, [start, last]
    state.md.block.tokenize(state, start + 1, last)
    state.push("container_box_close", "div", -1).block = True
    state.parentType, state.lineMax = parent, line_max
    state.line = last + is_closed
    return True


def _find_end(state: "StateBlock", start: int, end: int) -> tuple[int, bool]:
    """Return the last line of a container, and whether it closes the container.

    A line of colons closes the innermost one, or the one that began with as many colons.
    """
    opened: list[int] = []
    fence = ""
    for number in range(start, end):
        place = state.bMarks[number] + state.tShift[number]
        line = state.src[place : state.eMarks[number]]
        if line and state.sCount[number] < state.blkIndent:
            return number, False
        if fence or line.startswith(("```", "~~~")):
            marks = line[: len(line) - len(line.lstrip(line[:1]))]
            if not fence:
                fence = marks
            elif line.rstrip() == marks and marks.startswith(fence):
                fence = ""
        elif line.startswith(":::"):
            info = line.lstrip(":")
            colons = len(line) - len(info)
            if info.strip():
                if _read_header(info):
                    opened.append(colons)
            else:
                # Those opened inside of the one with as many colons are closed with it.
                while opened and colons in opened[:-1] and opened[-1] != colons:
                    opened.pop()
                opened.pop()
            if not opened:
                return number, True
            if len(opened) > MAX_OPEN:
                break
    return end, False


def _parse_admonition(
    rule: "Callable[..., bool]", state: "StateBlock", start: int, end: int, silent: bool
) -> bool:
    """Parse an admonition, unless it is a sentence after exclamation marks."""
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    if not line.startswith(("!!!", "???")):
        return False
    info = line[3:].removeprefix("+")
    found = ADMONITION.fullmatch(info)
    words = info.split(None, 1)
    known = bool(words) and words[0].lower() in KINDS
    if not known and not (found and (found[2] is not None or _is_indented(state, start, end))):
        return False
    return rule(state, start, end, silent)


def _is_indented(state: "StateBlock", start: int, end: int) -> bool:
    lines = range(start + 1, min(start + 3, end))
    following = next((line for line in lines if not state.isEmpty(line)), None)
    return following is not None and state.sCount[following] >= state.sCount[start] + 4


def _parse_callouts(state: "StateCore") -> None:
    """Replace the tokens of all three forms."""
    if not any(token.type in OPENERS for token in state.tokens):
        return
    language = str(state.env.get(LANGUAGE, ""))
    tokens: list[Token] = []
    # The tag of each open callout, and None for an ordinary quotation.
    tags: list[str | None] = []
    for index, token in enumerate(state.tokens):
        if token.type in OPENERS:
            callout = OPENERS[token.type](state.tokens, index, language)
            tags.append(callout.tag if callout else None)
            tokens += _open(token, callout) if callout else (token,)
        elif token.type in CLOSERS:
            tag = tags.pop()
            if tag:
                token.type, token.tag = "callout_close", tag
            tokens.append(token)
        elif token.type.startswith("admonition_title"):
            token.type = token.type.replace("admonition", "callout")
            token.tag = "summary" if tags[-1] == "details" else "p"
            token.attrs = {}
            tokens.append(token)
        else:
            tokens.append(token)
    state.tokens = tokens


class Callout(NamedTuple):
    """The tag and the kind of a callout; its title, if that has no tokens yet."""

    tag: str
    kind: str
    title: str = ""
    is_open: bool = False


def _open(token: "Token", callout: Callout) -> "Iterator[Token]":
    from markdown_it.token import Token

    token.type, token.tag = "callout_open", callout.tag
    if callout.kind:
        token.attrJoin("class", f"callout {callout.kind}")
    if callout.is_open and callout.tag == "details":
        token.attrs["open"] = ""
    yield token
    if callout.title:
        tag = "summary" if callout.tag == "details" else "p"
        yield Token("callout_title_open", tag, 1, block=True)
        yield Token("inline", "", 0, content=callout.title, map=token.map, children=[])
        yield Token("callout_title_close", tag, -1, block=True)


def _read_alert(tokens: "list[Token]", index: int, language: str) -> Callout | None:
    paragraph, inline, end = (*tokens[index + 1 : index + 4], None, None, None)[:3]
    if paragraph is None or paragraph.type != "paragraph_open" or inline is None or end is None:
        return None
    content = inline.content
    found = ALERT.match(content) if content.startswith("[!") else None
    if not found:
        return None
    inline.content = content[found.end() :].lstrip()
    if not inline.content:
        paragraph.hidden = end.hidden = True
    tag = "details" if found[2] else "div"
    name = found[1].lower()
    title = (found[3] or "").strip() or title_of(name, language)
    return Callout(tag, KINDS.get(name, "note"), title, found[2] == "+")


def _read_container(tokens: "list[Token]", index: int, language: str) -> Callout:
    name, title, attributes, is_open = _read_header(tokens[index].info) or Header("", "", {})
    if name not in KINDS and name not in FOLDED:
        # The sanitizer removes the name unless it is a class, such as `center`.
        set_attributes(
            tokens[index], attributes | {"class": f"{name} {attributes.get('class', '')}"}
        )
        return Callout("div", "")
    set_attributes(tokens[index], {"id": attributes["id"]} if "id" in attributes else {})
    tag = "details" if name in FOLDED or "collapse" in attributes else "div"
    if not title and "callout-" in attributes.get("class", ""):
        title = _take_heading(tokens, index + 1)
    return Callout(tag, KINDS.get(name, "note"), title or title_of(name, language), is_open)


def _take_heading(tokens: "list[Token]", place: int) -> str:
    """Return the heading with which a callout of Quarto begins, and hide it."""
    if tokens[place].type != "heading_open":
        return ""
    opening, inline, close = tokens[place : place + 3]
    title, inline.content = inline.content, ""
    for token, kind in ((opening, "paragraph_open"), (close, "paragraph_close")):
        token.type, token.tag, token.hidden = kind, "p", True
    return title


def _read_admonition(tokens: "list[Token]", index: int, language: str) -> Callout:
    token = tokens[index]
    token.attrs = {}
    name = token.meta["tag"]
    title = tokens[index + 2] if tokens[index + 1].type == "admonition_title_open" else None
    if title and '"' not in token.info:
        words = PLACING.sub("", title.content).strip()
        title.content = title_of(name, language) if words.lower() in ("", name) else words
    tag = "details" if token.markup.startswith("?") else "div"
    return Callout(tag, KINDS.get(name, "note"), "", token.markup == "???+")


def _render_title(renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, *_: Any) -> str:
    return "<summary><strong>" if tokens[index].tag == "summary" else TITLE


def _render_title_end(
    renderer: "RendererHTML", tokens: "Sequence[Token]", index: int, *_: Any
) -> str:
    return f"</strong></{tokens[index].tag}>\n"


TITLE = '<p class="callout-title"><strong>'
OPENERS: "dict[str, Callable[[list[Token], int, str], Callout | None]]" = {
    "blockquote_open": _read_alert,
    "container_box_open": _read_container,
    "admonition_open": _read_admonition,
}
CLOSERS = ("blockquote_close", "container_box_close", "admonition_close")
