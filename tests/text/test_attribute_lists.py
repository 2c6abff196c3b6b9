import pytest

from flaskr import text

from ..markup import Page
from .test_text import Tree
from .test_text import found


def shown(body):
    return text.with_post_id(text.render(body).html, 7)


@pytest.mark.parametrize(
    ("body", "tag", "attributes"),
    (
        # Pandoc
        ("# A {#b .unnumbered}", "h2", {"class": "unnumbered", "id": "p7-b"}),
        ("![a](b){#c width=300 height=20}", "img", {"id": "p7-c", "width": "300", "height": "20"}),
        ("[a](b){.small}", "a", {"class": "small"}),
        ("`a`{#b}", "code", {"id": "p7-b"}),
        ("[a *b]{.smallcaps lang=fr}", "span", {"class": "smallcaps", "lang": "fr"}),
        ('[a]{title="b c"}', "span", {"title": "b c"}),
        ("# A {- .unnumbered}", "h2", {"class": "unnumbered"}),
        # markdown-it-attrs
        ("a {.lead}", "p", {"class": "lead"}),
        ("- a {#b}\n- c", "li", {"id": "p7-b"}),
        ("*a*{.small}", "em", {"class": "small"}),
        ("|a|\n|-|\n|b|\n\n{.wide}", "table", {"class": "wide"}),
        # kramdown
        ("a\n{: #b .lead}", "p", {"class": "lead", "id": "p7-b"}),
        ("# a\n{: #b}", "h2", {"id": "p7-b"}),
        ("*a*{: .small}", "em", {"class": "small"}),
        ("{: .lead}\na", "p", {"class": "lead"}),
        ("{: .lead}\n\n> a", "blockquote", {"class": "lead"}),
        ("> a\n\n{: .lead}", "blockquote", {"class": "lead"}),
        ("|a|\n|-|\n|b|\n{: #t}", "table", {"id": "p7-t"}),
        ("```\na\n```\n{: .small}", "pre", {"class": "small"}),
        ("![a](b){: width='50%' .left}", "img", {"class": "w-50 left"}),
        ("![a](b){width=31.4%}", "img", {"class": "w-33"}),
        ("![a](b){width=20px}", "img", {"width": "20"}),
        ("## A ## {#b}", "h2", {"id": "p7-b"}),
        ("# A {-}", "h2", {"class": "unnumbered", "id": "p7-a"}),
        ("[*a* `b`]{.small}", "span", {"class": "small"}),
        ("``` {#b .python}\na\n```", "pre", {"id": "p7-b"}),
        ("```\na\n```\n{: .language-ruby}", "code", {"class": "language-ruby"}),
        ("    a\n{: .language-ruby}", "code", {"class": "language-ruby"}),
        (
            '![a](b){style="float: right; max-width: 1px; width: 50%"}',
            "img",
            {"class": "right w-50"},
        ),
        ('![a](b){: align="left" width="50%"}', "img", {"class": "left w-50"}),
        ("![a](b){align=top height=50%}", "img", {"src": "b"}),
        # kramdown's quick reference
        ("- {:.small} a\n- b", "li", {"class": "small"}),
        ("> a\n{: title='b'}\n{: #c}", "blockquote", {"title": "b", "id": "p7-c"}),
        ("- a\n- b\n{: .lead #c}", "ul", {"class": "lead", "id": "p7-c"}),
        ("- a\n  {: .lead}\n- b", "li", {"class": "lead"}),
        ("{: .lead}\na\n: b\n{: #c}", "dl", {"class": "lead", "id": "p7-c"}),
        ("{: .lead}\n{: #b}\na", "p", {"class": "lead", "id": "p7-b"}),
        ("a\n\n{: .lead}\n{: #b}\n> c", "blockquote", {"class": "lead", "id": "p7-b"}),
        ("{:b: .small style='text-align: center'}\n\na\n{: b #c}", "p", {"class": "small center"}),
        # One list after the other
        ("## A {#b} {.wide}", "h2", {"class": "wide", "id": "p7-b"}),
        ("## A {#b}{.wide}", "h2", {"class": "wide", "id": "p7-b"}),
        ("*a* {.lead}", "p", {"class": "lead"}),
        ("![a](b){.left}{#c}", "img", {"class": "left", "id": "p7-c"}),
        # Attributes without an effect, after an element
        ("![a](b){data-x=1}", "img", {"src": "b"}),
        ("[a]{color=red}", "span", {}),
        ("a[^1]{.small}\n\n[^1]: b", "sup", {"class": "footnote-ref"}),
        ("$$\nx\n$$\n{: #b .center}", "div", {"class": "center", "id": "p7-b"}),
        ("<div>\na\n</div>\n{: .wide}", "div", {}),
        ("[a]{title=\"b 'c'\"}", "span", {"title": "b 'c'"}),
        ("{:b: .small}\n\na\n{: b}", "p", {"class": "small"}),
        ("a\n\n{: b}", "p", {}),
    ),
)
def test_an_attribute_list_belongs_to_its_element(body, tag, attributes):
    html = shown(body)
    assert attributes.items() <= found(html, tag)[0].items()
    assert "{" not in html


