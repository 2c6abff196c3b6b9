import re

import pytest
from flask import g
from flask import session

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import post_lists
from flaskr.models import users
from flaskr.web import security

from .databases import orphans


def register(client, username="ada", password="a long password", **options):
    data = {"username": username, "password": password, "setup": "right"}
    return client.post("/auth/register", data=data, **options)


def strict_app(**config):
    """Return an app with production settings."""
    app = create_app({"SETUP_TOKEN": "right", **config})
    with app.app_context():
        init_db()
    return app


def test_registration_stores_the_user_and_redirects_to_login(client, app):
    assert client.get("/auth/register").status_code == 200
    assert register(client, "a", "a").headers["Location"] == "/auth/login"
    with app.app_context():
        assert users.get_by_name("a")["role"] == "author"


def test_registering_logs_in_with_a_new_session(app, client):
    with client.session_transaction() as session:
        session["forged"] = "by somebody else"
    register(client, "a", "a")
    with client.session_transaction() as session:
        assert "forged" not in session
        assert session["token"]
    page = client.get("/auth/login", follow_redirects=True)
    assert page.request.path == "/"
    assert 'Your account is ready. <a href="/create">Write your first post</a>' in page.text


def test_first_owner_is_asked_to_write(empty_app):
    client = empty_app.test_client()
    register(client)
    page = client.get("/auth/login", follow_redirects=True).text
    assert "You&#39;re the owner of this blog." in page
    assert 'href="/create">Write your first post</a>' in page


def test_account_made_for_another_person_does_not_log_out(client, auth):
    auth.login()
    assert register(client, "a", "a").headers["Location"] == "/auth/login"
    page = client.get("/").text
    assert "The account is ready." in page
    assert 'title="Your account" dir="auto">test</a>' in page


@pytest.mark.parametrize(
    ("target", "location"),
    (("", "/"), ("/create", "/create"), ("//evil.example/", "/"), ("/auth/login", "/")),
)
def test_login_page_sends_on_whoever_is_logged_in(client, auth, target, location):
    auth.login()
    response = client.get("/auth/login", query_string={"next": target})
    assert response.headers["Location"] == location
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("username", "password", "message"),
    (
        ("", "", "Username is required."),
        ("a", "", "Password is required."),
        ("test", "test", "User test is already registered."),
        ("a/b", "test", "Username cannot contain /."),
        ("<script>", "", "Password is required."),
    ),
)
def test_registration_error_is_shown_beside_its_field_and_keeps_the_name(
    client, username, password, message
):
    response = register(client, username, password)
    assert response.status_code == 200
    assert message in response.text
    assert "<script>al" not in response.text
    assert 'aria-invalid="true"' in response.text
    assert username.replace("<", "&lt;").replace(">", "&gt;") in response.text


def test_missing_fields_count_as_empty(client):
    assert "Username is required." in client.post("/auth/register").text
    assert "Incorrect username." in client.post("/auth/login").text


def test_password_needs_eight_characters_outside_of_tests():
    client = strict_app().test_client()
    assert "at least 8 characters" in register(client, password="seven77").text
    assert register(client).headers["Location"] == "/auth/login"


def test_empty_blog_shows_a_welcome_and_its_first_account_is_the_owner(empty_app):
    client = empty_app.test_client()
    for address in ("/", "/auth/register"):
        assert "Create your account. You'll be the owner of this blog." in client.get(address).text
    register(client)
    assert "Create your account" not in client.get("/").text
    with empty_app.app_context():
        assert users.get_by_name("ada")["role"] == "owner"


def test_closed_registration_allows_only_the_first_account():
    client = strict_app(REGISTRATION="closed").test_client()
    assert register(client).headers["Location"] == "/auth/login"
    response = register(client, "second")
    assert (response.status_code, "Registration is closed." in response.text) == (403, True)
    assert "/auth/register" not in client.get("/auth/login").text
    assert client.get("/auth/register").status_code == 403


def test_login_starts_a_session_and_loads_the_user(client, auth):
    assert client.get("/auth/login").status_code == 200
    assert auth.login().headers["Location"] == "/"
    with client:
        client.get("/")
        assert session["user_id"] == 1
        assert g.user["username"] == "test"


