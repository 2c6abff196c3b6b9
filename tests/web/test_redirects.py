import pytest

from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import redirects
from flaskr.models import series
from flaskr.models import tags
from flaskr.models import trash
from flaskr.models.permissions import SYSTEM
from flaskr.web import redirects as web_redirects


@pytest.fixture(autouse=True)
def renamed(app):
    """Rename a post, its tag and its series from `old` to `new`."""
    with app.app_context():
        post_id = posts.create(author_id=1, title="Old", body="", tags=["old"], series="old")
        posts.update(post_id, SYSTEM, title="Old", body="", address="new")
        tags.rename(tags.get_by_slug("old")["id"], "new", SYSTEM)
        series.rename(series.get_by_slug("old")["id"], "new", SYSTEM)


@pytest.mark.parametrize("path", ("/{}", "/tag/{}", "/tag/{}/feed.xml", "/series/{}", "/{}?a=1"))
def test_former_slug_redirects_to_the_same_page(client, path):
    response = client.get(path.format("old"))
    assert (response.status_code, response.location) == (301, path.format("new"))
    assert response.headers["Cache-Control"] == "no-cache"
    assert client.get(response.location).status_code == 200


def test_redirect_of_a_form_keeps_its_method(app, client, auth):
    auth.login()
    response = client.post("/series/old/name", data={"series": "newer"})
    assert (response.status_code, response.location) == (308, "/series/new/name")


def test_former_slug_of_a_draft_is_not_found(app, client):
    with app.app_context():
        get_db().execute("UPDATE post SET status = 'draft'")
        get_db().commit()
    for path in ("/old", "/tag/old", "/series/old"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ("/2001/01/post.html", "/tag/imported", "/imported/"))
def test_imported_url_redirects_to_its_post(app, client, path):
    with app.app_context():
        get_db().executemany(
            "INSERT INTO old_address SELECT ?, id FROM post WHERE slug = 'new'",
            [("/2001/01/post",), ("/tag/imported",), ("/imported",)],
        )
        get_db().commit()
    response = client.get(path)
    assert (response.status_code, response.location) == (301, "/new")
    assert response.headers["Cache-Control"] == "no-cache"


BROWSER = {"User-Agent": "Mozilla/5.0", "Accept": "text/html"}


@pytest.mark.parametrize(
    ("path", "target"),
    (
        ("/new/", "/new"),
        ("/new.html", "/new"),
        ("/new/index.html", "/new"),
        ("/NEW", "/new"),
        ("/Old.HTML", "/new"),
        ("/old/?a=1", "/new?a=1"),
        ("/old.md", "/new.md"),
        ("/New.md", "/new.md"),
        ("/2018", "/2018/"),
        ("/2018.html", "/2018/"),
        ("/2018/01.html", "/2018/01/"),
        ("/2018/01/index.html", "/2018/01/"),
        ("/index.html", "/"),
        ("/tag/", "/tag"),
        ("/Archive/", "/archive"),
        ("/tag/new/", "/tag/new"),
        ("/search/index.html", "/search"),
        ("/auth/login/", "/auth/login"),
    ),
)
def test_another_spelling_redirects_to_the_page(client, path, target):
    response = client.get(path)
    assert (response.status_code, response.location) == (301, target)
    assert client.get(target).status_code == 200


@pytest.mark.parametrize(
    "path",
    (
        "/nothing/",
        "/1999",
        "/Nothing/New",
        "/user/TEST",
        "/2018/?before=x",
        "/2018/13.html",
        "/2017/index.html",
        "/tag/New%0AX: y/",
        "/9999",
        "/x/../new",
        "/new.txt",
    ),
)
def test_other_urls_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_another_spelling_of_a_draft_is_not_found(app, client):
    with app.app_context():
        get_db().execute("UPDATE post SET status = 'draft'")
        get_db().commit()
    assert client.get("/NEW.html").status_code == 404


def test_another_spelling_of_a_deleted_post_is_gone(app, client):
    with app.app_context():
        trash.put(posts.get_by_slug("new", None)["id"], SYSTEM)
    assert client.get("/NEW.html").status_code == 410


def test_redirect_of_the_owner_is_followed(app, client):
    with app.app_context():
        redirects.add("/away.html", "https://b.example/x", SYSTEM)
        redirects.add("/here", "/new#part", SYSTEM)
        redirects.add("/over", None, SYSTEM)
    assert client.get("/away/").location == "https://b.example/x"
    assert client.get("/here").location == "/new#part"
    response = client.get("/over")
    assert response.status_code == 410
    assert "removed" in response.text


