"""Test what pages tell search engines, link previews and other programs."""

import json

import pytest

from flaskr.db import get_db
from flaskr.models import media
from flaskr.models import profiles
from flaskr.models import settings
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import orphans


@pytest.fixture
def shared(app, write):
    """Write a post by two authors, of whom one has a display name."""
    post_id = write("Shared", "A *needle* in it.", tags=["Both"], day=5)
    with app.app_context():
        db = get_db()
        db.execute("INSERT INTO coauthor (post_id, user_id, position) VALUES (?, 2, 1)", (post_id,))
        db.execute("UPDATE \"user\" SET display_name = 'Ada <b>' WHERE id = 2")
        db.commit()


def meta(page):
    """Return the content of each `meta` element by its name or property."""
    elements = page.select("meta[content]")
    return {one.get("property") or one.get("name"): one.get("content") for one in elements}


def linked_data(page):
    (script,) = page.select('script[type="application/ld+json"]')
    return json.loads(script.text)


@pytest.mark.parametrize(
    "path", ("/", "/shared", "/tag/both", "/2020/01/", "/user/test", "/user/other")
)
def test_bylines_name_all_authors(shared, browse, path):
    bylines = browse(path).texts(".byline span")
    assert any(text.startswith("by test and Ada <b>") for text in bylines)


def test_search_results_name_all_authors(shared, browse):
    assert browse("/search?q=needle").texts(".hits .byline") == [
        "by test and Ada <b> on 5 January 2020"
    ]


@pytest.mark.parametrize("path", ("/", "/shared"))
def test_microformats_have_all_authors_with_their_pages(shared, browse, path):
    authors = browse(path).select(".h-entry .p-author")[:2]
    assert [(one.get("href"), one.text) for one in authors] == [
        ("/user/test", "test"),
        ("/user/other", "Ada <b>"),
    ]


def test_linked_data_has_all_authors_with_their_addresses(shared, browse):
    page = browse("/shared")
    assert linked_data(page)["author"] == [
        {"@type": "Person", "name": "test", "url": "http://localhost/user/test"},
        {"@type": "Person", "name": "Ada <b>", "url": "http://localhost/user/other"},
    ]
    assert meta(page)["author"] == "test and Ada <b>"


@orphans
@pytest.mark.parametrize("path", ("/", "/1", "/search?q=title"))
def test_post_without_an_account_has_an_author(app, browse, path):
    with app.app_context():
        get_db().executescript("PRAGMA foreign_keys = OFF; UPDATE post SET author_id = 99")
    assert "by someone on " in browse(path).texts(".byline span")[0]


@orphans
def test_linked_data_of_a_post_without_an_account_names_nobody_else(app, browse):
    with app.app_context():
        get_db().executescript("PRAGMA foreign_keys = OFF; UPDATE post SET author_id = 99")
    page = browse("/1")
    assert linked_data(page)["author"] == [{"@type": "Person", "name": "someone"}]
    assert page.texts(".p-author") == ["someone"]


def test_picture_and_links_of_an_author_are_in_linked_data_and_feeds(app, browse, client, draw):
    with app.app_context():
        medium = media.add(draw(), name="a.png", user_id=1, max_bytes=10**6)
        picture = f"/media/{medium['name']}"
        links = "Home https://a.example/\nMail mailto:a@b.example"
        profiles.update(1, display_name="", bio="", picture=picture, links=links)
        portrait = f"http://localhost{profiles.find_portraits([users.find(1)])[1]}"
    (author,) = linked_data(browse("/1"))["author"]
    assert (author["image"], author["sameAs"]) == (portrait, ["https://a.example/"])
    (author,) = client.get("/feed.json").json["items"][0]["authors"]
    assert author["avatar"] == portrait


def test_description_is_the_same_in_all_places(write, browse, client):
    write("Noted", "# Head\n\nText with a note[^1].\n\n```\ncode\n```\n\nMore\n\n[^1]: Note.")
    page, description = browse("/noted"), "Head Text with a note. More"
    assert {meta(page)["description"], meta(page)["og:description"]} == {description}
    assert linked_data(page)["description"] == description
    assert f"<description>{description}</description>" in client.get("/feed.xml").text


def test_long_description_is_cut_between_words(write, browse):
    write("Long", "word " * 100)
    description = meta(browse("/long"))["description"]
    assert description.endswith("word …")
    assert 190 < len(description) <= 200


@pytest.mark.parametrize(
    ("bio", "description"),
    (
        ("# Hi\n\nI *write*[^1].\n\n[^1]: Note", "Hi I write."),
        ("", "Posts by test on flaskr."),
        ("```\ncode\n```", "Posts by test on flaskr."),
    ),
)
def test_person_is_described_by_the_bio(app, browse, bio, description):
    with app.app_context():
        settings.change({"SITE_TITLE": "flaskr"}, SYSTEM)
        get_db().execute('UPDATE "user" SET bio = ? WHERE id = 1', (bio,))
        get_db().commit()
    assert meta(browse("/user/test"))["description"] == description


@pytest.mark.parametrize(("alt", "expected"), (("A boat", "A boat"), ("", "My title")))
def test_cover_has_an_alternative_text(app, write, browse, draw, alt, expected):
    with app.app_context():
        medium = media.add(draw(), name="a.png", user_id=1, max_bytes=10**6, alt=alt)
        write("My `title`", cover=f"/media/{medium['name']}")
    told = meta(browse("/my-title"))
    assert told["og:image"].startswith("http://localhost/media/")
    assert told["og:image:alt"] == expected


def test_cover_of_another_site_is_described_by_the_title(write, browse):
    write(cover="https://pictures.example/a.png")
    assert meta(browse("/a-title"))["og:image:alt"] == "A title"


def test_locale_is_that_of_the_post_or_the_blog(app, write, browse):
    write("Deutsch", language="de")
    write("Esperanto", language="eo")
    with app.app_context():
        settings.change({"LANGUAGE": "pt-BR"}, SYSTEM)
    assert meta(browse("/deutsch"))["og:locale"] == "de_DE"
    assert "og:locale" not in meta(browse("/esperanto"))
    assert {meta(browse(path))["og:locale"] for path in ("/", "/1")} == {"pt_BR"}
