from datetime import datetime

import pytest

from flaskr import create_app
from flaskr.admin import autosaves as pages_of_unsaved
from flaskr.db import get_db
from flaskr.models import autosaves
from flaskr.models import posts

KEY = "a-key-of-a-form-1"
TEXT = {"title": "Half", "body": "a sente", "base": "before"}
KEPT = "You were logged out. Your text is kept"


@pytest.fixture
def writer(client, auth):
    auth.login()
    return client


def keep(client, key=KEY, query="", **fields):
    return client.put(f"/unsaved/{key}{query}", data={**TEXT, **fields})


def kept(app, key=KEY, user_id=1):
    with app.app_context():
        row = autosaves.find(user_id, key)
        return autosaves.load_fields(row) if row else None


def end_sessions(app):
    with app.app_context():
        get_db().executescript("DELETE FROM session")


def count(app, table="unsaved"):
    with app.app_context():
        return get_db().execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def test_what_is_typed_is_kept_and_the_post_stays_as_it_is(app, writer):
    response = keep(writer, query="?post=1", summary="short")
    assert datetime.strptime(response.json["kept"], "%H:%M")
    assert kept(app) == {"title": "Half", "body": "a sente", "summary": "short"}
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
def test_what_cannot_be_kept_is_said_in_a_sentence(app, writer, key, body, status, sentence):
    response = keep(writer, key, body=body)
    assert (response.status_code, response.json) == (status, {"error": sentence})
    assert count(app) == 0


@pytest.mark.parametrize("age", ("7200", "-5", "9" * 30, "x"))
def test_a_text_bears_the_time_at_which_it_was_typed(app, writer, age):
    assert keep(writer, query=f"?age={age}").status_code == 200
    assert kept(app)["body"] == "a sente"


def test_unsaved_text_is_offered_on_return(writer):
    assert "Unsaved text" not in writer.get("/create").text
    keep(writer)
    page = writer.get("/create").text
    for words in ("Unsaved text from ", f"/create?unsaved={KEY}", f"/unsaved/{KEY}"):
        assert words in page
    assert "Unsaved text" not in writer.get("/1/update").text


def test_a_text_says_that_its_post_was_saved_since(writer):
    keep(writer, query="?post=1", base="0")
    assert "begun before" not in writer.get("/1/update").text
    writer.post("/1/update", data={"title": "Saved", "body": "in another tab"})
    assert ", begun before the post was last saved:" in writer.get("/1/update").text


def test_of_several_texts_each_is_offered_with_its_first_words(writer):
    keep(writer)
    assert '<q dir="auto">' not in writer.get("/create").text
    keep(writer, "a-key-of-a-form-2", title="", body="No title yet")
    page = writer.get("/create").text
    assert '<q dir="auto">Half</q>' in page
    assert '<q dir="auto">No title yet</q>' in page


def test_a_text_is_restored_into_the_form_that_goes_on_with_it(writer):
    keep(writer, query="?post=1", body="</textarea><b>")
    page = writer.get(f"/1/update?unsaved={KEY}").text
    for words in ("Half</textarea>", "&lt;/textarea&gt;&lt;b&gt;", "Restored from "):
        assert words in page
    assert f'name="key" value="{KEY}"' in page
    assert 'name="base" value="before"' in page
    assert "Unsaved text" not in page


@pytest.mark.parametrize("path", ("/create", "/1/update"))
def test_a_text_that_is_not_there_leaves_the_form_as_it_is(client, auth, path):
    auth.login("other", "other")
    keep(client)
    auth.login()
    assert "a sente" not in client.get(f"{path}?unsaved={KEY}").text
    assert client.get(f"{path}?unsaved=%00").status_code == 200


def test_a_text_is_restored_at_its_own_post_alone(app, writer):
    writer.post("/create", data={"title": "second", "body": ""})
    keep(writer, query="?post=1")
    assert "a sente" not in writer.get(f"/2/update?unsaved={KEY}").text
    assert "a sente" in writer.get(f"/create?unsaved={KEY}").text


def test_a_form_keeps_its_key_and_base_when_it_comes_back_with_an_error(writer):
    page = writer.post("/1/update", data={"title": "", "key": KEY, "base": "before"}).text
    assert f'name="key" value="{KEY}"' in page
    assert 'name="base" value="before"' in page


@pytest.mark.parametrize("path", ("/create", "/1/update"))
def test_saving_ends_the_unsaved_text_of_that_form_alone(app, writer, path):
    keep(writer, query="?post=1")
    keep(writer, "a-key-of-a-form-2", query="?post=1")
    writer.post(path, data={"title": "", "body": "", "key": KEY})
    assert count(app) == 2
    writer.post(path, data={"title": "Whole", "body": "a sentence", "key": KEY})
    assert kept(app) is None
    assert kept(app, "a-key-of-a-form-2")


def test_a_text_is_compared_with_its_post(writer):
    keep(writer, query="?post=1", title="test title", body="test\n<b>body</b>")
    page = writer.get(f"/unsaved/{KEY}").text
    assert "&lt;" in page.split("<ins>")[2]
    assert "<b>body" not in page
    assert "<h2>Title" not in page
    assert f"/1/update?unsaved={KEY}" in page


