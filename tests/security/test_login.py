"""Test that password guessing is limited and locks out no known device."""

import re
from contextlib import ExitStack
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest

from flaskr.db import format_timestamp
from flaskr.db import get_db
from flaskr.models import users

from ..databases import dump

PAGE = {"Accept": "text/html"}


@pytest.fixture
def app(app):
    app.config["RATELIMIT_ENABLED"] = True
    return app


def log_in(client, password="test", *, username="test", address="127.0.0.1", **options):
    return client.post(
        "/auth/login",
        data={"username": username, "password": password},
        environ_base={"REMOTE_ADDR": address},
        **options,
    )


def rows(app, query):
    with app.app_context():
        return [tuple(row) for row in get_db().execute(query)]


def log_out(client):
    assert client.get("/auth/logout").location == "/"


def test_failed_logins_from_elsewhere_do_not_lock_users_out(app):
    for number in range(30):
        log_in(app.test_client(), "wrong", address="192.0.2.1")
        log_in(app.test_client(), "wrong", address=f"198.51.100.{number}")
    assert log_in(app.test_client(), address="192.0.2.1").status_code == 429
    assert log_in(app.test_client(), address="203.0.113.5").location == "/"


@pytest.mark.parametrize("address", ("127.0.0.1", "203.0.113.5"))
def test_known_device_is_never_locked_out(app, address):
    device = app.test_client()
    log_in(device)
    log_out(device)
    for number in range(101):
        log_in(app.test_client(), "wrong", address=address)
        log_in(app.test_client(), "wrong", address=f"198.51.100.{number}")
    assert log_in(app.test_client(), address="203.0.113.9").status_code == 429
    assert log_in(device, address=address).location == "/"


def test_guesses_from_a_known_device_are_limited(app):
    device = app.test_client()
    log_in(device)
    answers = [log_in(device, "wrong").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_device_is_known_only_for_its_users(app):
    device = app.test_client()
    log_in(device, "other", username="other")
    for _ in range(10):
        log_in(app.test_client(), "wrong")
    assert log_in(device).status_code == 429
    answers = {log_in(device, "x", username=f"name{number}").status_code for number in range(30)}
    assert 429 in answers


def test_two_users_can_share_a_device(app):
    device = app.test_client()
    for name in ("test", "other"):
        log_in(device, name, username=name)
        log_out(device)
    for name in ("test", "other"):
        for _ in range(11):
            log_in(app.test_client(), "wrong", username=name)
        assert log_in(device, name, username=name).location == "/"


@pytest.mark.parametrize("change", (lambda value: value[:-2], lambda value: "x", lambda value: ""))
def test_forged_device_is_unknown(app, change):
    device = app.test_client()
    log_in(device)
    value = device.get_cookie("session_device", path="/auth/login").value
    thief = app.test_client()
    thief.set_cookie("session_device", change(value), path="/auth/login")
    for _ in range(10):
        log_in(thief, "wrong")
    assert log_in(thief).status_code == 429


def test_device_cookie_is_limited_to_the_login_and_hidden_from_scripts(app):
    cookies = log_in(app.test_client(), base_url="https://localhost").headers.getlist("Set-Cookie")
    (cookie,) = (one for one in cookies if one.startswith("session_device="))
    for part in ("HttpOnly", "Secure", "SameSite=Lax", "Path=/auth/login;", "Max-Age="):
        assert part in f"{cookie};"


def test_password_hashing_is_limited(app, client):
    app.config["RATELIMIT_ENABLED"] = False
    with ExitStack() as others:
        for _ in range(users.MAX_CONCURRENT_HASHES):
            others.enter_context(users.limit_hashing())
        answer = log_in(client)
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "5")
        assert "Many people are logging in right now." in answer.text
        assert client.get("/").status_code == 200
    assert log_in(client).location == "/"


def test_wrong_clock_locks_no_user_out(app):
    for _ in range(11):
        log_in(app.test_client(), "wrong")
    ends = format_timestamp(datetime.now(UTC) + timedelta(days=4000))
    with app.app_context():
        get_db().execute("UPDATE throttle SET ends = ?", (ends,))
        get_db().commit()
    assert log_in(app.test_client()).location == "/"
    assert rows(app, f"SELECT count(*) FROM throttle WHERE ends = '{ends}'") == [(0,)]