@pytest.mark.parametrize(
    ("username", "password", "message"),
    (("a", "test", "Incorrect username."), ("test", "a", "Incorrect password.")),
)
def test_wrong_name_or_password_is_reported(auth, username, password, message):
    response = auth.login(username, password)
    assert message in response.text
    assert f'value="{username}"' in response.text


def test_logout_clears_the_session(client, auth):
    auth.login()
    with client:
        assert auth.logout().headers["Location"] == "/"
        assert "user_id" not in session


def test_logout_invalidates_every_copy_of_the_cookie(app, client, auth):
    auth.login()
    copy = client.get_cookie("session").value
    auth.logout()
    thief = app.test_client()
    thief.set_cookie("session", copy)
    assert "Log In" in thief.get("/").text


def test_logging_out_twice_is_harmless(auth):
    assert auth.logout().headers["Location"] == "/"


def test_session_with_only_the_id_is_valid_only_in_tests(client):
    with client.session_transaction() as cookie:
        cookie["user_id"] = 1
    assert "Log Out" in client.get("/").text
    strict = strict_app().test_client()
    register(strict)
    with strict.session_transaction() as cookie:
        cookie["user_id"] = 1
    assert "Log In" in strict.get("/").text


def test_token_is_only_valid_for_its_own_user(client, auth):
    auth.login()
    with client.session_transaction() as cookie:
        cookie["user_id"] = 2
    assert "Log In" in client.get("/").text


def test_each_login_starts_a_new_session(client, auth, app):
    auth.login()
    first = client.get_cookie("session").value
    auth.login()
    assert client.get_cookie("session").value != first
    with app.app_context():
        assert get_db().execute("SELECT count(*) FROM session").fetchone()[0] == 2


def test_session_cookie_is_http_only_and_secure_over_https(auth, client):
    plain = auth.login().headers["Set-Cookie"]
    assert "HttpOnly" in plain
    assert "SameSite=Lax" in plain
    assert "Secure" not in plain
    data = {"username": "test", "password": "test"}
    safe = client.post("/auth/login", data=data, base_url="https://localhost")
    assert "Secure" in safe.headers["Set-Cookie"]


def test_pages_renew_the_cookie_and_script_requests_do_not(client, auth):
    auth.login()
    with client.session_transaction() as session:
        session.permanent = True
    assert "Set-Cookie" in client.get("/", headers={"Accept": "text/html,*/*;q=0.8"}).headers
    assert "Set-Cookie" not in client.get("/unsaved", headers={"Accept": "*/*"}).headers


def test_cookies_signed_with_a_former_key_stay_valid(app, client, auth, monkeypatch):
    auth.login()
    cookie = client.get_cookie("session").value
    rotated = create_app(
        {
            "TESTING": True,
            "SECRET_KEY": "new",
            "SECRET_KEY_FALLBACKS": [app.secret_key],
            "DATABASE": app.config["DATABASE"],
        }
    ).test_client()
    rotated.set_cookie("session", cookie)
    assert "Log Out" in rotated.get("/").text


@pytest.mark.parametrize("path", ("/create", "/1/update", "/auth/password"))
def test_visitor_is_redirected_to_login_and_back(client, path):
    location = client.get(path).headers["Location"]
    assert location == f"/auth/login?next={path}"
    data = {"username": "test", "password": "test"}
    answer = client.post(location, data=data).headers["Location"]
    assert answer == ("/" if path.startswith("/auth") else path)


@pytest.mark.parametrize("path", ("/create", "/1/update", "/1/delete"))
def test_form_posted_by_a_visitor_redirects_to_exactly_the_login_page(client, path):
    assert client.post(path).headers["Location"] == "/auth/login"


