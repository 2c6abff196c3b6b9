"""Change Markdown text without touching its code."""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})(.*)$", re.MULTILINE)
OPENING = re.compile(
    r"(?<!`)(?P<ticks>`+)|<(?P<element>pre|code|script|style|textarea|samp)\b[^<>]{0,1000}>", re.I
)
EMPTY_LINE = re.compile(r"\n[ \t]*\n")
# The parser of blocks takes long for lines that begin with more of these.
DEEP_LINE = re.compile(r"^[ \t>]{300}", re.MULTILINE)
RUN = re.compile(r"`+")
# Noncharacters, which no text contains, around the number of a hidden piece.
MARK = re.compile("\ufdd1([0-9]{1,9})\ufdd2")
MARKS = re.compile("[\ufdd1\ufdd2]")
# Blocks of longer texts are only found by their fences.
MAX_PARSED_CHARS = 1_000_000


class Masks:
    """Replaces pieces of a text by marks, and restores them."""

    def __init__(self) -> None:
        self.pieces: list[str] = []

    def hide(self, piece: str) -> str:
        """Return a mark that stands for the piece."""
        self.pieces.append(piece)
        return f"\ufdd1{len(self.pieces) - 1}\ufdd2"

    def restore(self, text: str) -> str:
        """Put back all pieces, including those within others."""
        # It ends, because a piece only holds marks that are older than its own.
        while MARK.search(text):
            text = MARK.sub(lambda match: self.pieces[int(match[1])], text)
        return text

    def split_lines(self, text: str) -> str:
        """Return the text with a mark for each line of a hidden piece, so that all have one."""

        def split(match: re.Match[str]) -> str:
            lines = self.restore(match[0]).split("\n")
            return "\n".join(map(self.hide, lines)) if len(lines) > 1 else match[0]

        return MARK.sub(split, text)

    def hide_code(self, text: str) -> str:
        """Replace code blocks, code spans, and elements like `<pre>`."""
        return self.hide_spans(self.hide_blocks(text))

    def hide_blocks(self, text: str) -> str:
        """Replace fenced and indented code blocks."""
        if "```" not in text and "~~~" not in text and "    " not in text and "\t" not in text:
            return text
        lines = text.split("\n")
        kept: list[str] = []
        at = 0
        for start, end in _find_blocks(text):
            kept += [*lines[at:start], self.hide("\n".join(lines[start:end]))]
            at = end
        return "\n".join([*kept, *lines[at:]])

    def hide_spans(self, text: str) -> str:
        """Replace code spans, and elements like `<pre>`."""
        return replace_between(text, OPENING, _find_closing, self._hide_span)

    def _hide_span(self, opening: re.Match[str], inner: str, closing: str) -> str | None:
        if opening["ticks"] and EMPTY_LINE.search(inner):
            return None
        return self.hide(opening[0] + inner + closing)


def _find_closing(opening: re.Match[str]) -> re.Pattern[str]:
    if ticks := opening["ticks"]:
        return re.compile(f"(?<!`){ticks}(?!`)")
    return re.compile(rf"(?i:</{opening['element'].lower()}\s*>)")


def replace_between(
    text: str,
    opening: re.Pattern[str],
    closing: Callable[[re.Match[str]], re.Pattern[str]],
    replace: Callable[[re.Match[str], str, str], str | None],
) -> str:
    """Replace each piece from an opening to the next closing, in time that grows with the text.

    `closing` returns the pattern that ends an opening; `replace` gets the opening, the text
    between, and the closing, and returns nothing to leave them.
    """
    out: list[str] = []
    at = start = 0
    # Patterns that no longer occur need not be looked for again.
    missing: set[re.Pattern[str]] = set()
    while match := opening.search(text, start):
        start = match.end()
        pattern = closing(match)
        end = None if pattern in missing else pattern.search(text, start)
        if end is None:
            missing.add(pattern)
            continue
        found = replace(match, text[start : end.start()], end[0])
        if found is not None:
            out += [text[at : match.start()], found]
            at = start = end.end()
    return "".join([*out, text[at:]])


def _find_blocks(text: str) -> list[tuple[int, int]]:
    if len(text) > MAX_PARSED_CHARS or DEEP_LINE.search(text):
        return _find_fences(text)
    tokens = _block_parser().parse(text)
    found = [
        (token.map[0], token.map[1])
        for token in tokens
        if token.type in ("fence", "code_block") and token.map
    ]
    return [one for at, one in enumerate(found) if at == 0 or one[0] >= found[at - 1][1]]


def _find_fences(text: str) -> list[tuple[int, int]]:
    found = []
    start, fence = 0, ""
    for number, line in enumerate(text.split("\n")):
        match = FENCE.match(line)
        if match and not fence and not (match[1][0] == "`" and "`" in match[2]):
            start, fence = number, match[1]
        elif match and fence and match[1].startswith(fence) and not match[2].strip():
            found.append((start, number + 1))
            fence = ""
    return found


@cache
def _block_parser() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    md = MarkdownIt("commonmark")
    md.core.ruler.enableOnly(["normalize", "block"])
    return md


def change_outside_code(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to the text, in which marks stand for all code."""
    masks = Masks()
    return masks.restore(change(masks.hide_code(MARKS.sub("", text))))


def make_fence(code: str, language: str = "", indent: str = "") -> str:
    """Return a code block with a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in RUN.findall(code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{indent}{fence}"


def make_span(code: str) -> str:
    """Return a code span with this text on one line."""
    code = " ".join(code.split())
    longest = max((len(run) for run in RUN.findall(code)), default=0)
    ticks = "`" * (longest + 1)
    space = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{space}{code}{space}{ticks}"
