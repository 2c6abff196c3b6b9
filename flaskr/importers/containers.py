"""Convert the containers between lines of colons that VitePress, Docusaurus and others know."""

import html
import re
import textwrap
from collections import Counter

from .code_spans import Masks
from .shortcodes import ALERTS

OPENING = re.compile(
    r"[ \t]*+(:{3,})[ \t]*+\{?\.?([A-Za-z][\w-]{0,40}+)\}?"
    r"(?:\[([^\]\n]{0,300})\]|[ \t]++([^\n{]{0,300}))?[ \t]*+(?:\{([^{}\n]{0,300})\})?[ \t]*"
)
CLOSING = re.compile(r"[ \t]*+:{3,}[ \t]*")
TITLE = re.compile(r"\b(?:title|label)=[\"']([^\"'\n]{1,300})[\"']")
# A card of a repository and a text behind a click, in themes of Astro.
REPOSITORY = re.compile(r"^::github\{repo=\"([\w./-]{1,100})\"\}", re.MULTILINE)
SPOILER = re.compile(r"(?<![:\w]):spoiler\[([^\[\]\n]{0,500})\]")
MAX_DEPTH = 20
GENERATORS = frozenset("docusaurus vitepress astro gatsby eleventy hexo folder quartz".split())


def convert(text: str, left_out: Counter[str], masks: Masks) -> str:
    """Return the text with quotes and details for containers. Marks stand for its code."""
    text = REPOSITORY.sub(r"[\1](https://github.com/\1)", SPOILER.sub(r"\1", text))
    if ":::" not in text:
        return text
    stack: list[tuple[re.Match[str], list[str]]] = []
    out: list[str] = []
    for line in text.split("\n"):
        lines = stack[-1][1] if stack else out
        opening = OPENING.fullmatch(line)
        if opening and len(stack) < MAX_DEPTH:
            stack.append((opening, []))
        elif stack and CLOSING.fullmatch(line):
            match, inner = stack.pop()
            lines = stack[-1][1] if stack else out
            lines += _convert_one(match, inner, left_out, masks).split("\n")
        else:
            lines.append(line)
    while stack:
        match, inner = stack.pop()
        (stack[-1][1] if stack else out).extend([match[0], *inner])
    return "\n".join(out)


def _convert_one(
    match: re.Match[str], lines: list[str], left_out: Counter[str], masks: Masks
) -> str:
    name = match[2].lower()
    named = TITLE.search(match[5] or "")
    title = (match[3] or match[4] or (named[1] if named else "")).strip()
    # Components are indented, which would make code of their text.
    inner = textwrap.dedent("\n".join(lines)).strip("\n")
    if name in ALERTS:
        head = [f"**{title}**", ""] if title else []
        # A quote right below the kind would belong to it.
        head += [""] if inner.lstrip().startswith(">") and not head else []
        quoted = [*head, *masks.split_lines(inner).split("\n")]
        body = "\n".join(f"> {line}".rstrip() for line in quoted)
        return f"\n> [!{ALERTS[name]}]\n{body}\n" if body != ">" else ""
    if name == "details":
        summary = html.escape(title or "Details")
        return f"\n<details><summary>{summary}</summary>\n\n{inner}\n\n</details>\n"
    if name in ("tab", "tabitem", "step") and title:
        return f"\n**{title}**\n\n{inner}\n"
    if name not in ("tabs", "tab", "code-group", "raw", "v-pre", "center", "steps", "left"):
        left_out[f":::{match[2]}"] += 1
    return f"\n{inner}\n"