def test_a_text_that_differs_in_nothing_shown_says_so(writer):
    keep(writer, query="?post=1", title="test title", body="test\nbody", summary="new")
    assert "Title and text are the same." in writer.get(f"/unsaved/{KEY}").text


def test_a_text_that_was_never_saved_is_shown(writer):
    keep(writer)
    page = writer.get(f"/unsaved/{KEY}").text
    assert "It was never saved." in page
    assert "a sente" in page
    assert "<ins>" not in page


def test_a_text_is_discarded_and_had_back(writer):
    keep(writer)
    assert writer.post(f"/unsaved/{KEY}/delete").headers["Location"] == "/create"
    page = writer.get("/create").text
    assert f'Discarded. <a href="/create?unsaved={KEY}">Undo</a>' in page
    assert "Unsaved text" not in page
    assert "a sente" in writer.get(f"/create?unsaved={KEY}").text
    keep(writer, "a-key-of-a-form-2", query="?post=1")
    response = writer.post("/unsaved/a-key-of-a-form-2/delete")
    assert response.headers["Location"] == "/1/update"


@pytest.mark.parametrize("method", ("GET", "POST"))
def test_others_texts_are_not_found(app, client, auth, method):
    auth.login()
    keep(client)
    auth.login("other", "other")
    path = f"/unsaved/{KEY}" + ("/delete" if method == "POST" else "")
    assert client.open(path, method=method).status_code == 404
    assert "a sente" not in client.get("/unsaved").text
    keep(client, title="Mine")
    assert kept(app)["title"] == "Half"


def test_a_text_is_not_kept_for_whoever_logged_in_meanwhile(app, writer):
    assert keep(writer, query="?user=2").headers["Location"] == "/auth/login"
    assert count(app) == 0
    assert keep(writer, query="?user=1").status_code == 200


def test_the_bar_alone_can_be_asked_for(writer):
    keep(writer, query="?post=1")
    keep(writer, "a-key-of-a-form-2", query="?post=1")
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
def test_visitors_are_led_to_the_log_in(app, client, method, path):
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
def test_a_form_of_an_ended_session_is_kept_and_offered_after_logging_in(
    app, writer, auth, path, back
):
    end_sessions(app)
    response = writer.post(path, data={**TEXT, "key": KEY})
    assert response.headers["Location"] == "/auth/login"
    assert KEPT in writer.get("/auth/login").text
    auth.login()
    page = writer.get("/").text
    assert f'is kept. <a href="{back}?unsaved={KEY}">Go on with it</a>' in page
    assert "Go on with it" not in writer.get("/").text
    assert "a sente" in writer.get(f"{back}?unsaved={KEY}").text


def test_the_tutorials_form_is_kept_as_well(app, writer):
    end_sessions(app)
    response = writer.post("/create", data={"title": "Half", "body": "a sente"})
    assert response.headers["Location"] == "/auth/login"
    assert count(app) == 1
    assert count(app, "post") == 1


def test_a_kept_text_is_for_its_author_alone(app, writer, auth):
    end_sessions(app)
    writer.post("/create", data=TEXT)
    auth.login("other", "other")
    page = writer.get("/").text
    assert "is kept" not in page
    assert "Unsaved text" not in writer.get("/create").text


def test_a_style_sheet_does_not_take_the_word_of_welcome(app, writer, auth):
    end_sessions(app)
    writer.post("/create", data=TEXT)
    auth.login()
    writer.get("/static/style.css").close()
    assert "Go on with it" in writer.get("/").text


def test_without_a_validly_signed_session_nothing_is_kept(app, client, writer):
    cookie = writer.get_cookie("session").value
    end_sessions(app)
    client.set_cookie("session", cookie[:-3] + "abc")
    assert client.post("/create", data=TEXT).headers["Location"] == "/auth/login"
    client.delete_cookie("session")
    assert client.post("/create", data=TEXT).headers["Location"] == "/auth/login"
    assert count(app) == 0


def test_for_someone_who_is_gone_nothing_is_kept(app, writer):
    with app.app_context():
        get_db().executescript("DELETE FROM post; DELETE FROM user WHERE id = 1")
    assert writer.post("/create", data=TEXT).headers["Location"] == "/auth/login"
    assert count(app) == 0


def test_other_addresses_keep_nothing_of_an_ended_session(app, writer):
    end_sessions(app)
    assert writer.post("/1/delete", data=TEXT).headers["Location"] == "/auth/login"
    assert keep(writer).headers["Location"] == "/auth/login"
    assert count(app) == 0


def test_an_ended_session_cannot_fill_the_table(app, writer):
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
def test_times_are_those_of_the_blogs_zone(app, monkeypatch, moment, expected):
    class Clock(datetime):
        @classmethod
        def now(cls, zone):
            return cls(2026, 11, 20, 16, 0, tzinfo=zone)

    monkeypatch.setattr(pages_of_unsaved, "datetime", Clock)
    app.config["TIMEZONE"] = "Europe/Berlin"
    with app.app_context():
        assert pages_of_unsaved.when(datetime.fromisoformat(moment)) == expected


@pytest.mark.parametrize("query", ("", "?user=2"))
def test_a_script_is_told_that_nobody_or_someone_else_is_logged_in(client, auth, query):
    if query:
        auth.login()
    answer = client.put(f"/unsaved/{KEY}{query}", data=TEXT, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["logged_in"]) == (401, False)
