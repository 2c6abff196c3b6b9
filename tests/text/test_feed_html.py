import pytest

from flaskr import text
from flaskr.text import feed_html

from ..markup import Page


def adapt(body):
    return Page(feed_html.adapt(text.with_plain_ids(text.render(body).html)))


def test_footnotes_have_the_classes_that_feed_readers_know():
    page = adapt("Text[^1] and more[^1] and a [link](/a).\n\n[^1]: The note, with a [link](/b).")
    references = page.select("a.footnote")
    assert [link.get("href") for link in references] == ["#fn1", "#fn1"]
    assert page.select('.footnotes li[id="fn1"]')
    back = page.select(".footnotes a.reversefootnote")
    assert [link.get("href") for link in back] == [f"#{link.get('id')}" for link in references]
    assert [link.get("class") for link in page.select('[rel="noopener"]')] == [None, None]


def test_code_has_no_spans_that_only_a_style_sheet_uses():
    page = adapt(
        "```python\ndef f(): return 1\n```\n\n<span class=smallcaps>A <span lang=fr>b</span></span>"
    )
    assert page.texts('pre code[class="language-python"]') == ["def f(): return 1"]
    assert [span.attrib for span in page.select("span")] == [{"lang": "fr"}]
    assert page.count("</span>") == 1


def test_headings_are_no_links_to_themselves():
    page = adapt("## One\n\n## Two [with a link](/a)")
    assert page.texts("h2") == ["One", "Two with a link"]
    assert [link.get("href") for link in page.select("a")] == ["/a"]
    assert [heading.get("id") for heading in page.select("h2")] == ["one", "two-with-a-link"]


def test_unbalanced_end_tags_stay():
    assert feed_html.adapt("</a><b></b></span>") == "</a><b></b></span>"


@pytest.mark.parametrize(
    ("language", "body", "expected"),
    (
        ("ar", "text", True),
        ("fa-IR", "", True),
        ("he-Latn", "", False),
        ("az-Arab", "", True),
        ("en", "نص", False),
        ("", "<p>1. نص with words</p>", True),
        ("", "<p>a word of نص</p>", False),
        ("", "<p>1, 2, 3</p>", False),
        ("", "", False),
        ("arx", "", False),
    ),
)
def test_direction_is_that_of_the_language_or_the_first_word(language, body, expected):
    assert feed_html.is_right_to_left(language, body) is expected


@pytest.mark.parametrize(
    ("html", "language", "leftwards", "expected"),
    (
        ("<p>x</p>", "ar", True, '<div lang="ar" dir="rtl"><p>x</p></div>'),
        ("<p>x</p>", "", True, '<div dir="rtl"><p>x</p></div>'),
        ("<p>x</p>", '"<', False, '<div lang="&quot;&lt;"><p>x</p></div>'),
        ("<p>x</p>", "", False, "<p>x</p>"),
        ("", "ar", True, ""),
    ),
)
def test_language_and_direction_are_told_where_they_matter(html, language, leftwards, expected):
    assert feed_html.wrap(html, language, is_right_to_left=leftwards) == expected


def test_recordings_are_found_once_each():
    html = text.render(
        "![](/media/a.mp3?x&y)\n\n![](/media/a.mp3?x&y)\n\n![](film.mp4)\n\n"
        '<audio><source src="b.ogg"><source src="b.mp3"></audio>\n\n'
        '<video><source src="c.mp4"></video> <audio></audio> <img src="/d.png">'
    ).html
    assert feed_html.find_audio(html) == ["/media/a.mp3?x&y", "b.ogg"]
    assert feed_html.find_audio("<p>&lt;audio src=x&gt;</p>") == []
