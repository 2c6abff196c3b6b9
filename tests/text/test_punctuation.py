# ruff: noqa: RUF001

import pytest

from flaskr import text


def shown(body, language="en"):
    return (
        text.render(body, text.Style(language, is_typographic=True))
        .html.removeprefix("<p>")
        .removesuffix("</p>")
    )


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("\"It's 'so'\" -- or not --- well...", "“It’s ‘so’” – or not — well…"),
        ('("a" *"b"* "*c*")', "(“a” <em>“b”</em> “<em>c</em>”)"),
        ("the '90s, the dogs' ones", "the ’90s, the dogs’ ones"),
        ('"`a`" "b"', "“<code>a</code>” “b”"),
        ('a\n"b"', "a\n“b”"),
        ('`"a" -- ...` ---- b', '<code>"a" -- ...</code> ---- b'),
        ("$x'$'s", None),
        ('"a \'b "c"\'" d', "“a ‘b “c”’” d"),
        ('<b>"a"</b> "b"', "<b>“a”</b> “b”"),
        ("--flag, a --b, --", "--flag, a --b, –"),
    ),
)
def test_marks_are_replaced(body, html):
    assert html is None or shown(body) == html


@pytest.mark.parametrize(
    ("language", "html"),
    (
        ("de", "„a ‚b‘ c“"),
        ("de-AT", "„a ‚b‘ c“"),
        ("fr", "«\u202fa “b” c\u202f»"),
        ("ja", "「a 『b』 c」"),
        ("de_CH", "«a ‹b› c»"),
        ("zh-TW", "「a 『b』 c」"),
        ("zh-Hant-HK", "「a 『b』 c」"),
        ("hu", "„a »b« c”"),
        ("eo", "“a ‘b’ c”"),
        ("", "\"a 'b' c\""),
    ),
)
def test_marks_follow_the_language(language, html):
    assert shown("\"a 'b' c\"", language) == html


def test_urls_keep_their_marks():
    html = shown('http://a.example/--b <http://a.example/--c> [d--e](/f--g) "h"')
    assert ">http://a.example/--b</a>" in html
    assert ">http://a.example/--c</a>" in html
    assert 'href="/f--g"' in html
    assert ">d–e</a> “h”" in html
