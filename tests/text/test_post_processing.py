import re

import pytest

from flaskr import text


def on_own_page(body):
    return text.without_placeholders(text.render(body).html, 7)


def heading_ids(body):
    return re.findall('<h[2-6] id="([^"]*)"', on_own_page(body))


# Those of github-slugger, https://github.com/Flet/github-slugger, by Dan Flettre, license ISC.
@pytest.mark.parametrize(
    ("heading", "id"),
    (
        ("Some Heading", "some-heading"),
        ("What\u2019s *new*?", "whats-new"),
        ("A.1 & B", "a1--b"),
        ("snake_case-and dash", "snake_case-and-dash"),
        ("I \u2665 unicode", "i--unicode"),
        ("en\u2013dash!", "endash"),
        ("\U0001f604 unicode emoji", "-unicode-emoji"),
        ("\U0001f604_\U0001f604 emoji", "_-emoji"),
        ("Профили пользователей", "профили-пользователей"),
        ("Привет non-latin 你好", "привет-non-latin-你好"),
        ("हिन्दी", "हिन्दी"),
        ("\U0001f604", "section"),
    ),
)
def test_a_heading_has_the_id_that_github_gives_it(heading, id):
    assert heading_ids(f"# {heading}") == [id]


@pytest.mark.parametrize(
    ("headings", "ids"),
    (
        ("a a a", "a a-1 a-2"),
        ("a a-1 a a", "a a-1 a-2 a-3"),
        ("a a a-1", "a a-1 a-1-1"),
        ("x{#a} a", "a a-1"),
    ),
)
def test_equal_headings_are_numbered_as_by_github(headings, ids):
    body = "\n".join(f"# {heading}" for heading in headings.split())
    assert heading_ids(body.replace("{", " {")) == ids.split()


@pytest.mark.parametrize(
    "former",
    (
        # On every page of flaskr up to version 0.5.
        "p7-whats-new",
        "p7-whats-new-2",
        "p7-1-70-0",
        "p7-own",
        # Written in links, and by Zola.
        "whats-new-2",
        "what-s-new",
        "1-70-0",
    ),
)
def test_a_former_id_still_lands(former):
    html = on_own_page("# What's new\n\n# What's new\n\n# 1.70.0\n\n# Own {#own}")
    assert html.count(f' id="{former}"') == 1


def test_a_former_id_gives_way_to_a_heading():
    html = on_own_page("# a\n\n# a\n\n# a\n\n# a 2")
    ids = re.findall(' id="([^"]*)"', html)
    assert len(ids) == len(set(ids))
    assert re.search('<h2 id="a-2"', html)


def test_former_ids_are_on_the_posts_own_page_only():
    assert "<span" not in text.with_post_id(text.render("# a\n\n# a").html, 7)


def test_long_former_ids_are_dropped():
    assert "<span" not in on_own_page("# " + "字" * 300)


def test_the_example_post_shows_each_construct():
    html = on_own_page(text.example_post())
    for part in (
        '<nav class="toc"', "<strong>", "<em>", "<s>", "<mark>", "<sub>", "<sup>", "Vec&lt;T&gt;",
        "footnotes", "<blockquote>", "<ul>", "<ol>", 'type="checkbox"', "<dl>", "callout note",
        "<details", "<table>", "language-python", "<math>", '<math display="block">', "<svg",
        "<figcaption>", "gallery", 'href="#lists"',
    ):  # fmt: skip
        assert part in html
