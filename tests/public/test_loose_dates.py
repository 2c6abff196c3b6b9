"""Posts whose dates were written by plain SQL, in any form."""

from urllib.parse import urldefrag
from urllib.parse import urljoin

import pytest

from flaskr.db import get_db

from ..databases import other_types
from ..markup import Page

pytestmark = other_types

LOOSE_DATES = (
    "'2018-1-1'",
    "'2018-01-01T10:00'",
    "'2018-01-01T10:00:00Z'",
    "'2018-01-01 10:00:00.123456'",
    "'2018-01-01T10:00:00+02:00'",
    "'2018-01-01 23:30 -05:00'",
    "'2018/1/1'",
    "'2018-1-1 9:30'",
    "'1.1.2018'",
    "'01/02/2018'",
    "'1 January 2018'",
    "'20180101'",
    "'2018'",
    "'2018-02'",
    "'2018-02-30'",
    "'2018-13-45'",
    "'12:30'",
    "'now'",
    "''",
    "' 2018-01-01 '",
    "'garbage'",
    "char(0)",
    "x'00ff'",
    "x'323031382d30312d3031'",
    "1514764800",
    "1514764800000",
    "1514764800.5",
    "2018",
    "0",
    "-1",
    "-62135596800",
    "-99999999999",
    "1e300",
    "9223372036854775807",
    "'0000-01-01'",
    "'0001-01-01'",
    "'0044-03-15'",
    "'-0044-03-15'",
    "'-0100-03-15'",
    "'-4000-01-01 00:00:00'",
    "'10000-01-01'",
    "'9999-12-31 23:59:59'",
)


@pytest.fixture
def loosely_dated(context):
    """Write a post by plain SQL for each form of a date, all with a tag."""
    db = get_db()
    for date in LOOSE_DATES:
        db.execute(
            "INSERT INTO post (author_id, title, body, created, updated)"
            f" VALUES (1, ?, '', {date}, {date})",
            (f"Written at {date}",),
        )
    db.execute("INSERT INTO tag (name, name_key, slug) VALUES ('Loose', 'loose', 'loose')")
    db.execute("INSERT INTO post_tag (post_id, tag_id) SELECT id, 1 FROM post")
    db.commit()


def crawl(client, start):
    """Return the status of each page of the blog that links lead to, by URL."""
    found, waiting = {}, [start]
    while waiting:
        url = waiting.pop()
        if url in found or not url.startswith("/"):
            continue
        answer = client.get(url)
        found[url] = answer.status_code
        if answer.mimetype == "text/html":
            links = [link.get("href") for link in Page(answer.text).select("a[href]")]
            waiting += [urldefrag(urljoin(url, link)).url for link in links]
    return found


def test_all_links_of_loosely_dated_posts_work(client, loosely_dated):
    found = crawl(client, "/")
    assert len(found) > len(LOOSE_DATES)
    assert {url: status for url, status in found.items() if status not in (200, 302)} == {}


@pytest.mark.parametrize("kind", ("xml", "atom", "json"))
def test_feeds_of_loosely_dated_posts_can_be_followed(client, loosely_dated, kind):
    assert client.get(f"/feed.{kind}").status_code == 200
    assert client.get("/sitemap.xml").status_code == 200


def test_writers_see_loosely_dated_posts(writer, loosely_dated):
    for path in ("/posts", "/posts?show=scheduled", *(f"/{post}/update" for post in range(2, 44))):
        assert writer.get(path).status_code == 200
