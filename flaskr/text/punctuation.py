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
    "ar": "«»‹›",
    "bg": "„“’’",
    "ca": "«»“”",
    "cs": "„“‚‘",
    "da": "”“’‘",
    "de": "„“‚‘",
    "de-ch": "«»‹›",
    "el": "«»“”",
    "en": "“”‘’",
    "es": "«»“”",
    "et": "„“«»",
    "fa": "«»‹›",
    "fi": "””’’",
    "fr": ("«\u202f", "\u202f»", "“", "”"),
    "hr": "„”‘’",
    "hu": "„”»«",
    "is": "„“‚‘",
    "it": "«»“”",
    "ja": "「」『』",
    "lt": "„“‚‘",
    "nb": "«»‘’",
    "nn": "«»‘’",
    "no": "«»‘’",
    "pl": "„”«»",
    "pt": "“”‘’",
    "ro": "„”«»",
    "ru": "«»„“",
    "sk": "„“‚‘",
    "sl": "„“‚‘",
    "sr": "„”’’",
    "sv": "””’’",
    "tr": "“”‘’",
    "uk": "«»„“",
    "zh-hant": "「」『』",
    "zh-hk": "「」『』",
    "zh-tw": "「」『』",
}
MARK = re.compile(r"""["']|\.{3}|(?<!-)-{2,3}(?!-)""")
# After these, a quotation begins.
BEFORE_OPENING = re.compile(r"[\s(\[{\"'\u2013\u2014/«„“‘‚「『-]")
NAMED = {"...": "…", "--": "–", "---": "—"}
APOSTROPHE = "’"
LANGUAGE = "punctuation_language"


def replace_marks(state: "StateCore") -> None:
    """Replace the marks in the text of each block, if the environment names a language."""
    language = str(state.env.get(LANGUAGE, "")).lower().replace("_", "-")
    if not language:
        return
    names = (language, "-".join(language.split("-")[:2]), language.partition("-")[0], "en")
    marks = next(QUOTES[name] for name in names if name in QUOTES)
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
        elif token.nesting == 0 and token.type != "html_inline":
            yield Token("text", "", 0, content="x")


def _replace(
    text: str, before: str, after: str, marks: "Sequence[str]", is_inner_open: bool
) -> tuple[str, bool]:
    """Return text with its marks replaced, and whether an inner quotation is open at its end."""
    # The end of the last mark, and whether a quotation began there.
    last_end, last_opened = 0, False

    def replace(match: re.Match[str]) -> str:
        nonlocal is_inner_open, last_end, last_opened
        mark, start = match[0], match.start()
        last = text[start - 1] if start else before
        following = text[match.end() : match.end() + 1] or after
        if mark in NAMED:
            # Two hyphens before a word are an option of a command.
            is_option = mark == "--" and last.isspace() and not following.isspace()
            return mark if is_option else NAMED[mark]
        opens = bool(BEFORE_OPENING.match(last))
        if start and start == last_end and last in "\"'":
            opens = last_opened
        opens = opens and not following.isspace()
        last_end, last_opened = match.end(), opens
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