@pytest.mark.parametrize(
    "body",
    (
        "a {x=1}",
        "a {{ .Title }}",
        "a {b}",
        "a{.b} c",
        "[a]{b}",
        "*a*{b}",
        "{}",
        "a {",
        "# a {b c}",
        "`{.a}`",
        "    {.a}",
        "$x_{.a}",
        "{:ok, value}",
        "a {: b}",
        "[a]{.b",
        "[a]{",
        r"a \{.lead}",
        r"\{.lead}",
        "a {.b}{{c}}",
    ),
)
def test_other_braces_stay_text(body):
    assert "{" in shown(body)


@pytest.mark.parametrize(
    "body", ("*a*{.evil}", "a {.flash onclick=x style=color:red}", "a {: data-x=1}")
)
def test_other_classes_and_attributes_are_dropped(body):
    html = shown(body)
    assert [attributes for _, attributes in Tree(html).elements if attributes] == []
    assert "{" not in html


@pytest.mark.parametrize("body", ("a" + " {.small}" * 5, "*a*" + "{.small}" * 5))
def test_four_lists_in_a_row_are_read(body):
    assert shown(body).count("small") == 5
    assert shown(body).count("{") == 1


def test_headings_lose_their_closing_marks():
    assert "##" not in shown("## A ## {#b}")
    assert "C#" in shown("## C# {#b}")


def test_spans_nest_but_not_deeply():
    assert shown("[a [b]{.small}]{.lead}").count("<span") == 2
    assert shown("[" * 20 + "a" + "]{.small}" * 20).count("<span") == 9


def test_a_list_without_a_block_is_dropped():
    assert shown("{: .lead}") == ""
    assert "lead" not in shown("> {: .lead}")
    assert found(shown("|a|b|\n|-|-|\n|c|{: .lead}|"), "td") == [{}, {"class": "lead"}]
    assert shown("- a\n\n  {.lead}").count("lead") == 1


@pytest.mark.parametrize(
    ("body", "name", "attributes"),
    (
        ('[w]{title="50%"}', "span", {"title": "50%"}),
        ("![a](/a.png){width=50%}", "img", {"class": "w-50"}),
        ("![a](/a.png){height=50%}", "img", {}),
    ),
)
def test_only_widths_in_percent_become_classes(body, name, attributes):
    (element,) = Page(text.render(body).html).select(name)
    wanted = ("title", "class", "height")
    assert {name: element.get(name) for name in wanted if element.get(name)} == attributes


@pytest.mark.parametrize(
    ("html", "classes"),
    (
        ('<p align="center" class="lead">x</p>', {"center", "lead"}),
        ('<center class="small">x</center>', {"center", "small"}),
    ),
)
def test_old_alignment_joins_other_classes(html, classes):
    (element,) = Page(text.render(html).html).select("[class]")
    assert set(element.get("class").split()) == classes
