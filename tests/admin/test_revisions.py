import contextlib
import re

import pytest

from flaskr.db import get_db


@pytest.fixture
def writer(client, auth):
    auth.login()
    client.post("/1/update", data={"title": "New title", "body": "test\nnew <b>body"})
    return client


@contextlib.contextmanager
def get_db_of(client):
    with client.application.app_context():
        yield get_db()


def test_version_history_lists_user_and_time(writer):
    page = writer.get("/1/revisions").text
    assert "2018-01-01 00:00" in page
    assert "New title" in page
    assert "by test" in page
    assert 'href="/1/revisions"' in writer.get("/1/update").text


def test_version_shows_changed_words(writer):
    page = writer.get("/1/revisions/2").text
    assert '<ins><span class="unseen">[added: </span>new &lt;b&gt;' in page
    assert "Title: <del>test title</del> <ins>New title</ins>" in page
    assert '<h1 dir="auto">test title</h1>' in writer.get("/1/revisions/1").text


def test_version_history_shows_the_size_of_each_change(writer):
    for body in ("test", "*test*", "a *test*", "word " * 30_000):
        writer.post("/1/update", data={"title": "New title", "body": body})
    writer.post("/1/update", data={"title": "<b>", "body": "word " * 30_000})
    rows = re.findall(r"by test(.*?)</li>", writer.get("/1/revisions").text, re.DOTALL)
    assert [" ".join(re.sub("<[^>]+>", "", row).split()) for row in rows] == [
        "New title: &lt;b&gt;",
        "Large change",
        "+1 word",
        "Only formatting",
        "\N{MINUS SIGN}3 words",
        "+2 words New title: New title",
        "First version",
    ]


def test_newest_version_is_current_until_plain_sql_changes_the_text(app, writer):
    assert writer.get("/1/revisions").text.count(">Current<") == 1
    assert ">Current<" in writer.get("/1/revisions/2").text
    assert "Restore this version" not in writer.get("/1/revisions/2").text
    with app.app_context():
        get_db().execute("UPDATE post SET body = 'by hand'")
        get_db().commit()
    assert ">Current<" not in writer.get("/1/revisions").text
    assert "Restore this version" in writer.get("/1/revisions/2").text


def test_unpublished_changes_are_above_what_readers_see(writer):
    assert "Readers see this" not in writer.get("/1/revisions").text
    key = "k" * 20
    writer.put(f"/unsaved/{key}?post=1", data={"title": "New title", "body": "private"})
    with get_db_of(writer) as db:
        db.execute("UPDATE post SET updated = '2020-01-01 00:00:00'")
        db.commit()
    page = writer.get("/1/revisions").text
    assert "Unpublished changes from" in page
    assert f'href="/unsaved/{key}">Compare' in page
    assert "Readers see this" in page
    writer.post("/1/withdrawal", data={"title": "New title", "body": ""})
    assert "Unpublished changes from" not in writer.get("/1/revisions").text


def test_versions_made_by_autosave_are_marked(writer):
    with get_db_of(writer) as db:
        db.execute("UPDATE revision SET autosave = 1 WHERE id = 2")
        db.commit()
    page = writer.get("/1/revisions").text
    assert page.count('<li class="quiet">') == page.count("<span>Autosave</span>") == 1


def test_version_is_shown_as_a_page_and_as_text(writer):
    writer.post("/1/update", data={"title": "T", "body": "**bold** <script>x</script>"})
    page = writer.get("/1/revisions/3?view=page").text
    assert "<strong>bold</strong>" in page
    assert "<script>x" not in page
    assert "**bold** &lt;script&gt;x" in writer.get("/1/revisions/3?view=text").text
    assert writer.get("/1/revisions/3?view=x").status_code == 404


