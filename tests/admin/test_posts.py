import re

import pytest

from flaskr.db import get_db
from flaskr.models import post_lists
from flaskr.models import posts
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..databases import ago
from ..databases import other_types


def stored(app, post_id=2):
    with app.app_context():
        return posts.get_stored(post_id)


def write(app, **fields):
    with app.app_context():
        return posts.create(
            **{"author_id": 1, "user": SYSTEM, "title": "A title", "body": ""} | fields
        )


def test_draft_is_saved_and_edited_again(app, writer):
    response = writer.post("/drafts", data={"title": "", "body": "begun"})
    assert response.headers["Location"] == "/2/update"
    page = writer.get("/2/update").text
    assert "Draft saved." in page
    assert "begun" in page
    assert app.test_client().get("/2").status_code == 404
    assert writer.post("/2/update", data={"title": "", "body": "more"}).location == "/2/update"


def test_authors_are_entered_by_name(app, writer):
    data = {"title": "Ours", "body": "", "authors": " test ,other,"}
    writer.post("/create", data=data)
    assert 'name="authors" type="text" value="test, other"' in writer.get("/2/update").text
    page = writer.post("/2/update", data=data | {"authors": "test, <nobody>"}).text
    assert 'id="authors-error" role="alert">There is no user &lt;nobody&gt;.' in page
    assert "<details data-more-settings open>" in page
    writer.post("/2/update", data=data | {"authors": ""})
    with app.app_context():
        assert [row["username"] for row in posts.authors(2)] == ["test"]


def test_titles_to_link_to_are_found_without_case_and_accents(app, writer):
    write(app, title="Élan vital", status="draft")
    write(app, title="Elan of others", author_id=2, status="draft")
    write(app, title="Public elan", author_id=2)
    found = writer.get("/posts/titles?q=ELAN").json
    assert found == [
        {"url": "/public-elan", "title": "Public elan", "is_public": True},
        {"url": "/elan-vital", "title": "Élan vital", "is_public": False},
    ]
    assert len(writer.get("/posts/titles").json) == 3
    assert writer.get("/posts/titles?q=" + "x%00 " * 3000).json == []


def test_link_to_a_renamed_post_leads_to_it(app, writer):
    write(app, title="Old name")
    (found,) = writer.get("/posts/titles?q=old").json
    write(app, title="Linking", body=f"See [it]({found['url']}).")
    writer.post("/2/update", data={"title": "New", "body": "", "address": "new-name"})
    page = app.test_client().get("/linking").text
    link = re.search('<a href="([^"]+)"[^>]*>it</a>', page)[1]
    answer = app.test_client().get(link, follow_redirects=True)
    assert (answer.request.path, answer.status_code) == ("/new-name", 200)


def test_publishing_saves_the_form(app, writer):
    writer.post("/drafts", data={"title": "Draft", "body": "begun"})
    response = writer.post("/2/publication", data={"title": "Done", "body": "done"})
    assert response.headers["Location"] == "/draft"
    assert "Published." in writer.get("/draft").text
    assert "Done" in app.test_client().get("/").text


@pytest.mark.parametrize(
    "path",
    ("/drafts", "/publications", "/2/publication", "/2/withdrawal", "/2/update", "/create"),
)
def test_invalid_form_keeps_its_input(app, writer, path):
    write(app, status="draft")
    data = {"title": "T", "body": "typed", "created": "soon", "address": "x y", "summary": "s<b>"}
    page = writer.post(path, data=data).text
    for words in ("Date cannot be read.", "typed</textarea>", 'value="s&lt;b&gt;"'):
        assert words in page
    assert '<details class="settings" open>' in page


def test_post_is_scheduled_in_the_time_zone_of_the_blog(app, writer):
    app.config["TIMEZONE"] = "Europe/Berlin"
    write(app, title="Later", status="draft")
    data = {"title": "Later", "created": "2999-07-01T09:00"}
    assert writer.post("/2/publication", data=data).location == "/posts?show=scheduled"
    assert "Scheduled for 2999-07-01 09:00." in writer.get("/later").text
    assert stored(app)["stored_created"] == "2999-07-01 07:00:00"
    assert app.test_client().get("/later").status_code == 404


