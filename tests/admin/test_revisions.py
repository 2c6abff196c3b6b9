import pytest

from flaskr.db import get_db


@pytest.fixture
def writer(client, auth):
    auth.login()
    client.post("/1/update", data={"title": "New title", "body": "test\nnew <b>body"})
    return client


def test_version_history_lists_user_and_time(writer):
    page = writer.get("/1/revisions").text
    assert "2018-01-01 00:00" in page
    assert "New title" in page
    assert "by test" in page
    assert 'href="/1/revisions"' in writer.get("/1/update").text


def test_version_shows_changed_words(writer):
    page = writer.get("/1/revisions/2").text
    assert '<ins><span class="unseen">[added: </span>new &lt;b&gt;' in page
    assert "The title was “test title”." in page
    assert "test title" in writer.get("/1/revisions/1").text


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
