"""Definitions with several terms, sizes of pictures, players, and HTML of former times."""

import html
import re

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


def test_terms_after_a_definition_belong_to_the_same_list():
    html = shown("A\n: b\n\nC\nD\n: e\n\nF\n: g")
    assert html.count("<dl>") == 1
    assert re.findall("<d[td]>(.)", html) == ["A", "b", "C", "D", "e", "F", "g"]


def test_code_in_a_definition_is_indented_as_in_pandoc():
    html = shown("A\n\n:   b\n\n        code\n\n          more")
    assert "<code>code\n\n  more\n</code>" in html
    assert "<code> code\n</code>" in shown("A\n\n: b\n\n       code")


@pytest.mark.parametrize(
    ("body", "titles", "content"),
    (
        (
            '=== "A *b*"\n\n    c\n\n=== "C++"\n\n    - d\n\ne',
            ["A <em>b</em>", "C++"],
            "<li>d</li>",
        ),
        ('a\n===! "B"\n    c', ["B"], "<p>c</p>\n</section>"),
        ('- === "B"\n\n        c', ["B"], "<p>c</p>\n</section>\n</li>"),
        (
            '<Tabs>\n<TabItem value="a" label="A" default>\n\n*c*\n\n</TabItem>\n</Tabs>',
            ["A"],
            "<p><em>c</em></p>",
        ),
    ),
)
def test_tabs_are_shown_one_below_the_other(body, titles, content):
    html = shown(body)
    assert re.findall("<p><strong>(.*)</strong></p>", html) == titles
    assert content in html
    assert "===" not in html
    assert "Tab" not in html


@pytest.mark.parametrize("body", ('=== "a', "=== a", '    === "a"', "a\n===", '= "a"'))
def test_lookalikes_of_tabs_stay_as_they_are(body):
    assert "<section>" not in shown(body)


@pytest.mark.parametrize(
    "body",
    (
        "Vec<Image>, Option<Object>, Result<Data>, List<Summary>",
        "List<object> and Task<data>",
        "Fn<P> and Vec<Vec<u>>",
        "<Button> and <Form>",
        "`a`<Image>",
        "Map<Link, Text>",
    ),
)
def test_types_named_like_elements_are_shown(body):
    assert shown(body) == f"<p>{html.escape(body).replace('`a`', '<code>a</code>')}</p>"


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("a<br>b<Br>c<BR/>d", "<p>a<br>b<br>c<br>d</p>"),
        ("H<sub>2</sub>O <B>b</B>", "<p>H<sub>2</sub>O <b>b</b></p>"),
        ('a <Image src="b">', '<p>a <img src="b" alt="" loading="lazy" decoding="async"></p>'),
        ("a <object> b", "<p>a  b\n</p>"),
    ),
)
def test_elements_are_elements_in_any_case(body, html):
    assert shown(body) == html


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ('<div markdown="1">\n*a*\n</div>', "<div>\n<p><em>a</em></p>\n</div>"),
        (
            "<div class=x markdown>\n\n- a\n\n</div>\n*b*",
            "<div>\n<ul>\n<li>a</li>\n</ul>\n</div>\n<p><em>b</em></p>",
        ),
        (
            "<details markdown=block><summary>a</summary>\n**b**\n</details>",
            "<details><summary>a</summary>\n<p><strong>b</strong></p>\n</details>",
        ),
        ("<div>\n*a*\n</div>", "<div>\n*a*\n</div>"),
        ('<div markdown="0">\n*a*\n</div>', "<div>\n*a*\n</div>"),
    ),
)
def test_html_may_contain_markdown(body, html):
    assert shown(body) == html


def test_an_open_comment_hides_its_line_only():
    assert shown("<!-- a --> b <!-- c\n\nd") == "b <p>d</p>"


def test_a_document_in_place_of_a_picture_becomes_a_link():
    assert shown("![a](/b.pdf)") == '<p><a href="/b.pdf" rel="noopener">a</a></p>'


@pytest.mark.parametrize(
    ("body", "attributes"),
    (
        ("![a $x^2$ :tada:](b)", {"alt": "a x^2 \U0001f389"}),
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