def test_saving_does_not_change_an_ambiguous_date(app, writer):
    app.config["TIMEZONE"] = "Europe/Berlin"
    write(app, created="2026-10-25 01:30:00")
    shown = (
        writer.get("/2/update").text.split('name="created"')[1].split('value="')[1].split('"')[0]
    )
    assert shown == "2026-10-25T02:30:00"
    for sent in (shown, shown.removesuffix(":00")):
        writer.post("/2/update", data={"title": "New", "created": sent})
        assert stored(app)["stored_created"] == "2026-10-25 01:30:00"


@pytest.mark.parametrize("path", ("/create", "/drafts", "/publications"))
def test_new_post_ignores_base(app, writer, path):
    writer.post(path, data={"title": "New", "body": "", "base": "7"})
    assert stored(app)["title"] == "New"


def make_owner(app):
    with app.app_context():
        users.set_role("test", "owner")


def test_all_fields_of_the_form_are_stored(app, writer):
    make_owner(app)
    data = {"title": "T", "body": "", "address": "mine", "summary": "s", "language": "ja"}
    more = {"tags": "Flask, Web,", "kind": "page", "menu_position": "2"}
    writer.post("/create", data=data | more)
    page = writer.get("/2/update").text
    for value in ("mine", "s", "ja", "Flask, Web", "2"):
        assert f'value="{value}"' in page
    assert '<option value="page" selected>' in page
    assert 'lang="ja"' in writer.get("/mine").text
    assert 'href="/mine"' in app.test_client().get("/").text


def test_only_owners_see_the_fields_for_pages(app, writer):
    for field in ('name="kind"', 'name="menu_position"'):
        assert field not in writer.get("/create").text
    make_owner(app)
    for field in ('name="kind"', 'name="menu_position"'):
        assert field in writer.get("/create").text


def test_forbidden_page_returns_the_text(app, writer):
    response = writer.post("/create", data={"title": "T", "body": "typed", "kind": "page"})
    assert response.status_code == 403
    assert "Only the blog&#39;s owner can add pages to the menu." in response.text
    assert "typed" in response.text


@pytest.mark.parametrize("place", ("first", "-1", "9" * 30, "²"))
def test_menu_order_must_be_a_number(app, writer, place):
    make_owner(app)
    page = writer.post("/create", data={"title": "T", "menu_position": place}).text
    assert "Menu order must be a number." in page


def test_unpublished_post_is_a_draft(app, writer):
    data = {"title": "Taken back", "body": "and changed"}
    assert writer.post("/1/withdrawal", data=data).headers["Location"] == "/taken-back"
    page = writer.get("/1/update").text
    assert "Unpublished. It is a draft again." in page
    assert "and changed</textarea>" in page
    assert app.test_client().get("/1").status_code == 404


def test_deleted_post_can_be_restored(app, writer):
    post_id = write(app, title="Precious")
    writer.post(f"/{post_id}/delete")
    page = writer.get("/").text
    assert f'action="/trash/{post_id}/restoration"' in page
    gone = app.test_client().get("/precious")
    assert (gone.status_code, "has been deleted" in gone.text) == (410, True)
    assert writer.post(f"/trash/{post_id}/restoration").location == "/precious"
    assert "Restored." in writer.get("/precious").text


def test_former_slug_redirects_to_the_post(app, writer):
    post_id = write(app, title="One")
    writer.post(f"/{post_id}/update", data={"title": "One", "body": "", "address": "two"})
    response = app.test_client().get("/one")
    assert (response.status_code, response.location) == (301, "/two")


def test_lists_show_the_posts_that_the_user_may_edit(app, writer):
    write(app, title="Other's", author_id=2)
    write(app, title="Draft", status="draft")
    write(app, title="", status="draft")
    write(app, title="Later", created="2999-01-01 00:00:00")
    write(app, title="About", kind="page")
    for show, there in (
        ("published", {"test title"}),
        ("drafts", {"Draft", "Untitled"}),
        ("scheduled", {"Later"}),
        ("pages", {"About"}),
    ):
        assert titles(writer.get(f"/posts?show={show}").text) == there
    with app.app_context():
        users.set_role("test", "owner")
    assert titles(writer.get("/posts").text) == {"test title", "Other's"}


