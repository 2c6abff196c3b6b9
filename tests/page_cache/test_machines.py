"""Two web machines with one PostgreSQL: each shows at once what the other has committed."""

from contextlib import closing
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from itertools import cycle

import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import postgres
from flaskr.models import posts
from flaskr.models.permissions import SYSTEM
from flaskr.page_cache import version
from flaskr.web import live_events
from flaskr.web.error_pages import MESSAGES

from ..benchmarks import freshness
from ..conftest import DATA
from ..databases import ago
from ..databases import content_version
from ..markup import Page

EMPTY = """
TRUNCATE "user", post, tag, session, throttle, unsaved RESTART IDENTITY CASCADE;
UPDATE content SET changed = '2020-01-01 00:00:00';
"""
KEY = "k" * 20
LOGIN = {"username": "ada", "password": "test"}


@pytest.fixture(scope="module")
def url(postgresql_server):
    """The address of an empty database."""
    with closing(postgresql_server.connect()) as db:
        db.execute("CREATE DATABASE machines")
    return postgresql_server.url("machines")


@pytest.fixture
def machines(url, tmp_path, monkeypatch):
    """Two applications that share a database and nothing else."""
    apps = []
    for name in ("first", "second"):
        monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(tmp_path / name))
        config = {"TESTING": True, "SECRET_KEY": "of both", "DATABASE": url, "PAGE_CACHE_MB": 1}
        apps.append(create_app(config))
    with apps[0].app_context():
        init_db()
        get_db().executescript(f"{EMPTY}{DATA}UPDATE \"user\" SET username = 'ada' WHERE id = 1")
        posts.update(1, SYSTEM, title="number 0", body="words", address="fresh", tags=["Fresh"])
    yield apps
    postgres.close_idle()


@pytest.fixture
def clients(machines):
    return [machine.test_client() for machine in machines]


@pytest.fixture
def administer(postgresql_server):
    """Runs a statement as the administrator of the server, and ends all connections."""

    def administer(statement):
        with closing(postgresql_server.connect()) as db:
            db.execute(statement)
            db.execute(
                """
                SELECT pg_terminate_backend(pid)
                FROM pg_stat_activity
                WHERE datname = 'machines'
                """
            )

    return administer


def share_session(clients):
    """Log in to the first machine, and go on with the second one."""
    clients[0].post("/auth/login", data=LOGIN)
    clients[1].set_cookie("session", clients[0].get_cookie("session").value)


def test_no_page_is_stale_while_both_machines_write(machines):
    clients = cycle([machine.test_client(use_cookies=False) for machine in machines])

    @contextmanager
    def asker():
        yield lambda path: next(clients).get(path).data

    def write(published):
        for machine in cycle(machines):
            if published.is_over:
                return
            with machine.app_context():
                title = f"number {published.number + 1}"
                posts.update(1, SYSTEM, title=title, body="words", tags=["Fresh"])
            published.number += 1

    published = freshness.Published()
    freshness.race(published, asker, write, 0.6)
    assert published.stale == []
    assert published.answers > freshness.READERS


def test_session_begins_and_ends_on_any_machine(clients):
    share_session(clients)
    assert "Log Out" in clients[1].get("/").text
    clients[1].post("/auth/logout")
    assert "Log Out" not in clients[0].get("/").text


def test_failed_logins_count_on_all_machines(machines, clients):
    for machine in machines:
        machine.config["RATELIMIT_ENABLED"] = True
    wrong = {**LOGIN, "password": "wrong"}
    statuses = [
        client.post("/auth/login", data=wrong).status_code for _ in range(20) for client in clients
    ]
    assert {*statuses} == {200, 429}
    assert statuses[-2:] == [429, 429]


def test_text_that_one_machine_has_autosaved_is_restored_by_the_other(clients):
    share_session(clients)
    text = {"title": "number 0", "body": "half a sente", "key": KEY}
    assert clients[0].put(f"/unsaved/{KEY}?post=1", data=text).status_code < 300
    assert "half a sente" in clients[1].get("/1/update").text


def test_post_that_one_machine_has_scheduled_ends_the_pages_of_the_other(machines, clients):
    clients[1].get("/")
    soon = ago(hours=-1)
    with machines[0].app_context():
        posts.create(author_id=1, title="Soon", body="", created=soon)
    watcher = version.VersionWatcher(machines[1].config["DATABASE"], use_wal_index=True)
    end = datetime.fromtimestamp(watcher.current().valid_until, UTC)
    watcher.close()
    assert f"{end:%Y-%m-%d %H:%M:%S}" == soon
    with machines[0].app_context():
        get_db().executescript("UPDATE post SET created = '2020-01-01' WHERE title = 'Soon'")
    assert "Soon" in clients[1].get("/").text


def test_open_page_learns_of_changes_on_another_machine(machines, clients):
    share_session(clients)
    offer = live_events.Offer(lambda user_id: True)
    clients[1].get("/api/v1/events", environ_overrides={live_events.OFFER: offer})
    watcher = version.VersionWatcher(machines[1].config["DATABASE"], use_wal_index=True)
    before = watcher.commit_marker()
    with machines[0].app_context():
        posts.create(author_id=1, title="New", body="")
    assert watcher.commit_marker() != before
    watcher.close()
    with machines[1].app_context():
        assert b"event: posts" in offer.listener.poll()


def test_pages_are_shown_after_all_connections_were_lost(machines, clients, administer):
    for number in range(3):
        for client in clients:
            assert client.get("/").status_code == 200
        administer("SELECT 1")
        with machines[number % 2].app_context():
            posts.update(1, SYSTEM, title=f"Title {number}", body="")
        administer("SELECT 1")
        for client in clients:
            assert f"Title {number}" in client.get("/").text


@pytest.mark.parametrize(
    ("begin", "end"),
    (
        ("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true"),
        # Such is a standby.
        (
            "SET default_transaction_read_only = on",
            "RESET default_transaction_read_only",
        ),
    ),
    ids=("stopped", "standby"),
)
def test_outage_is_a_sentence_and_never_a_page_from_memory(clients, administer, begin, end):
    share_session(clients)
    visitor = clients[0].application.test_client()
    assert visitor.get("/").status_code == 200
    administer(f"ALTER DATABASE machines {begin}")
    try:
        for client in (visitor, *clients):
            answer = client.get("/")
            sentence = "The database cannot be reached. Try again in a moment."
            if client is visitor:
                sentence = MESSAGES[503]
            assert (answer.status_code, Page(answer.text).texts("p.lead")) == (503, [sentence])
            answer = client.post("/create", data={"title": "Mine", "body": "typed"})
            assert answer.status_code == 503
            assert "typed</textarea>" in answer.text
    finally:
        administer(f"ALTER DATABASE machines {end}")
    assert [client.get("/").status_code for client in (visitor, *clients)] == [200] * 3


def test_page_is_dated_by_the_clock_of_the_database(machines, clients, monkeypatch):
    with machines[0].app_context():
        before = content_version()
        get_db().executescript(f"UPDATE content SET changed = '{ago(hours=-1)}'")
        assert content_version() == before
    later = (datetime.now(UTC) + timedelta(hours=2)).timestamp()
    monkeypatch.setattr(version.time, "time", lambda: later)
    # Another change may follow in the second of the last one.
    assert "Last-Modified" not in clients[0].get("/").headers
    with machines[0].app_context():
        get_db().executescript("UPDATE content SET changed = '2020-01-01'")
        posts.update(1, SYSTEM, title="Other", body="")
        get_db().executescript("UPDATE content SET changed = '2020-01-01'")
    assert "Last-Modified" in clients[0].get("/").headers
