import re

import pytest

from flaskr import text
from flaskr.text import absolute_urls
from flaskr.text import charts
from flaskr.text import excerpts

from .test_text import Tree
from .test_text import found

DATA = "Year,Cats,Dogs\n2023,3,4.5\n2024,,-2\n2025,12e1,0"


def shown(source):
    return text.with_post_id(text.render(f"```chart\n{source}\n```").html, 7)


@pytest.mark.parametrize(("kind", "mark", "count"), (("bar", "rect", 5), ("line", "circle", 5)))
def test_a_chart_has_a_mark_for_each_value(kind, mark, count):
    html = shown(f"type: {kind}\ntitle: Pets & <b>\nunits: %\n\n{DATA}")
    assert len(found(html, mark)) == count
    assert "<title>Cats, 2025: 120 %</title>" in html
    assert "<figcaption>Pets &amp; &lt;b&gt;</figcaption>" in html
    assert found(html, "svg")[0]["aria-label"].startswith(f"{kind.capitalize()} chart: Pets & <b>")
    assert re.findall("<li class[^>]*>([^<]*)", html) == ["Cats", "Dogs"]


def test_the_data_of_a_chart_is_in_a_table():
    html = shown(f"units: kg\n{DATA}")
    cells = re.findall("<t[hd][^>]*>([^<]*)", html.replace("<thead>", ""))
    assert cells[:6] == ["Year", "Cats (kg)", "Dogs (kg)", "2023", "3", "4.5"]
    assert cells[-1] == "0"
    assert "\N{MINUS SIGN}2" in cells


@pytest.mark.parametrize(
    ("source", "cells"),
    (
        ("a;b\nc;1,5\nd;1.234,25", ["1.5", "1,234.25"]),
        ('a,b\nc,"1,234.5"\nd,12', ["1,234.5", "12"]),
        ("a;b\nc;1.5\nd;2", ["1.5", "2"]),
    ),
)
def test_numbers_are_read_as_spreadsheets_write_them(source, cells):
    assert re.findall('<td class="align-right">([^<]*)</td>', shown(source)) == cells


@pytest.mark.parametrize(
    "block",
    (
        '```chart type=line title="A B"\na,b\nc,1\nd,2\n```',
        "```{.chart type=line title='A B'}\na,b\nc,1\nd,2\n```",
        "```chart\n---\ntype: \"line\"\ntitle: 'A B'\n---\na,b\nc,1\nd,2\n```",
    ),
)
def test_options_can_be_attributes_or_front_matter(block):
    html = text.render(block).html
    assert '<figcaption>A B</figcaption><svg viewBox="0 0 360 230" role="img"' in html
    assert 'aria-label="Line chart: A B.' in html


def test_points_are_placed_by_the_first_column():
    html = shown("type: scatter\nx;y\n0;1\n10;3\n5;\n7;2")
    places = [float(circle["cx"]) for circle in found(html, "circle")]
    assert len(places) == 3
    assert min(places) == charts.LEFT + 6


def test_a_pie_has_a_slice_for_each_row():
    html = shown("type: pie\nPet\tNumber\nCats\t3\nDogs\t1")
    assert [path["class"] for path in found(html, "path")] == ["slice c1", "slice c2"]
    assert re.findall("<li class[^>]*>([^<]*)", html) == ["Cats", "Dogs"]
    assert len(found(shown("type: pie\na,b\nc,3"), "path")) == 1


@pytest.mark.parametrize(
    ("source", "message"),
    (
        ("type: radar\na,b\nc,1", "The type “radar” is unknown. Choose line, bar, scatter, pie."),
        ("", "There is no data."),
        ("a,b", "There is no data."),
        ("a\nb", "Line 1: there must be 2 to 7 columns."),
        ("title: x\n\na,b\nc,1\nd", "Line 5: there is one value for 2 columns."),
        ("a,b\nc,many", "Line 2: “many” is not a number."),
        ("a,b\nc,", "There is not a single value."),
        ("a,b\n" + "c,1\n" * 501, "There are too many lines"),
        ("a,b\n" + "c,1\n" * 9000, "There is too much data"),
        ("type: scatter\na,b\nc,1", "Line 3: “c” in the first column is not a number."),
        ("type: pie\n\na,b\nc,-1", "Line 4: a pie has no values below zero."),
        ("type: pie\na,b\nc,0", "A pie needs values above zero."),
    ),
)
def test_an_error_in_a_chart_is_explained(source, message):
    html = shown(source)
    assert message in html
    assert html.startswith('<div class="callout caution">')
    assert "<svg" not in html


@pytest.mark.parametrize(
    "source",
    (
        "a,b\nc,0",
        "type: line\na,b\nc,5",
        "a,b\nc,1e99\nd,-1e-99",
        "type: line\n" + "a,b\n" + "c,1\n" * 100,
        'a,b\n"<script>alert(1)</script>",1\n\'" onload="x,2',
        "title: </svg><script>alert(1)</script>\na,b\nc,1",
        "a,b\nc with a very long label,1",
    ),
)
def test_a_chart_is_harmless(source):
    tree = Tree(shown(source))
    assert (tree.open, tree.errors) == ([], [])
    for tag, attributes in tree.elements:
        assert tag != "script"
        assert not {"style", "onload"} & attributes.keys()


def test_feeds_and_excerpts_have_the_table_only():
    html = shown(DATA)
    feed = absolute_urls.absolutize_urls(html, "https://a.example/b")
    assert "<svg" not in feed
    assert "<table>" in feed
    assert "120" in excerpts.TAG.sub("", feed)
