"""Remove comments and hidden elements, which readers of the old site could not see."""

import re

from . import code_spans

# A reader's browser does not show these either, but feeds, searches and excerpts might.
HTML_COMMENT = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
# Comments that mean something to the blog or to the import.
MORE = re.compile(r"\s*(?:(?:/\s*)?more|excerpt|end[_ -]?excerpt|truncate)\s*", re.IGNORECASE)
# The names of tabs in a theme of Hexo, with an icon.
TAB = re.compile(r"\s*(?:endtab|tab\s+([^<>@]{1,100}?))\s*(?:@\S{0,100})?\s*")
INLINE_LIQUID_COMMENT = re.compile(r"\{%-?\s*#[^%]{0,2000}%\}")
# Comments of Hugo, of Tera and Nunjucks, of kramdown, and of MDX, with their ends.
COMMENTS = (
    (re.compile(r"\{\{-?\s*/\*"), re.compile(r"\*/\s*-?\}\}")),
    (re.compile(r"\{#(?![\w:.-]{1,100}\})"), re.compile(r"#\}")),
    (re.compile(r"\{::comment\}", re.I), re.compile(r"\{:/(?:comment)?\}")),
    (re.compile(r"\{/\*"), re.compile(r"\*/\}")),
)
# To others than Obsidian, these are only two signs.
OBSIDIAN_COMMENT = (re.compile(r"(?<![%\w])%%(?!%)"), re.compile(r"%%(?!%)"))
# A definition that nothing refers to is a comment too: [//]: # (hidden)
LINK_COMMENT = re.compile(
    r"^ {0,3}\[(?://|comment|#)\]:\s*(?:#|<>)\s*[(\"'].*[)\"']\s*$", re.M | re.I
)
HIDDEN_ELEMENT = re.compile(
    r"<(?P<name>[a-z][a-z0-9]*)\b(?P<attributes>[^<>]{0,1000})>", re.IGNORECASE
)
HIDDEN_ATTRIBUTES = re.compile(
    r"(?:^|\s)hidden(?=[\s=/]|$)(?!\s*=\s*[\"']?(?:false|until-found))"
    r"|\bstyle\s*=\s*[\"'][^\"']*(?:display\s*:\s*none|visibility\s*:\s*hidden)",
    re.IGNORECASE,
)
HIDDEN_TAGS = frozenset(("template",))
VOID_TAGS = frozenset("img input br hr source track wbr area col embed link meta".split())
MAX_PASSES = 1000


def remove(text: str, *, is_note: bool = False) -> tuple[str, int]:
    """Return the text without comments and hidden elements, and their number.

    Marks must stand for code. A note may have comments as Obsidian writes them.
    """
    count = 0
    for opening, closing in (*COMMENTS, *([OBSIDIAN_COMMENT] if is_note else [])):
        text, found = _remove_between(text, opening, closing)
        count += found
    for pattern in (INLINE_LIQUID_COMMENT, LINK_COMMENT):
        text, found = pattern.subn("", text)
        count += found
    text, found = _remove_html_comments(text)
    text, hidden = _remove_hidden_elements(text)
    return text, count + found + hidden


def _remove_between(
    text: str, opening: re.Pattern[str], closing: re.Pattern[str]
) -> tuple[str, int]:
    count = 0

    def drop(_: re.Match[str], inner: str, __: str) -> str:
        nonlocal count
        if MORE.fullmatch(inner):
            return _mark_excerpt(inner)
        count += 1
        return ""

    return code_spans.replace_between(text, opening, lambda _: closing, drop), count


def _mark_excerpt(comment: str) -> str:
    return "<!--more-->" if comment.strip().lower().endswith(("more", "truncate")) else ""


def _remove_html_comments(text: str) -> tuple[str, int]:
    count = 0

    def replace(match: re.Match[str]) -> str:
        nonlocal count
        if tab := TAB.fullmatch(match[1]):
            return f"\n\n**{tab[1]}**\n\n" if tab[1] else ""
        if MORE.fullmatch(match[1]):
            return _mark_excerpt(match[1])
        count += 1
        return ""

    return HTML_COMMENT.sub(replace, text), count


def _remove_hidden_elements(text: str) -> tuple[str, int]:
    kept: list[str] = []
    at = count = 0
    # Each looks for the end of its element, which takes long for very many.
    while count < MAX_PASSES and (match := _next_hidden(text, at)):
        kept.append(text[at : match.start()])
        at = _find_end(text, match)
        count += 1
    return "".join([*kept, text[at:]]), count


def _next_hidden(text: str, at: int) -> re.Match[str] | None:
    for match in HIDDEN_ELEMENT.finditer(text, at):
        is_hidden = HIDDEN_ATTRIBUTES.search(match["attributes"])
        if is_hidden or match["name"].lower() in HIDDEN_TAGS:
            return match
    return None


def _find_end(text: str, opening: re.Match[str]) -> int:
    """Return where the element ends, or its tag if it has no end."""
    name = opening["name"].lower()
    if name in VOID_TAGS or opening["attributes"].endswith("/"):
        return opening.end()
    depth = 1
    tags = re.compile(rf"<(/?){name}\b[^<>]{{0,1000}}>", re.IGNORECASE)
    for tag in tags.finditer(text, opening.end()):
        depth += -1 if tag[1] else 1
        if depth == 0:
            return tag.end()
    # An element that is not closed hides the rest.
    return len(text)