def test_session_last_seen_in_the_future_expires(app, client):
    log_in(client)
    with app.app_context():
        get_db().executescript("UPDATE session SET last_seen = '2099-01-01 00:00:00'")
    assert "Log Out" in client.get("/").text
    with app.app_context():
        get_db().executescript("UPDATE session SET last_seen = '2099-01-01 00:00:00'")
    log_in(app.test_client(), "other", username="other")
    assert rows(app, "SELECT count(*) FROM session WHERE last_seen > '2090-01-01'") == [(0,)]


@pytest.mark.parametrize(
    ("username", "logged"),
    (
        ("nobody", "nobody"),
        ('x" from 192.0.2.9', "x? from 192.0.2.9"),
        ("a\nFailed log-in from 192.0.2.9 as", "a?Failed log-in from 192.0.2.9 as"),
        ("\u202e\x1b[31m", "???31m"),
        ("y" * 5000, "y" * 64),
        ("ゆき", "ゆき"),
        ("", ""),
    ),
)
def test_failed_login_is_logged_on_a_single_line(app, caplog, username, logged):
    client = app.test_client()
    log_in(client, "a secret", username=username, address="2001:db8::7")
    (record,) = (one for one in caplog.records if "log-in" in one.getMessage())
    assert record.levelname == "WARNING"
    assert record.getMessage() == f'Failed log-in from 2001:db8::7 as "{logged}"'
    assert "secret" not in caplog.text


def test_failed_logins_with_many_names_are_logged(app, caplog):
    for number in range(31):
        log_in(app.test_client(), "wrong", username=f"name{number}", address="192.0.2.1")
    assert caplog.text.count("Failed log-in from 192.0.2.1 as ") == 31


def test_rate_limited_logins_are_logged_and_successful_ones_are_not(app, caplog):
    log_in(app.test_client(), address="192.0.2.1")
    assert "Failed" not in caplog.text
    for _ in range(12):
        log_in(app.test_client(), "wrong", address="unix:")
    assert caplog.text.count('Failed log-in from unknown as "test"') == 12


def ended(app, client):
    log_in(client)
    with app.app_context():
        get_db().executescript("DELETE FROM session")


def test_cookie_of_an_ended_session_is_deleted_once(app, client):
    ended(app, client)
    before = rows(app, "SELECT * FROM session")
    first = client.get("/", headers=PAGE).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in first} == {"session", "session_former"}
    assert client.get_cookie("session") is None
    for path in ("/", "/1", "/auth/login"):
        assert "Set-Cookie" not in client.get(path, headers=PAGE).headers
    assert rows(app, "SELECT * FROM session") == before == []


def test_script_and_cacheable_requests_keep_the_ended_session(app, client):
    ended(app, client)
    assert "Set-Cookie" not in client.get("/settings/site.webmanifest").headers
    assert "Set-Cookie" not in client.get("/unsaved", headers={"Accept": "*/*"}).headers
    assert client.get_cookie("session")


@pytest.mark.parametrize("value", ("x", "eyJ1c2VyX2lkIjoxfQ.aaaa.bbbb", '"', "x" * 3000))
def test_forged_cookie_is_deleted_once_without_a_write(app, client, value):
    client.get("/")
    with app.app_context():
        before = dump()
    client.set_cookie("session", value)
    (cookie,) = client.get("/", headers=PAGE).headers.getlist("Set-Cookie")
    assert re.match(r"session=;.*Max-Age=0", cookie)
    assert "Set-Cookie" not in client.get("/", headers=PAGE).headers
    with app.app_context():
        assert dump() == before


def test_login_and_logout_delete_the_former_user_cookie(app, client):
    for action in (log_in, log_out):
        ended(app, client)
        client.get("/", headers=PAGE)
        assert client.get_cookie("session_former")
        action(client)
        assert client.get_cookie("session_former") is None
