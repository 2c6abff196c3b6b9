"""Feeds as feed readers understand them: feedparser, reader, newsboat and sfeed."""

import feedparser
import pytest
from reader import make_reader

from ..markup import Page
from .conftest import KINDS

XML = ("xml", "atom")


@pytest.mark.parametrize("kind", XML)
def test_feedparser_reads_everything(save, kind):
    found = feedparser.parse(save(f"/feed.{kind}").read_bytes())
    assert not found.bozo
    assert found.version == {"xml": "rss20", "atom": "atom10"}[kind]
    assert found.feed.title == "Flaskr"
    # A description in RSS is HTML, and a subtitle in Atom is text.
    expected = {"xml": "Bread &amp; &lt;engines&gt;.", "atom": "Bread & <engines>."}
    assert found.feed.subtitle == expected[kind]
    assert found.feed.link == "http://localhost/"
    assert len(found.entries) == 20
    full, arabic, empty = found.entries[:3]
    assert full.title in ("Full & <whole>", "Full &amp; &lt;whole&gt;")
    assert full.link == "http://localhost/full-whole"
    assert full.published_parsed[:3] == (2020, 1, 31)
    assert full.author == "test"
    assert [tag.term for tag in full.tags] == ["Bread", "C++ & <C>"]
    assert full.enclosures[0].type == "audio/mpeg"
    assert full.media_content[0]["medium"] == "image"
    assert 'class="footnote"' in full.content[0].value
    assert Page(arabic.content[0].value).select('[dir="rtl"][lang="ar"]')
    assert empty.title == "Empty"


@pytest.mark.parametrize("kind", XML)
def test_feedparser_follows_archives_to_the_first_post(client, blog, kind):
    url, ids = f"/feed.{kind}", []
    while url:
        found = feedparser.parse(client.get(url).data)
        ids += [entry.id for entry in found.entries]
        links = {link.rel: link.href for link in found.feed.links}
        url = links.get("prev-archive")
    assert len(set(ids)) == 31


@pytest.mark.parametrize("kind", KINDS)
def test_reader_shows_no_post_twice(save, change_everything, kind, tmp_path):
    with make_reader(":memory:", feed_root=str(tmp_path)) as reader:
        feed = save(f"/feed.{kind}").name
        reader.add_feed(feed)
        assert reader.update_feed(feed).new == 20
        entry = next(iter(reader.get_entries()))
        assert entry.link.startswith("http://localhost/")
        change_everything()
        save(f"/feed.{kind}")
        # Older posts, as more are in the feed now.
        assert reader.update_feed(feed).new == 5
        titles = [entry.title for entry in reader.get_entries()]
        assert titles.count("Renamed") == 2


@pytest.mark.parametrize("kind", XML)
def test_newsboat_shows_no_post_twice(save, newsboat, change_everything, kind):
    items = newsboat(save(f"/feed.{kind}"))
    assert [item["title"] for item in items[:3]] == ["Full & <whole>", "عنوان", "Empty"]
    full = items[0]
    assert full["url"] == "http://localhost/full-whole"
    assert full["enclosure_type"] == "audio/mpeg"
    assert "Text with <em>stress</em>" in full["content"]
    assert full["author"] == "test"
    change_everything()
    again = newsboat(save(f"/feed.{kind}"))
    assert {item["guid"] for item in items} < {item["guid"] for item in again}
    assert sum(item["unread"] for item in again) == 5


@pytest.mark.parametrize("kind", XML)
def test_sfeed_reads_items(save, sfeed, kind):
    lines = sfeed("sfeed", save(f"/feed.{kind}").read_bytes())
    assert len(lines) == 20
    _, title, link, content, kind_of_content, id, author, enclosure, tags, *_ = lines[0]
    assert (title, link) == ("Full & <whole>", "http://localhost/full-whole")
    assert (kind_of_content, author, tags) == ("html", "test", "Bread|C++ & <C>")
    assert "<em>stress</em>" in content
    assert id.startswith("urn:uuid:")
    assert enclosure.startswith("http://localhost/media/")


@pytest.mark.parametrize("path", ("/tag/bread", "/series/loaves", "/user/test", "/tag/bread/feeds"))
def test_sfeed_finds_the_feeds_of_a_list_first(save, sfeed, path):
    lines = sfeed("sfeed_web", save(path).read_bytes(), f"http://localhost{path}")
    own = f"http://localhost{path.removesuffix('/feeds')}/feed.xml"
    assert lines[0][0] == own
