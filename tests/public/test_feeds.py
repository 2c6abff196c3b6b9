from datetime import datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
KINDS = ("xml", "atom", "json")
HOSTILE = "<b>\x01\x0c</b> ]]> &amp; \ufffe \ufdd0 🎉 \"'"


def read(client, path):
    """Return the entries of a feed in any format: id, URL, title, HTML and dates."""
    answer = client.get(path)
    assert answer.status_code == 200
    if path.endswith("json"):
        return [
            (
                item["id"],
                item["url"],
                item["title"],
                item["content_html"],
                datetime.fromisoformat(item["date_published"]),
            )
            for item in answer.json["items"]
        ]
    root = ElementTree.fromstring(answer.data)  # noqa: S314  # our own
    if path.endswith("atom"):
        return [
            (
                entry.findtext(f"{ATOM}id"),
                entry.find(f"{ATOM}link").get("href"),
                entry.findtext(f"{ATOM}title"),
                entry.findtext(f"{ATOM}content"),
                datetime.fromisoformat(entry.findtext(f"{ATOM}published")),
            )
            for entry in root.iter(f"{ATOM}entry")
        ]
    return [
        (
            item.findtext("guid"),
            item.findtext("link"),
            item.findtext("title"),
            item.findtext(CONTENT),
            parsedate_to_datetime(item.findtext("pubDate")),
        )
        for item in root.iter("item")
    ]


def test_all_formats_have_the_same_entries(client, write):
    write("A & B", "See [this](/media/x.png) and <b>that</b>.", tags=["One", "Two"])
    first, second, third = (read(client, f"/feed.{kind}") for kind in KINDS)
    assert first == second == third
    newest = first[0]
    assert newest[1:3] == ("http://localhost/a-b", "A & B")
    assert newest[3].startswith('<p>See <a href="http://localhost/media/x.png"')
    assert "<b>that</b>" in newest[3]
    assert first[1][4].isoformat() == "2018-01-01T00:00:00+00:00"
    for kind in KINDS:
        assert "Two" in client.get(f"/feed.{kind}").text


@pytest.mark.parametrize("kind", KINDS)
def test_feed_is_well_formed_for_any_text(app, client, kind):
    with app.app_context():
        db = get_db()
        db.execute(
            "INSERT INTO post (author_id, title, body, summary) VALUES (1, ?, ?, ?)",
            (HOSTILE, HOSTILE, HOSTILE),
        )
        db.execute("INSERT INTO post (author_id, title, body) VALUES (1, '', x'ff00')")
        db.commit()
    entries = read(client, f"/feed.{kind}")
    assert next(entry[2] for entry in entries) == "Untitled"
    assert len(entries) == 3
    assert len({entry[0] for entry in entries}) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_entry_ids_are_stable(app, client, kind, write):
    post_id = write()
    before = [entry[0] for entry in read(client, f"/feed.{kind}")]
    with app.app_context():
        posts.update(post_id, SYSTEM, title="Else", body="else", address="elsewhere")
    after = client.get(f"/feed.{kind}", base_url="https://moved.example.org")
    assert "https://moved.example.org/elsewhere" in after.text
    assert [entry[0] for entry in read(client, f"/feed.{kind}")] == before
    assert all(feed_id.startswith("urn:uuid:") for feed_id in before)


@pytest.mark.parametrize("kind", KINDS)
def test_feed_contains_only_published_posts(client, auth, kind, write):
    write("Hidden draft", status="draft")
    write("Hidden by date", created="2999-01-01 00:00:00")
    write("A page", kind="page")
    auth.login()
    assert [entry[2] for entry in read(client, f"/feed.{kind}")] == ["test title"]


@pytest.mark.parametrize("kind", KINDS)
def test_empty_feed_has_a_date(empty_app, kind):
    client = empty_app.test_client()
    assert read(client, f"/feed.{kind}") == []
    assert "1970" not in client.get(f"/feed.{kind}").text


