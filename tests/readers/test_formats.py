"""Feeds follow the rules of their formats: Atom (RFC 4287), RSS 2.0, and JSON Feed 1.1."""

from collections import Counter
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from flaskr.models import settings
from flaskr.models.permissions import SYSTEM

ATOM = "{http://www.w3.org/2005/Atom}"
EXTENSIONS = (
    "{http://purl.org/syndication/history/1.0}",
    "{http://search.yahoo.com/mrss/}",
    "{http://purl.org/dc/elements/1.1/}",
    "{http://purl.org/rss/1.0/modules/content/}",
)
LISTS = ("", "/tag/bread", "/series/loaves", "/user/test")
# How often each element may be in a feed and in an entry: `1`, `?` or `*` (RFC 4287, 4.1.1, 4.1.2).
ATOM_FEED = {
    "author": "*", "category": "*", "contributor": "*", "generator": "?", "icon": "?", "id": "1",
    "link": "*", "logo": "?", "rights": "?", "subtitle": "?", "title": "1", "updated": "1",
    "entry": "*",
}  # fmt: skip
ATOM_ENTRY = {
    "author": "*", "category": "*", "content": "?", "contributor": "*", "id": "1", "link": "*",
    "published": "?", "rights": "?", "source": "?", "summary": "?", "title": "1", "updated": "1",
}  # fmt: skip
RSS_CHANNEL = {
    "title": "1", "link": "1", "description": "1", "language": "?", "lastBuildDate": "?",
    "image": "?", "item": "*", f"{ATOM}link": "*",
}  # fmt: skip
RSS_ITEM = {
    "title": "?", "link": "?", "description": "?", "author": "?", "category": "*", "comments": "?",
    "enclosure": "?", "guid": "?", "pubDate": "?", "source": "?",
}  # fmt: skip
# The types of members, the required ones first.
JSON_FEED = {"version": str, "title": str, "items": list}, {
    "home_page_url": str, "feed_url": str, "description": str, "next_url": str, "icon": str,
    "language": str,
}  # fmt: skip
JSON_ITEM = {"id": str, "content_html": str}, {
    "url": str, "title": str, "summary": str, "image": str, "date_published": str,
    "date_modified": str, "authors": list, "tags": list, "language": str, "attachments": list,
}  # fmt: skip
JSON_ATTACHMENT = {"url": str, "mime_type": str}, {"size_in_bytes": int}


def parse(content):
    return ElementTree.fromstring(content)  # noqa: S314  # our own


def documents(client, kind):
    """Return the response with the newest posts of each list, and with an archive."""
    for path in LISTS:
        response = client.get(f"{path}/feed.{kind}")
        yield response
        if kind == "json":
            older = response.json["next_url"]
        else:
            links = {
                link.get("rel"): link.get("href")
                for link in parse(response.data).iter(f"{ATOM}link")
            }
            older = links.get("prev-archive")
        yield client.get(older)


def check_children(element, allowed, prefix=""):
    found = Counter(child.tag for child in element if not child.tag.startswith(EXTENSIONS))
    names = {
        name if name.startswith("{") else prefix + name: rule for name, rule in allowed.items()
    }
    assert set(found) <= set(names)
    for name, rule in names.items():
        assert found[name] == 1 if rule == "1" else rule == "*" or found[name] <= 1, name


def check_url(url):
    parts = urlsplit(url)
    assert parts.scheme in ("http", "https", "urn"), url
    assert url.isascii()
    assert not set(url) & set(' <>"{}|\\^`')


def test_atom_follows_rfc_4287(blog, client):
    for response in documents(client, "atom"):
        assert response.content_type == "application/atom+xml; charset=utf-8"
        feed = parse(response.data)
        assert feed.tag == f"{ATOM}feed"
        check_children(feed, ATOM_FEED, ATOM)
        entries = feed.findall(f"{ATOM}entry")
        assert entries
        for entry in entries:
            check_children(entry, ATOM_ENTRY, ATOM)
            check_atom_entry(entry)
        for one in (feed, *entries):
            check_atom_links(one)
            check_url(one.findtext(f"{ATOM}id"))
        ids = [entry.findtext(f"{ATOM}id") for entry in entries]
        assert len(set(ids)) == len(ids)
        # 4.1.1: every entry has an author, or the feed has one.
        assert feed.find(f"{ATOM}author/{ATOM}name").text


