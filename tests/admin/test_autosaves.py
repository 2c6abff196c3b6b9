import re
from datetime import datetime

import pytest

from flaskr import create_app
from flaskr import errors
from flaskr.db import get_db
from flaskr.models import autosaves
from flaskr.models import posts
from flaskr.web import template_dates

from ..databases import ago

KEY = "a-key-of-a-form-1"
OTHER = "a-key-of-a-form-2"
TEXT = {"title": "Half", "body": "a sente", "base": "before"}
LOGGED_OUT = "You were logged out. Your text is autosaved."


@pytest.fixture
def writer(client, auth):
    auth.login()
    return client


def autosave(client, key=KEY, query="?post=1", **fields):
    """Send the form of the published post, which is saved privately."""
    return client.put(f"/unsaved/{key}{query}", data={**TEXT, **fields})


def quiet_line(client, path):
    """Return the line above the editor about texts that are not in the post."""
    page = client.get(path).text
    line = page.partition('<div class="pending"')[2].partition("</div>")[0]
    return " ".join(re.sub("<[^>]*>", " ", line.partition(">")[2]).split())


def field(page, name):
    """Return the value of a hidden field."""
    return re.search(f'name="{name}" value="([^"]*)"', page)[1]


def keep(app, key=KEY, user_id=1, **options):
    """Store an autosave, of a new post by default."""
    with app.app_context():
        autosaves.save(user_id, key, {"title": "Half", "body": "a sente"}, **options)


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


def test_full_disk_is_reported_and_logged(writer, monkeypatch, caplog):
    def fill(*_, **__):
        raise errors.Unavailable("The disk is full.")

    monkeypatch.setattr(autosaves, "save", fill)
    response = autosave(writer)
    assert (response.status_code, response.json) == (503, {"error": "The disk is full."})
    assert caplog.messages == [f"PUT /unsaved/{KEY}: The disk is full."]


def test_published_post_is_saved_privately(app, writer):
    answer = autosave(writer, summary="short").json
    pattern = r"Saved privately \d\d:\d\d\. Readers see the version of 2018-01-01 00:00\."
    assert re.fullmatch(pattern, answer["state"])
    assert (answer["status"], answer["post"], answer["base"]) == ("published", 1, "before")
    assert stored_fields(app) == {"title": "Half", "body": "a sente", "summary": "short"}
    with app.app_context():
        assert posts.get(1, None)["title"] == "test title"


def test_scheduled_post_is_saved_privately(app, writer):
    with app.app_context():
        get_db().executescript("UPDATE post SET created = '2999-01-01 00:00:00'")
    answer = autosave(writer).json
    assert answer["state"].endswith(" Scheduled: the version of 2999-01-01 00:00.")
    assert answer["status"] == "scheduled"


def test_form_without_changes_of_a_published_post_is_not_stored(app, writer):
    autosave(writer)
    answer = autosave(writer, title="test title", body="test\nbody").json
    assert answer["state"] == "Saved 2018-01-01 00:00."
    assert count(app) == 0


@pytest.mark.parametrize("method", ("PUT", "POST"))
def test_new_post_becomes_a_draft(app, writer, method):
    answer = writer.open(f"/unsaved/{KEY}", method=method, data=TEXT).json
    assert re.fullmatch(r"Saved \d\d:\d\d\.", answer["state"])
    assert (answer["status"], answer["url"]) == ("draft", "/2/update")
    assert (answer["publish_url"], answer["errors"]) == ("/2/publication", {})
    autosave(writer, query="", body="a sentence")
    with app.app_context():
        assert posts.get_stored(2)["body"] == "a sentence"
    assert "Half" in writer.get("/posts?show=drafts").text
    assert quiet_line(writer, "/2/update") == quiet_line(writer, "/create") == ""


def test_blank_new_post_is_not_stored(app, writer):
    answer = autosave(writer, query="", title="", body=" ").json
    assert (answer["status"], answer["url"], answer["state"]) == ("new", "/create", "")
    assert (count(app), count(app, "post")) == (0, 1)


