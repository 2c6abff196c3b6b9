"""The structure is the one that WordPress's importer reads (class-wxr-parser-simplexml.php)."""

from xml.etree import ElementTree

import pytest

from flaskr.exporters import wxr

NAMES = {
    "wp": "http://wordpress.org/export/1.2/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "dc": "http://purl.org/dc/elements/1.1/",
}
SITE = {
    "title": "A & B",
    "url": "https://blog.example",
    "description": "",
    "language": "en",
    "users": [{"id": 1, "username": "ann", "display_name": ""}],
    "tags": [{"id": 4, "slug": "sea", "name": "Sea <3"}],
    "tag_slugs": {"Sea <3": "sea"},
}
POST = {
    "id": 7,
    "title": "T ]]> & <b>\0\x0b\ufffe",
    "slug": "t",
    "html": "<p>]]>\x0c</p>",
    "summary": "S",
    "created": "2020-01-02 03:04:05",
    "updated": "",
    "state": "published",
    "kind": "post",
    "menu_position": 2,
    "authors": ["ann"],
    "tags": ["Sea <3", "new"],
    "series": "Tides",
    "cover_id": 8,
}
MEDIUM = {
    "post_id": 8,
    "name": "a.png",
    "original_name": "map/../x.png",
    "alt": "A map",
    "created": "",
    "user": "ann",
}


def read(*posts, media=()):
    text = "".join(wxr.write(SITE, posts, media))
    return ElementTree.fromstring(text).find("channel")  # noqa: S314  # our own


def texts(item, *names):
    return [item.findtext(name, namespaces=NAMES) for name in names]


def test_channel_names_the_site_its_authors_and_tags():
    channel = read()
    assert texts(channel, "title", "wp:wxr_version", "wp:base_site_url") == [
        "A & B",
        "1.2",
        "https://blog.example",
    ]
    assert texts(channel, "wp:author/wp:author_login", "wp:author/wp:author_display_name") == [
        "ann",
        "ann",
    ]
    assert texts(channel, "wp:tag/wp:tag_slug", "wp:tag/wp:tag_name") == ["sea", "Sea <3"]


def test_item_has_all_that_the_importer_reads():
    item = read(POST).find("item")
    assert texts(item, "title", "content:encoded", "excerpt:encoded", "dc:creator") == [
        "T ]]> & <b>\ufffd\ufffd\ufffd",
        "<p>]]>\ufffd</p>",
        "S",
        "ann",
    ]
    assert texts(item, "wp:post_id", "wp:post_name", "wp:status", "wp:post_type") == [
        "7",
        "t",
        "publish",
        "post",
    ]
    assert texts(item, "wp:post_date_gmt", "pubDate", "wp:menu_order", "wp:is_sticky") == [
        "2020-01-02 03:04:05",
        "Thu, 02 Jan 2020 03:04:05 +0000",
        "2",
        "0",
    ]
    assert [
        (one.get("domain"), one.get("nicename"), one.text) for one in item.iter("category")
    ] == [
        ("post_tag", "sea", "Sea <3"),
        ("post_tag", "new", "new"),
        ("category", "tides", "Tides"),
    ]
    assert texts(item, "wp:postmeta/wp:meta_key", "wp:postmeta/wp:meta_value") == [
        "_thumbnail_id",
        "8",
    ]


@pytest.mark.parametrize(
    ("state", "status"), (("draft", "draft"), ("scheduled", "future"), ("published", "publish"))
)
def test_hidden_posts_stay_hidden(state, status):
    item = read({**POST, "state": state, "series": "", "cover_id": 0, "created": "?"}).find("item")
    assert item.findtext("wp:status", namespaces=NAMES) == status


@pytest.mark.parametrize("alt", ("A map", ""))
def test_files_are_attachments_with_the_url_to_load_them_from(alt):
    item = read(media=[{**MEDIUM, "alt": alt}]).find("item")
    assert texts(item, "wp:post_type", "wp:status", "wp:attachment_url") == [
        "attachment",
        "inherit",
        "https://blog.example/media/a.png",
    ]
    assert item.findtext("wp:postmeta/wp:meta_value", namespaces=NAMES) == (alt or None)
