import pytest

from flaskr import text
from flaskr.text import callout_titles

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
        ("::: center\na\n:::", '<div class="center">\n<p>a</p>\n</div>'),
        # Obsidian: names of one's own, and metadata.
        ("::: note {x}\na\n:::", callout("note", "{x}")),
        ("::: note\n::: 1\n:::", callout("note", "Note", "<p>::: 1</p>")),
        ("> [!my-own]\n> a", callout("note", "My own")),
        ("> [!faq]\n> a", callout("note", "FAQ")),
        ("> [!info|right wide] T\n> a", callout("note", "T")),
        # Docusaurus, Quarto, and Pandoc's User's Guide.
        (":::note[Your **title**]\na\n:::", callout("note", "Your <strong>title</strong>")),
        (':::tip{title="T"}\na\n:::', callout("tip", "T")),
        ('::: {.callout-tip title="T"}\na\n:::', callout("tip", "T")),
        ("::: Warning ::::::\na\n::::::::::::::::::", callout("warning", "Warning")),
        ("::: {#special .sidebar}\na\n:::", '<div id="p7-special">\n<p>a</p>\n</div>'),
        (":::tip[T]{#x}\na\n:::", callout("tip", "T").replace(">", ' id="p7-x">', 1)),
        ("::: {.callout-tip}\n## A *b*\na\n:::", callout("tip", "A <em>b</em>", "<p>a</p>")),
        ("::: {.callout-tip}\na\n:::", callout("tip", "Tip")),
        (">\t[!NOTE]\n>\ta", callout("note", "Note")),
        ("!!! note inline end\n    a", callout("note", "Note")),
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
        ("::: details Title {open}\na\n:::", {"class": "callout note", "open": ""}),
        (":::spoiler Title\na\n:::", {"class": "callout note"}),
        ('::: {.callout-tip title="Title" collapse="true"}\na\n:::', {"class": "callout tip"}),
    ),
)
def test_a_collapsible_callout_has_a_summary(body, attributes):
    html = shown(body)
    assert Tree(html).elements[0] == ("details", attributes)
    assert "<summary><strong>Title</strong></summary>\n<p>a</p>" in html


@pytest.mark.parametrize(
    "body",
    (
        "> [!other](/a)",
        "> [!!]\n> a",
        "::: 1\na\n:::",
        "::: Words in a sentence\na\n:::",
        "!!! Hello, world!\na",
        "!!! Hello world\na",
        "!!!! note",
        "    ::: note",
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


def test_containers_end_at_their_own_line_of_colons():
    inner = "::: warning\na\n\n::: danger\nb\n:::\n\nc\n:::\n\nd"
    assert shown(inner).endswith("<p>c</p>\n</div>\n<p>d</p>")
    unclosed = ":::: note\n::: tip\na\n::::\nb"
    assert shown(unclosed).endswith("</div>\n</div>\n<p>b</p>")
    in_code = "::: note\n```\n:::\n```\na\n:::\nb"
    assert shown(in_code).endswith("<p>a</p>\n</div>\n<p>b</p>")
    after_text = "a\n::: note\nb\n:::\nc"
    assert shown(after_text).startswith("<p>a</p>\n<div")
    assert shown("::: note\n" * 30 + "a").count("<div") == 30
    in_item = "- ::: note\n  a\n\nb"
    assert shown(in_item).endswith("</ul>\n<p>b</p>")


@pytest.mark.parametrize(
    ("language", "body", "title"),
    (
        ("de", "> [!NOTE]\n> a", "Hinweis"),
        ("pt-BR", "::: tip\na\n:::", "Dica"),
        ("zh_TW", "!!! warning\n    a", "警告"),
        ("zh-Hant-HK", "> [!note]\n> a", "備註"),
        ("no", "> [!caution]\n> a", "Forsiktig"),
        ("ja", "> [!hint]\n> a", "ヒント"),
        ("ar", "::: details\na\n:::", "تفاصيل"),
        ("de", "> [!bug]\n> a", "Bug"),
        ("eo", "> [!NOTE]\n> a", "Note"),
        ("", "> [!NOTE]\n> a", "Note"),
        ("de", "> [!NOTE] Own\n> a", "Own"),
        ("de", '!!! note "Own"\n    a', "Own"),
    ),
)
def test_titles_are_in_the_language_of_the_post(language, body, title):
    assert f"<strong>{title}</strong>" in text.render(body, text.Style(language)).html


def test_each_language_has_all_titles():
    words = callout_titles.WORDS.split()
    assert len(callout_titles.TITLES) >= 20
    for language, titles in callout_titles.TITLES.items():
        assert len(titles.split("|")) == len(words), language
        assert all(titles.split("|"))
