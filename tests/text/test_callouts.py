import pytest

from flaskr import text

from .test_text import Tree


def shown(body):
    return text.with_post_id(text.render(body).html, 7)


def callout(kind, title, content="<p>a</p>"):
    label = f'<p class="callout-title"><strong>{title}</strong></p>\n' if title else ""
    return f'<div class="callout {kind}">\n{label}{content}\n</div>'


@pytest.mark.parametrize(
    ("body", "html"),
    (
        ("> [!NOTE]\n> a", callout("note", "Note")),
        ("> [!TIP]\n>\n> a", callout("tip", "Tip")),
        ("> [!IMPORTANT]\n> a", callout("important", "Important")),
        ("> [!WARNING]\n> a", callout("warning", "Warning")),
        ("> [!CAUTION]\n> a", callout("caution", "Caution")),
        ("> [!bug] Known *bugs*\n> a", callout("caution", "Known <em>bugs</em>")),
        ("::: warning\na\n:::", callout("warning", "Warning")),
        (":::tip Look here\na\n:::", callout("tip", "Look here")),
        ("::: {.important}\na\n:::", callout("important", "Important")),
        ("!!! danger\n    a", callout("caution", "Danger")),
        ('!!! custom "Own *title*"\n    a', callout("note", "Own <em>title</em>")),
        ('!!! tip ""\n    a', callout("tip", "")),
        ("::: columns\na\n:::", "<div>\n<p>a</p>\n</div>"),
    ),
)
def test_each_form_becomes_a_callout(body, html):
    assert shown(body).replace("\n\n", "\n") == html


@pytest.mark.parametrize(
    ("body", "attributes"),
    (
        ("> [!tip]- Title\n> a", {"class": "callout tip"}),
        ("> [!tip]+ Title\n> a", {"class": "callout tip", "open": ""}),
        ('??? tip "Title"\n    a', {"class": "callout tip"}),
        ('???+ tip "Title"\n    a', {"class": "callout tip", "open": ""}),
        ("::: details Title\na\n:::", {"class": "callout note"}),
    ),
)
def test_a_collapsible_callout_has_a_summary(body, attributes):
    html = shown(body)
    assert Tree(html).elements[0] == ("details", attributes)
    assert "<summary><strong>Title</strong></summary>\n<p>a</p>" in html


@pytest.mark.parametrize(
    "body",
    (
        "> [!other]\n> a",
        "> a\n> [!note]",
        ">",
        "> # [!note]",
        ":::\na\n:::",
        "!!!\n    a",
    ),
)
def test_lookalikes_of_callouts_stay_as_they_are(body):
    assert "callout" not in shown(body)


def test_callouts_nest_in_quotations():
    html = shown("> a\n>\n> > [!NOTE]\n> > b\n>\n> c")
    assert html.startswith("<blockquote>")
    assert html.count("callout note") == 1
    assert html.endswith("<p>c</p>\n</blockquote>")


def test_classes_of_callouts_cannot_be_forged_elsewhere():
    html = shown('<p class="callout">a</p> <div class="callout admin">b</div>')
    assert [attributes for _, attributes in Tree(html).elements] == [{}, {"class": "callout"}]
