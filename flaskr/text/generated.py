"""HTML that the renderer generates itself, such as formulas, and that bypasses the sanitizer.

The text given to the sanitizer contains a random mark for each piece, which a body cannot contain.
"""

import re
import secrets
from typing import Any

# Characters with a meaning in rendered HTML. Raw HTML may contain references to them.
NONCHARACTER = re.compile("[\ufdd0-\ufddf]")
# Control characters, which HTML cannot contain. Raw HTML may contain references to them as well.
CONTROLS = "\0-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff"
ASCII_CONTROLS = bytes([*range(32), 127]).translate(None, b"\t\n")
CONTROL = re.compile(f"[{CONTROLS}]")
UNWANTED = re.compile(f"[{CONTROLS}\ufdd0-\ufdd3\ufdd6-\ufddf]")
MARK = re.compile("\ufdd4([0-9a-f]+)\ufdd5|[\ufdd4\ufdd5]")


def remove_ascii_controls(text: str) -> str:
    """Return ASCII text without control characters."""
    return text.encode().translate(None, ASCII_CONTROLS).decode()


def put(env: dict[str, Any], html: str) -> str:
    """Store a piece of safe HTML, and return its mark."""
    pieces = env.setdefault("generated", {})
    mark = f"\ufdd4{secrets.token_hex(8)}\ufdd5"
    pieces[mark] = html
    return mark


def insert(env: dict[str, Any], text: str) -> str:
    """Replace the marks in sanitized HTML; remove other noncharacters and control characters."""
    if text.isascii():
        return remove_ascii_controls(text)
    pieces = env.get("generated", {})
    return MARK.sub(lambda mark: pieces.get(mark[0], ""), UNWANTED.sub("", text))