@pytest.mark.parametrize(
    ("target", "location"),
    (
        ("/?before=2020-01-01T00:00:00~1", "/?before=2020-01-01T00:00:00~1"),
        ("/1", "/1"),
        ("", "/"),
        ("create", "/"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/\t/evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/1/delete", "/"),
        ("/auth/logout", "/"),
        ("/no/such/page", "/"),
        ("/\n/evil.example/", "/"),
        ("/nothing/", "/"),
        ("http://[", "/"),
    ),
)
def test_login_redirects_only_within_the_blog(client, target, location):
    response = client.post(
        "/auth/login", query_string={"next": target}, data={"username": "test", "password": "test"}
    )
    assert response.headers["Location"] == location


def test_changing_the_password_logs_out_other_sessions(app, client, auth):
    elsewhere = app.test_client()
    elsewhere.post("/auth/login", data={"username": "test", "password": "test"})
    auth.login()
    assert client.get("/auth/password").status_code == 200
    wrong = client.post("/auth/password", data={"old_password": "x", "password": "new"})
    assert "Incorrect password." in wrong.text
    right = client.post("/auth/password", data={"old_password": "test", "password": "new"})
    assert right.headers["Location"] == "/"
    assert "Your password is changed." in client.get("/").text
    assert "Log In" in elsewhere.get("/").text


def test_user_name_is_limited_after_ten_wrong_passwords(app):
    app.config["RATELIMIT_ENABLED"] = True
    client = app.test_client()
    for number in range(10):
        data = {"username": ("test", "TEST", " Test")[number % 3], "password": "wrong"}
        client.post("/auth/login", data=data)
    response = client.post("/auth/login", data={"username": "test", "password": "test"})
    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 900
    assert re.search(r"Try again in \d+ minutes", response.text)
    assert (
        client.post("/auth/login", data={"username": "other", "password": "other"}).location == "/"
    )


def test_address_is_limited_across_user_names(app):
    app.config["RATELIMIT_ENABLED"] = True
    client = app.test_client()
    for number in range(30):
        client.post("/auth/login", data={"username": f"name{number}", "password": "x" * 2000})
    assert client.post("/auth/login", data={"username": "test"}).status_code == 429
    elsewhere = {"REMOTE_ADDR": "192.0.2.1"}
    data = {"username": "test", "password": "test"}
    assert client.post("/auth/login", data=data, environ_base=elsewhere).status_code == 302


def test_successful_logins_are_not_limited(app):
    app.config["RATELIMIT_ENABLED"] = True
    for number in range(12):
        client = app.test_client()
        data = {"username": "test", "password": "test"}
        where = {"REMOTE_ADDR": f"192.0.2.{number}"}
        assert client.post("/auth/login", data=data, environ_base=where).location == "/"


def test_registrations_from_one_address_are_limited(app):
    app.config["RATELIMIT_ENABLED"] = True
    client = app.test_client()
    answers = [register(client, f"name{number}", "").status_code for number in range(11)]
    assert answers == [200] * 10 + [429]


@pytest.mark.parametrize(
    ("address", "counted"),
    (
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8::1:2:3:4", "2001:db8::/64"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("", ""),
        ("unix:", "unix:"),
    ),
)
def test_visitors_are_counted_by_address_or_network(app, address, counted):
    with app.test_request_context(environ_base={"REMOTE_ADDR": address}):
        assert security.client_network() == counted


def test_blog_without_an_owner_tells_users_how_to_name_one(client, auth):
    auth.login()
    assert "flaskr user role test owner" in client.get("/create").text


def test_owner_is_told_that_registration_is_open(app, client, auth, browse):
    with app.app_context():
        users.set_role("test", "owner")
    auth.login()
    for path in ("/", "/create", "/1"):
        page = browse(path)
        assert 'write here. <a href="/settings#registration">Settings</a>' in page
    app.config["REGISTRATION"] = "closed"
    assert "Anyone can register" not in client.get("/").text


def test_login_deletes_expired_sessions(app, auth, used_daily):
    auth.login()
    with app.app_context():
        get_db().execute("UPDATE session SET last_seen = '2001-01-01 00:00:00'")
        get_db().commit()
    auth.login()
    with app.app_context():
        assert get_db().execute("SELECT count(*) FROM session").fetchone()[0] == 1


def test_passwords_and_tokens_are_not_logged(client, auth, caplog):
    caplog.set_level(0)
    auth.login("test", "a-secret-password")
    auth.login()
    client.get("/")
    assert "secret" not in caplog.text
    assert client.get_cookie("session").value not in caplog.text


@orphans
def test_posts_of_a_deleted_user_are_still_shown(app, client):
    with app.app_context():
        get_db().execute("PRAGMA foreign_keys = OFF")
        get_db().execute('DELETE FROM "user" WHERE id = 1')
        get_db().commit()
        assert post_lists.newest().posts[0]["username"] == "someone"
    assert "by someone on 2018-01-01" in client.get("/").text
    assert "by someone on 1 January 2018" in client.get("/1").text
