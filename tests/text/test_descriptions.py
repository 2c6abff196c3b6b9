import pytest

from flaskr import text
from flaskr.text import descriptions

TABLE = "<table><tr><td>a<table><tr><td>b</table>c</table>"


def describe(body, max_chars=200):
    return descriptions.describe(text.render(body).html, max_chars)


@pytest.mark.parametrize(
    ("body", "described"),
    (
        ("Text with a footnote[^1].\n\n[^1]: Note.", "Text with a footnote."),
        ("# Head\n\n*One*\ntwo.\n\n- three\n- four", "Head One two. three four"),
        ("un<b>broken</b> a<br>b", "unbroken a b"),
        ("Run:\n\n```python\nx = 1\n```\n\nDone `it`.", "Run: Done it."),
        ("<pre>a</pre>b<pre><pre>c</pre>d</pre>e", "b e"),
        (f"Before {TABLE} after", "Before after"),
        ("|a|\n|-|\n|b|\n\nText &lt;&amp;&nbsp;x", "Text <& x"),
        ("- [x] done\n- [ ] open", "☑ done ☐ open"),
        ("[toc]\n\n# One\n\n![film](a.mp4) text", "One text"),
        ("```chart\nYear,Cats\n2023,3\n2024,5\n```\n\nText", "Text"),
        (f"<img src='data:image/png;base64,{'a' * 90_000}'>\n\nText", "Text"),
        ("<sup>up</sup> $x$", "up x"),
        ("", ""),
        ("```\nonly code\n```", ""),
    ),
)
def test_description_is_the_visible_text(body, described):
    assert describe(body) == described


def test_description_stops_soon_after_its_length():
    assert 200 <= len(describe("*word* " * 5000)) < 260
    assert describe("```\n" + "code\n" * 5000 + "```\n\nText") == "Text"


def test_unclosed_element_leaves_out_the_rest():
    assert descriptions.describe("<p>a</p><pre>b", 200) == "a"


def test_many_empty_elements_end_the_description():
    assert descriptions.describe("<b></b>" * 5000 + "text", 200) == ""
