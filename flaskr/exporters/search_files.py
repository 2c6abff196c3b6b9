"""Build an index of words for searching static pages: one small file for each beginning of words.

`static/frozen_search.js` splits and folds words in the same way.
"""

import json
import re
import unicodedata
from collections.abc import Iterable
from collections.abc import Iterator
from typing import Any
from typing import NamedTuple

from ..text import scripts
from ..text import search_words
from ..text.normalization import normalize

# ASCII, Latin, general and CJK punctuation. All else is part of words.
SEPARATORS = (
    r"\s!-/:-@\[-`{-~\u00a0-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7"
    r"\u2000-\u206f\u2190-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u303f\uff01-\uff0f\uff1a-\uff20"
)
WORD = re.compile(f"[{scripts.UNSPACED}]+|[^{SEPARATORS}{scripts.UNSPACED}]+")
UNSPACED = re.compile(f"[{scripts.UNSPACED}]")
MAX_WORD_CHARS = 40
KEY_CHARS = 2


class Page(NamedTuple):
    """A page to find. Numbers must not change, so that few files do."""

    number: int
    url: str
    title: str
    byline: str
    words: set[str]


def fold_word(word: str) -> str:
    """Return a word without case, accents and special letters."""
    if word.isascii():
        return word.lower()
    parts = normalize("NFKD", word.lower())
    return "".join(
        search_words.SPELLINGS.get(one, one) for one in parts if unicodedata.category(one) != "Mn"
    )


def split_words(text: str) -> set[str]:
    """Return the words of a text; of scripts without spaces, every two neighboring characters."""
    words = set()
    # Most words are in a text many times.
    distinct = " ".join(set(text.split()))
    for found in set(WORD.findall(distinct)):
        word = fold_word(found)
        if UNSPACED.match(found):
            words |= {word[at : at + 2] for at in range(max(1, len(word) - 1))}
        else:
            words.add(word[:MAX_WORD_CHARS])
    return words - {""}


def key(word: str) -> str:
    """Return the name of the file that has a word."""
    return "-".join(f"{ord(character):x}" for character in word[:KEY_CHARS])


def build(pages: Iterable[Page]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each file."""
    numbers: dict[str, list[int]] = {}
    titles: dict[int, list[str]] = {}
    for page in pages:
        titles[page.number] = [page.url, page.title, page.byline]
        for word in page.words:
            numbers.setdefault(word, []).append(page.number)
    yield "pages.json", _json(titles)
    files: dict[str, dict[str, list[int]]] = {}
    for word in sorted(numbers):
        files.setdefault(key(word), {})[word] = numbers[word]
    for name, words in sorted(files.items()):
        yield f"words/{name}.json", _json(words)


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
