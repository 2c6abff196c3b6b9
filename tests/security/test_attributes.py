"""Attribute values never become markup, nor does text that becomes an attribute value."""

import html
import re
from html.parser import HTMLParser

import pytest

from flaskr import text
from flaskr.models import posts
from flaskr.models.permissions import SYSTEM
from flaskr.text import excerpts
from flaskr.text import toc

REFRESH = '<meta http-equiv=refresh content="0;url=//evil.example">'
VALUES = (
    REFRESH,
    "<script>alert(1)</script>",
    "</h2></p></article><base href=//evil.example>",
    "<!--",
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    "&lt;meta http-equiv=refresh&gt;",
    "&amp;lt;meta&amp;gt;",
    "<a href=javascript:alert(1)>",
    "</title><style>*{}",
    "<img src=x onerror=alert(1)>",
)
PLACES = {
    "caption": '<p><img src="a.png" title="{}"></p>',
    "caption in Markdown": "![a](a.png '{}')",
    "alt text of a lost picture": '<p><img src="javascript:1" alt="{}"></p>',
    "alt text in Markdown": "![{}](javascript:1)",
    "alt text": '<img src="a.png" alt="{}">',
    "title in a heading": '<h2><abbr title="{}">a</abbr></h2>',
    "title in a caption": '<p><img src="a.png" alt="{0}" title="{0}"></p>',
    "title of a link": "[a](/b '{}')",
    "title of a reference": "[a]\n\n[a]: /b '{}'",
    "cite": '<blockquote cite="{}">a</blockquote>',
    "href": '<a href="{}">a</a>',
    "local link": '<a href="#{}">a</a>',
    "id": '<i id="{}">a</i>',
    "language": "~~~ {}\na\n~~~",
    "embed": '<iframe src="https://a.example/{}"></iframe>',
    "srcset": '<img srcset="{} 2x">',
    "heading": "# {}",
    "id of a heading": "# a {{#{}}}",
}
ALLOWED = set(
    "a abbr blockquote code em figcaption figure h1 h2 h3 i img p pre span strong".split()
)


class Live(HTMLParser):
    """The elements and attributes that a browser parses from HTML."""

    def __init__(self, markup):
        super().__init__()
        self.tags, self.names, self.open = set(), set(), []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.names.update(name for name, _ in attrs)
        if tag != "img":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def attribute(value):
    return value.replace('"', "&quot;").replace("'", "&#39;")


def assert_inert(markup):
    live = Live(markup)
    assert live.tags <= ALLOWED
    assert not {name for name in live.names if name.startswith("on")} | live.names & {"http-equiv"}
    assert live.open == []
    # The patterns that find tags in rendered HTML rely on this.
    assert not [tag[0] for tag in excerpts.TAG.finditer(markup) if "<" in tag[3]]


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES.keys())
@pytest.mark.parametrize("value", VALUES)
def test_attribute_values_never_become_markup(value, place):
    body = place.format(attribute(value))
    rendered = text.render(body + "\n\n" + "word " * 300 + "\n\n" + "word " * 300)
    assert_inert(rendered.html)
    assert_inert(rendered.excerpt or "")
    assert_inert(excerpts.demote_headings(rendered.html))
    # A value that was escaped twice stays escaped once.
    assert_inert(text.render(place.format(attribute(html.escape(value)))).html)


@pytest.mark.parametrize("value", (REFRESH.replace('"', "'"), "<!-- a", "3 < 4 > 2", "a 'b' </p>"))
def test_a_caption_and_an_alt_text_are_shown_as_typed(value):
    caption = text.render(PLACES["caption"].format(attribute(value))).html
    assert f"<figcaption>{html.escape(value, quote=False)}</figcaption>" in caption
    alt = text.render(PLACES["alt text of a lost picture"].format(attribute(value))).html
    assert alt == f"<p>{html.escape(value, quote=False)}</p>"


@pytest.mark.parametrize("heading", ("# x <b>{#a</b>}", "# x {#a<b>c</b>}", "# {#<i>}</i>"))
def test_a_tag_is_not_part_of_a_heading_id(heading):
    markup = text.render(heading).html
    Live(markup)
    assert not re.search(r'id="[^"]*<', markup)


def test_the_table_of_contents_contains_only_text():
    markup = text.render(f"# a &lt;b> <abbr title='{REFRESH}'>c</abbr>\n\n# d\n\n# e").html
    assert toc.table_of_contents(markup, 9)[0].text == "a <b> c"


@pytest.mark.parametrize("path", ("/", "/1", "/feed.xml", "/feed.atom", "/search?q=x"))
def test_attribute_values_are_inert_on_every_page(context, client, path):
    body = "\n\n".join(place.format(attribute(REFRESH)) for place in PLACES.values())
    posts.update(
        1, SYSTEM, title="x", body=body + "\n\n" + "word " * 400, summary=REFRESH, tags=[REFRESH]
    )
    page = client.get(path, follow_redirects=True).text
    assert "http-equiv=refresh" in html.unescape(page)
    assert "<meta http-equiv=refresh" not in page


def test_attribute_values_are_inert_in_a_json_feed(context, client):
    body = "\n\n".join(place.format(attribute(REFRESH)) for place in PLACES.values())
    posts.update(1, SYSTEM, title="x", body=body)
    assert_inert(client.get("/feed.json").json["items"][0]["content_html"])
