"""Parse a search query into terms."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from . import search_words
from .normalization import normalize

MAX_QUERY_CHARS = 200
MAX_TERMS = 8
# The number of phrases like `wi-fi` to search as one word, too.
MAX_JOINED = 2
# A prefix with fewer characters is not completed.
MIN_PREFIX_CHARS = 2
UNSPACED = search_words.UNSPACED
# Korean particles follow their word without a space.
HANGUL = re.compile("[\uac00-\ud7a3]")
QUOTES = str.maketrans("“”„«»", '"""""')
# A minus excludes a word, but two hyphens introduce an option of a program.
CHUNK = re.compile(r'(?:(?<!\S)(-)(?=[^\s-]))?(?:"([^"]*)"?|([^\s"]+))')
LETTER = r"[^\W_]"
# Compiling a pattern with other hyphens and apostrophes in it would take ten times as long.
JOINT = "[-']?"
ARTICLE = "(?:[وبكف]?ال|لل)?"
IS_ARABIC = re.compile("[\u0621-\u064a]")
MIN_JOINED_CHARS = 3


class Term(NamedTuple):
    """A word or a phrase; without `words`, a string of characters to find anywhere."""

    text: str
    words: tuple[str, ...] = ()
    excluded: bool = False
    # The words that begin with the text are found as well.
    prefix: bool = False
    # The phrase as one word: `wifi` for `wi-fi`.
    joined: str = ""
    # The stem of a word. It is not set if only the word itself may be found.
    stem: str = ""
    exact: bool = False

    @property
    def alternatives(self) -> tuple[str, ...]:
        """Return the strings of words to search for, of which only the first is exact."""
        stem = f"{self.stem}{search_words.STEM_MARK}" if self.stem else ""
        return (self.text, *filter(None, (self.joined, stem)))


def clean_query(text: str) -> str:
    """Remove control characters from a query and limit its length."""
    return re.sub("[\0-\x1f\x7f\ud800-\udfff]+", " ", text)[:MAX_QUERY_CHARS].strip()


def parse(text: str, stem: search_words.Stem | None = None) -> list[Term]:
    """Return the terms of a query: words, "phrases", and -exclusions. Never raises.

    The last word also matches longer words that begin with it. `stem` finds the stems of words.
    """
    text = normalize("NFC", clean_query(text))
    terms: list[Term] = []
    ends_open = False
    for match in CHUNK.finditer(text.translate(QUOTES)):
        is_quoted = match[3] is None
        if found := _split_terms(match[2] if is_quoted else match[3], bool(match[1]), is_quoted):
            terms += found
            ends_open = not is_quoted
    terms = list(dict.fromkeys(terms))[:MAX_TERMS]
    if terms and ends_open and _may_be_unfinished(terms[-1]):
        terms[-1] = terms[-1]._replace(prefix=True)
    terms = _limit_joined(terms)
    return _add_stems(terms, stem) if stem else terms


def _limit_joined(terms: list[Term]) -> list[Term]:
    """Remove the joined words of later phrases, because alternatives make a search slow."""
    first = [term for term in terms if term.joined][:MAX_JOINED]
    return [term if term in first else term._replace(joined="") for term in terms]


def _may_be_unfinished(term: Term) -> bool:
    return len(term.words) == 1 and len(term.text) >= MIN_PREFIX_CHARS and not term.excluded


def _split_terms(chunk: str, excluded: bool, exact: bool) -> list[Term]:
    chunks = search_words.split(chunk)
    words = [word for part in chunks for word in part.words]
    if any(UNSPACED.search(word) for word in words):
        return [_make_term((word,), excluded, exact) for word in words]
    names = [_make_term((name,), excluded, exact) for part in chunks for name in part.names]
    if names and len(words) == 1:
        return names
    if not words:
        return []
    hangul = len(words) == 1 and not excluded and bool(HANGUL.search(words[0]))
    joined = chunks[0].joined if len(chunks) == 1 else ""
    term = _make_term(tuple(words), excluded, exact)._replace(prefix=hangul, joined=joined)
    return [*([] if excluded else names), term]


def _make_term(words: tuple[str, ...], excluded: bool, exact: bool) -> Term:
    if UNSPACED.search(words[0]):
        return Term(words[0], (), excluded)
    return Term(" ".join(words), words, excluded, exact=exact)


def _add_stems(terms: list[Term], stem: search_words.Stem) -> list[Term]:
    texts = [
        term.text
        for term in terms
        if not term.excluded and not term.exact and search_words.STEMMED.fullmatch(term.text)
    ]
    stems = stem(texts)
    return [
        term if term.exact or term.excluded else term._replace(stem=stems.get(term.text, ""))
        for term in terms
    ]


def required_terms(terms: Iterable[Term]) -> list[Term]:
    """Return the terms that a post must contain."""
    return [term for term in terms if not term.excluded]


def matches(form: str, term: Term) -> bool:
    """Return True if an index form between spaces contains the term, exactly or in another way."""
    return any(needle in form for needle in needles(term))


def needles(term: Term) -> list[str]:
    """Return the strings of which an index form between spaces contains one if it matches."""
    if not term.words:
        return [term.text]
    found = [f" {one} " for one in term.alternatives]
    return [*found, f" {term.text}"] if term.prefix else found


@lru_cache(maxsize=64)
def compile_pattern(term: Term) -> re.Pattern[str]:
    """Return a pattern that finds the term in folded text, or a word that may have its stem."""
    if not term.words:
        return re.compile(re.escape(term.text))
    if len(term.words) == 1:
        return re.compile(_word_pattern(term))
    between = r"[\W_]{0,20}" if term.joined else r"[\W_]{1,20}"
    first, *others = map(re.escape, map(search_words.as_typed, term.words))
    # A version may be written with a `v`.
    before = "v?" if first.isdigit() else ARTICLE if IS_ARABIC.match(first) else ""
    return re.compile(between.join([_begin(first, before), *others]) + f"(?!{LETTER})")


def _begin(first: str, before: str = "") -> str:
    # A leading literal with a lookbehind is many times faster than a leading lookbehind.
    return f"(?<!{LETTER}){before}{first}" if before else f"{first}(?<!{LETTER}{first})"


def _word_pattern(term: Term) -> str:
    word = search_words.as_typed(term.words[0])
    if not word.isalnum():
        end = f"(?!{LETTER})" if word[-1].isalnum() else ""
        return _begin(re.escape(word)) + end if word[0].isalnum() else re.escape(word) + end
    root = word
    while term.stem and not term.stem.startswith(root):
        root = root[:-1]
    first = root
    others = ""
    if word.isascii() and len(root) >= MIN_JOINED_CHARS:
        first, others = root[0], "".join(f"{JOINT}{char}" for char in root[1:])
    open_end = (
        f"{LETTER}*" if term.prefix else f"{LETTER}{{0,20}}" if root != word or term.stem else ""
    )
    return (
        _begin(first, ARTICLE if IS_ARABIC.match(first) else "")
        + others
        + open_end
        + f"(?!{LETTER})"
    )