def test_filters_count_the_posts_that_they_list(app, writer, monkeypatch):
    write(app, title="Other's", author_id=2)
    write(app, title="Draft", status="draft")
    write(app, title="Page", kind="page", status="draft")
    write(app, title="Later", created="2999-01-01 00:00:00")
    post_id = write(app, title="Old")
    assert counts(writer) == {"Published": "2", "Drafts": "2", "Scheduled": "1"}
    writer.post(f"/{post_id}/delete")
    assert counts(writer)["Trash"] == "1"
    with app.app_context():
        users.set_role("test", "owner")
        get_db().executemany(
            "INSERT INTO post (title, body, author_id) VALUES ('', '', ?)", [(2,)] * 1200
        )
        get_db().commit()
    assert counts(writer)["Published"] == "1,202"
    monkeypatch.setattr(post_lists, "MAX_COUNTED", 1000)
    assert counts(writer)["Published"] == "1,000+"


def counts(writer):
    return dict(re.findall(r'">(\w+) <span>([\d,+]+)</span></a>', writer.get("/posts").text))


@pytest.mark.parametrize("show", ("published", "trash"))
def test_all_posts_of_a_page_are_selected(app, writer, show):
    post_id = write(app, title="Two")
    if show == "trash":
        writer.post("/posts", data={"id": ["1", f"{post_id}"], "action": "delete"})
    page = writer.get(f"/posts?show={show}").text
    assert " checked" not in page
    address = re.search('<a href="([^"]+)">Select all</a>', page)[1].replace("&amp;", "&")
    page = writer.get(address).text
    assert page.count(" checked") == 2
    assert f'<a href="/posts?show={show}#selected">Select none</a>' in page


