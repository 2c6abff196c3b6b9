"""Pure: what somebody typed into the search field, as terms to look for."""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from .normalization import normalize

MAX_QUERY_CHARS = 200
MAX_TERMS = 8
# Thai, Lao, Burmese, Khmer, Japanese, Chinese: as in the triggers of schema.sql.
UNSPACED = re.compile(
    "[\u0e01-\u0edf\u1000-\u109f\u1780-\u17f9\u3005-\u3007\u3041-\u30ff\u3400-\u9fff\uf900-\uface"
    "\uff66-\uff9f\U00020000-\U000323af]"
)
# Particles follow the word without a space.
HANGUL = re.compile("[\uac00-\ud7a3]")
QUOTES = str.maketrans("“”„«»", '"""""')
CHUNK = re.compile(r'(-?)"([^"]*)"?|(-?)([^\s"]+)')
LETTER = r"[^\W_]"
OTHERS = re.compile("[^\0-\x7f]+")


class Term(NamedTuple):
    """A word or a phrase, or where `words` is empty any characters wherever they stand."""

    text: str
    words: tuple[str, ...] = ()
    excluded: bool = False
    prefix: bool = False


def clean_query(text: str) -> str:
    """As much of what was typed as is looked for, without what no page can show."""
    return re.sub("[\0-\x1f\x7f\ud800-\udfff]+", " ", text)[:MAX_QUERY_CHARS].strip()


def parse(text: str) -> list[Term]:
    """The terms in what was typed, whatever it is: words, "phrases", -without.

    The last word may be the beginning of one.
    """
    text = normalize("NFC", clean_query(text))
    terms: list[Term] = []
    ends_open = False
    for match in CHUNK.finditer(text.translate(QUOTES)):
        quoted = match[4] is None
        if found := _terms(match[2] if quoted else match[4], bool(match[1] or match[3])):
            terms += found
            ends_open = not quoted
    terms = list(dict.fromkeys(terms))[:MAX_TERMS]
    if terms and ends_open and len(terms[-1].words) == 1 and not terms[-1].excluded:
        terms[-1] = terms[-1]._replace(prefix=True)
    return terms


def _terms(chunk: str, excluded: bool) -> list[Term]:
    words = "".join(char if _is_letter(char) else " " for char in chunk).split()
    if any(UNSPACED.search(word) for word in words):
        return [one for word in words for one in _apart(word, excluded)]
    folded = tuple(filter(None, map(fold, words)))
    if folded:
        hangul = len(folded) == 1 and not excluded and bool(HANGUL.search(folded[0]))
        return [Term(" ".join(folded), folded, excluded, hangul)]
    # Signs such as emoji are in no index of words.
    return [] if chunk.isascii() or words or not chunk.strip() else [Term(chunk, (), excluded)]


def _apart(word: str, excluded: bool) -> list[Term]:
    return [Term(word, (), excluded)] if UNSPACED.search(word) else _terms(word, excluded)


def _is_letter(char: str) -> bool:
    category = unicodedata.category(char)
    return category[0] in "LN" or category in ("Co", "Mn", "Mc")


class _Plain(dict[int, str]):
    """Each character without its accent, as SQLite's tokenizer has it, made when first met."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        base = normalize("NFD", char)[0]
        if 0x300 <= code <= 0x36F:
            char = ""
        elif base.isascii() and base.isalpha():
            char = base
        self[code] = char
        return char


# The two forms of the Greek sigma are one letter.
_plain = _Plain({0x3C2: "\u03c3"})


def fold(text: str) -> str:
    """The text in small letters without accents, as the index of words has it."""
    text = text.lower()
    return text if text.isascii() else OTHERS.sub(lambda match: match[0].translate(_plain), text)


def required_terms(terms: Iterable[Term]) -> list[Term]:
    """The terms that a post has to have."""
    return [term for term in terms if not term.excluded]


def matches(plain_text: str, term: Term) -> bool:
    """Whether a text made plain has the term."""
    first = term.words[0] if term.words else fold(term.text)
    return first in plain_text and compile_pattern(term).search(plain_text) is not None


@lru_cache(maxsize=64)
def compile_pattern(term: Term) -> re.Pattern[str]:
    """Finds the term in plain text."""
    if not term.words:
        return re.compile(re.escape(fold(term.text)))
    first, *others = map(re.escape, term.words)
    # Beginning with letters and looking back from there is many times as fast.
    words = r"[\W_]{1,20}".join([f"{first}(?<!{LETTER}{first})", *others])
    return re.compile(words + (f"{LETTER}*" if term.prefix else f"(?!{LETTER})"))
