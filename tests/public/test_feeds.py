from datetime import datetime
from email.utils import parsedate_to_datetime
from xml.etree import ElementTree

import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import profiles
from flaskr.models import settings
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM

from ..databases import damaged_text
from ..databases import orphans
from ..markup import Page

ATOM = "{http://www.w3.org/2005/Atom}"
CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
ARCHIVE = "{http://purl.org/syndication/history/1.0}archive"
MEDIA = "{http://search.yahoo.com/mrss/}content"
KINDS = ("xml", "atom", "json")
HOSTILE = "<b>\x01\x0c</b> ]]> &amp; \ufffe \ufdd0 🎉 \"'"


def read(client, path):
    """Return the entries of a feed in any format: id, URL, title, HTML and dates."""
    answer = client.get(path)
    assert answer.status_code == 200
    if answer.is_json:
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
    if root.tag == f"{ATOM}feed":
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
        db.execute("INSERT INTO post (author_id, title, body) VALUES (1, '', ?)", (damaged_text(),))
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
        ElementTree.fromstring(client.get(f"{path}/feed.atom").data).findtext(f"{ATOM}id")  # noqa: S314  # our own feed
        for path in ("", "/tag/new-name", "/user/test", "/user/other")
    }
    assert len(ids) == 4


@pytest.mark.parametrize(
    "path", ("/tag/none/feed.xml", "/user/nobody/feed.atom", "/user/%00/feed.xml")
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


def root_of(client, path):
    return ElementTree.fromstring(client.get(path).data)  # noqa: S314  # our own


@pytest.fixture
def many(app, write):
    """Write posts until there are 50, all with a tag and in a series."""
    with app.app_context():
        for number in range(49):
            created = f"2020-01-{number // 24 + 1:02} {number % 24:02}:00:00"
            write(f"Post {number}", tags=["Tag"], series="Series", created=created)


LISTS = ("", "/tag/tag", "/series/series", "/user/test")


def test_number_of_posts_in_feeds_is_a_setting(app, client, many):
    feeds = [f"{path}/feed.{kind}" for path in LISTS for kind in KINDS]
    assert {len(read(client, feed)) for feed in feeds} == {20}
    with app.app_context():
        settings.change({"POSTS_PER_FEED": "3"}, SYSTEM)
    assert {len(read(client, feed)) for feed in feeds} == {3}


def older(client, path, rel):
    """Return the path of the document with older posts, or None."""
    answer = client.get(path)
    if answer.is_json:
        url = answer.json.get("next_url")
    else:
        links = ElementTree.fromstring(answer.data).iter(f"{ATOM}link")  # noqa: S314  # our own
        url = next((link.get("href") for link in links if link.get("rel") == rel), None)
    return url and url.removeprefix("http://localhost")


@pytest.mark.parametrize("path", LISTS)
def test_older_posts_are_found_by_links(client, many, path):
    newest_first = [f"http://localhost/post-{number}" for number in range(48, -1, -1)]
    for kind, rel in (("xml", "prev-archive"), ("atom", "next"), ("json", "next_url")):
        target, found = f"{path}/feed.{kind}", []
        while target:
            found += [entry[1] for entry in read(client, target)]
            target = older(client, target, rel)
        # Archives repeat posts, and the first post has no tag.
        found = list(dict.fromkeys(found)) if rel == "prev-archive" else found
        assert found[:49] == newest_first


@pytest.mark.parametrize("kind", ("xml", "atom"))
def test_archive_says_what_it_is(client, many, kind):
    archive = older(client, f"/feed.{kind}", "prev-archive")
    root, main = root_of(client, archive), root_of(client, f"/feed.{kind}")
    marks = [len(list(one.iter(ARCHIVE))) for one in (root, main)]
    assert marks == [1, 0]
    links = {link.get("rel"): link.get("href") for link in root.iter(f"{ATOM}link")}
    assert links["current"] == f"http://localhost/feed.{kind}"
    assert links["self"] == f"http://localhost{archive}"


@pytest.mark.parametrize("kind", KINDS)
def test_archive_is_validated_like_a_page(client, many, kind):
    archive = older(client, f"/feed.{kind}", "prev-archive")
    answer = client.get(archive)
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get(archive, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("before", ("x", "2020-01-01T00:00:00~" + "9" * 30, "\0", "é"))
def test_malformed_position_of_an_archive_is_not_found(client, before):
    assert client.get("/feed.xml", query_string={"before": before}).status_code == 404


def test_ids_depend_on_nothing_but_the_blog_and_the_number_of_the_post(app, client, write):
    write("Second", tags=["Tag"], series="Series")
    with app.app_context():
        get_db().execute("UPDATE site SET uuid = '0123456789abcdef0123456789abcdef'")
        get_db().commit()
    assert [entry[0] for entry in read(client, "/feed.xml")] == [
        "urn:uuid:7d1c340d-ba52-544d-928e-74e1d93ed4a3",
        "urn:uuid:a0db4155-2e94-5639-b57c-350ae8234e0e",
    ]
    ids = [root_of(client, f"{path}/feed.atom").findtext(f"{ATOM}id") for path in LISTS]
    assert ids == [
        "urn:uuid:01234567-89ab-cdef-0123-456789abcdef",
        "urn:uuid:9d9ec2c5-69a8-5dc2-b3be-2bd723877fe0",
        "urn:uuid:d6d29b28-e130-5f3c-95ec-3130e9b84939",
        "urn:uuid:02af69d8-6b0f-58bd-9933-61acf2620219",
    ]


def test_series_has_a_feed_with_the_newest_part_first(client, write):
    for day in (1, 2):
        write(f"Part {day}", day=day, series="Bread", part=day)
    assert [entry[2] for entry in read(client, "/series/bread/feed.xml")] == ["Part 2", "Part 1"]
    assert root_of(client, "/series/bread/feed.atom").findtext(f"{ATOM}title") == "Bread - Flaskr"


@pytest.mark.parametrize("path", ("/tag/tag", "/series/series", "/user/test"))
def test_list_names_its_own_feeds_first(client, browse, many, path):
    for page in (browse(path), browse(f"{path}/feeds")):
        links = [link.get("href") for link in page.select('head link[rel="alternate"]')]
        assert links == [f"{where}/feed.{kind}" for where in (path, "") for kind in KINDS]
    assert [link.get("href") for link in browse(path).select("main a") if link.text == "Feed"] == [
        f"{path}/feeds"
    ]
    assert browse(f"{path}/feeds").texts(".address") == [f"http://localhost{path}/feed.xml"]


def test_feed_page_tells_what_to_do(client, browse, many):
    assert browse("/").select('footer a[href="/feeds"]')
    page = browse("/feeds")
    assert page.texts("ol .address") == ["http://localhost/feed.xml"]
    for kind in ("atom", "json"):
        assert page.select(f'main a[href="http://localhost/feed.{kind}"]')
    assert page.texts(".rows .title") == ["Tag"]
    assert page.texts(".rows .address") == ["http://localhost/tag/tag/feed.xml"]


def test_english_words_keep_their_direction_on_an_arabic_blog(app, browse, write):
    app.config["LANGUAGE"] = "ar"
    write("A long post", "word " * 500)
    (minutes,) = browse("/").select(".byline span[lang]")
    assert (minutes.text, minutes.get("lang"), minutes.get("dir")) == ("2 min read", "en", "ltr")
    for path, direction in (("/", "rtl"), ("/feeds", "ltr"), ("/nothing", "ltr")):
        assert browse(path).select("html")[0].get("dir") == direction


def test_feed_page_of_a_blog_without_tags_lists_none(browse):
    assert browse("/feeds").select(".rows") == []


def test_feed_page_of_an_author_redirects_to_its_canonical_url(client):
    response = client.get("/user/1/feeds")
    assert (response.status_code, response.location) == (301, "/user/test/feeds")


def test_recordings_are_enclosures(app, client, write):
    with app.app_context():
        get_db().execute(
            "INSERT INTO media (hash, name, type, original_name, size) VALUES (?, ?, ?, ?, ?)",
            ("a" * 32, f"{'a' * 32}.m4a", "audio/mp4", "talk.m4a", 1234),
        )
        get_db().commit()
    write("Talk", f"![](/media/{'a' * 32}.m4a)\n\n![](https://x.example/b.ogg)\n\n![](c.flac?d)")
    (enclosure,) = root_of(client, "/feed.xml").iter("enclosure")
    own = f"http://localhost/media/{'a' * 32}.m4a"
    assert enclosure.attrib == {"url": own, "length": "1234", "type": "audio/mp4"}
    item = client.get("/feed.json").json["items"][0]
    assert item["attachments"][0] == {"url": own, "mime_type": "audio/mp4", "size_in_bytes": 1234}
    links = root_of(client, "/feed.atom").iter(f"{ATOM}link")
    found = {
        link.get("href"): link.get("length") for link in links if link.get("rel") == "enclosure"
    }
    others = {"https://x.example/b.ogg": None, "http://localhost/c.flac?d": None}
    assert found == {own: "1234", **others}


def test_enclosure_of_an_unknown_type_is_a_recording(client, write):
    write("Talk", '<audio src="https://x.example/stream"></audio>')
    (enclosure,) = root_of(client, "/feed.xml").iter("enclosure")
    assert enclosure.attrib == {
        "url": "https://x.example/stream",
        "length": "0",
        "type": "audio/mpeg",
    }


@pytest.mark.parametrize("kind", ("xml", "atom"))
def test_cover_is_media_content(client, kind, write):
    write(cover="https://pictures.example/a.png?b")
    write(cover="https://pictures.example/picture")
    first, second = root_of(client, f"/feed.{kind}").iter(MEDIA)
    assert first.attrib == {"url": "https://pictures.example/picture", "medium": "image"}
    assert second.attrib == {
        "url": "https://pictures.example/a.png?b",
        "medium": "image",
        "type": "image/png",
    }


@pytest.mark.parametrize("kind", KINDS)
def test_invalid_urls_of_files_break_no_feed(app, client, kind, write):
    write("Talk", '<audio src="/ä b.mp3"></audio><audio src="https://[/a.mp3"></audio>')
    with app.app_context():
        get_db().execute("UPDATE post SET cover = 'https://[a'")
        get_db().commit()
    assert "http://localhost/%C3%A4%20b.mp3" in client.get(f"/feed.{kind}").text
    assert len(read(client, f"/feed.{kind}")) == 2


def test_cover_from_the_library_has_its_size(app, client, draw, write):
    with app.app_context():
        medium = media.add(draw(), name="a.png", user_id=1, max_bytes=9999)
    write(cover=f"/media/{medium['name']}")
    (cover,) = root_of(client, "/feed.xml").iter(MEDIA)
    assert (cover.get("width"), cover.get("height"), cover.get("type")) == (
        "60",
        "40",
        medium["type"],
    )
    assert int(cover.get("fileSize")) == medium["size"]


def test_feeds_name_the_icon(app, client):
    assert "icon" not in client.get("/feed.json").json
    with app.app_context():
        settings.set_icons({"192.png": b"x"}, SYSTEM)
    icon = client.get("/feed.json").json["icon"]
    assert client.get(icon).data == b"x"
    assert root_of(client, "/feed.atom").findtext(f"{ATOM}icon") == icon
    assert root_of(client, "/feed.xml").findtext("channel/image/url") == icon


@pytest.mark.parametrize("kind", KINDS)
def test_text_from_right_to_left_says_so(client, kind, write):
    write("Arabic", "نص", language="ar")
    write("Unmarked", "נוסח")
    write("Japanese", "文", language="ja")
    assert [entry[3] for entry in read(client, f"/feed.{kind}")[:3]] == [
        '<div lang="ja"><p>文</p></div>',
        '<div dir="rtl"><p>נוסח</p></div>',
        '<div lang="ar" dir="rtl"><p>نص</p></div>',
    ]


def test_authors_have_the_address_of_their_page(app, client):
    with app.app_context():
        profiles.update(1, display_name="Ada L", bio="")
    assert client.get("/feed.json").json["items"][0]["authors"] == [
        {"name": "Ada L", "url": "http://localhost/user/test"}
    ]
    author = root_of(client, "/feed.atom").find(f"{ATOM}entry/{ATOM}author")
    assert [part.text for part in author] == ["Ada L", "http://localhost/user/test"]


@orphans
def test_deleted_author_has_a_name_only(app, client):
    with app.app_context():
        get_db().executescript("PRAGMA foreign_keys = OFF; UPDATE post SET author_id = 99;")
    assert client.get("/feed.json").json["items"][0]["authors"] == [{"name": "someone"}]
    assert root_of(client, "/feed.atom").find(f"{ATOM}entry/{ATOM}author/{ATOM}uri") is None


def test_links_in_a_feed_lead_to_places_on_the_page(browse, client, write):
    write("Notes", "## Part\n\nText.[^1]\n\n[^1]: Note.")
    page, entry = browse("/notes"), read(client, "/feed.xml")[0]
    links = [link.get("href") for link in Page(entry[3]).select("a")]
    assert links == ["http://localhost/notes#fn1", "http://localhost/notes#fnref1"]
    assert all(page.select(f'[id="{link.partition("#")[2]}"]') for link in links)
