"""Test that personal pages are never cached for others."""

import pytest
from flask import g
from flask import session
from flask import template_rendered

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.page_cache.middleware import cacheable

from ..conftest import DATA


@pytest.fixture(params=("session", "session_of_this_blog"))
def blog(request, instance_path):
    """Create a blog with a page cache and the author `test`."""
    blog = create_app({"TESTING": True, "PAGE_CACHE_MB": 1, "SESSION_COOKIE_NAME": request.param})
    with blog.app_context():
        init_db()
        get_db().executescript(DATA)
    return blog


@pytest.fixture
def cookie(blog):
    """Return the session cookie of a logged-in user."""
    client = blog.test_client()
    client.post("/auth/login", data={"username": "test", "password": "test"})
    return client.get_cookie(blog.config["SESSION_COOKIE_NAME"]).value


def get(blog, path="/", **headers):
    return blog.test_client(use_cookies=False).get(path, headers=headers)


SPELLINGS = (
    "{name}={value}",
    "{name} ={value}",
    "{name}= {value}",
    "{name} = {value}",
    "  {name}={value}  ",
    "\t{name}\t=\t{value}",
    '{name}="{value}"',
    "a=b; {name}={value}",
    "a=b;{name}={value}",
    "a=b;;; {name} ={value};",
    "{name}={value}; {name}=other",
    "{name}=other; {name}={value}",
    "a; {name}={value}",
    "=x; {name}={value}",
    "a=b, {name}={value}",
    'a="b; {name}={value}"',
    "a=b {name}={value}",
    "{upper}={value}",
    "x{name}={value}",
    "{name}\x0b={value}",
    "{name}\xa0={value}",
    "\xff=\xfe; {name} ={value}",
)


def change(blog):
    """Invalidate all cached pages."""
    with blog.app_context():
        get_db().executescript("UPDATE post SET body = body || '.'")


def test_no_cookie_spelling_stores_a_personal_page(blog, cookie):
    name = blog.config["SESSION_COOKIE_NAME"]
    for spelling in SPELLINGS:
        change(blog)
        sent = spelling.format(name=name, upper=name.upper(), value=cookie)
        for path in ("/", "/1", "/archive"):
            assert get(blog, path, Cookie=sent).status_code == 200
            assert "Log Out" not in get(blog, path).text, spelling
            assert "Log Out" not in get(blog, path, Cookie="a=b").text, spelling


def test_cached_page_is_not_sent_to_logged_in_users(blog, cookie):
    get(blog)
    for spelling in SPELLINGS[:9]:
        sent = spelling.format(name=blog.config["SESSION_COOKIE_NAME"], value=cookie)
        assert "Log Out" in get(blog, Cookie=sent).text, spelling


def test_several_cookie_headers_count_as_one(blog, cookie):
    name = blog.config["SESSION_COOKIE_NAME"]
    headers = [("Cookie", "a=b"), ("Cookie", f"{name} ={cookie}")]
    blog.test_client(use_cookies=False).get("/", headers=headers)
    assert "Log Out" not in get(blog).text


def changing(blog, change):
    """Request a public page twice while a hook changes something."""

    @blog.route("/changing")
    @cacheable()
    def changing():
        change()
        return f"for {g.user['username'] if g.user else 'all'}"

    return [get(blog, "/changing") for _ in range(2)]


def name_a_user():
    g.user = {"id": 1, "username": "test"}


@pytest.mark.parametrize(
    "change",
    (
        name_a_user,
        lambda: session.update(x=1),
        lambda: session.clear(),
        lambda: setattr(session, "modified", True),
    ),
)
def test_response_that_used_a_session_is_not_stored(blog, change):
    for answer in changing(blog, change):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "ETag" not in answer.headers


def test_response_that_sets_a_cookie_is_not_stored(blog):
    @blog.after_request
    def set_cookie(response):
        response.set_cookie("who", "one")
        return response

    assert all("ETag" not in get(blog).headers for _ in range(2))


def test_prefix_and_path_are_separate_in_the_cache_key(blog):
    client = blog.test_client(use_cookies=False)
    client.get("/", environ_overrides={"SCRIPT_NAME": "/auth", "PATH_INFO": "/archive"})
    client.get("/", environ_overrides={"SCRIPT_NAME": "/archive", "PATH_INFO": "/1"})
    for path in ("/auth/archive", "/archive/1"):
        assert client.get(path).status_code != 200


def test_request_with_an_unrelated_cookie_is_answered_from_memory(blog):
    made = []

    def note(sender, template, context, **_):
        made.append(template.name)

    get(blog)
    with template_rendered.connected_to(note, blog):
        get(blog, Cookie="mysession=x; sessions=y; theme=dark")
    assert made == []
