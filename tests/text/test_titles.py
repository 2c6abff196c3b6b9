import pytest

from flaskr.text import titles


@pytest.mark.parametrize(
    ("title", "html", "text"),
    (
        (
            "Why `Vec<T>` grows",
            'Why <code dir="auto">Vec&lt;T&gt;</code> grows',
            "Why Vec<T> grows",
        ),
        ("`a` and `b`", '<code dir="auto">a</code> and <code dir="auto">b</code>', "a and b"),
        ("one ` alone", "one ` alone", "one ` alone"),
        ("``two`` and ` `", '``two`` and <code dir="auto"> </code>', "``two`` and  "),
        ("`", "`", "`"),
        ("a\x01 <b>", "a &lt;b&gt;", "a <b>"),
        ("", "", ""),
    ),
)
def test_backticks_mark_code(title, html, text):
    assert titles.to_html(title) == html
    assert titles.to_text(title) == text
