"""Anonymous reads come from the page cache, and nothing of a user gets into it."""

import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db

from ..conftest import DATA

FRIEND = "https://friend.example"


@pytest.fixture
def app(instance_path):
    """A blog with a page cache and one post."""
    app = create_app({"TESTING": True, "PAGE_CACHE_MB": 1})
    with app.app_context():
        init_db()
        get_db().executescript(DATA)
    return app


@pytest.fixture
def calls(app):
    """The requests that the application answered itself."""
    calls = []
    for name in ("api.list_posts", "api.show_post"):
        view = app.view_functions[name]

        def count(view=view, **arguments):
            calls.append(view)
            return view(**arguments)

        app.view_functions[name] = count
    return calls


@pytest.mark.parametrize("path", ("/posts", "/posts/1"))
def test_visitors_are_answered_from_memory_until_something_changes(visitor, api, calls, path):
    first, second = visitor("GET", path), visitor("GET", path)
    assert (second.json, len(calls)) == (first.json, 1)
    assert {"Authorization", "Cookie", "Accept-Encoding"} <= set(first.vary)
    assert first.headers["Cache-Control"] == "no-cache"
    unchanged = visitor("GET", path, headers={"If-None-Match": first.headers["ETag"]})
    assert (unchanged.status_code, len(calls)) == (304, 1)
    api("PATCH", "/posts/1", {"title": "New"})
    assert "New" in visitor("GET", path).text


def test_requests_with_a_token_bypass_the_cache(visitor, api, calls):
    visitor("GET", "/posts/1")
    own = api("GET", "/posts/1")
    assert (own.headers["Cache-Control"], "revision" in own.json) == ("private, no-cache", True)
    assert "revision" not in visitor("GET", "/posts/1").json
    assert len(calls) == 2


def test_a_version_from_the_cache_can_be_changed(visitor, api):
    for query in ("", "?fields=title"):
        found = visitor("GET", f"/posts/1{query}", headers={"Accept-Encoding": "gzip"})
        match = {"If-Match": found.headers["ETag"]}
        assert api("PATCH", "/posts/1", {"summary": query}, headers=match).status_code == 200


def test_arbitrary_queries_do_not_fill_the_cache(visitor, calls):
    for _ in range(2):
        visitor("GET", "/posts?q=test")
    assert len(calls) == 2


def read_from(visitor, origin):
    """Return the origin that may read the answer, and what the answer varies with."""
    headers = visitor("GET", "/posts", headers={"Origin": origin}).headers
    return headers.get("Access-Control-Allow-Origin"), ", ".join(headers.getlist("Vary"))


def test_no_other_site_may_read_by_default(visitor):
    assert read_from(visitor, FRIEND)[0] is None


def test_named_sites_may_read_even_from_the_cache(app, visitor):
    app.config["API_ORIGINS"] = [FRIEND + "/"]
    for origin, allowed in ((FRIEND, FRIEND), ("https://foe.example", None)) * 2:
        found, vary = read_from(visitor, origin)
        assert (found, "Origin" in vary) == (allowed, True)


def test_every_site_may_read(app, visitor):
    app.config["API_ORIGINS"] = ["*"]
    assert read_from(visitor, FRIEND)[0] == "*"


def test_other_sites_may_not_write_or_send_credentials(app, visitor, client):
    app.config["API_ORIGINS"] = [FRIEND]
    origin = {"Origin": FRIEND}
    asked = visitor("OPTIONS", "/posts", headers=origin)
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert "Access-Control-Allow-Credentials" not in asked.headers
    written = visitor("POST", "/posts", {"title": "T", "body": ""}, headers=origin)
    assert "Access-Control-Allow-Origin" not in written.headers
    assert "Access-Control-Allow-Origin" not in client.get("/", headers=origin).headers
