import pytest

from flaskr.text import search_query
from flaskr.text import snippets


def show(parts):
    return "".join(f"[{part.text}]" if part.is_hit else part.text for part in parts)


def in_context(body, typed):
    return show(snippets.extract(body, search_query.parse(typed)))


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
    ("body", "typed", "expected"),
    (
        ("# One\n\n- *two* `three`\n- [x] four\n> five", "two", "One [two] three four five"),
        ("A [link](https://x.org/a) ![pic](/media/b.png) <b>c</b>", "link", "A [link] pic c"),
        ("snake_case and _stress_ [^1]", "stress", "snake_case and [stress]"),
        (
            "a [needle] [ref][1]\n\n[needle]: https://x.org 'T'\n[1]: <y>\nend",
            "needle",
            "a [needle] ref end",
        ),
        ("see <https://x.org>", "see", "[see] https://x.org"),
        ("found in [a link](https://needle.org)", "needle", "found in a link"),
        ("", "x", ""),
    ),
)
def test_markup_is_stripped(body, typed, expected):
    assert in_context(body, typed) == expected


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
