"""Change Markdown text without touching its code."""

import re
from collections.abc import Callable

FENCE = re.compile(r"^[ \t>]*(`{3,}|~{3,})(.*)$", re.MULTILINE)
INLINE = re.compile(r"(?<!`)(`++)[^`]{1,400}+\1(?!`)")
RUN = re.compile(r"`+")


def change_outside_fences(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to the text outside fenced code blocks."""
    pieces = []
    start = 0
    fence = ""
    for line in FENCE.finditer(text):
        mark, rest = line.groups()
        if not fence and "`" not in rest:
            pieces.append(change(text[start : line.start()]))
            start, fence = line.start(), mark
        elif fence and mark.startswith(fence) and not rest.strip():
            pieces.append(text[start : line.end()])
            start, fence = line.end(), ""
    pieces.append(text[start:] if fence else change(text[start:]))
    return "".join(pieces)


def change_outside_code(text: str, change: Callable[[str], str]) -> str:
    """Apply `change` to the text outside fenced code blocks and code spans."""

    def change_prose(prose: str) -> str:
        pieces = []
        start = 0
        for span in INLINE.finditer(prose):
            pieces += [change(prose[start : span.start()]), span[0]]
            start = span.end()
        return "".join([*pieces, change(prose[start:])])

    return change_outside_fences(text, change_prose)


def make_fence(code: str, language: str = "", indent: str = "") -> str:
    """Return a code block with a fence longer than any run of backticks in it."""
    longest = max((len(run) for run in RUN.findall(code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code}\n{indent}{fence}"
