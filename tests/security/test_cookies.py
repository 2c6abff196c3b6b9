"""Test that session cookies do not collide with those of other applications on a host."""

import copy
import re

import pytest
from flask import Flask
from flask import request
from flask import session

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db

from ..conftest import DATA

LOG_IN = {"username": "test", "password": "test"}
PAGE = {"Accept": "text/html"}


@pytest.fixture
def blog(tmp_path, monkeypatch, databases):
    """Create a blog without TESTING, with its own instance folder and key."""
    urls = {}

    def make(name="one", **settings):
        is_new = not (tmp_path / name).exists()
        if databases:
            urls[name] = urls.get(name) or databases.another()
            monkeypatch.setenv("FLASKR_DATABASE", urls[name])
        monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(tmp_path / name))
        blog = create_app({"RATELIMIT_ENABLED": False, **settings})
        with blog.app_context():
            init_db()
            if is_new:
                get_db().executescript(DATA)
        return blog

    return make


def is_logged_in(client):
    return "Log Out" in client.get("/", headers=PAGE).text


def cookies(client):
    """Return the names of the cookies that are sent with every page."""
    other = Flask("other")
    other.add_url_rule("/", view_func=lambda: list(request.cookies))
    return move(client, other).get("/").json


def move(client, app):
    """Return the same browser at another application on the host."""
    other = copy.copy(client)
    other.application = app
    return other


def test_two_blogs_on_one_host_keep_separate_sessions(blog):
    one = blog("one").test_client()
    two = move(one, blog("two"))
    for client in (one, two):
        client.post("/auth/login", data=LOG_IN)
    assert is_logged_in(one)
    assert is_logged_in(two)
    two.post("/auth/logout")
    assert not is_logged_in(two)
    assert is_logged_in(one)


def test_cookies_of_other_applications_are_kept(blog):
    other = Flask("other")
    other.secret_key = "of the other"

    @other.route("/")
    def count():
        session["count"] = session.get("count", 0) + 1
        return str(session["count"])

    there = other.test_client()
    there.get("/")
    here = move(there, blog())
    here.post("/auth/login", data=LOG_IN)
    here.post("/auth/logout")
    assert there.get("/").text == "2"


def test_upgrade_keeps_users_logged_in(blog):
    before = blog(SESSION_COOKIE_NAME="session").test_client()
    before.post("/auth/login", data=LOG_IN)
    after = move(before, blog())
    assert is_logged_in(after)
    assert cookies(after) != ["session"]
    assert len(cookies(after)) == 1
    assert is_logged_in(after)


def test_session_in_a_former_cookie_can_be_logged_out(blog):
    before = blog(SESSION_COOKIE_NAME="session").test_client()
    before.post("/auth/login", data=LOG_IN)
    after = move(before, blog())
    after.post("/auth/logout")
    assert cookies(after) == []
    assert not is_logged_in(after)


def test_script_requests_delete_no_cookie(blog):
    before = blog(SESSION_COOKIE_NAME="session").test_client()
    before.post("/auth/login", data=LOG_IN)
    after = move(before, blog())
    after.get("/unsaved", headers={"Accept": "*/*"})
    assert cookies(after) == ["session"]


def test_ended_session_in_a_former_cookie_is_deleted_and_remembered(blog):
    before = blog(SESSION_COOKIE_NAME="session").test_client()
    before.post("/auth/login", data=LOG_IN)
    app = blog()
    with app.app_context():
        get_db().executescript("DELETE FROM session")
    after = move(before, app)
    assert not is_logged_in(after)
    assert cookies(after) == [f"{app.config['SESSION_COOKIE_NAME']}_former"]
    assert "Set-Cookie" not in after.get("/", headers=PAGE).headers


def test_new_key_keeps_sessions_with_a_fallback_key(blog):
    before = blog(SECRET_KEY="former").test_client()
    before.post("/auth/login", data=LOG_IN)
    after = move(before, blog(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["former"]))
    assert is_logged_in(after)
    assert not is_logged_in(move(after, blog(SECRET_KEY="newest")))


def test_new_key_keeps_devices_with_a_fallback_key(blog):
    before = blog(SECRET_KEY="former").test_client()
    before.post("/auth/login", data=LOG_IN)
    before.post("/auth/logout")
    settings = {"SECRET_KEY": "new", "SECRET_KEY_FALLBACKS": ["former"], "RATELIMIT_ENABLED": True}
    after = move(before, blog(**settings))
    for _ in range(10):
        after.application.test_client().post("/auth/login", data=LOG_IN | {"password": "wrong"})
    assert after.application.test_client().post("/auth/login", data=LOG_IN).status_code == 429
    assert after.post("/auth/login", data=LOG_IN).location == "/"


@pytest.mark.parametrize("logs", ("in", "out"))
@pytest.mark.parametrize("settings", ({}, {"SECRET_KEY": "new", "SECRET_KEY_FALLBACKS": ["old"]}))
def test_former_user_cookie_is_deleted_under_every_name(blog, settings, logs):
    domain = {"SESSION_COOKIE_DOMAIN": "localhost"}
    before = blog(SECRET_KEY="old", **domain).test_client()
    before.post("/auth/login", data=LOG_IN)
    with before.application.app_context():
        get_db().executescript("DELETE FROM session")
    assert not is_logged_in(before)
    assert [name.endswith("_former") for name in cookies(before)] == [True]
    after = move(before, blog(**{"SECRET_KEY": "old", **domain, **settings}))
    after.post(f"/auth/log{logs}", data=LOG_IN)
    assert not any(name.endswith("_former") for name in cookies(after))


@pytest.mark.parametrize("value", ("", "x", "a.b.c", "é", '"', "x" * 5000))
def test_foreign_cookie_with_a_former_name_is_ignored(blog, value):
    client = blog().test_client(use_cookies=False)
    answer = client.get("/", headers={"Cookie": f"session={value}", **PAGE})
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_cookie_name_can_be_configured(blog):
    client = blog(SESSION_COOKIE_NAME="mine").test_client()
    client.post("/auth/login", data=LOG_IN)
    assert cookies(client) == ["mine"]


@pytest.mark.parametrize(
    ("settings", "path"),
    (
        ({}, "/"),
        ({"URL_PREFIX": "/blog"}, "/blog"),
        ({"URL_PREFIX": "/blog", "SESSION_COOKIE_PATH": "/"}, "/"),
    ),
)
def test_cookie_path_is_the_prefix(blog, settings, path):
    client = blog(**settings).test_client()
    prefix = settings.get("URL_PREFIX", "")
    answer = client.post(f"{prefix}/auth/login", data=LOG_IN)
    paths = {re.search("Path=([^;]*)", one)[1] for one in answer.headers.getlist("Set-Cookie")}
    assert paths == {path, f"{prefix}/auth/login"}


def test_cookie_has_the_default_name_under_testing(client, auth):
    auth.login()
    assert client.get_cookie("session") is not None
