"""Split a text where a line may end."""

import re

from .scripts import CJK

# Characters that no line begins with, and that no line ends with (JIS X 4051, in brief).
NOT_FIRST = (
    "、。，．・：；？！）］｝」』】〕〉》〟’”…‥"  # noqa: RUF001  # full-width marks
    "ー々〻ゝゞヽヾぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ"
    r",.!?:;)\]}"
)
NOT_LAST = r"（［｛「『【〔〈《〝‘“(\[{"  # noqa: RUF001  # full-width marks
PIECE = re.compile(rf"[{NOT_LAST}]*+(?:[{CJK}]|[^\s{CJK}{NOT_LAST}]++|(?=\s|$))[{NOT_FIRST}]*+\s*+")


def split_for_lines(text: str) -> list[str]:
    """Return the pieces of a line of text after which it may be broken, with their spaces.

    Chinese and Japanese can be broken between most characters, other texts at spaces.
    """
    return [piece for piece in PIECE.findall(" ".join(text.split())) if piece]
