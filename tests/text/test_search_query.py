import pytest

from flaskr.text import search_query


def words(typed):
    """Return each term as typed, with a star after a prefix."""
    return [
        f"{'-' * term.excluded}{term.text}{'*' * term.prefix}{'' if term.words else '?'}"
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
        ('-"two words" x', ["-two words", "x*"]),
        ("well-known", ["well known"]),
        ("C++", ["c*"]),
        ("same same", ["same*"]),
        ("ΛΌΓΟΣ", ["λόγοσ*"]),
        ("हिन्दी", ["हिन्दी*"]),
        ("日本語、英語 Rust", ["日本語?", "英語?", "rust*"]),
        ("Rust言語", ["Rust言語?"]),
        ('"Rust 言語"', ["rust", "言語?"]),
        ("한국어 책", ["한국어*", "책*"]),
        ("🎉 -🦀", ["🎉?", "-🦀?"]),
        ('- -- " "" \' * ( ) AND:', ["and"]),
        ("NEAR(a b) ^c title:d *", ["near a", "b", "c", "title d"]),
        ("\u0301", []),
    ),
)
def test_any_text_is_a_valid_query(typed, expected):
    assert words(typed) == expected


def test_a_long_query_is_limited():
    assert words("a" * 10_000) == ["a" * search_query.MAX_QUERY_CHARS + "*"]
    assert len(words(" ".join(map(str, range(100))))) == search_query.MAX_TERMS


@pytest.mark.parametrize(
    ("text", "plain"),
    (
        ("Crème Brûlée", "creme brulee"),
        ("Cre\u0300me", "creme"),
        ("Łódź Straße", "łodz straße"),
        ("й ё", "й ё"),
        ("İ", "i"),
    ),
)
def test_folding_removes_accents(text, plain):
    assert search_query.fold(text) == plain


@pytest.mark.parametrize(
    ("typed", "text", "found"),
    (
        ('"art"', "art", True),
        ('"art"', "start artful", False),
        ("art", "artful", True),
        ('"two words"', "two, words", True),
        ("日本", "東日本語", True),
    ),
)
def test_words_match_whole_and_characters_match_anywhere(typed, text, found):
    (term,) = search_query.parse(typed)
    assert search_query.matches(text, term) is found