def test_untitled_draft_is_listed_with_its_beginning(writer):
    autosave(writer, query="", title="", body="Once\nupon <a> time")
    page = writer.get("/posts?show=drafts").text
    assert '<q class="opening" dir="auto">Once upon &lt;a&gt; time</q>' in page


def test_explicit_save_is_a_version_of_its_own(app, writer):
    for text in ("one", "one two", "one two three"):
        autosave(writer, query="", body=text)
    assert count(app, "revision") == 1
    for text in ("one", "one two", "one two three"):
        autosave(writer, query="?explicit=1", body=text)
    assert count(app, "revision") == 3


def test_changes_of_others_are_merged_into_the_answer(writer):
    base = autosave(writer, query="", body="one\n\ntwo", base="").json["base"]
    autosave(writer, OTHER, "?post=2", body="ONE\n\ntwo", base=base)
    answer = autosave(writer, query="?post=2", body="one\r\n\r\nTWO", base=base).json
    assert answer["merged"] == {"title": "Half", "body": "ONE\n\nTWO"}
    answer = autosave(writer, query="?post=2", body="ONE\r\n\r\nTWO!", base=answer["base"]).json
    assert "merged" not in answer


def test_conflict_is_answered_and_offered_later(app, writer):
    base = autosave(writer, query="", body="one", base="").json["base"]
    theirs = autosave(writer, OTHER, "?post=2", body="theirs", base=base).json["base"]
    response = autosave(writer, query="?post=2", body="mine", base=base)
    assert response.status_code == 409
    assert response.json["conflict"]["theirs"]["revision"] == int(theirs)
    assert "while you were writing" in response.json["error"]
    assert stored_fields(app)["body"] == "mine"
    assert quiet_line(writer, "/2/update").startswith("Unsaved changes from ")
    assert "mine</textarea>" in writer.get("/2/update").text


def test_fields_that_cannot_be_stored_are_explained(app, writer):
    fields = {"created": "soon", "part": "x", "address": "No Slug"}
    answer = autosave(writer, query="", **fields).json
    assert set(answer["errors"]) == set(fields)
    assert answer["errors"]["created"] == "Date cannot be read. Write it like 2026-11-21T09:00."
    assert count(app, "post") == 2
    assert 'value="No Slug"' in writer.get("/2/update").text


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


@pytest.mark.parametrize(
    ("query", "status"), (("?post=99", 404), (f"?post={10**30}", 404), ("?post=2", 403))
)
def test_text_of_a_post_that_cannot_be_edited_is_kept(app, writer, query, status):
    with app.app_context():
        posts.create(author_id=2, title="Theirs", body="")
    response = autosave(writer, query=query)
    assert response.status_code == status
    assert stored_fields(app)["body"] == "a sente"


def test_nasty_characters_are_stored(app, writer):
    autosave(writer, query="", title="a\0b <b>", body="\0 \u202e <script>")
    assert "<script> " not in writer.get("/posts?show=drafts").text
    with app.app_context():
        assert posts.get_stored(2)["title"] == "ab <b>"


@pytest.mark.parametrize("age", ("7200", "-5", "9" * 30, "x"))
def test_autosave_accepts_any_age(app, writer, age):
    assert autosave(writer, query=f"?post=1&age={age}").status_code == 200
    assert stored_fields(app)["body"] == "a sente"


def test_opening_a_post_shows_its_newest_text(writer):
    assert quiet_line(writer, "/1/update") == ""
    autosave(writer, body="</textarea><b>")
    page = writer.get("/1/update").text
    for words in ("Half</textarea>", "&lt;/textarea&gt;&lt;b&gt;", "Saved privately "):
        assert words in page
    assert (field(page, "base"), field(page, "restored").split(":")[0]) == ("before", KEY)
    assert field(page, "key") != KEY
    line = r"Unpublished changes from \d\d:\d\d Compare Discard"
    assert re.fullmatch(line, quiet_line(writer, "/1/update"))
    assert quiet_line(writer, "/create") == ""


