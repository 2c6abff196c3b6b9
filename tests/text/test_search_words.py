# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
import pytest

from flaskr.text import search_words


def form(text, stem=None):
    """Return the words added to an index form, and those in order, as they are typed."""
    added, _, words = search_words.index_form(text, stem).rpartition(search_words.TEXT_MARK)
    return search_words.as_typed(added).split(), search_words.as_typed(words).split()


@pytest.mark.parametrize(
    ("text", "added", "words"),
    (
        ("Two words.", [], ["two", "words"]),
        ("Wi-Fi, don’t", ["dont", "wifi"], ["wi", "fi", "don", "t"]),
        ("C++17 c# issue#4 #tag", ["c#", "c++"], ["c", "17", "c", "issue", "4", "tag"]),
        ("ASP.NET .net ...and", [".net"], ["asp", "net", "net", "and"]),
        ("v1.85.0 v2 1.85", [], ["1", "85", "0", "v2", "1", "85"]),
        ("snake_case a/b", [], ["snake", "case", "a", "b"]),
        ("والكتاب للكتاب ال", [], ["كتاب", "كتاب", "ال"]),
        ("❤️👍🏽x", [], ["❤", "👍", "x"]),
        ("١٢", [], ["12"]),
        ("a-b-c-d-e-f", [], [*"abcdef"]),
    ),
)
def test_index_form_has_the_words_and_other_ways_to_write_them(text, added, words):
    assert form(text) == (added, words)


def test_stems_that_differ_from_their_words_are_added():
    def stem(words):
        return {word: word.removesuffix("s") for word in words}

    added, words = form("Cats and a cat, 日本 x1s", stem)
    assert added == [f"cat{search_words.STEM_MARK}"]
    assert words == ["cats", "and", "a", "cat", "日本", "x1s"]


def test_text_of_an_index_form_has_no_added_words():
    assert search_words.text_of(search_words.index_form("Wi-Fi on")) == "wi fi on"
    assert search_words.text_of("two words") == "two words"


@pytest.mark.parametrize(
    ("text", "plain"),
    (
        ("Crème Brûlée", "creme brulee"),
        ("Cre\u0300me", "creme"),
        ("Łódź Straße", "lodz strasse"),
        ("й ё", "й е"),
        ("İ", "i"),
    ),
)
def test_folding_removes_accents(text, plain):
    assert search_words.fold(text) == plain
