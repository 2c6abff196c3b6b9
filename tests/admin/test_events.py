"""Pages that are open learn of changes, but only of those that their user may see."""

import json

import pytest

from flaskr.db import get_db
from flaskr.models import live_changes
from flaskr.models import posts
from flaskr.models import sessions
from flaskr.models import tokens
from flaskr.models import users
from flaskr.models.permissions import SYSTEM
from flaskr.site_import import background
from flaskr.web import live_events

from ..databases import ago

FORM = "k" * 20
SOON = "2999-01-01 00:00:00"


class Listening:
    """A page that has connected."""

    def __init__(self, app, answer, offer):
        self.answer, self._app, self._listener = answer, app, offer.listener
        if offer.listener:
            start, *self.first = parse(offer.listener.first)
            assert start == ("start", {})

    def poll(self):
        """Return the events since the last call, or None at the end."""
        with self._app.app_context():
            found = self._listener.poll()
        return None if found is None else parse(found)


def parse(text):
    """Return the name and data of each event."""
    blocks = [
        dict(line.split(": ", 1) for line in block.splitlines())
        for block in text.decode().split("\n\n")
    ]
    return [(block["event"], json.loads(block["data"])) for block in blocks if "event" in block]


@pytest.fixture
def connect(app, writer):
    """Connects a page of the first author to a server that can stream events."""

    def connect(query="", client=writer, **headers):
        offer = live_events.Offer(lambda user_id: True)
        answer = client.get(
            f"/api/v1/events{query}",
            headers=headers,
            environ_overrides={live_events.OFFER: offer},
        )
        return Listening(app, answer, offer)

    return connect


@pytest.fixture
def change(app):
    """Changes the database by SQL."""

    def change(query, *values):
        with app.app_context():
            get_db().execute(query, values)
            get_db().commit()

    return change


def save(app, post, form="", **fields):
    with app.app_context():
        user = users.find(1)
        posts.update(post, user, **{"title": "A title", "body": "new", "form": form, **fields})


def test_visitors_and_other_servers_get_no_stream(client, auth):
    assert client.get("/api/v1/events").status_code == 401
    auth.login()
    answer = client.get("/api/v1/events")
    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.fixture
def program(app):
    """Makes the header with a token of the first author."""

    def program(*scopes):
        with app.app_context():
            secret = tokens.create(users.find(1), name="Program", scopes=scopes)
        return {"Authorization": f"Bearer {secret}"}

    return program


def test_program_gets_events_until_its_token_is_revoked(app, client, connect, change, program):
    page = connect(client=client, **program("read"))
    assert page.answer.status_code == 200
    change("INSERT INTO post (author_id, title, body) VALUES (1, 'New', '')")
    assert [name for name, _ in page.poll()] == ["posts"]
    change("DELETE FROM token")
    assert page.poll() is None


def test_program_is_told_why_it_gets_no_events(client, program):
    lacking = client.get("/api/v1/events", headers=program("write", "settings"))
    assert (lacking.status_code, lacking.json["status"]) == (403, 403)
    assert "scope read" in lacking.json["detail"]
    other_server = client.get("/api/v1/events", headers=program("read"))
    assert other_server.status_code == 501
    assert "flaskr serve" in other_server.json["detail"]


def test_browser_asks_for_no_password_when_its_login_has_ended(client):
    answer = client.get("/api/v1/events")
    assert answer.json["detail"] == "Log in, or send a token with the scope read."
    assert [value.partition(" ")[0] for value in answer.headers.getlist("WWW-Authenticate")] == [
        "Bearer"
    ]


def test_stream_is_not_stored_or_buffered(connect):
    page = connect()
    assert page.answer.status_code == 200
    assert page.answer.mimetype == "text/event-stream"
    assert page.answer.headers["Cache-Control"] == "no-store"
    assert page.answer.headers["X-Accel-Buffering"] == "no"
    assert page.first == page.poll() == []


def test_too_many_streams_are_refused(writer):
    offer = live_events.Offer(lambda user_id: False)
    answer = writer.get("/api/v1/events", environ_overrides={live_events.OFFER: offer})
    assert answer.status_code == 429
    assert offer.listener is None


def test_request_for_the_headers_opens_no_stream(writer):
    offer = live_events.Offer(lambda user_id: True)
    answer = writer.head("/api/v1/events", environ_overrides={live_events.OFFER: offer})
    assert answer.status_code == 204
    assert offer.listener is None