def test_text_from_before_the_post_was_saved_is_only_offered(app, writer):
    autosave(writer)
    with app.app_context():
        get_db().executescript(f"UPDATE post SET updated = '{ago(hours=-1)}'")
    assert quiet_line(writer, "/1/update") == "1 other unsaved version Review"
    assert "a sente" not in writer.get("/1/update").text
    page = writer.get("/unsaved?post=1").text
    assert f'href="/1/update?unsaved={KEY}" dir="auto">Half</a>' in page


def test_other_texts_are_counted_on_one_line(app, writer):
    autosave(writer)
    autosave(writer, OTHER)
    autosave(writer, "a-key-of-a-form-3")
    assert quiet_line(writer, "/1/update").endswith(" Discard 2 other unsaved versions Review")
    keep(app, "a-key-of-a-form-4")
    assert quiet_line(writer, "/create") == "1 other unsaved version Review"


def test_page_lists_the_unsaved_texts_of_new_posts(app, writer):
    assert "There are no unsaved versions." in writer.get("/unsaved").text
    keep(app)
    page = writer.get("/unsaved").text
    for words in (f"/create?unsaved={KEY}", f"/unsaved/{KEY}", f"/unsaved/{KEY}/delete", "Half"):
        assert words in page


def test_text_of_a_form_that_lacks_fields_is_listed(writer):
    writer.put(f"/unsaved/{KEY}?post=1", data={"tags": "sea"})
    page = writer.get("/unsaved?post=1").text
    assert f"/unsaved/{KEY}" in page
    assert "Untitled" in page


@pytest.mark.parametrize(("post_id", "status"), ((99, 404), (10**30, 404), (2, 403)))
def test_page_of_a_post_that_cannot_be_edited_is_refused(app, writer, post_id, status):
    with app.app_context():
        posts.create(author_id=2, title="Theirs", body="")
    assert writer.get(f"/unsaved?post={post_id}").status_code == status


def test_first_save_replaces_the_text_that_the_form_was_filled_from(app, writer):
    autosave(writer)
    restored = field(writer.get("/1/update").text, "restored")
    autosave(writer, OTHER, body="a sentence", restored=restored)
    assert stored_fields(app) is None
    assert stored_fields(app, OTHER) == {"title": "Half", "body": "a sentence"}


def test_saving_the_form_deletes_the_text_that_it_was_filled_from(app, writer):
    autosave(writer)
    restored = field(writer.get("/1/update").text, "restored")
    writer.post("/1/update", data={"title": "Half", "body": "a sentence", "restored": restored})
    assert count(app) == 0


@pytest.mark.parametrize("path", ("/create", "/1/update"))
def test_missing_autosave_leaves_the_form_unchanged(client, auth, path):
    auth.login("other", "other")
    client.post("/create", data=TEXT)
    autosave(client, query="?post=2", body="a secret")
    auth.login()
    assert "a secret" not in client.get(f"{path}?unsaved={KEY}").text
    assert client.get(f"{path}?unsaved=%00").status_code == 200


def test_autosave_is_only_restored_for_its_own_post(app, writer):
    writer.post("/create", data={"title": "second", "body": ""})
    autosave(writer)
    assert "a sente" not in writer.get(f"/2/update?unsaved={KEY}").text
    assert "a sente" in writer.get(f"/create?unsaved={KEY}").text


def test_form_with_an_error_keeps_its_key_and_base(writer):
    page = writer.post("/1/update", data={"title": "", "key": KEY, "base": "before"}).text
    assert f'name="key" value="{KEY}"' in page
    assert 'name="base" value="before"' in page


