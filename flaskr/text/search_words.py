"""Split texts and queries into words, ignoring case, accents, width and invisible characters.

The index form of a text lists additional words, such as `wifi` for `Wi-Fi` and the stems of words,
and then the words of the text in order.
"""

import re
import unicodedata
from collections.abc import Callable
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from . import scripts
from .normalization import normalize

UNSPACED = re.compile(f"[{scripts.UNSPACED}]")
# Letters that are written in several ways, besides those with accents.
SPELLINGS = {
    "ł": "l",
    "ø": "o",
    "đ": "d",
    "œ": "oe",
    "æ": "ae",
    "ß": "ss",
    "ё": "\u0435",
    "ð": "d",
    "þ": "th",
    "ħ": "h",
    "ŧ": "t",
    "\u0131": "i",
    "\u0623": "\u0627",
    "\u0625": "\u0627",
    "\u0622": "\u0627",
    "\u0671": "\u0627",
    "\u0649": "\u064a",
    "\u06cc": "\u064a",
    "\u06a9": "\u0643",
    "\u0629": "\u0647",
}
# Letters to replace in names by SQL. Its parser allows about thirty nested calls.
FREQUENT = "łøđœæß\u0451\u0623\u0625\u0622\u0649\u0629"
# Accents and the vowel marks of Arabic and Hebrew, which most people leave out.
IGNORED = re.compile(
    "[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed]"
)
CYRILLIC = "\u0400"
HYPHENS = "\u2010\u2011"
APOSTROPHES = "\u2018\u2019\u02bc"
# Characters of names such as C++, C# and .NET. The index stores private-use characters instead.
NAME_SIGNS = "+#."
PRIVATE_SIGNS = {ord(sign): 0xE000 + ord(sign) for sign in NAME_SIGNS}
PRIVATE_SYMBOLS = 0xF0000
SEPARATORS = "-'+#."
WORD = re.compile(rf"[^{SEPARATORS}]+")
NAME = re.compile(
    rf"(?<![^{SEPARATORS}])[^{SEPARATORS}]++(?:\+\+|#(?![^{SEPARATORS}]))|^\.[^\W\d_]\w*+"
)
VERSION = re.compile(r"v(?=\d+\.\d)")
ARTICLE = re.compile("(?:[وبكف]?ال|لل)(?=[^\\W_]{3})")
ARABIC_ARTICLE = "\u0627\u0644"
MAX_WORD_CHARS = 64
MAX_JOINED_WORDS = 5
STEMMED = re.compile("[a-z]{3,40}")
# Follows a stem, so that it differs from a word.
STEM_MARK = "\ue000"
# Stands between the additional words and the text.
TEXT_MARK = "\ue001"

Stem = Callable[[Iterable[str]], dict[str, str]]


class _FoldTable(dict[int, str]):
    """A lazy translation table to lower case, without accents and invisible characters."""

    def __missing__(self, code: int) -> str:
        folded = normalize("NFKC", normalize("NFKC", chr(code)).casefold())
        self[code] = "".join(map(_fold_char, folded))
        return self[code]


def _fold_char(char: str) -> str:
    category = unicodedata.category(char)
    if IGNORED.match(char) or category in ("Cf", "Me", "Sk") or "\ufe00" <= char <= "\ufe0f":
        return "" if ord(char) > 0x7F else char
    if category == "Nd":
        return str(unicodedata.decimal(char))
    base = normalize("NFD", char)[0]
    char = base if base < CYRILLIC else char
    return SPELLINGS.get(char, char)


class _WordTable(dict[int, str]):
    """A lazy translation table that folds letters and makes other characters separators."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        char = "-" if char in HYPHENS else "'" if char in APOSTROPHES else char.translate(FOLDED)
        self[code] = "".join(map(_as_word_char, char))
        return self[code]


def _as_word_char(char: str) -> str:
    category = unicodedata.category(char)
    if category[0] in "LN" or category in ("Mn", "Mc") or char in SEPARATORS:
        return char
    if category[0] == "S" and not char.isascii():
        return f" {chr(PRIVATE_SYMBOLS + (ord(char) & 0xFFFF))} "
    return " "


FOLDED = _FoldTable()
WORDS = _WordTable()


class Chunk(NamedTuple):
    """The words between two spaces: in order, and those to find them by as well."""

    words: tuple[str, ...]
    joined: str = ""
    names: tuple[str, ...] = ()


def fold(text: str) -> str:
    """Return the text in lower case, without accents and invisible characters."""
    return text.lower() if text.isascii() else normalize("NFKC", text).translate(FOLDED)


def fold_each(text: str) -> list[str]:
    """Fold each character of a text by itself, and return the results."""
    return [FOLDED[code] for code in map(ord, text)]


def split(text: str) -> list[Chunk]:
    """Return the words of a text."""
    text = text if text.isascii() else normalize("NFKC", text)
    return [
        _split_known_chunk(chunk) if len(chunk) <= MAX_WORD_CHARS else _split_chunk(chunk)
        for chunk in text.translate(WORDS).split()
    ]


@lru_cache(maxsize=20_000)
def _split_known_chunk(chunk: str) -> Chunk:
    return _split_chunk(chunk)


def _split_chunk(chunk: str) -> Chunk:
    if chunk.isalnum():
        return Chunk((_shorten(chunk),))
    chunk = VERSION.sub("", chunk, count=1) if chunk[0] == "v" else chunk
    words = tuple(map(_shorten, WORD.findall(chunk)))
    names = tuple(_shorten(name).translate(PRIVATE_SIGNS) for name in NAME.findall(chunk))
    joins = 1 < len(words) <= MAX_JOINED_WORDS and not set(NAME_SIGNS) & set(chunk.strip("."))
    return Chunk(words, _shorten("".join(words)) if joins else "", names)


def _shorten(word: str) -> str:
    if word.isascii():
        return word[:MAX_WORD_CHARS]
    return ARTICLE.sub("", word, count=1) if ARTICLE.match(word) else word


def index_form(text: str, stem: Stem | None = None) -> str:
    """Return the words to index for a text, with their stems if `stem` finds them."""
    chunks = split(text)
    words = [word for chunk in chunks for word in chunk.words]
    found = {name for chunk in set(chunks) for name in (chunk.joined, *chunk.names) if name}
    if stem:
        stemmed = {word for word in {*words, *found} if STEMMED.fullmatch(word)}
        found |= {f"{root}{STEM_MARK}" for word, root in stem(stemmed).items() if root != word}
    return " ".join([*sorted(found), TEXT_MARK, *words] if found else words)


def text_of(form: str) -> str:
    """Return the words of an index form in order, without those added."""
    return form.rpartition(TEXT_MARK)[2].strip()


def as_typed(word: str) -> str:
    """Return a word of the index as it stands in a folded text."""
    return "".join(map(_typed_char, word)) if not word.isascii() else word


def _typed_char(char: str) -> str:
    code = ord(char)
    if code >= PRIVATE_SYMBOLS:
        low = chr(code - PRIVATE_SYMBOLS)
        return low if unicodedata.category(low)[0] == "S" else chr(0x10000 + ord(low))
    return chr(code - 0xE000) if chr(code - 0xE000 if code >= 0xE000 else 0) in NAME_SIGNS else char
