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
        ("{:b: .small}\n\na\n{: b}", "p", {}),
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