@pytest.mark.parametrize("path", ("/create", "/1/update"))
def test_saving_deletes_only_the_autosave_of_that_form(app, writer, path):
    autosave(writer)
    autosave(writer, OTHER)
    writer.post(path, data={"title": "", "body": "", "key": KEY})
    assert count(app) == 2
    writer.post(path, data={"title": "Whole", "body": "a sentence", "key": KEY})
    assert stored_fields(app) is None
    assert stored_fields(app, OTHER)


@pytest.mark.parametrize("path", ("/create", "/drafts"))
def test_submitted_form_is_stored_in_its_draft(app, writer, path):
    autosave(writer, query="")
    writer.post(path, data={"title": "Whole", "body": "a sentence", "key": KEY})
    assert (count(app, "post"), count(app)) == (2, 0)
    with app.app_context():
        assert posts.get_stored(2)["body"] == "a sentence"


def test_autosave_is_compared_with_its_post(writer):
    autosave(writer, title="test title", body="test\n<b>body</b>")
    page = writer.get(f"/unsaved/{KEY}").text
    assert "&lt;" in page.split("<ins>")[2]
    assert "<b>body" not in page
    assert "<h2>Title" not in page
    assert f"/1/update?unsaved={KEY}" in page


def test_comparison_says_if_nothing_differs(writer):
    autosave(writer, title="test title", body="test\nbody", summary="new")
    assert (
        "The title and text are the same as in the saved post."
        in writer.get(f"/unsaved/{KEY}").text
    )


def test_autosave_of_a_new_post_is_shown(app, writer):
    keep(app)
    page = writer.get(f"/unsaved/{KEY}").text
    assert "This text has not been saved yet." in page
    assert "a sente" in page
    assert "<ins>" not in page


def test_discarded_autosave_can_be_restored(app, writer):
    autosave(writer)
    assert writer.post(f"/unsaved/{KEY}/delete").headers["Location"] == "/1/update"
    page = writer.get("/1/update").text
    assert f'Discarded. <a href="/1/update?unsaved={KEY}">Undo</a>' in page
    assert "test title</textarea>" in page
    assert quiet_line(writer, "/1/update") == ""
    assert "a sente" in writer.get(f"/1/update?unsaved={KEY}").text
    keep(app, OTHER)
    assert writer.post(f"/unsaved/{OTHER}/delete").headers["Location"] == "/create"


@pytest.mark.parametrize("method", ("GET", "POST"))
def test_autosaves_of_other_users_are_not_found(app, client, auth, method):
    keep(app)
    auth.login("other", "other")
    path = f"/unsaved/{KEY}" + ("/delete" if method == "POST" else "")
    assert client.open(path, method=method).status_code == 404
    assert "Half" not in client.get("/unsaved").text
    autosave(client, query="", title="Mine")
    assert stored_fields(app)["title"] == "Half"


def test_autosave_is_refused_after_another_user_logged_in(app, writer):
    assert autosave(writer, query="?post=1&user=2").headers["Location"] == "/auth/login"
    assert count(app) == 0
    assert autosave(writer, query="?post=1&user=1").status_code == 200


@pytest.mark.parametrize(
    ("method", "path"),
    (
        ("PUT", f"/unsaved/{KEY}"),
        ("POST", f"/unsaved/{KEY}"),
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
    assert quiet_line(writer, "/create") == ""


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
        get_db().executescript('DELETE FROM post; DELETE FROM "user" WHERE id = 1')
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

    monkeypatch.setattr(template_dates, "datetime", Clock)
    app.config["TIMEZONE"] = "Europe/Berlin"
    with app.app_context():
        assert template_dates.recent_time(datetime.fromisoformat(moment)) == expected


@pytest.mark.parametrize("query", ("", "?user=2"))
def test_script_is_told_that_its_user_is_logged_out(client, auth, query):
    if query:
        auth.login()
    answer = client.put(f"/unsaved/{KEY}{query}", data=TEXT, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["logged_in"]) == (401, False)
