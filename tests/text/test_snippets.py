# ruff: noqa: RUF001 - letters of other scripts look like Latin ones
import pytest

from flaskr.text import search_query
from flaskr.text import snippets


def show(parts):
    return "".join(f"[{part.text}]" if part.is_hit else part.text for part in parts)


def in_context(text, typed):
    return show(snippets.extract(text, search_query.parse(typed)))


def stem(words):
    return {word: word.removesuffix("s").removesuffix("ing") for word in words}


@pytest.mark.parametrize(
    ("text", "typed", "expected"),
    (
        ("A Crème of creme", "creme", "A [Crème] of [creme]"),
        ("Cre\u0300me, İstanbul, x", "creme istanbul x", "[Cre\u0300me], [İstanbul], [x]"),
        ("well-known ways", '"known ways"', "well-[known ways]"),
        ("well-known ways", '"known ways" "ways"', "well-[known ways]"),
        ("compilers compile", "comp", "[compilers] [compile]"),
        ("日本語を書く", "本語", "日[本語]を書く"),
        ("one two", "one -two", "[one] two"),
        ("<b>one</b>", "one", "<b>[one]</b>"),
        ("nothing", "else", "nothing"),
        ("", "else", ""),
    ),
)
def test_hits_are_highlighted(text, typed, expected):
    assert show(snippets.highlight(text, search_query.parse(typed))) == expected


@pytest.mark.parametrize(
    ("text", "typed", "expected"),
    (
        ("Don’t use Wi-Fi", "dont wifi", "[Don’t] use [Wi-Fi]"),
        ("a wifi, a wi fi", "wi-fi", "a [wifi], a [wi fi]"),
        ("C++, C and c#", "C++ c#", "[C++], C and [c#]"),
        ("the .NET net", ".net", "the [.NET] net"),
        ("since v1.85.0, 11.85", "1.85", "since [v1.85].0, 11.85"),
        ("وَالكِتاب كتاب", "كتاب الكتاب", "[وَالكِتاب] [كتاب]"),
        ("I ❤️ it", "❤", "I [❤️] it"),
        ("so\u00adft Ｗｉｄｅ ﬁne", "soft wide fine", "[so\u00adft] [Ｗｉｄｅ] [ﬁne]"),
        ("Łódź Straße ещё", "lodz strasse еще", "[Łódź] [Straße] [ещё]"),
        ("हिन्दी", "हिन्दी", "[हिन्दी]"),
    ),
)
def test_hits_are_highlighted_however_they_are_written(text, typed, expected):
    assert show(snippets.highlight(text, search_query.parse(typed))) == expected


def test_other_forms_of_a_word_are_highlighted():
    text = "Reading reads readers, ready to re-ads"
    terms = search_query.parse("reads well", stem)
    assert (
        show(snippets.highlight(text, terms, stem))
        == "[Reading] [reads] readers, ready to [re-ads]"
    )
    terms = search_query.parse("read", stem)
    assert "[readers]" in show(snippets.highlight(text, terms, stem))


def test_the_snippet_has_the_most_hits():
    body = f"needle {'hay ' * 1000}needle and thread {'hay ' * 1000}"
    shown = in_context(body, "needle thread")
    assert "[needle] and [thread]" in shown
    assert shown.startswith("… hay")
    assert shown.endswith("hay …")
    assert len(shown) < 300


def test_a_text_without_spaces_is_cut():
    assert len(in_context("語" * 100_000 + "日本語", "日本語")) < 300


@pytest.mark.parametrize("text", ("[" * 50_000, "<a" * 50_000, "![](" * 30_000, "_" * 100_000))
def test_a_snippet_of_any_text_is_bounded(text):
    assert len(in_context(text, "x")) < 300
