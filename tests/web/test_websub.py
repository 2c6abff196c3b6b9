"""Feeds name a hub, which is told about every change once."""

import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from urllib.parse import parse_qsl
from xml.etree import ElementTree

import pytest

from flaskr import create_app
from flaskr.data_folder import locks
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models import websub as announcements
from flaskr.models.permissions import SYSTEM
from flaskr.page_cache.version import VersionWatcher
from flaskr.web import fetching
from flaskr.web import websub

ATOM = "{http://www.w3.org/2005/Atom}link"
SITE = "https://blog.example/notes"
HUB = "http://127.0.0.1/?key=secret"
KINDS = ("xml", "atom", "json")


@pytest.fixture
def app(app):
    app.config["SITE_URL"] = SITE
    with app.app_context():
        settings.change({"WEBSUB_HUB": HUB}, SYSTEM)
    return app


class Hub(ThreadingHTTPServer):
    """A hub that remembers the feeds it was told about, and answers with `status`."""

    status = 204

    def __init__(self):
        super().__init__(("127.0.0.1", 0), HubRequest)
        self.feeds = []

    def take(self):
        """Return the feeds since the last call, without the address of the blog."""
        feeds, self.feeds = self.feeds, []
        return [feed.removeprefix(SITE) for feed in feeds]


