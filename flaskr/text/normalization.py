"""Unicode normalization in linear time."""

import unicodedata
from typing import Literal

# Sorting a run of combining marks takes quadratic time and holds the GIL.
CHUNK_CHARS = 500
Form = Literal["NFC", "NFD", "NFKC", "NFKD"]


def normalize(form: Form, text: str) -> str:
    """Normalize the text; a long text is normalized in chunks.

    A letter and its accent may stay separate where two chunks meet: check the length first if
    that matters.
    """
    if len(text) <= CHUNK_CHARS:
        return unicodedata.normalize(form, text)
    starts = range(0, len(text), CHUNK_CHARS)
    return "".join(unicodedata.normalize(form, text[at : at + CHUNK_CHARS]) for at in starts)


def casefold_key(name: str) -> str:
    """Return the key under which names are equal regardless of case and width."""
    return normalize("NFKC", normalize("NFKC", name).casefold()).strip()