def test_editor_learns_of_saves_by_other_forms(app, connect, write):
    post = write()
    page = connect(f"?post={post}&form={FORM}")
    save(app, post, FORM)
    assert "post" not in dict(page.poll())
    save(app, post, body="newer")
    name, data = page.poll()[-1]
    assert name == "post"
    assert (data["id"], data["editor"], data["is_own"]) == (post, "test", True)
    assert data["saved"].endswith("Z")
    assert page.poll() == []
    assert connect(f"?post={post}&form={FORM}").first == [("post", data)]
    assert connect(f"?post={post}&form=other").first == [("post", data)]


def test_list_learns_of_new_changed_and_deleted_posts(app, connect, write, change):
    page = connect()
    post = write()
    assert page.poll() == [("posts", {"changed": [post], "published": []})]
    change("UPDATE post SET title = 'By SQL' WHERE id = ?", post)
    assert page.poll() == [("posts", {"changed": [post], "published": []})]
    change("DELETE FROM post WHERE id = ?", post)
    assert page.poll() == [("posts", {"changed": [post], "published": []})]


def test_scheduled_post_that_comes_out_is_announced(connect, write, change):
    post = write(created=SOON)
    page = connect()
    change("UPDATE post SET created = '2020-01-01 00:00:00' WHERE id = ?", post)
    assert page.poll() == [("posts", {"changed": [post], "published": [post]})]


def test_author_learns_nothing_about_posts_of_others(app, connect, write):
    with app.app_context():
        draft = posts.create(author_id=2, user=SYSTEM, title="Secret", body="", status="draft")
    page = connect(f"?post={draft}")
    with app.app_context():
        posts.update(draft, users.find(2), title="Secret", body="more")
        posts.create(author_id=2, title="Public", body="more")
    assert page.first == page.poll() == []


def test_owner_learns_of_the_posts_of_everybody(app, connect, change):
    change("UPDATE \"user\" SET role = 'owner' WHERE id = 1")
    page = connect()
    with app.app_context():
        post = posts.create(author_id=2, title="Draft", body="", status="draft")
    assert page.poll() == [("posts", {"changed": [post], "published": []})]


def test_page_that_connects_again_learns_that_something_changed(connect, write):
    connected = connect()
    unknown = [("posts", {"changed": [], "published": []})]
    assert connect(**{"Last-Event-ID": "0" * 16}).first == unknown
    assert connect(f"?since={'f' * 16}").first == unknown
    assert connect("?since=nonsense&post=10000000000000000000000").first == []
    assert connected.first == []


def test_end_of_the_session_ends_the_stream(app, connect):
    page = connect()
    with app.app_context():
        sessions.end_all(1)
    assert page.poll() is None


def test_open_page_does_not_keep_the_session_alive(connect, change, app):
    change("UPDATE session SET last_seen = ?", ago(days=1))
    page = connect()
    change("UPDATE session SET last_seen = ?", ago(days=1))
    page.poll()
    with app.app_context():
        (row,) = get_db().execute("SELECT last_seen < ? FROM session", (ago(hours=1),))
        assert row[0]
    change("UPDATE session SET last_seen = ?", ago(days=90))
    assert page.poll() is None


def test_only_the_owner_learns_how_far_an_import_has_got(connect, change, monkeypatch):
    state = {"running": True, "phase": "Reading", "done": 1, "total": 2, "error": "secret"}
    author = connect()
    change("UPDATE \"user\" SET role = 'owner' WHERE id = 1")
    owner = connect()
    monkeypatch.setattr(background, "state", lambda: state)
    ((name, data),) = owner.poll()
    assert (name, data) == ("import", {key: state[key] for key in state if key != "error"})
    change("UPDATE \"user\" SET role = 'author' WHERE id = 1")
    assert "import" not in [name for name, _ in author.poll()]


def test_login_by_a_test_has_a_stream_too(app, client):
    with client.session_transaction() as session:
        session["user_id"] = 1
    offer = live_events.Offer(lambda user_id: True)
    client.get("/api/v1/events", environ_overrides={live_events.OFFER: offer})
    assert offer.listener.user_id == 1


def test_posts_are_read_from_indexes(context, plans):
    for user in (SYSTEM, users.find(1)):
        (plan,) = plans(lambda user=user: live_changes.read_posts(user))
        assert "SEARCH post USING INTEGER PRIMARY KEY" in plan
        assert "COVERING INDEX post_newest" in plan or "COVERING INDEX post_by_author" in plan
