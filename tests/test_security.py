import pytest

from flaskr import create_app
from flaskr.db import init_db


def forwarded(app):
    """The address, scheme and host that a request seems to come from."""

    @app.route("/seen")
    def seen():
        from flask import request

        return f"{request.remote_addr} {request.scheme} {request.host}"

    return app


@pytest.mark.parametrize(
    ("headers", "allowed"),
    (
        ({}, True),
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": ""}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}, False),
        ({"Origin": "http://localhost"}, True),
        ({"Origin": "http://LOCALHOST"}, True),
        ({"Origin": "http://localhost:8080"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://["}, False),
    ),
)
def test_forms_of_other_sites_are_refused(client, auth, headers, allowed):
    auth.login()
    response = client.post("/create", data={"title": "x", "body": "typed"}, headers=headers)
    assert response.status_code == (302 if allowed else 403)
    if not allowed:
        assert "nothing was changed" in response.text
        assert "typed" in response.text


def test_reading_is_free_from_everywhere(client):
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("path", ("/", "/nothing", "/hello", "/static/style.css"))
def test_every_answer_tells_the_browser_to_be_careful(client, path):
    response = client.get(path)
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in response.headers
    response.close()


def test_over_https_the_browser_is_told_to_stay_there(client):
    response = client.get("/", base_url="https://localhost")
    assert response.headers["Strict-Transport-Security"] == "max-age=31536000"


def test_no_page_has_anything_inline(client, auth):
    auth.login()
    for path in ("/", "/1", "/create", "/1/update", "/auth/login", "/auth/register", "/no"):
        page = client.get(path).text
        for inline in ("<style", "style=", "javascript:", " onclick", " onload"):
            assert inline not in page
        # Data are no script.
        scripts = page.count("<script") - page.count('<script type="application/ld+json">')
        assert scripts == page.count("<script src=")


HEADERS = {"X-Forwarded-For": "192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "blog"}


@pytest.mark.parametrize(
    ("proxies", "seen"),
    (
        ("", "127.0.0.1 http localhost"),
        (0, "127.0.0.1 http localhost"),
        (1, "192.0.2.7 https blog"),
        ("1", "192.0.2.7 https blog"),
        ("127.0.0.1", "192.0.2.7 https blog"),
        ("10.0.0.0/8, 127.0.0.0/8", "192.0.2.7 https blog"),
        ("10.0.0.0/8", "127.0.0.1 http localhost"),
    ),
)
def test_forwarded_headers_are_believed_from_named_proxies_alone(proxies, seen):
    app = forwarded(create_app({"TESTING": True, "TRUSTED_PROXIES": proxies}))
    with app.app_context():
        init_db()
    assert app.test_client().get("/seen", headers=HEADERS).text == seen


def test_what_has_no_address_is_no_proxy():
    app = forwarded(create_app({"TESTING": True, "TRUSTED_PROXIES": "127.0.0.1"}))
    with app.app_context():
        init_db()
    answer = app.test_client().get("/seen", headers=HEADERS, environ_base={"REMOTE_ADDR": ""})
    assert answer.text == " http localhost"


def test_an_unknown_proxy_is_logged_once(client, caplog):
    for _ in range(3):
        client.get("/", headers=HEADERS)
    assert caplog.text.count("TRUSTED_PROXIES is empty") == 1
