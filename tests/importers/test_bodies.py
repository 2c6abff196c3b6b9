from datetime import UTC
from pathlib import Path

import pytest

from flaskr.importers import bodies
from flaskr.importers.sites import Site


def convert(body, name="a.md", generator="jekyll"):
    return bodies.convert(body, {}, Path("/site", name), Site(Path("/site"), UTC, generator))


@pytest.mark.parametrize(
    ("body", "expected"),
    (
        ("Text\n{: .lead #intro}\n\nMore", "Text\n\nMore"),
        ("![a](b.png){: width='3' } and `c`{: .x}", "![a](b.png) and `c`"),
        ("* TOC\n{:toc}\n\nText", "Text"),
        ("[[_TOC_]]\n\nText", "Text"),
        ("{::options x='1' /}{::nomarkdown}<b>{:/nomarkdown}{:/}", "<b>"),
        ("`{: .x}`", "`{: .x}`"),
    ),
)
def test_attributes_of_kramdown_are_left_out(body, expected):
    assert convert(body) == (expected, [])


def test_what_is_left_out_is_told():
    body, remarks = convert("<!-- SECRET -->{% x %} {% x %} {% y %}")
    assert body == "`{% x %}` `{% x %}` `{% y %}`"
    assert remarks == [
        "It has parts that readers of the old site could not see; they are left out.",
        "“x” (2 times) is not Markdown and shown as code.",
        "“y” is not Markdown and shown as code.",
    ]


def test_names_of_blocks_are_left_out_of_notes():
    assert convert("Text ^block-1\n\n^table\n\nx^2", generator="obsidian")[0] == "Text\n\n\n\nx^2"
    assert convert("Text ^block-1")[0] == "Text ^block-1"


def test_jsx_is_left_out_of_mdx_only():
    assert convert("<X/> {/* SECRET */} A", "a.mdx", "astro")[0] == "  A"
    assert convert("<X/>", "a.md", "astro")[0] == "<X/>"


def test_html_keeps_its_code_and_loses_its_indentation():
    body = "<div>\n    <p>A</p>\n<pre>\n    x\n</pre>\n</div>"
    assert convert(body, "a.html")[0] == "<div>\n<p>A</p>\n<pre>\n    x\n</pre>\n</div>"


def test_documents_in_html_are_split():
    parts = bodies.split_html("<html><head><meta name='a'></head>no body")
    assert (parts.fields, parts.body) == ({}, "")