def test_selecting_keeps_the_page_of_the_list_and_the_search(app, writer):
    for number in range(31):
        write(app, title=f"Post {number}")
    pattern = '<a href="([^"]+)">{}</a>'
    page = writer.get("/posts?q=post").text
    page = writer.get(re.search('rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")).text
    (address,) = re.findall(pattern.format("Select all on this page"), page)
    selected = writer.get(address.replace("&amp;", "&")).text
    assert titles(selected) == titles(page)
    assert selected.count(" checked") == 1


def titles(page):
    return {
        part.split(">")[1].split("<")[0].replace("&#39;", "'")
        for part in page.split('class="title"')[1:]
    }


@pytest.mark.parametrize("show", ("published", "drafts", "scheduled", "pages", "trash"))
def test_empty_list_says_what_will_appear(app, client, auth, show):
    auth.login("other", "other")
    page = client.get(f"/posts?show={show}").text
    assert "will appear here" in page or "The trash is empty." in page


def test_titles_are_searched(app, writer):
    write(app, title="Grüße aus dem Garten")
    assert titles(writer.get("/posts?q=garten").text) == {"Grüße aus dem Garten"}
    assert "No title matches your search." in writer.get("/posts?q=<script>").text


def test_long_list_has_a_pager(app, writer):
    with app.app_context():
        get_db().executemany(
            "INSERT INTO post (title, body, author_id) VALUES (?, '', 1)",
            [(f"Post {number}",) for number in range(40)],
        )
        get_db().commit()
    first = writer.get("/posts?q=post").text
    assert len(titles(first)) == 30
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = writer.get(address).text
    assert len(titles(second)) == 10
    assert 'rel="prev"' in second


def test_trash_lists_deleted_posts(writer):
    writer.post("/1/delete")
    page = writer.get("/posts?show=trash").text
    assert "test title" in page
    assert 'action="/trash/1/restoration"' in page


@pytest.mark.parametrize("post_id", (99, 10**30))
def test_restoring_a_post_outside_the_trash_is_not_found(writer, post_id):
    assert writer.post(f"/trash/{post_id}/restoration").status_code == 404


def test_unknown_list_is_not_found(writer):
    assert writer.get("/posts?show=nonsense").status_code == 404


@pytest.mark.parametrize(
    "path", ("/drafts", "/1/publication", "/1/withdrawal", "/trash/1/restoration")
)
def test_visitors_are_redirected_to_login(client, path):
    assert client.post(path).headers["Location"] == "/auth/login"


@pytest.mark.parametrize("path", ("/1/publication", "/1/withdrawal"))
def test_posts_of_other_authors_are_forbidden(client, auth, path):
    auth.login("other", "other")
    assert client.post(path).status_code == 403
    assert client.post("/trash/1/restoration").status_code == 404


@pytest.mark.parametrize(
    ("show", "action", "message"),
    (
        ("published", "unpublish", "Unpublished 1 post."),
        ("published", "delete", "Moved 1 post to the trash."),
        ("published", "tag", "Tagged 1 post."),
        ("drafts", "publish", "Published 1 post."),
        ("trash", "restore", "Restored 1 post."),
    ),
)
def test_bulk_action_changes_the_selected_posts(app, writer, show, action, message):
    write(app, title="Among them", status="draft" if show == "drafts" else "published")
    if show == "trash":
        writer.post("/2/delete")
    page = writer.get(f"/posts?show={show}").text
    assert 'aria-label="Select “Among them”"' in page
    assert f'name="action" value="{action}"' in page
    data = {"id": "2", "action": action, "show": show, "q": "", "tag": "sky"}
    response = writer.post("/posts", data=data)
    assert response.location == f"/posts?show={show}&q="
    assert message in writer.get(response.location).text


def test_bulk_action_without_a_selection_is_refused(writer):
    writer.post("/posts", data={"action": "delete"})
    assert "Choose posts first." in writer.get("/posts").text


def test_unknown_bulk_action_is_not_found(writer):
    assert writer.post("/posts", data={"id": "1", "action": "burn"}).status_code == 404


def test_bulk_action_counts_the_posts(app, writer):
    write(app)
    writer.post("/posts", data={"id": ["1", "2", "x"], "action": "unpublish"})
    assert "Unpublished 2 posts." in writer.get("/posts").text


@pytest.mark.parametrize("words", ("übung", "ÜBUNG", "Übung", "U\u0308bung", "bung", "übung EINS"))
def test_title_search_ignores_case_and_normalization(app, writer, words):
    write(app, title="Übung eins")
    write(app, title="Another")
    page = writer.get("/posts", query_string={"q": words}).text
    assert "Übung eins" in page
    assert "Another" not in page


@pytest.mark.parametrize(
    ("title", "words"),
    (("STRASSE", "straße"), ("ΟΔΟΣ", "οδος"), ("Ёлка", "ёлка"), ("İstanbul", "stanbul")),
)
def test_title_search_works_in_any_script(app, writer, title, words):
    write(app, title=title)
    assert title in writer.get("/posts", query_string={"q": words}).text


@other_types
def test_title_search_survives_titles_that_are_not_text(app, writer):
    with app.app_context():
        get_db().execute(
            "INSERT INTO post (author_id, title, body) VALUES (1, x'ff', ''), (1, 12, '')"
        )
        get_db().commit()
    assert ">12</a>" in writer.get("/posts?q=12").text


def test_trash_has_a_pager(app, writer):
    with app.app_context():
        get_db().executemany(
            "INSERT INTO trash VALUES (?, 1, ?, ?, '{}')",
            [(100 + number, f"Post {number:02}", ago()) for number in range(31)],
        )
        get_db().commit()
    page = writer.get("/posts?show=trash").text
    assert "Post 30" in page
    assert "Post 00" not in page
    older = re.search(r'href="(/posts\?[^"]*before=[^"]+)"', page)[1]
    page = writer.get(older.replace("&amp;", "&")).text
    assert "Post 00" in page
    assert "Post 01" not in page
    assert "after=" in page
    assert writer.get("/posts?show=trash&before=x").status_code == 404