def test_rss_description_is_escaped_plain_text(client, write):
    write("Begins", "Some *words* of a < b.")
    write("Says", "text", summary="What <b> does")
    root = ElementTree.fromstring(client.get("/feed.xml").data)  # noqa: S314  # our own
    told = [item.findtext("description") for item in root.iter("item")]
    assert told[:2] == ["What &lt;b&gt; does", "Some words of a &lt; b."]


@pytest.mark.parametrize("kind", KINDS)
def test_entry_names_all_authors(app, client, kind, write):
    post_id = write()
    with app.app_context():
        get_db().execute(
            "INSERT INTO coauthor (post_id, user_id, position) VALUES (?, 2, 1)", (post_id,)
        )
        get_db().commit()
    assert "other" in client.get(f"/feed.{kind}").text


@pytest.mark.parametrize("kind", KINDS)
def test_entry_contains_the_cover(client, kind, write):
    write(cover="https://pictures.example/a.png")
    assert '<p><img src="https://pictures.example/a.png"' in read(client, f"/feed.{kind}")[0][3]


def test_feed_has_the_description_of_the_blog(app, client):
    with app.app_context():
        settings.change({"DESCRIPTION": "About engines."}, SYSTEM)
    for kind in KINDS:
        assert "About engines." in client.get(f"/feed.{kind}").text


def test_update_is_never_before_publication(app, client, write):
    post_id = write(created="2020-01-01 10:00:00")
    with app.app_context():
        get_db().execute("UPDATE post SET updated = '2019-01-01 00:00:00' WHERE id = ?", (post_id,))
        get_db().commit()
    assert client.get("/feed.json").json["items"][0]["date_modified"] == "2020-01-01T10:00:00+00:00"
    root = ElementTree.fromstring(client.get("/feed.atom").data)  # noqa: S314  # our own
    assert root.findtext(f"{ATOM}updated") == "2020-01-01T10:00:00+00:00"


@pytest.mark.parametrize("kind", KINDS)
def test_unchanged_feed_is_not_modified(client, kind):
    etag = client.get(f"/feed.{kind}").headers["ETag"]
    answer = client.get(f"/feed.{kind}", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.data) == (304, b"")


def test_tags_and_authors_have_feeds(app, client, write):
    write("Tagged", tags=["Old name"])
    with app.app_context():
        tags.rename(tags.get_by_slug("old-name")["id"], "New name", SYSTEM)
    for kind in KINDS:
        (entry,) = read(client, f"/tag/new-name/feed.{kind}")
        assert entry[2] == "Tagged"
        moved = client.get(f"/tag/old-name/feed.{kind}")
        assert moved.headers["Location"] == f"/tag/new-name/feed.{kind}"
        assert len(read(client, f"/user/test/feed.{kind}")) == 2
        assert client.get(f"/user/other/feed.{kind}").status_code == 404
    with app.app_context():
        posts.create(author_id=2, title="Other", body="")
    ids = {
        ElementTree.fromstring(client.get(f"{path}/feed.atom").data).findtext(f"{ATOM}id")  # noqa: S314
        for path in ("", "/tag/new-name", "/user/test", "/user/other")
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    "path", ("/feed.html", "/tag/none/feed.xml", "/user/nobody/feed.atom", "/user/%00/feed.xml")
)
def test_missing_feed_is_not_found(client, path):
    assert client.get(path).status_code == 404


def test_pages_link_to_the_feeds(client):
    page = client.get("/").text
    for kind in KINDS:
        assert f'href="/feed.{kind}"' in page


def test_feed_uses_the_configured_site_url(app):
    at = {"TESTING": True, "DATABASE": app.config["DATABASE"], "SITE_URL": "https://x.example/"}
    client = create_app(at).test_client()
    assert client.get("/feed.json").json["items"][0]["url"] == "https://x.example/1"
    assert "https://x.example/sitemap.xml" in client.get("/robots.txt").text


def test_feed_of_an_author_redirects_to_its_canonical_url(client):
    response = client.get("/user/1/feed.json")
    assert (response.status_code, response.location) == (301, "/user/test/feed.json")
    assert client.get("/user/nobody/feed.xml").status_code == 404
