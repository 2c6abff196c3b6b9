from datetime import datetime

import pytest

from flaskr import create_app
from flaskr.admin import autosaves as autosave_views
from flaskr.db import get_db
from flaskr.models import autosaves
from flaskr.models import posts

KEY = "a-key-of-a-form-1"
TEXT = {"title": "Half", "body": "a sente", "base": "before"}
LOGGED_OUT = "You were logged out. Your text is autosaved."


@pytest.fixture
def writer(client, auth):
    auth.login()
    return client


def autosave(client, key=KEY, query="", **fields):
    return client.put(f"/unsaved/{key}{query}", data={**TEXT, **fields})


def stored_fields(app, key=KEY, user_id=1):
    with app.app_context():
        row = autosaves.find(user_id, key)
        return autosaves.load_fields(row) if row else None


def end_sessions(app):
    with app.app_context():
        get_db().executescript("DELETE FROM session")


def count(app, table="unsaved"):
    with app.app_context():
        return get_db().execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_autosave_does_not_change_the_post(app, writer):
    response = autosave(writer, query="?post=1", summary="short")
    assert datetime.strptime(response.json["saved_at"], "%H:%M")
    assert stored_fields(app) == {"title": "Half", "body": "a sente", "summary": "short"}
    with app.app_context():
        assert posts.get(1, None)["title"] == "test title"
    assert count(app, "post") == 1


@pytest.mark.parametrize(
    ("key", "body", "status", "sentence"),
    (
        ("short", "x", 404, "There is no such autosave."),
        (
            KEY,
            "x" * 5_300_000,
            413,
            "The text is too long to be autosaved. Split it into two posts.",
        ),
    ),
)
def test_refused_autosave_explains_why(app, writer, key, body, status, sentence):
    response = autosave(writer, key, body=body)
    assert (response.status_code, response.json) == (status, {"error": sentence})
    assert count(app) == 0


@pytest.mark.parametrize("age", ("7200", "-5", "9" * 30, "x"))
def test_autosave_accepts_any_age(app, writer, age):
    assert autosave(writer, query=f"?age={age}").status_code == 200
    assert stored_fields(app)["body"] == "a sente"


def test_autosave_is_offered_on_return(writer):
    assert "Autosave from" not in writer.get("/create").text
    autosave(writer)
    page = writer.get("/create").text
    for words in ("Autosave from ", f"/create?unsaved={KEY}", f"/unsaved/{KEY}"):
        assert words in page
    assert "Autosave from" not in writer.get("/1/update").text


def test_autosave_offer_says_if_the_post_was_saved_since(writer):
    autosave(writer, query="?post=1", base="0")
    assert "started before" not in writer.get("/1/update").text
    writer.post("/1/update", data={"title": "Saved", "body": "in another tab"})
    assert ", started before the post was last saved:" in writer.get("/1/update").text


def test_several_autosaves_are_offered_with_their_openings(writer):
    autosave(writer)
    assert '<q dir="auto">' not in writer.get("/create").text
    autosave(writer, "a-key-of-a-form-2", title="", body="No title yet")
    page = writer.get("/create").text
    assert '<q dir="auto">Half</q>' in page
    assert '<q dir="auto">No title yet</q>' in page


def test_autosave_is_restored_into_the_form(writer):
    autosave(writer, query="?post=1", body="</textarea><b>")
    page = writer.get(f"/1/update?unsaved={KEY}").text
    for words in ("Half</textarea>", "&lt;/textarea&gt;&lt;b&gt;", "Restored the autosave from "):
        assert words in page
    assert f'name="key" value="{KEY}"' in page
    assert 'name="base" value="before"' in page
    assert "Autosave from" not in page


@pytest.mark.parametrize("path", ("/create", "/1/update"))
def test_missing_autosave_leaves_the_form_unchanged(client, auth, path):
    auth.login("other", "other")
    autosave(client)
    auth.login()
    assert "a sente" not in client.get(f"{path}?unsaved={KEY}").text
    assert client.get(f"{path}?unsaved=%00").status_code == 200


