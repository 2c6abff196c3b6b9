"""HTML that the renderer generates itself, such as formulas, and that bypasses the sanitizer.

The text given to the sanitizer contains a random mark for each piece, which a body cannot contain.
"""

import re
import secrets
from typing import Any

# Characters with a meaning in rendered HTML. Raw HTML may contain references to them.
NONCHARACTER = re.compile("[\ufdd0-\ufddf]")
NO_MARK = re.compile("[\ufdd0-\ufdd3\ufdd6-\ufddf]")
MARK = re.compile("\ufdd4([0-9a-f]+)\ufdd5|[\ufdd4\ufdd5]")


def put(env: dict[str, Any], html: str) -> str:
    """Store a piece of safe HTML, and return its mark."""
    pieces = env.setdefault("generated", {})
    mark = f"\ufdd4{secrets.token_hex(8)}\ufdd5"
    pieces[mark] = html
    return mark


def insert(env: dict[str, Any], text: str) -> str:
    """Replace the marks in sanitized HTML, and remove other noncharacters."""
    pieces = env.get("generated", {})
    return MARK.sub(lambda mark: pieces.get(mark[0], ""), NO_MARK.sub("", text))
