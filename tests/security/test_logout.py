"""Test that subresources and links on other sites cannot log users out."""

import pytest

HERE = "http://localhost/1"


def is_logged_in(client):
    return "Log Out" in client.get("/").text


def fetch(site="", mode="", dest="", **others):
    headers = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest, **others}
    return {name: value for name, value in headers.items() if value}


@pytest.mark.parametrize(
    "headers",
    (
        fetch("same-origin", "no-cors", "image"),
        fetch("same-origin", "no-cors", "script"),
        fetch("same-origin", "cors", "empty"),
        fetch("same-origin", "navigate", "iframe"),
        fetch("same-origin", "navigate", "object"),
        fetch("cross-site", "navigate", "document"),
        fetch("same-site", "navigate", "document"),
        fetch("none", "navigate", "document", **{"Sec-Purpose": "prefetch;prerender"}),
        fetch("", "", "image"),
        fetch("cross-site"),
        fetch("same-site"),
    ),
)
def test_logout_without_a_click_asks_first(writer, headers):
    answer = writer.get("/auth/logout", headers=headers)
    assert answer.status_code == 200
    assert "Do you want to log out?" in answer.text
    assert is_logged_in(writer)
    assert writer.post("/auth/logout").location == "/"
    assert not is_logged_in(writer)


@pytest.mark.parametrize(
    "headers",
    (
        {},
        fetch("same-origin", "navigate", "document"),
        fetch("none", "navigate", "document"),
        fetch("", "", "document"),
        fetch("", "navigate", ""),
    ),
)
def test_own_link_logs_out(writer, headers):
    assert writer.get("/auth/logout", headers=headers).location == "/"
    assert not is_logged_in(writer)


@pytest.mark.parametrize(
    ("headers", "logs_out"),
    (
        ({}, False),
        ({"Referer": HERE, "Accept": "text/html,*/*;q=0.8"}, True),
        ({"Referer": HERE, "Accept": "image/webp,*/*"}, False),
        ({"Referer": HERE}, False),
        ({"Referer": "http://evil.example/", "Accept": "text/html"}, False),
        ({"Referer": "http://localhost.evil.example/", "Accept": "text/html"}, False),
        ({"Referer": "http://evil.example/http://localhost/", "Accept": "text/html"}, False),
        ({"Accept": "text/html"}, False),
        (fetch("same-origin", Accept="text/html"), False),
    ),
)
def test_browser_without_fetch_metadata_needs_a_referer(app, writer, headers, logs_out):
    app.testing = False
    answer = writer.get("/auth/logout", headers=headers)
    assert answer.status_code == (302 if logs_out else 200)
    assert is_logged_in(writer) != logs_out


@pytest.mark.parametrize("method", ("HEAD", "OPTIONS"))
def test_other_methods_do_not_log_out(writer, method):
    writer.open("/auth/logout", method=method)
    assert is_logged_in(writer)


@pytest.mark.parametrize("headers", ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}))
def test_cross_site_form_does_not_log_out(writer, headers):
    assert writer.post("/auth/logout", headers=headers).status_code == 403
    assert is_logged_in(writer)


def test_anonymous_logout_does_not_ask(client):
    answer = client.get("/auth/logout", headers=fetch("cross-site", "navigate", "document"))
    assert answer.location == "/"