class HubRequest(BaseHTTPRequestHandler):
    def do_POST(self):
        form = dict(parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
        assert form["hub.mode"] == "publish"
        assert form["hub.topic"] == form["hub.url"]
        assert self.path == "/?key=secret"
        self.server.feeds.append(form["hub.url"])
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def hub(app, monkeypatch):
    """Run a hub on this machine, which counts as public, and which knows the blog."""
    with Hub() as server:
        monkeypatch.setitem(fetching.PORTS, "http", server.server_port)
        monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        assert websub.announce(app)
        assert server.take() == []
        yield server
        server.shutdown()
        thread.join()


def feeds(*paths):
    return [f"{path}feed.{kind}" for path in paths for kind in KINDS]


@pytest.mark.parametrize("path", ("/", "/user/test/"))
def test_feeds_name_the_hub_and_themselves(client, path):
    for kind in KINDS:
        answer = client.get(f"{path}feed.{kind}")
        url = f"{SITE}{path}feed.{kind}"
        assert answer.headers["Link"] == f'<{HUB}>; rel="hub", <{url}>; rel="self"'
        if kind == "json":
            assert answer.json["hubs"] == [{"type": "WebSub", "url": HUB}]
        else:
            links = ElementTree.fromstring(answer.data).iter(ATOM)  # noqa: S314  # our own
            found = {link.get("rel"): link.get("href") for link in links}
            assert (found["hub"], found["self"]) == (HUB, url)


def test_archives_and_blogs_without_an_address_name_no_hub(app, client):
    archive = client.get("/feed.json?before=2999-01-01T00:00:00~1")
    app.config["SITE_URL"] = ""
    for answer in (archive, client.get("/feed.json")):
        assert "Link" not in answer.headers
        assert "hubs" not in answer.json
    assert websub.announce(app)


def test_hub_is_told_once_about_each_change_of_a_post(app, hub, write):
    post = write(tags=["Sea"], series="Tides")
    assert websub.announce(app)
    assert hub.take() == feeds("/", "/tag/sea/", "/series/tides/", "/user/test/")
    for change in ({"body": "new"}, {"status": "draft"}, {"status": "published"}):
        with app.app_context():
            posts.update(post, SYSTEM, **{"title": "A title", "body": "new", **change})
        assert websub.announce(app)
        assert hub.take() == feeds("/", "/tag/sea/", "/series/tides/", "/user/test/")
    assert websub.announce(app)
    assert hub.take() == []


def test_hub_is_told_when_a_scheduled_post_comes_out(app, hub, write):
    post = write(created="2999-01-01 00:00:00")
    assert websub.announce(app)
    assert hub.take() == []
    with app.app_context():
        get_db().execute("UPDATE post SET created = '2020-01-01' WHERE id = ?", (post,))
        get_db().commit()
    assert websub.announce(app)
    assert hub.take() == feeds("/", "/user/test/")


def test_post_that_slides_into_the_newest_ones_is_not_announced(app, hub, write, monkeypatch):
    monkeypatch.setattr(announcements, "MAX_POSTS", 2)
    for day in (1, 2, 3):
        write(day=day, tags=[f"t{day}"])
    websub.announce(app)
    hub.take()
    with app.app_context():
        newest = posts.get_by_slug("a-title-3", SYSTEM)
        get_db().execute("DELETE FROM post WHERE id = ?", (newest["id"],))
        get_db().commit()
    assert websub.announce(app)
    assert hub.take() == feeds("/", "/tag/t3/", "/user/test/")


def test_hub_that_fails_is_told_later(app, hub, write, caplog):
    hub.status = 503
    write()
    assert not websub.announce(app)
    assert not websub.announce(app)
    assert len(hub.take()) == 1
    assert "127.0.0.1 failed: It answered with status 503. The next attempt is in 1 min" in (
        caplog.text
    )
    assert "secret" not in caplog.text
    hub.status = 202
    with app.app_context():
        get_db().execute("UPDATE websub SET retry = '2020-01-01 00:00:00'")
        get_db().commit()
    assert websub.announce(app)
    assert hub.take() == feeds("/", "/user/test/")
    with app.app_context():
        assert announcements.last_error(HUB) == ""


def test_hub_that_refuses_a_feed_is_not_asked_again(app, hub, write, caplog):
    hub.status = 404
    write()
    assert websub.announce(app)
    assert hub.take() == feeds("/", "/user/test/")
    assert "refused a changed feed: It answered with status 404." in caplog.text
    assert websub.announce(app)
    assert hub.take() == []


def test_hub_on_the_own_network_is_not_connected_to(app, write):
    websub.announce(app)
    write()
    assert not websub.announce(app)
    with app.app_context():
        assert announcements.last_error(HUB).endswith("its address is not public.")


def test_attempts_are_rarer_each_time_and_end(app, write):
    with app.app_context():
        announcements.find_change(HUB)
        write()
        states = announcements.find_change(HUB).states
        waits = [announcements.record_failure(HUB, states, "It is down.") for _ in range(12)]
        assert waits == [60, 120, 240, 480, 960, 1920, *[3600] * 5, 0]
        assert announcements.find_change(HUB) is None
        assert announcements.last_error(HUB) == "It is down."
        assert announcements.record_failure("http://new.example", {}, "It is down.") == 60


def test_one_of_several_processes_tells_the_hub(app, hub, write, instance_path):
    write()
    with locks.hold(instance_path / locks.WEBSUB_LOCK):
        assert not websub.announce(app)
    assert hub.take() == []


def test_check_follows_the_content_version(app, hub, write, caplog, monkeypatch):
    watcher = VersionWatcher(app.config["DATABASE"], use_wal_index=False)
    known = websub.check(app, watcher, None)
    write()
    version = websub.check(app, watcher, known)
    assert version != known
    assert len(hub.take()) == 6
    assert websub.check(app, watcher, version) is version
    hub.status = 500
    write()
    assert websub.check(app, watcher, version) is version
    monkeypatch.setattr(announcements, "is_waiting", lambda _: 1 / 0)
    assert websub.check(app, watcher, version) is version
    assert "The hub of the feeds could not be told about changes" in caplog.text
    watcher.close()


def test_each_process_starts_one_thread_with_its_first_request(app, monkeypatch):
    started = []
    monkeypatch.setattr(websub, "_run", started.append)
    served = create_app({"SITE_URL": SITE})
    for _ in range(2):
        served.test_client().get("/hello", base_url=SITE)
    assert started == [served]


def test_settings_page_says_why_the_hub_failed(app, writer, browse):
    with app.app_context():
        get_db().execute("UPDATE \"user\" SET role = 'owner' WHERE id = 1")
        get_db().commit()
        announcements.record_success(HUB, {}, "It answered with status 403.")
    page = browse("/settings")
    assert page.texts("p.notice")[-1].endswith("It answered with status 403.")
    assert "Enter its address" in page.texts("#websub_hub-hint")[0]
    app.config["SITE_URL"] = ""
    assert "first set SITE_URL" in browse("/settings").texts("#websub_hub-hint")[0]
