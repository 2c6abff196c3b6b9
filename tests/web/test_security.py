import re

import pytest


def test_cross_site_get_is_allowed(client):
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


@pytest.mark.parametrize("path", ("/", "/nothing", "/hello", "/static/style.css"))
def test_every_response_has_security_headers(client, path):
    response = client.get(path)
    assert "unsafe" not in response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "strict-origin-when-cross-origin"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response.headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in response.headers
    response.close()


@pytest.mark.parametrize(
    ("seconds", "scheme", "sent"),
    ((0, "https", None), (60, "http", None), (60, "https", "max-age=60")),
)
def test_hsts_is_sent_if_configured(app, seconds, scheme, sent):
    app.config["HSTS_SECONDS"] = seconds
    response = app.test_client().get("/", base_url=f"{scheme}://localhost")
    assert response.headers.get("Strict-Transport-Security") == sent
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_pages_have_no_inline_scripts_or_styles(client, auth):
    auth.login()
    for path in ("/", "/1", "/create", "/1/update", "/auth/login", "/auth/register", "/no"):
        page = client.get(path).text
        for inline in ("<style", "style=", "javascript:", " onclick", " onload"):
            assert inline not in page
        # JSON-LD is data, not a script.
        scripts = page.count("<script") - page.count('<script type="application/ld+json">')
        assert scripts == page.count("<script src=")


def test_editor_allows_styles_with_a_nonce_that_is_used_once(client, auth):
    auth.login()
    nonces = set()
    for path in ("/create", "/create", "/1/update"):
        response = client.get(path)
        nonce = re.search(r'<link [^>]+ nonce="([\w-]{20,})">', response.text)[1]
        assert f"style-src 'self' 'nonce-{nonce}';" in response.headers["Content-Security-Policy"]
        nonces.add(nonce)
    assert len(nonces) == 3


def test_page_without_an_editor_allows_no_nonce(client, auth):
    auth.login()
    assert "nonce" not in client.get("/posts").headers["Content-Security-Policy"]
