"""Test that cross-site forms are rejected with a helpful message."""

import pytest


@pytest.fixture
def post(client, auth):
    """Submit a form as a logged-in user with extra headers."""
    auth.login()

    def post(**options):
        return client.post("/create", data={"title": "x", "body": "typed"}, **options)

    return post


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
        ({"Origin": "http://localhost:80"}, True),
        ({"Origin": "http://localhost:8080"}, False),
        ({"Origin": "https://evil.example"}, False),
        ({"Origin": "http://localhost.evil.example"}, False),
        ({"Origin": "http://evil.example?localhost"}, False),
        ({"Origin": "null"}, False),
        ({"Origin": ""}, False),
        ({"Origin": "http://"}, False),
        ({"Origin": "://"}, False),
        ({"Origin": "http://["}, False),
    ),
)
def test_cross_site_forms_are_rejected(post, headers, allowed):
    response = post(headers=headers)
    assert response.status_code == (302 if allowed else 403)
    if not allowed:
        assert "nothing was changed" in response.text
        assert "typed" in response.text


@pytest.mark.parametrize(
    ("site_url", "origin", "allowed"),
    (
        ("http://blog.example:8080", "http://blog.example:8080", True),
        ("http://blog.example:8080/", "http://BLOG.example:8080", True),
        ("https://blog.example/blog", "https://blog.example", True),
        ("https://blog.example:443", "https://blog.example", True),
        ("https://blog.example", "http://blog.example", False),
        ("https://blog.example", "https://blog.example:444", False),
        ("https://blog.example", "https://blog.example.evil.example", False),
        ("https://blog.example", "https://evil.example", False),
        ("", "://", False),
        ("", "", False),
    ),
)
def test_site_url_is_an_accepted_origin(app, post, site_url, origin, allowed):
    app.config["SITE_URL"] = site_url
    response = post(headers={"Origin": origin}, base_url="http://127.0.0.1:8000")
    # The user is not logged in at this host.
    assert response.status_code == (302 if allowed else 403)


@pytest.mark.parametrize(
    ("host", "origin", "headers"),
    (
        ("blog.example", "http://blog.example:8080", {}),
        ("blog.example:8000", "https://blog.example", {}),
        ("127.0.0.1:8000", "http://blog.example", {}),
        ("[::1]:8000", "https://blog.example", {}),
        ("upstream", "http://blog.example", {"X-Forwarded-For": "192.0.2.7"}),
        ("upstream", "http://blog.example", {"Forwarded": "for=192.0.2.7"}),
    ),
)
def test_message_explains_a_proxy_that_changes_the_host(client, host, origin, headers):
    response = client.post(
        "/auth/login",
        data={"username": "test", "password": "test"},
        headers={"Origin": origin, **headers},
        base_url=f"http://{host}",
    )
    assert response.status_code == 403
    for words in ("proxy", "SITE_URL", "proxy_set_header Host", "docs/hosting.md"):
        assert words in response.text


@pytest.mark.parametrize(
    ("host", "headers"),
    (
        ("blog.example", {"Origin": "http://evil.example"}),
        ("localhost", {"Origin": "http://127.0.0.1:99"}),
        ("localhost", {"Origin": "null", "X-Forwarded-For": "192.0.2.7"}),
        ("localhost", {"Origin": "http://localhost:1", "Sec-Fetch-Site": "cross-site"}),
    ),
)
def test_message_explains_a_cross_site_form(client, host, headers):
    response = client.post("/auth/login", headers=headers, base_url=f"http://{host}")
    assert response.status_code == 403
    assert "sent from another site" in response.text
