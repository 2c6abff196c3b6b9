"""Unicode normalization that takes linear time, whatever the text."""

import unicodedata
from typing import Literal

# A run of combining marks is sorted in quadratic time, and the GIL is held meanwhile.
CHUNK_CHARS = 500
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normalize(form: Form, text: str) -> str:
    """Return the text in this normalization form; a long one is normalized in chunks.

    Where two chunks meet, a letter and its accent may stay apart: check the length first where
    that matters.
    """
    if len(text) <= CHUNK_CHARS:
        return unicodedata.normalize(form, text)
    starts = range(0, len(text), CHUNK_CHARS)
    return "".join(unicodedata.normalize(form, text[at : at + CHUNK_CHARS]) for at in starts)


def fold(text: str) -> str:
    """Return the key under which texts are equal regardless of case and width."""
    return normalize("NFKC", normalize("NFKC", text).casefold()).strip()
