import re

import pytest

from flaskr import text
from flaskr.text.toc import table_of_contents

LONG = 4


def of(body, minutes=LONG):
    return table_of_contents(text.with_post_id(text.render(body).html, 7), minutes)


def outline(entries):
    return [(entry.text, [part.text for part in entry.parts]) for entry in entries]


def test_the_upper_two_heading_levels_are_listed():
    found = of("## A\n\n### A.1\n\n#### A.1.1\n\n### A.2\n\n## B\n\n## C")
    assert outline(found) == [("A", ["A.1", "A.2"]), ("B", []), ("C", [])]
    assert found[0].parts[0].id == "p7-a1"


@pytest.mark.parametrize(
    ("heading", "said"),
    (
        ("A *very* `small` <b>thing</b> & more", "A very small thing & more"),
        ("[A link](https://example.org/?a=1&b=2)", "A link"),
        ("A note[^1]", "A note"),
        ("مرحبا", "مرحبا"),
        ("<script>alert(1)</script>Safe", "Safe"),
    ),
)
def test_an_entry_has_the_text_of_its_heading(heading, said):
    assert outline(of(f"## {heading}\n\n## B\n\n## C\n\n[^1]: x"))[0] == (said, [])


def test_an_entry_links_to_its_heading():
    found = of('<h2 title="a > b" id="x&amp;y">A</h2>\n\n## B\n\n<h2 lang="de"></h2>\n\n## C')
    assert (found[0].id, found[0].text) == ("p7-x&y", "A")
    assert len(found) == 3


def test_a_lower_heading_before_the_first_upper_one_is_listed():
    html = '<h3 id="a">A</h3><h2 id="b">B</h2><h3 id="c">C</h3>'
    assert outline(table_of_contents(html, LONG)) == [("A", []), ("B", ["C"])]


@pytest.mark.parametrize(
    ("body", "minutes"),
    (("## A\n\n## B\n\n## C", LONG - 1), ("## A\n\n## B", LONG), ("## A\n\n" * 101, LONG), ("", 9)),
)
def test_a_short_text_or_too_few_or_many_headings_give_no_contents(body, minutes):
    assert of(body, minutes) == []


def test_very_many_headings_are_reduced_to_the_upper_level():
    found = of("## A\n\n" + "### B\n\n" * 100 + "## C\n\n## D")
    assert outline(found) == [("A", []), ("C", []), ("D", [])]


@pytest.mark.parametrize(
    "mark",
    (
        "[toc]",
        "[TOC]",
        "[[_TOC_]]",
        "[[toc]]",
        "{:toc}",
        "* TOC\n{:toc}",
        "- a\n{: toc .b}",
        "@[toc](目录)",
        "{{TOC}}",
        "1. a\n{:toc}",
    ),
)
def test_an_author_may_put_the_contents_anywhere(mark):
    body = f"a\n\n{mark}\n\n# A *b*\n\n## B\n\n# C {{.no_toc}}\n\n#\n\n# D\n\n{mark}"
    html = text.with_post_id(text.render(body).html, 7)
    (table,) = re.findall('<nav class="toc" aria-label="Contents">(.*)</nav>', html)
    assert re.sub(' dir="auto"', "", table) == (
        '<ol><li><a href="#p7-a-b">A b</a><ol><li><a href="#p7-b">B</a></li></ol></li>'
        '<li><a href="#p7-d">D</a></li></ol>'
    )
    assert table_of_contents(html, LONG) == []


def test_only_the_marked_part_of_a_list_is_replaced_by_contents():
    html = text.render("- a\n{:toc}\n- b\n\n# C").html
    assert html.index("</nav>") < html.index("<li>b</li>")


@pytest.mark.parametrize(
    "body", ("# [toc]\n\n# A", "|[toc]|\n|-|\n\n# A", "a [toc]\n\n# A", "[toc]")
)
def test_no_contents_are_put_elsewhere(body):
    assert "<nav" not in text.render(body).html