def check_atom_links(element):
    links = element.findall(f"{ATOM}link")
    for link in links:
        check_url(link.get("href"))
    # 4.1.1: no two alternates of one type and language.
    alternates = [link.get("type") for link in links if link.get("rel", "alternate") == "alternate"]
    assert len(set(alternates)) == len(alternates) == 1


def check_atom_entry(entry):
    for name in ("published", "updated"):
        assert datetime.fromisoformat(entry.findtext(f"{ATOM}{name}")).tzinfo
    content = entry.find(f"{ATOM}content")
    # 4.1.2: without content, the alternate link is needed, which each entry has.
    assert content is None or content.get("type") == "html"
    for author in entry.findall(f"{ATOM}author"):
        assert author.findtext(f"{ATOM}name").strip()
        check_url(author.findtext(f"{ATOM}uri"))
    assert all(one.get("term") for one in entry.findall(f"{ATOM}category"))


def test_rss_follows_its_specification(blog, client):
    for response in documents(client, "xml"):
        assert response.content_type == "application/rss+xml; charset=utf-8"
        rss = parse(response.data)
        assert (rss.tag, rss.get("version"), len(rss)) == ("rss", "2.0", 1)
        (channel,) = rss
        check_children(channel, RSS_CHANNEL)
        assert parsedate_to_datetime(channel.findtext("lastBuildDate"))
        assert [part.tag for part in channel.find("image")] == ["url", "title", "link"]
        items = channel.findall("item")
        assert items
        for item in items:
            check_children(item, RSS_ITEM)
            assert item.findtext("title") or item.findtext("description")
            check_url(item.findtext("link"))
            assert item.find("guid").get("isPermaLink") == "false"
            assert parsedate_to_datetime(item.findtext("pubDate"))
            for enclosure in item.findall("enclosure"):
                check_url(enclosure.get("url"))
                assert int(enclosure.get("length")) >= 0
                assert enclosure.get("type").startswith("audio/")


def check_members(value, members):
    required, optional = members
    assert set(required) <= set(value) <= set(required | optional)
    for name, kind in (required | optional).items():
        assert isinstance(value.get(name, kind()), kind), name


def test_json_follows_version_1_1(blog, client):
    for response in documents(client, "json"):
        assert response.content_type == "application/feed+json; charset=utf-8"
        feed = response.json
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        check_members(feed, JSON_FEED)
        for item in feed["items"]:
            check_members(item, JSON_ITEM)
            check_url(item["url"])
            assert datetime.fromisoformat(item["date_published"]).tzinfo
            assert all(set(author) & {"name", "url", "avatar"} for author in item["authors"])
            assert all(isinstance(tag, str) for tag in item.get("tags", []))
            for attachment in item.get("attachments", []):
                check_members(attachment, JSON_ATTACHMENT)


@pytest.mark.parametrize("kind", ("xml", "atom"))
def test_archives_follow_rfc_5005(blog, client, kind):
    with blog.app_context():
        settings.change({"POSTS_PER_FEED": "5"}, SYSTEM)
    url = f"/feed.{kind}"
    seen = []
    while url:
        root = parse(client.get(url).data)
        links = {link.get("rel"): link.get("href") for link in root.iter(f"{ATOM}link")}
        is_archive = next(root.iter(f"{EXTENSIONS[0]}archive"), None) is not None
        # 4: an archive links to the document with the newest posts, which is none itself.
        assert is_archive is bool(seen) is ("current" in links)
        seen.append(links["self"])
        url = links.get("prev-archive")
    assert len(set(seen)) == len(seen) == 3