@pytest.mark.parametrize(
    ("number", "other", "gone", "new"),
    (
        (1, "current", "old", "newest"),
        (2, "current", "middle", "newest"),
        (1, "2", "old", "middle"),
        (3, "1", "old", "newest"),
        (3, "", "middle", "newest"),
        (1, "", "old", "newest"),
    ),
)
def test_version_is_compared_with_any_other(app, client, auth, number, other, gone, new):
    auth.login()
    with app.app_context():
        get_db().execute("UPDATE post SET body = 'old'")
        get_db().commit()
    for body in ("middle", "newest"):
        client.post("/1/update", data={"title": "T", "body": body})
    page = client.get(f"/1/revisions/{number}", query_string={"with": other}).text
    assert f"[removed: </span>{gone}<" in page
    assert f"[added: </span>{new}<" in page
    assert other in ("", "current") or f'value="{other}" selected>' in page


def test_equal_versions_have_no_differences(writer):
    page = writer.get("/1/revisions/2?with=current").text
    assert "The text is the same in both versions." in page


@pytest.mark.parametrize("other", ("99", "x", "-1", "²", "9" * 40))
def test_comparison_with_a_missing_version_is_not_found(writer, other):
    assert writer.get("/1/revisions/2", query_string={"with": other}).status_code == 404


def test_restoration_is_undone(writer):
    writer.post("/1/revisions/1/restoration")
    undo = re.search(r'action="(/undo/[^"]+)"', writer.get("/1/update").text)[1]
    assert writer.post(undo).location == "/1/revisions"
    assert "Undone. The previous version is back." in writer.get("/1/revisions").text
    assert "test\nnew &lt;b&gt;body</textarea>" in writer.get("/1/update").text


def test_restoring_keeps_unsaved_changes(writer):
    writer.put(f"/unsaved/{'k' * 20}?post=1", data={"title": "Mine", "body": "private"})
    writer.post("/1/revisions/1/restoration")
    assert "private" in writer.get(f"/unsaved/{'k' * 20}").text


def test_untitled_version_is_not_published(writer):
    writer.post("/drafts", data={"title": "", "body": "begun"})
    writer.post("/2/publication", data={"title": "Title", "body": "done"})
    untitled = re.findall(r"/2/revisions/(\d+)", writer.get("/2/revisions").text)[-1]
    response = writer.post(f"/2/revisions/{untitled}/restoration")
    assert response.location == f"/2/revisions/{untitled}"
    assert "Title is required." in writer.get(response.location).text


def test_restored_version_keeps_the_later_one(writer):
    assert writer.post("/1/revisions/1/restoration").headers["Location"] == "/1/update"
    page = writer.get("/1/update").text
    assert "Version restored." in page
    assert "test\nbody</textarea>" in page
    assert "New title" in writer.get("/1/revisions").text


def test_version_history_of_an_unchanged_post_is_empty(app, client, auth):
    auth.login()
    assert "once the post has been changed" in client.get("/1/revisions").text


def test_form_shows_text_written_by_plain_sql(app, writer):
    with app.app_context():
        get_db().execute("UPDATE post SET body = 'by hand'")
        get_db().commit()
    assert 'name="base" value="3"' in writer.get("/1/update").text
    data = {"base": "3", "title": "New title", "body": "by foot"}
    assert writer.post("/1/update", data=data).status_code == 302
    assert "by hand" in writer.get("/1/revisions/3").text


@pytest.mark.parametrize("base", ("", "x", "-1", "9" * 40))
def test_invalid_base_is_ignored(writer, base):
    response = writer.post("/1/update", data={"title": "T", "body": "b", "base": base})
    assert response.status_code in (302, 404)


@pytest.mark.parametrize("path", ("/1/revisions", "/1/revisions/1"))
def test_version_history_of_other_authors_is_forbidden(writer, app, path):
    other = app.test_client()
    other.post("/auth/login", data={"username": "other", "password": "other"})
    assert other.get(path).status_code == 403
    assert other.post("/1/revisions/1/restoration").status_code == 403
    assert app.test_client().get(path).headers["Location"] == f"/auth/login?next={path}"


@pytest.mark.parametrize("revision", (99, 10**30))
def test_missing_version_is_not_found(writer, revision):
    assert writer.get(f"/1/revisions/{revision}").status_code == 404
