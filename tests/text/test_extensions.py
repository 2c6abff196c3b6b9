"""Definitions with several terms, sizes of pictures, players, and HTML of former times."""

import pytest

from flaskr import text

from .test_text import found


def shown(body):
    return text.without_placeholders(text.render(body).html, 7)


@pytest.mark.parametrize(
    ("body", "terms", "definitions"),
    (
        # From the syntax pages of PHP Markdown Extra and kramdown.
        ("Term 1\nTerm 2\n: a\n\nTerm 3\n: b", 3, 2),
        ("kram\ndown\n: a\n: b", 2, 2),
        ("> Term 1\n> Term 2\n> :\ta", 2, 1),
        ("a\nb\nc\nd\ne\nf\n: g", 0, 0),
        ("a\n\nb\nc", 0, 0),
        ("a\n# b\n: c", 0, 0),
        ("- a\n  b\n\n: c", 0, 0),
        ("- a\n  b\nc\n: d", 0, 0),
        ("a\nb\n:c", 0, 0),
        ("a\nb\n:c\n\nd\n: e", 1, 1),
    ),
)
def test_a_definition_may_have_several_terms(body, terms, definitions):
    html = shown(body)
    assert (html.count("<dt>"), html.count("<dd>")) == (terms, definitions)


def test_the_terms_of_a_definition_stay_in_their_order():
    html = shown("*A*\nB\nC\n: d")
    assert html == "<dl>\n<dt><em>A</em></dt>\n<dt>B</dt>\n<dt>C</dt>\n<dd>d</dd>\n</dl>"


@pytest.mark.parametrize(
    ("body", "attributes"),
    (
        ("![a|300](b)", {"alt": "a", "width": "300"}),
        ("![a|300x20](b)", {"alt": "a", "width": "300", "height": "20"}),
        ("![|300](b)", {"alt": "", "width": "300"}),
        ("![300](b)", {"alt": "300"}),
        ("![a|b](b)", {"alt": "a|b"}),
        ('<img src="b" width="50%">', {"class": "w-50"}),
        ('<img src="b" width="50%" class="left">', {"class": "w-50 left"}),
        ("<img style='width: 50%; float: left' src=b>", {"class": "left w-50"}),
        ("<img src=b align=right>", {"class": "right"}),
        ("<img src=b width=50>", {"width": "50"}),
    ),
)
def test_pictures_have_the_size_and_place_of_their_source(body, attributes):
    [values] = found(shown(body), "img")
    assert attributes.items() <= values.items()
    assert ("width" in values) == ("width" in attributes)


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("<center>a</center>", '<div class="center">a</div>'),
        ('<p align="center">a</p>', '<p class="center">a</p>'),
        ('<p align="center" class="lead">a</p>', '<p class="center lead">a</p>'),
        ("<tt>a</tt> <strike>b</strike>", "<p><code>a</code> <s>b</s></p>"),
        ("<track-a>", "&lt;track-a&gt;"),
        ("<p align=none>a</p>", "<p>a</p>"),
        ("Vec<U> and Map<A>, B", "<p>Vec&lt;U&gt; and Map&lt;A&gt;, B</p>"),
        ("a <u>b</u>", "<p>a <u>b</u></p>"),
    ),
)
def test_html_of_former_times_keeps_its_look(body, html):
    assert shown(body) == html


def test_a_video_page_in_place_of_a_picture_becomes_a_link():
    html = shown("![](https://www.youtube.com/watch?v=a)")
    url = "https://www.youtube.com/watch?v=a"
    assert html == f'<p><a href="{url}" rel="noopener">{url}</a></p>'
    assert ">b</a>" in shown("![b](https://vimeo.com/1)")
