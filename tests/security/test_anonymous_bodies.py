"""Test that long forms and names cannot overload the blog."""

import re
import time
import unicodedata
from io import BytesIO
from pathlib import Path

import pytest

import flaskr
from flaskr.db import get_db
from flaskr.text import names
from flaskr.text import normalization
from flaskr.web import security

LIMIT = security.MAX_ANONYMOUS_BODY_BYTES
FORM = "application/x-www-form-urlencoded"
ADDRESSES = (
    "/",
    "/auth/login",
    "/auth/register",
    "/auth/logout",
    "/create",
    "/1/update",
    "/1/delete",
    "/hello",
    "/media",
    "/no/such/page",
    "/static/style.css",
    "/unsaved/0123456789abcdef",
)
# Normalizing has to sort these combining marks.
MARKS = "\u0301\u0327" * 80_000


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("method", ("GET", "POST", "PUT", "DELETE", "OPTIONS"))
def test_long_anonymous_body_is_rejected_everywhere(client, address, method):
    answer = client.open(address, method=method, data=b"a=" + b"%41" * LIMIT, content_type=FORM)
    assert answer.status_code == 413
    assert "Too long" in answer.text
    answer.close()


@pytest.mark.parametrize("cookie", ("", "session=x", "session=eyJ1c2VyX2lkIjoxfQ.x.y; session=z"))
def test_forged_cookie_does_not_raise_the_limit(app, cookie):
    client = app.test_client(use_cookies=False)
    body = {"username": "a" * LIMIT}
    answer = client.post("/auth/login", data=body, headers={"Cookie": cookie})
    assert answer.status_code == 413
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/create", "HTTP_COOKIE": cookie}
    assert security.body_limit(app, environ) == LIMIT


def test_anonymous_body_of_unknown_length_is_cut_off(client):
    answer = client.post(
        "/auth/login",
        input_stream=BytesIO(b"username=" + b"a" * LIMIT),
        content_type=FORM,
        headers={"Transfer-Encoding": "chunked"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert answer.status_code == 413


@pytest.mark.parametrize("kind", (FORM, "multipart/form-data"))
def test_anonymous_form_with_many_fields_is_rejected(client, kind):
    fields = {f"field{number}": "x" for number in range(100)}
    answer = client.post("/auth/login", data=fields, content_type=kind)
    assert answer.status_code == 413


def test_cross_site_form_is_rejected_without_parsing(client):
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = client.post("/create", data="&" * 60_000, content_type=FORM, headers=headers)
    assert answer.status_code == 403


def test_author_may_send_long_text_but_not_many_fields(app, writer):
    body = "word " * 100_000
    assert writer.post("/create", data={"title": "Long", "body": body}).location == "/"
    with app.app_context():
        row = get_db().execute("SELECT body FROM post WHERE title = 'Long'").fetchone()
    assert row["body"] == body
    assert writer.post("/create", data="&" * 5000, content_type=FORM).status_code == 413


def test_long_text_of_an_ended_session_is_saved(app, writer):
    with app.app_context():
        get_db().executescript("DELETE FROM session")
    text = {"title": "Long", "body": "word " * 100_000, "key": "0123456789abcdef"}
    # A page in another tab deletes the cookie of the ended session.
    page = writer.get("/", headers={"Accept": "text/html"})
    assert any("session=;" in cookie for cookie in page.headers.getlist("Set-Cookie"))
    answer = writer.post("/create", data=text)
    assert answer.location == "/auth/login"
    writer.post("/auth/login", data={"username": "test", "password": "test"})
    assert "word word" in writer.get("/create?unsaved=0123456789abcdef").text


def test_body_limit_is_known_before_reading(app, writer):
    cookie = f"session={writer.get_cookie('session').value}"
    environ = {"REQUEST_METHOD": "POST", "PATH_INFO": "/create"}
    assert security.body_limit(app, environ) == LIMIT
    environ["HTTP_COOKIE"] = cookie
    assert security.body_limit(app, environ) == app.config["MAX_CONTENT_LENGTH"]
    environ["PATH_INFO"] = "/media"
    assert security.body_limit(app, environ) == security.max_upload_bytes(app)


def test_anonymous_logins_are_rate_limited_before_parsing(app):
    app.config["RATELIMIT_ENABLED"] = True
    client = app.test_client()
    for number in range(30):
        client.post("/auth/login", data={"username": f"name{number}"})
    answer = client.post("/auth/login", data="&" * 60_000, content_type=FORM)
    assert answer.status_code == 429


@pytest.mark.parametrize(
    ("address", "data"),
    (
        ("/auth/login", {"username": MARKS[:9_000], "password": "x"}),
        ("/auth/register", {"username": MARKS[:9_000], "password": "x"}),
        (f"/auth/login?next=/{MARKS[:9_000]}", {"username": "x", "password": "x"}),
    ),
)
def test_form_full_of_accents_is_fast(client, address, data):
    start = time.process_time()
    assert client.post(address, data=data).status_code == 200
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    "address",
    ("/user/{}", "/tag/{}", "/series/{}", "/{}", "/media/{}", "/search?q={}", "/media?q={}",
     "/posts?q={}", "/?before={}", "/unsaved?but={}", "/static/{}", "/tag/{}/feed.xml"),
)  # fmt: skip
def test_url_full_of_accents_is_fast(writer, address):
    start = time.process_time()
    answer = writer.get(address.format(MARKS[:9_000]))
    assert answer.status_code < 500
    assert time.process_time() - start < 5
    answer.close()


@pytest.mark.parametrize(
    ("address", "field"),
    (
        ("/create", "tags"),
        ("/create", "series"),
        ("/create", "address"),
        ("/create", "cover"),
        ("/create", "summary"),
        ("/account", "display_name"),
        ("/settings", "site_title"),
        ("/settings", "rel_me"),
        ("/settings", "menu_links"),
        ("/settings", "timezone"),
        ("/settings", "front_page"),
    ),
)
def test_author_field_full_of_accents_is_fast(app, writer, address, field):
    with app.app_context():
        get_db().executescript("UPDATE \"user\" SET role = 'owner' WHERE id = 1")
    start = time.process_time()
    answer = writer.post(address, data={"title": "x", "body": "", field: f"https://{MARKS}"})
    assert answer.status_code < 500
    assert time.process_time() - start < 5


def test_file_name_full_of_accents_is_fast(writer, draw):
    start = time.process_time()
    files = {"files": (BytesIO(draw()), f"{MARKS}.png")}
    assert writer.post("/media", data=files).status_code < 500
    assert time.process_time() - start < 5


def test_overlong_username_is_rejected(client):
    for name in ("a" * 257, MARKS[:10_000]):
        page = client.post("/auth/login", data={"username": name, "password": "x"})
        assert "Incorrect username." in page.text


@pytest.mark.parametrize("form", ("NFC", "NFD", "NFKC", "NFKD"))
@pytest.mark.parametrize("text", ("", "e\u0301" * 20, "\ufb01" * 500))
def test_short_texts_are_normalized_like_in_python(form, text):
    assert normalization.normalize(form, text) == unicodedata.normalize(form, text)


def test_no_other_module_normalizes():
    package = Path(flaskr.__file__).parent
    found = {
        path.name
        for path in package.rglob("*.py")
        if re.search(r"unicodedata\.normalize", path.read_text(encoding="utf-8"))
    }
    assert found == {"normalization.py"}
    assert not names.look_same("a" * 1000, "a" * 1000)
