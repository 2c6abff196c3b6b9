import json
import re
from urllib.robotparser import RobotFileParser
from xml.etree import ElementTree

import pytest

from flaskr.db import get_db
from flaskr.models import settings
from flaskr.models import sitemap
from flaskr.models.permissions import SYSTEM

from ..databases import plans

SPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def addresses(client, path):
    root = ElementTree.fromstring(client.get(path).data)  # noqa: S314  # our own
    return [element.text for element in root.iter(f"{SPACE}loc")]


def test_sitemap_lists_published_posts(client, write):
    write("A page", kind="page")
    write("Draft", status="draft")
    write("Later", created="2999-01-01 00:00:00")
    assert addresses(client, "/sitemap.xml") == [
        "http://localhost/",
        "http://localhost/user/test",
        "http://localhost/1",
        "http://localhost/a-page",
    ]
    assert "<lastmod>2018-01-01T00:00:00+00:00</lastmod>" in client.get("/sitemap.xml").text


def test_sitemap_lists_people_tags_and_series_of_published_posts(app, client, write):
    write("Hidden", tags=["Secret"], series="Secret", status="draft")
    post_id = write("Shown", tags=["Open"], series="Open")
    assert "http://localhost/user/other" not in addresses(client, "/sitemap.xml")
    with app.app_context():
        query = "INSERT INTO coauthor (post_id, user_id, position) VALUES (?, 2, 1)"
        get_db().execute(query, (post_id,))
        get_db().commit()
    assert addresses(client, "/sitemap.xml")[1:5] == [
        "http://localhost/user/test",
        "http://localhost/user/other",
        "http://localhost/tag/open",
        "http://localhost/series/open",
    ]


def test_empty_blog_has_a_sitemap(empty_app):
    assert addresses(empty_app.test_client(), "/sitemap.xml") == ["http://localhost/"]


def test_long_sitemap_is_split_into_parts(app, client, monkeypatch, write):
    monkeypatch.setattr(sitemap, "IDS_PER_PART", 2)
    for number in range(3):
        write(f"Post {number}")
    with app.app_context():
        get_db().execute("UPDATE post SET id = 1000000000000 WHERE id = 4")
        get_db().commit()
    parts = addresses(client, "/sitemap.xml")
    assert parts == [f"http://localhost/sitemap-{number}.xml" for number in (0, 1, 500000000000)]
    listed = [address for part in parts for address in addresses(client, part)]
    assert len(listed) == len(set(listed)) == 6


@pytest.mark.parametrize("number", ("1", "9" * 30, "x", "-1"))
def test_missing_part_is_not_found(client, number):
    assert client.get(f"/sitemap-{number}.xml").status_code == 404


@plans
def test_part_is_read_by_primary_key(context):
    for query in (
        "SELECT id FROM post WHERE id >= 5 ORDER BY id LIMIT 1",
        "SELECT slug FROM post WHERE id BETWEEN 1 AND 9 AND status = 'published' ORDER BY id",
    ):
        (step,) = get_db().execute(f"EXPLAIN QUERY PLAN {query}").fetchall()
        assert step["detail"].startswith("SEARCH post USING INTEGER PRIMARY KEY")


def test_robots_txt_names_the_sitemap(client):
    answer = client.get("/robots.txt")
    assert answer.mimetype == "text/plain"
    assert "Sitemap: http://localhost/sitemap.xml\n" in answer.text


@pytest.mark.parametrize(
    ("refused", "allowed"),
    (
        ("", "* GPTBot ChatGPT-User Googlebot"),
        ("AI_TRAINING", "* ChatGPT-User Googlebot"),
        ("AI_ANSWERS AI_TRAINING", "* Googlebot"),
        ("SEARCH_ENGINES", "GPTBot ChatGPT-User"),
        ("SEARCH_ENGINES AI_TRAINING", "ChatGPT-User"),
        ("SEARCH_ENGINES AI_ANSWERS AI_TRAINING", ""),
    ),
)
def test_robots_txt_says_what_the_owner_decided(app, client, refused, allowed):
    with app.app_context():
        settings.change(dict.fromkeys(refused.split(), "refuse"), SYSTEM)
    rules = RobotFileParser()
    rules.parse(client.get("/robots.txt").text.splitlines())
    agents = ("*", "GPTBot", "ChatGPT-User", "Googlebot")
    assert [name for name in agents if rules.can_fetch(name, "/a-post")] == [
        name for name in agents if name in allowed.split()
    ]
    assert not any(rules.can_fetch(name, "/auth/login") for name in agents)


def meta(page):
    return dict(re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', page))


def linked_data(page):
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', page)[1])


def test_post_has_metadata(client, write):
    write("A & B", "It *begins* here.", tags=["One"], language="de")
    page = client.get("/a-b").text
    assert '<link rel="canonical" href="http://localhost/a-b">' in page
    told = meta(page)
    assert told["og:title"] == "A &amp; B"
    assert told["og:url"] == "http://localhost/a-b"
    assert told["description"] == told["og:description"] == "It begins here."
    assert told["article:tag"] == "One"
    assert told["twitter:card"] == "summary_large_image"
    data = linked_data(page)
    assert (data["@type"], data["headline"], data["inLanguage"]) == ("BlogPosting", "A & B", "de")
    assert data["author"] == [
        {"@type": "Person", "name": "test", "url": "http://localhost/user/test"}
    ]


def test_summary_is_the_description(client, write):
    write("Long", "word " * 5000, summary="In short")
    assert meta(client.get("/long").text)["description"] == "In short"
    write("Longer", "**word** " * 5000)
    assert len(meta(client.get("/longer").text)["description"]) <= 200


def test_text_cannot_break_out_of_the_metadata(client, write):
    title = "</script><script>alert(1)</script><!-- \"'"
    write(title, title)
    page = client.get("/2", follow_redirects=True).text
    assert "<script>alert" not in page
    assert linked_data(page)["headline"] == title


@pytest.mark.parametrize("fields", ({"status": "draft"}, {"created": "2999-01-01 00:00:00"}))
def test_unpublished_post_has_no_metadata(client, auth, fields, write):
    write("Hidden", "secret", **fields)
    auth.login()
    page = client.get("/hidden").text
    assert '<meta name="robots" content="noindex">' in page
    assert "og:title" not in page
    assert "ld+json" not in page


def test_page_is_not_an_article(client, write):
    write("About", kind="page")
    page = client.get("/about").text
    assert "ld+json" not in page
    assert meta(page)["og:title"] == "About"


def test_post_has_microformats(client):
    for path in ("/", "/1"):
        page = client.get(path).text
        assert "by test on " in page
        for words in ("h-entry", "u-url", "p-name", "p-author h-card", "e-content"):
            assert words in page
        assert '<data class="dt-published" value="2018-01-01T00:00:00+00:00"' in page
    assert '<link rel="canonical" href="http://localhost/">' in client.get("/").text