def test_autosave_is_only_restored_for_its_own_post(app, writer):
    writer.post("/create", data={"title": "second", "body": ""})
    autosave(writer, query="?post=1")
    assert "a sente" not in writer.get(f"/2/update?unsaved={KEY}").text
    assert "a sente" in writer.get(f"/create?unsaved={KEY}").text


def test_form_with_an_error_keeps_its_key_and_base(writer):
    page = writer.post("/1/update", data={"title": "", "key": KEY, "base": "before"}).text
    assert f'name="key" value="{KEY}"' in page
    assert 'name="base" value="before"' in page


@pytest.mark.parametrize("path", ("/create", "/1/update"))
def test_saving_deletes_only_the_autosave_of_that_form(app, writer, path):
    autosave(writer, query="?post=1")
    autosave(writer, "a-key-of-a-form-2", query="?post=1")
    writer.post(path, data={"title": "", "body": "", "key": KEY})
    assert count(app) == 2
    writer.post(path, data={"title": "Whole", "body": "a sentence", "key": KEY})
    assert stored_fields(app) is None
    assert stored_fields(app, "a-key-of-a-form-2")


def test_autosave_is_compared_with_its_post(writer):
    autosave(writer, query="?post=1", title="test title", body="test\n<b>body</b>")
    page = writer.get(f"/unsaved/{KEY}").text
    assert "&lt;" in page.split("<ins>")[2]
    assert "<b>body" not in page
    assert "<h2>Title" not in page
    assert f"/1/update?unsaved={KEY}" in page


def test_comparison_says_if_nothing_differs(writer):
    autosave(writer, query="?post=1", title="test title", body="test\nbody", summary="new")
    assert (
        "The title and text are the same as in the saved post."
        in writer.get(f"/unsaved/{KEY}").text
    )


def test_autosave_of_a_new_post_is_shown(writer):
    autosave(writer)
    page = writer.get(f"/unsaved/{KEY}").text
    assert "This text has not been saved yet." in page
    assert "a sente" in page
    assert "<ins>" not in page


def test_discarded_autosave_can_be_restored(writer):
    autosave(writer)
    assert writer.post(f"/unsaved/{KEY}/delete").headers["Location"] == "/create"
    page = writer.get("/create").text
    assert f'Discarded. <a href="/create?unsaved={KEY}">Undo</a>' in page
    assert "Autosave from" not in page
    assert "a sente" in writer.get(f"/create?unsaved={KEY}").text
    autosave(writer, "a-key-of-a-form-2", query="?post=1")
    response = writer.post("/unsaved/a-key-of-a-form-2/delete")
    assert response.headers["Location"] == "/1/update"


@pytest.mark.parametrize("method", ("GET", "POST"))
def test_autosaves_of_other_users_are_not_found(app, client, auth, method):
    auth.login()
    autosave(client)
    auth.login("other", "other")
    path = f"/unsaved/{KEY}" + ("/delete" if method == "POST" else "")
    assert client.open(path, method=method).status_code == 404
    assert "a sente" not in client.get("/unsaved").text
    autosave(client, title="Mine")
    assert stored_fields(app)["title"] == "Half"


def test_autosave_is_refused_after_another_user_logged_in(app, writer):
    assert autosave(writer, query="?user=2").headers["Location"] == "/auth/login"
    assert count(app) == 0
    assert autosave(writer, query="?user=1").status_code == 200


def test_offers_are_served_without_a_page(writer):
    autosave(writer, query="?post=1")
    autosave(writer, "a-key-of-a-form-2", query="?post=1")
    bar = writer.get(f"/unsaved?post=1&but={KEY}").text
    assert "<html" not in bar
    assert "a-key-of-a-form-2" in bar
    assert KEY not in bar


@pytest.mark.parametrize(
    ("method", "path"),
    (
        ("PUT", f"/unsaved/{KEY}"),
        ("GET", f"/unsaved/{KEY}"),
        ("GET", "/unsaved"),
        ("POST", f"/unsaved/{KEY}/delete"),
    ),
)
def test_visitors_are_redirected_to_login(app, client, method, path):
    response = client.open(path, method=method, data=TEXT)
    assert response.headers["Location"].startswith("/auth/login")
    assert count(app) == 0


