# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
import pytest

from flaskr.text import search_query
from flaskr.text import search_words


def words(typed):
    """Return each term with a star after a prefix, and the other way to write it."""
    return [
        f"{'-' * term.excluded}{search_words.as_typed(term.text)}{'/' * bool(term.joined)}"
        f"{term.joined}{'*' * term.prefix}{'' if term.words else '?'}"
        for term in search_query.parse(typed)
    ]


@pytest.mark.parametrize(
    ("typed", "expected"),
    (
        ("", []),
        ("  \0 ", []),
        ("Café CRÈME", ["cafe", "creme*"]),
        ("cafe\u0301", ["cafe*"]),
        ('"in the Woods"', ["in the woods"]),
        ("“in the woods”", ["in the woods"]),
        ('"never closed', ["never closed"]),
        ('one"two three"', ["one", "two three"]),
        ("rust -web", ["rust", "-web"]),
        ('-"two words" x', ["-two words", "x"]),
        ("well-known", ["well known/wellknown"]),
        ("C++", ["c++*"]),
        (".NET, C# F#", [".net", "c#", "f#*"]),
        ("C++ code -C#", ["c++", "code", "-c#"]),
        ('"the .NET runtime"', [".net", "the net runtime"]),
        ("--edition -x", ["edition", "-x"]),
        ("v1.85.0", ["1 85 0"]),
        ("Wi-Fi don’t", ["wi fi/wifi", "don t/dont"]),
        ("a-b c-d e-f", ["a b/ab", "c d/cd", "e f"]),
        ("الكتاب", ["كتاب*"]),
        ("same same", ["same*"]),
        ("ΛΌΓΟΣ", ["λογοσ*"]),
        ("हिन्दी", ["हिन्दी*"]),
        ("日本語、英語 Rust", ["日本語?", "英語?", "rust*"]),
        ("Rust言語", ["rust言語?"]),
        ('"Rust 言語"', ["rust", "言語?"]),
        ("한국어 책", ["한국어*", "책*"]),
        ("🎉 -🦀", ["🎉", "-🦀"]),
        ('- -- " "" \' * ( ) AND:', ["and"]),
        ("NEAR(a b) ^c title:d *", ["near a", "b", "c", "title d"]),
        ("\u0301", []),
    ),
)
def test_any_text_is_a_valid_query(typed, expected):
    assert words(typed) == expected


def test_a_long_query_is_limited():
    assert words("a" * 10_000) == ["a" * search_words.MAX_WORD_CHARS + "*"]
    assert len(words(" ".join(map(str, range(100))))) == search_query.MAX_TERMS


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    (
        ('"art"', "art", True),
        ('"art"', "start artful", False),
        ("art", "artful", True),
        ('"two words"', "two, words", True),
        ("wi-fi", "wifi", True),
        ("wifi", "Wi-Fi", True),
        ('"wi-fi"', "wifi", True),
        ("arts x", "art", False),
        ("日本", "東日本語", True),
    ),
)
def test_words_match_whole_and_characters_match_anywhere(typed, text, found):
    first = search_query.parse(typed)[0]
    assert search_query.matches(f" {search_words.index_form(text)} ", first) is found