def test_missing_pages_are_listed_once_a_second(app, client, monkeypatch):
    monkeypatch.setattr(web_redirects, "SECONDS_BETWEEN_RECORDS", 0)
    for path in ("/nowhere", "/nowhere.html", "/new", "/wp-login.php"):
        client.get(path, headers=BROWSER)
    monkeypatch.setattr(web_redirects, "SECONDS_BETWEEN_RECORDS", 99)
    client.get("/later", headers=BROWSER)
    with app.app_context():
        assert [(row["path"], row["hits"]) for row in redirects.list_not_found()] == [
            ("/nowhere", 2)
        ]


@pytest.mark.parametrize(
    "headers", ({}, BROWSER | {"User-Agent": "Googlebot/2.1"}, BROWSER | {"Accept": "image/png"})
)
def test_programs_that_find_nothing_are_not_listed(app, client, monkeypatch, headers):
    monkeypatch.setattr(web_redirects, "SECONDS_BETWEEN_RECORDS", 0)
    client.get("/nowhere", headers=headers)
    with app.app_context():
        assert redirects.list_not_found() == []


def test_a_broken_database_does_not_break_the_error_page(app, client, monkeypatch):
    monkeypatch.setattr(web_redirects, "SECONDS_BETWEEN_RECORDS", 0)
    with app.app_context():
        get_db().execute("DROP TABLE redirect")
        get_db().execute("DROP TABLE not_found")
    assert client.get("/nowhere/nothing", headers=BROWSER).status_code == 404


@pytest.fixture
def lists(app):
    """Publish a post with tags, and write a draft with others."""
    with app.app_context():
        for status, names in (("published", ["Two Words", "C++", "C"]), ("draft", ["Secret"])):
            posts.create(author_id=1, title="A", body="", tags=names, status=status)
        redirects.add("/notes", "/", SYSTEM)
        get_db().execute(
            """UPDATE "user" SET username = 'ada', display_name = 'Ada Lovelace' WHERE id = 1"""
        )
        get_db().commit()


@pytest.mark.parametrize(
    ("path", "target"),
    (
        ("/page/2/", "/"),
        ("/blog/page/2/", "/"),
        ("/notes/page/2.html", "/"),
        ("/tags/two-words/page/2/", "/tag/two-words"),
        ("/tag/two-words.html", "/tag/two-words"),
        ("/tag/Two%20Words/", "/tag/two-words"),
        ("/categories/c++/index.xml", "/tag/c/feed.xml"),
        ("/tags/c/", "/tag/c-2"),
        ("/tags/old/", "/tag/new"),
        ("/notes/series/old/", "/series/new"),
        ("/series/New/", "/series/new"),
        ("/author/ada-lovelace/", "/user/ada"),
        ("/tags.html", "/tag"),
        ("/feed/?x=1", "/feed.xml?x=1"),
        ("/archives/2018/01/page/3/", "/2018/01/"),
    ),
)
def test_list_of_another_program_redirects_to_ours(client, lists, path, target):
    response = client.get(path)
    assert (response.status_code, response.location) == (301, target)
    assert client.get(target).status_code == 200


@pytest.mark.parametrize(
    "path",
    ("/tags/secret/", "/tags/unheard/", "/author/other/", "/author/bob/", "/series/x/y",
     "/archives/1999/", "/tag/unheard"),
)  # fmt: skip
def test_lists_that_visitors_may_not_see_are_not_found(client, lists, path):
    assert client.get(path).status_code == 404


@pytest.fixture
def staff_paths(app):
    return [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and not rule.arguments
    ]


def test_a_page_for_writers_does_not_hide_what_its_folder_had(client, staff_paths):
    """Walk all routes: with and without a slash, a path leads to the same."""
    for path in staff_paths:
        answer = client.get(path)
        location = answer.headers.get("Location", "")
        if location.startswith("/auth/login"):
            assert client.get(f"{path}/").location == path
    assert client.get("/tags").location == client.get("/tags/").location == "/tag"
    assert client.get("/posts").location == client.get("/posts/").location == "/"
    assert client.get("/tags?a=b").location.startswith("/auth/login")


def test_an_old_post_may_have_the_address_of_a_page_for_writers(app, client):
    with app.app_context():
        get_db().execute("INSERT INTO old_address (path, post_id) VALUES ('/media', 1)")
        get_db().execute("INSERT INTO redirect (path, target) VALUES ('/account', '/about')")
        get_db().execute("INSERT INTO redirect (path, target) VALUES ('/unsaved', NULL)")
        get_db().commit()
    assert client.get("/media").location == "/1"
    assert client.get("/account").location == "/about"
    assert client.get("/unsaved").location.startswith("/auth/login")


def test_old_addresses_are_found_in_lower_case(app, client):
    with app.app_context():
        get_db().execute("INSERT INTO old_address (path, post_id) VALUES ('/blog/big', 1)")
        get_db().commit()
    assert client.get("/blog/Big").location == "/1"