@pytest.mark.parametrize(
    ("path", "back"),
    (
        ("/create", "/create"),
        ("/1/update", "/1/update"),
        ("/preview/page?post=1", "/1/update"),
    ),
)
def test_form_of_an_ended_session_is_autosaved_and_offered_after_login(
    app, writer, auth, path, back
):
    end_sessions(app)
    response = writer.post(path, data={**TEXT, "key": KEY})
    assert response.headers["Location"] == "/auth/login"
    assert LOGGED_OUT in writer.get("/auth/login").text
    auth.login()
    page = writer.get("/").text
    assert f'is autosaved. <a href="{back}?unsaved={KEY}">Continue editing</a>' in page
    assert "Continue editing" not in writer.get("/").text
    assert "a sente" in writer.get(f"{back}?unsaved={KEY}").text


def test_form_of_the_tutorial_is_autosaved_too(app, writer):
    end_sessions(app)
    response = writer.post("/create", data={"title": "Half", "body": "a sente"})
    assert response.headers["Location"] == "/auth/login"
    assert count(app) == 1
    assert count(app, "post") == 1


def test_autosave_is_offered_only_to_its_author(app, writer, auth):
    end_sessions(app)
    writer.post("/create", data=TEXT)
    auth.login("other", "other")
    page = writer.get("/").text
    assert "is autosaved" not in page
    assert "Autosave from" not in writer.get("/create").text


def test_request_for_a_style_sheet_does_not_consume_the_message(app, writer, auth):
    end_sessions(app)
    writer.post("/create", data=TEXT)
    auth.login()
    writer.get("/static/style.css").close()
    assert "Continue editing" in writer.get("/").text


def test_nothing_is_autosaved_without_a_signed_session(app, client, writer):
    cookie = writer.get_cookie("session").value
    end_sessions(app)
    client.set_cookie("session", cookie[:-3] + "abc")
    assert client.post("/create", data=TEXT).headers["Location"] == "/auth/login"
    client.delete_cookie("session")
    assert client.post("/create", data=TEXT).headers["Location"] == "/auth/login"
    assert count(app) == 0


def test_nothing_is_autosaved_for_a_deleted_user(app, writer):
    with app.app_context():
        get_db().executescript("DELETE FROM post; DELETE FROM user WHERE id = 1")
    assert writer.post("/create", data=TEXT).headers["Location"] == "/auth/login"
    assert count(app) == 0


def test_other_endpoints_do_not_autosave(app, writer):
    end_sessions(app)
    assert writer.post("/1/delete", data=TEXT).headers["Location"] == "/auth/login"
    assert autosave(writer).headers["Location"] == "/auth/login"
    assert count(app) == 0


def test_autosaves_of_an_ended_session_are_limited(app, writer):
    throttled = create_app({"TESTING": True, "RATELIMIT_ENABLED": True})
    client = throttled.test_client()
    client.post("/auth/login", data={"username": "test", "password": "test"})
    end_sessions(app)
    for _ in range(30):
        client.post("/create", data=TEXT)
    response = client.post("/create", data=TEXT)
    assert response.status_code == 429
    assert "a sente" in response.text
    assert count(app) == 30


@pytest.mark.parametrize(
    ("moment", "expected"),
    (
        ("2026-11-20 14:03:59", "15:03"),
        ("2026-11-19 23:30:00", "00:30"),
        ("2026-11-19 14:03:00", "2026-11-19 15:03"),
    ),
)
def test_autosave_times_use_the_time_zone_of_the_blog(app, monkeypatch, moment, expected):
    class Clock(datetime):
        @classmethod
        def now(cls, zone):
            return cls(2026, 11, 20, 16, 0, tzinfo=zone)

    monkeypatch.setattr(autosave_views, "datetime", Clock)
    app.config["TIMEZONE"] = "Europe/Berlin"
    with app.app_context():
        assert autosave_views.when(datetime.fromisoformat(moment)) == expected


@pytest.mark.parametrize("query", ("", "?user=2"))
def test_script_is_told_that_its_user_is_logged_out(client, auth, query):
    if query:
        auth.login()
    answer = client.put(f"/unsaved/{KEY}{query}", data=TEXT, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["logged_in"]) == (401, False)
