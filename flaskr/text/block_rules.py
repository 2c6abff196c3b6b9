"""Block extensions of Markdown: comments, terms of definitions, and how the rules are combined."""

import functools
import re
from typing import TYPE_CHECKING
from typing import Any

from . import dispatch
from .attribute_lists import parse_line
from .dispatch import INTERRUPTING

if TYPE_CHECKING:
    from collections.abc import Callable

    from markdown_it import MarkdownIt
    from markdown_it.ruler import RuleOptionsType
    from markdown_it.rules_block import StateBlock

MAX_TOKENS = 100_000


def install(md: "MarkdownIt") -> None:
    """Add the rules to a parser that has those of the other modules."""
    from markdown_it.rules_block import table

    md.block.ruler.before("fence", "comment", _hide_comment)
    md.block.ruler.before("fence", "attribute_line", parse_line, INTERRUPTING)
    md.block.ruler.before("fence", "tab", _parse_tab, INTERRUPTING)
    md.block.ruler.before("fence", "html_with_markdown", _parse_html_with_markdown)
    known = dict(zip(md.block.ruler.get_active_rules(), md.block.ruler.getRules(""), strict=True))
    definitions = functools.partial(_parse_definitions, known["deflist"])
    md.block.ruler.at("deflist", definitions, DEFINITIONS)
    md.block.ruler.at("table", functools.partial(_parse_table, table), TABLE)
    dispatch.combine_block_rules(md)


COMMENT_END = re.compile(r"%%[ \t]*$", re.MULTILINE)


def _hide_comment(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Hide a comment of Obsidian: from a line that begins with `%%` to one that ends with it."""
    begin, stop = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    if not state.src.startswith("%%", begin):
        return False
    if "comments" not in state.env:
        state.env["comments"] = max(
            (one.end() for one in COMMENT_END.finditer(state.src)), default=0
        )
    if "%%" in state.src[begin + 2 : stop] or state.env["comments"] < stop:
        return False
    for line in range(start + 1, end):
        if state.sCount[line] < state.blkIndent and not state.isEmpty(line):
            return False
        if state.src[state.bMarks[line] : state.eMarks[line]].rstrip().endswith("%%"):
            state.line = line + 1
            return True
    return False


MAX_TERMS = 5
MARKERS = (": ", ":\t", "~ ", "~\t")
DEFINITIONS: "RuleOptionsType" = {"alt": ["paragraph", "reference", "blockquote"]}


def _parse_definitions(
    rule: "Callable[..., bool]", state: "StateBlock", start: int, end: int, silent: bool
) -> bool:
    """Parse a list of definitions, of which the first may have several terms."""
    at = len(state.tokens)
    if rule(state, start, end, silent):
        _dedent_code(state, at)
        return True
    last = 0 if silent else _find_last_term(state, start, end)
    if not last or not rule(state, last, end, silent):
        return False
    _dedent_code(state, at)
    first, inline, close = state.tokens[at + 1 : at + 4]
    terms = (state.getLines(line, line + 1, state.blkIndent, False) for line in range(start, last))
    for term in terms:
        others = [first.copy(), inline.copy(content=term.strip(), children=[]), close.copy()]
        state.tokens[at + 1 : at + 1] = others
        at += 3
    at -= 3 * (last - start)
    if at and state.tokens[at - 1].type == "dl_close":
        del state.tokens[at - 1 : at + 1]
    return True


def _dedent_code(state: "StateBlock", at: int) -> None:
    """Remove the indentation that code has after a marker of four characters, as in Pandoc."""
    for token in state.tokens[at:]:
        if token.type == "code_block" and token.level == state.level + 2:
            lines = token.content.splitlines(keepends=True)
            if all(line.startswith("  ") or not line.strip() for line in lines):
                token.content = "".join(line[2:] if line.strip() else line for line in lines)


def _find_last_term(state: "StateBlock", start: int, end: int) -> int:
    """Return the last one of several lines before a definition, or 0."""
    for line in range(start + 1, min(start + MAX_TERMS + 1, end)):
        place = state.bMarks[line] + state.tShift[line]
        if state.src[place : place + 1] not in (":", "~"):
            continue
        if not state.src.startswith(MARKERS, place):
            return 0
        terms = range(start + 1, line)
        return 0 if any(_ends_paragraph(state, term, end) for term in terms) else line - 1
    return 0


def _ends_paragraph(state: "StateBlock", line: int, end: int) -> bool:
    if state.isEmpty(line) or state.sCount[line] < state.blkIndent:
        return True
    return any(rule(state, line, end, True) for rule in state.md.block.ruler.getRules("paragraph"))


TABLE: "RuleOptionsType" = {"alt": ["paragraph", "reference"]}


def _parse_table(rule: Any, state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Apply the table rule, unless short rows of wide tables have produced too many tokens."""
    return len(state.tokens) < MAX_TOKENS and rule(state, start, end, silent)


# In kramdown, PHP Markdown Extra and MkDocs, HTML with this attribute contains Markdown.
BLOCKS = "article|aside|blockquote|center|details|div|figcaption|figure|section"
HTML_WITH_MARKDOWN = re.compile(
    rf"""<(?:{BLOCKS})(?=[^<>]{{0,500}}?\smarkdown(?:[\s>]|=["']?(?:1|block|span|true)\b))[^<>]{{0,500}}>"""
    r"(?:<summary>[^<>]{0,300}</summary>)?[ \t]*",
    re.IGNORECASE,
)
HTML_END = re.compile(rf"(?:</(?:{BLOCKS})>[ \t]*){{1,9}}", re.IGNORECASE)
HTML_DEPTH = "depth of HTML with Markdown"


def _parse_html_with_markdown(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Parse the tag before or after Markdown in HTML: only its line is HTML."""
    line = state.src[state.bMarks[start] + state.tShift[start] : state.eMarks[start]]
    depth = state.env.get(HTML_DEPTH, 0)
    if HTML_WITH_MARKDOWN.fullmatch(line):
        state.env[HTML_DEPTH] = depth + 1
    elif depth and HTML_END.fullmatch(line):
        state.env[HTML_DEPTH] = depth - 1
    else:
        return False
    token = state.push("html_block", "", 0)
    token.content, token.map = line + "\n", [start, start + 1]
    state.line = start + 1
    return True


# MkDocs' tabs of content. The signs select a tab or begin another set of tabs.
TAB = re.compile(r'===[!+]?[ \t]+"([^"\n]{1,200})"[ \t]*+')


def _parse_tab(state: "StateBlock", start: int, end: int, silent: bool) -> bool:
    """Parse a tab of content as a section with its title."""
    place = state.bMarks[start] + state.tShift[start]
    found = TAB.fullmatch(state.src, place, state.eMarks[start])
    if not found or state.is_code_block(start):
        return False
    if silent:
        return True
    last, indent = start + 1, state.sCount[start] + 4
    while last < end and (state.isEmpty(last) or state.sCount[last] >= indent):
        last += 1
    parent, line_max, old_indent = state.parentType, state.lineMax, state.blkIndent
    state.parentType, state.lineMax, state.blkIndent = "container", last, indent
    opening = state.push("section_open", "section", 1)
    opening.block, opening.map = True, [start, last]
    state.push("tab_title_open", "p", 1).block = True
    title = state.push("inline", "", 0)
    title.content, title.map, title.children = found[1], [start, start + 1], []
    state.push("tab_title_close", "p", -1).block = True
    state.md.block.tokenize(state, start + 1, last)
    state.push("section_close", "section", -1).block = True
    state.parentType, state.lineMax, state.blkIndent = parent, line_max, old_indent
    state.line = last
    return True
