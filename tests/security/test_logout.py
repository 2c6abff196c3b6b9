"""Nobody is logged out by what a page loads, or by a link on another site."""

import pytest

HERE = "http://localhost/1"


@pytest.fixture
def writer(client, auth):
    auth.login()
    return client


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
def test_what_nobody_clicked_here_asks_first(writer, headers):
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
def test_a_link_of_ours_logs_out(writer, headers):
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
def test_outside_of_tests_a_browser_without_fetch_metadata_says_where_it_comes_from(
    app, writer, headers, logs_out
):
    app.testing = False
    answer = writer.get("/auth/logout", headers=headers)
    assert answer.status_code == (302 if logs_out else 200)
    assert is_logged_in(writer) != logs_out


@pytest.mark.parametrize("method", ("HEAD", "OPTIONS"))
def test_no_other_method_logs_out(writer, method):
    writer.open("/auth/logout", method=method)
    assert is_logged_in(writer)


@pytest.mark.parametrize("headers", ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}))
def test_another_site_s_form_logs_nobody_out(writer, headers):
    assert writer.post("/auth/logout", headers=headers).status_code == 403
    assert is_logged_in(writer)


def test_visitors_are_asked_nothing(client):
    answer = client.get("/auth/logout", headers=fetch("cross-site", "navigate", "document"))
    assert answer.location == "/"
