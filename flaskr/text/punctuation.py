"""Replace straight quotation marks, hyphens and dots by the marks of good typography.

markdown-it has rules for this, too, but they take quadratic time.
"""

# ruff: noqa: RUF001

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence

    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

# Outer and inner quotation marks by language.
QUOTES: "dict[str, Sequence[str]]" = {
    "cs": "„“‚‘",
    "da": "”“’‘",
    "de": "„“‚‘",
    "en": "“”‘’",
    "es": "«»“”",
    "fi": "””’’",
    "fr": ("«\u202f", "\u202f»", "“", "”"),
    "it": "«»“”",
    "ja": "「」『』",
    "nb": "«»‘’",
    "nn": "«»‘’",
    "no": "«»‘’",
    "pl": "„”«»",
    "pt": "“”‘’",
    "ru": "«»„“",
    "sv": "””’’",
    "tr": "“”‘’",
    "uk": "«»„“",
}
MARK = re.compile(r"""["']|\.{3}|(?<!-)-{2,3}(?!-)""")
# After these, a quotation begins.
BEFORE_OPENING = re.compile(r"[\s(\[{\"'\u2013\u2014/«„“‘‚「『-]")
NAMED = {"...": "…", "--": "–", "---": "—"}
APOSTROPHE = "’"
LANGUAGE = "punctuation_language"


def replace_marks(state: "StateCore") -> None:
    """Replace the marks in the text of each block, if the environment names a language."""
    language = str(state.env.get(LANGUAGE, "")).lower().partition("-")[0]
    if not language:
        return
    marks = QUOTES.get(language, QUOTES["en"])
    for block in state.tokens:
        if block.type == "inline" and MARK.search(block.content):
            tokens = list(_text_tokens(block.children or []))
            around = [" ", *(token.content for token in tokens), " "]
            is_inner_open = False
            for before, token, after in zip(around, tokens, around[2:], strict=False):
                token.content, is_inner_open = _replace(
                    token.content, before[-1:] or " ", after[:1] or " ", marks, is_inner_open
                )


def _text_tokens(children: "list[Token]") -> "Iterator[Token]":
    """Yield the tokens of text, except URLs; others count as a letter before the next one."""
    from markdown_it.token import Token

    is_url = False
    for token in children:
        if token.type == "link_open":
            is_url = token.markup == "autolink"
        elif token.type == "link_close":
            is_url = False
        elif token.type == "text" and not is_url:
            yield token
        elif token.type in ("softbreak", "hardbreak"):
            yield Token("text", "", 0, content=" ")
        elif token.nesting == 0:
            yield Token("text", "", 0, content="x")


def _replace(
    text: str, before: str, after: str, marks: "Sequence[str]", is_inner_open: bool
) -> tuple[str, bool]:
    """Return text with its marks replaced, and whether an inner quotation is open at its end."""

    def replace(match: re.Match[str]) -> str:
        nonlocal is_inner_open
        mark = match[0]
        if mark in NAMED:
            return NAMED[mark]
        last = text[match.start() - 1 : match.start()] if match.start() else before
        following = text[match.end() : match.end() + 1] or after
        opens = not following.isspace() and bool(BEFORE_OPENING.match(last))
        if mark == '"':
            return marks[0 if opens else 1]
        if opens and not following.isdigit():
            is_inner_open = True
            return marks[2]
        if is_inner_open and not following.isalnum():
            is_inner_open = False
            return marks[3]
        return APOSTROPHE

    return MARK.sub(replace, text), is_inner_open
