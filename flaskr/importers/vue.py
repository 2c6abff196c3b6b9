"""Leave Vue out of the Markdown of VitePress, and bring in the files that it includes."""

import re
from collections import Counter
from collections.abc import Callable

from . import code_spans
from . import mdx

BLOCK = re.compile(r"^<(?P<name>script|style)\b[^<>]{0,200}>", re.MULTILINE | re.IGNORECASE)
INCLUDE = re.compile(r"<!--\s*@include:\s*([^\s<>{}#]{1,300})\s*-->")


def convert(text: str, left_out: Counter[str], read: Callable[[str], str]) -> str:
    """Return the text without scripts, styles and components, which are counted.

    `read` returns the text of a file by its path from the post.
    """

    def include(match: re.Match[str]) -> str:
        return read(match[1]) or match[0]

    def change(text: str) -> str:
        return mdx.COMPONENT.sub(lambda match: mdx.convert_component(match, {}, left_out), text)

    masks = code_spans.Masks()
    text = masks.hide_blocks(code_spans.MARKS.sub("", INCLUDE.sub(include, text)))
    text = code_spans.replace_between(text, BLOCK, _find_end, lambda *_: "")
    return masks.restore(change(masks.hide_spans(text)))


def _find_end(opening: re.Match[str]) -> re.Pattern[str]:
    return re.compile(rf"</{opening['name']}\s*>", re.IGNORECASE)
