import pytest


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


@pytest.mark.parametrize(
    ("seconds", "scheme", "sent"),
    ((0, "https", None), (60, "http", None), (60, "https", "max-age=60")),
)
def test_browsers_are_told_to_stay_with_https_where_the_setting_says_so(app, seconds, scheme, sent):
    app.config["HSTS_SECONDS"] = seconds
    response = app.test_client().get("/", base_url=f"{scheme}://localhost")
    assert response.headers.get("Strict-Transport-Security") == sent
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_no_page_has_anything_inline(client, auth):
    auth.login()
    for path in ("/", "/1", "/create", "/1/update", "/auth/login", "/auth/register", "/no"):
        page = client.get(path).text
        for inline in ("<style", "style=", "javascript:", " onclick", " onload"):
            assert inline not in page
        # Data are no script.
        scripts = page.count("<script") - page.count('<script type="application/ld+json">')
        assert scripts == page.count("<script src=")
