import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from flask import flash
from flask import request_started
from flask import template_rendered
from werkzeug.test import Client

from flaskr import create_app
from flaskr import db
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import posts
from flaskr.page_cache import version
from flaskr.page_cache.middleware import PageCache
from flaskr.page_cache.middleware import cacheable

from ..conftest import DATA


@pytest.fixture
def blog(instance_path):
    """A blog with a page cache and one post."""
    blog = create_app({"TESTING": True, "PAGE_CACHE_MB": 1})
    with blog.app_context():
        init_db()
        get_db().executescript(DATA)
        get_db().executescript("UPDATE content SET changed = '2020-01-01 00:00:00'")
    return blog


@pytest.fixture
def app(blog):
    """Let the shared fixtures use this blog."""
    return blog


@pytest.fixture
def ask(blog):
    """Send a visitor's request; return the response and whether a page was rendered for it."""
    client = blog.test_client(use_cookies=False)

    def ask(path="/", method="GET", **options):
        with record_renderings(blog) as rendered:
            return client.open(path, method=method, **options), bool(rendered)

    return ask


@pytest.fixture
def is_stored(blog):
    """Tell whether a visitor's request is answered without asking the application."""

    def is_stored(path):
        handled = []

        def record(sender, **_):
            handled.append(path)

        with request_started.connected_to(record, blog):
            blog.test_client(use_cookies=False).get(path)
        return not handled

    return is_stored


@contextmanager
def record_renderings(blog, during=lambda: None):
    rendered = []

    def record(sender, template, context, **_):
        rendered.append(template.name)
        during()

    with template_rendered.connected_to(record, blog):
        yield rendered


def test_page_is_rendered_once_and_again_after_a_change(ask, write):
    first, rendered = ask()
    assert rendered
    second, rendered = ask()
    assert not rendered
    assert (second.data, list(second.headers)) == (first.data, list(first.headers))
    write("Something new")
    third, rendered = ask()
    assert rendered
    assert "Something new" in third.text
    assert third.headers["ETag"] != first.headers["ETag"]


@pytest.mark.parametrize(
    "statement",
    (
        "UPDATE \"user\" SET password = 'rehashed'",
        "INSERT INTO throttle (key, hits, ends) VALUES ('x', 1, '2030-01-01 00:00:00')",
        "DELETE FROM rendered",
    ),
)
def test_invisible_changes_do_not_invalidate_pages(blog, ask, statement):
    ask()
    with blog.app_context():
        get_db().executescript(statement)
    assert not ask()[1]


@pytest.mark.parametrize("path", ("/", "/1", "/nothing", "/auth/login", "/static/style.css"))
@pytest.mark.parametrize("encoding", ("", "gzip"))
def test_responses_are_identical_without_the_cache(blog, ask, path, encoding):
    uncached = create_app({"TESTING": True, "PAGE_CACHE_MB": 0, "SECRET_KEY": "x"})
    given = {"Accept-Encoding": encoding}
    asked = [ask(path, headers=given)[0] for _ in range(2)]
    asked.append(uncached.test_client(use_cookies=False).get(path, headers=given))
    assert len({(one.status, one.data, str(one.headers)) for one in asked}) == 1


@pytest.mark.parametrize(
    "headers",
    (
        {"Cookie": "a=b; session=anything"},
        {"Authorization": "Basic eDp5"},
        {"Range": "bytes=0-5"},
    ),
)
def test_requests_with_credentials_or_ranges_bypass_the_cache(ask, headers):
    ask()
    answer, rendered = ask(headers=headers)
    assert rendered
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert not ask(headers={"Cookie": "other=1"})[1]


def test_browsers_may_store_and_revalidate_pages(ask):
    answer, _ = ask()
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
    again, rendered = ask(headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data, rendered) == (304, b"", False)


def test_head_uses_and_fills_the_cache(ask):
    head, rendered = ask(method="HEAD")
    assert rendered
    answer, rendered = ask()
    assert not rendered
    assert str(head.headers) == str(answer.headers)
    assert (head.data, ask("/auth/login", method="HEAD")[0].data) == (b"", b"")


@pytest.mark.parametrize(
    "path",
    (
        "/?unknown=x",
        "/?before=2018-01-01T00:00:00~1&before=2018-01-01T00:00:00~1",
        "/?before=2018-01-01T00:00:00~1&after=2018-01-01T00:00:00~1",
        "/?before=2018-01-01T00%3A00:00~1",
        "/?before=2030-01-01T00:00:00~7",
        "/?after=2017-01-01T00:00:00~9",
        "/?before=",
        "/?before=nonsense",
        "/nothing-here",
        "/01",
        "/auth/login",
        "/create",
    ),
)
def test_noncanonical_urls_and_errors_are_not_stored(ask, is_stored, path):
    ask(path)
    assert not is_stored(path)
    assert ask("/")[0].status_code == 200


@pytest.mark.parametrize(
    "query", ("utm_source=news&utm_medium=a%26b", "fbclid=x", "gclid=&utm_id=1")
)
def test_tracking_parameters_share_one_entry(ask, query):
    ask()
    position = "before=2018-01-01T00:00:00~1"
    ask(f"/?{position}")
    assert not ask(f"/?{query}")[1]
    assert not ask(f"/?{query}&{position}")[1]
    assert not ask(f"/?{position}&{query}")[1]


def test_list_position_of_an_existing_post_is_stored(ask):
    path = "/?before=2018-01-01T00:00:00~1"
    assert [ask(path)[1], ask(path)[1]] == [True, False]


def test_deleted_page_is_not_answered_from_the_cache(blog, ask, is_stored):
    ask("/1")
    with blog.app_context():
        get_db().executescript("DELETE FROM post")
    assert ask("/1")[0].status_code == 404
    assert not is_stored("/1")


def test_each_host_and_scheme_has_its_own_entry(ask):
    ask()
    assert ask(headers={"Host": "elsewhere"})[1]
    assert ask(base_url="https://localhost")[1]
    assert not ask()[1]


@pytest.mark.parametrize("said", ("flash", "cookie"))
def test_personal_responses_are_not_stored(blog, ask, is_stored, said):
    @blog.route("/greeting")
    @cacheable()
    def greeting():
        if said == "flash":
            flash("Hello, you.")
        return "Hello", {"Set-Cookie": "a=b"} if said == "cookie" else {}

    assert ask("/greeting")[0].headers["Set-Cookie"]
    assert not is_stored("/greeting")


MEGABYTE = 1024 * 1024


@pytest.mark.parametrize("encoding", ("gzip", "br", ""))
def test_large_page_is_packed_and_tagged_but_not_stored(blog, ask, is_stored, encoding):
    blog.route("/long")(cacheable()(lambda: "words " * MEGABYTE))
    given = {"Accept-Encoding": encoding}
    answer, _ = ask("/long", headers=given)
    assert answer.headers.get("Content-Encoding", "") == encoding
    assert len(answer.data) < MEGABYTE / 10 or not encoding
    assert answer.headers["Last-Modified"] == "Wed, 01 Jan 2020 00:00:00 GMT"
    for name, header in (("None-Match", "ETag"), ("Modified-Since", "Last-Modified")):
        again, _ = ask("/long", headers={**given, f"If-{name}": answer.headers[header]})
        assert (again.status_code, again.data) == (304, b"")
    head, _ = ask("/long", method="HEAD", headers=given)
    assert str(head.headers) == str(answer.headers)
    assert not is_stored("/long")


def test_page_that_fits_well_into_the_cache_is_stored_whatever_its_length(blog):
    cached = create_app({"TESTING": True, "PAGE_CACHE_MB": 64})
    cached.route("/long")(cacheable()(lambda: "words " * (MEGABYTE // 3)))
    client = cached.test_client(use_cookies=False)
    rendered = []
    with request_started.connected_to(lambda *_, **__: rendered.append(1), cached):
        assert len({client.get("/long").data for _ in range(2)}) == 1
    assert len(rendered) == 1


@pytest.mark.parametrize(
    ("kind", "etag", "megabytes"),
    (("image/png", '"x"', 2), ("text/csv", '"x"', 9), ("text/html", "", 65)),
)
def test_large_files_and_huge_pages_are_streamed(blog, ask, is_stored, kind, etag, megabytes):
    read = []

    @blog.route("/file")
    @cacheable()
    def file():
        pieces = (read.append(number) or b"x" * MEGABYTE for number in range(megabytes))
        headers = {"Content-Length": megabytes * MEGABYTE, "Content-Type": kind}
        return pieces, headers | ({"ETag": etag} if etag else {})

    answer, _ = ask("/file", method="HEAD", headers={"Accept-Encoding": "gzip"})
    assert answer.headers.get("ETag", "") == etag
    assert "Content-Encoding" not in answer.headers
    assert len(read) < 2
    assert not is_stored("/file")


def test_least_recently_used_page_is_evicted(blog, ask):
    rendered = add_pages(blog, 80_000)
    for name in ("a", "b", "c", "d", "a", "e"):
        ask(f"/large/{name}")
    assert rendered == ["a", "b", "c", "d", "e"]
    for name in ("c", "a", "d", "e", "b"):
        ask(f"/large/{name}")
    assert rendered == ["a", "b", "c", "d", "e", "b"]


def add_pages(blog, size):
    """Add pages of this size; return a list that records the name of each rendered page."""
    rendered = []

    @blog.route("/large/<name>")
    @cacheable()
    def large(name):
        rendered.append(name)
        return "x" * size

    return rendered


def test_page_that_would_fill_the_cache_is_rendered_each_time(blog, ask):
    rendered = add_pages(blog, 100_000)
    ask("/large/a")
    assert len(ask("/large/a")[0].text) == 100_000
    assert rendered == ["a", "a"]


def test_scheduled_post_appears_at_its_second(blog, ask, monkeypatch):
    soon = datetime.now(UTC) + timedelta(hours=1)
    with blog.app_context():
        posts.create(author_id=1, title="Good morning", body="", created=db.format_timestamp(soon))
    assert "Good morning" not in ask()[0].text
    for seconds, seen in ((-1, False), (0, True)):
        then = soon.replace(microsecond=0) + timedelta(seconds=seconds)
        monkeypatch.setattr(version.time, "time", then.timestamp)
        for module in ("flaskr.models.post_lists", "flaskr.models.posts"):
            monkeypatch.setattr(f"{module}.now", lambda then=then: db.format_timestamp(then))
        assert ("Good morning" in ask()[0].text) is seen
        assert not ask()[1]


def test_page_that_changes_while_rendering_is_not_stored(blog, ask, write):
    client = blog.test_client(use_cookies=False)
    titles = iter(("Meanwhile",))
    with record_renderings(blog, during=lambda: [write(title) for title in titles]):
        assert "Meanwhile" not in client.get("/").text
    answer, rendered = ask()
    assert rendered
    assert "Meanwhile" in answer.text


@pytest.mark.parametrize("was_stored", (True, False))
def test_concurrent_requests_share_one_rendering(blog, ask, was_stored, write):
    if was_stored:
        ask()
    write("For all")
    entered, go_on = threading.Event(), threading.Event()

    def hold():
        entered.set()
        go_on.wait(60)

    def read(_):
        return blog.test_client(use_cookies=False).get("/").text

    with record_renderings(blog, during=hold) as rendered, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(read, number) for number in range(4)]
        entered.wait(60)
        go_on.set()
        assert all("For all" in answer.result() for answer in answers)
    assert len(rendered) == 1


def test_slow_page_does_not_block_others(blog, ask):
    entered, go_on = threading.Event(), threading.Event()

    @blog.route("/slow")
    @cacheable()
    def slow():
        entered.set()
        go_on.wait(60)
        return "at last"

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(blog.test_client(use_cookies=False).get, "/slow")
        entered.wait(60)
        assert ask()[0].status_code == 200
        assert not answer.done()
        go_on.set()
        assert answer.result().text == "at last"


@pytest.mark.parametrize("harm", ("DROP TABLE content", "DELETE FROM content"))
def test_pages_are_not_cached_without_a_content_version(blog, ask, harm):
    ask()
    with blog.app_context():
        get_db().executescript(harm)
    for _ in range(2):
        answer, rendered = ask()
        assert (answer.status_code, rendered) == (200, True)


def test_last_modified_is_the_time_of_the_last_change(blog, ask, monkeypatch):
    with blog.app_context():
        get_db().executescript("UPDATE content SET changed = '2020-05-01 10:00:00'")
        posts.create(author_id=1, title="x", body="", created="2021-01-01 00:00:00")
        get_db().executescript("UPDATE content SET changed = '2020-05-01 10:00:00'")
    answer, _ = ask()
    assert answer.headers["Last-Modified"] == "Fri, 01 Jan 2021 00:00:00 GMT"
    since = {"If-Modified-Since": answer.headers["Last-Modified"]}
    assert ask(headers=since)[0].status_code == 304
    changed = datetime(2022, 1, 1, tzinfo=UTC).timestamp()
    with blog.app_context():
        get_db().executescript(
            "UPDATE post SET title = 'y'; UPDATE content SET changed = '2022-01-01 00:00:00'"
        )
    # Another change may follow in the same second.
    monkeypatch.setattr(version.VersionWatcher, "clock", lambda self: changed + 0.5)
    assert "Last-Modified" not in ask(headers=since)[0].headers


def put_cache_before(application, blog):
    """Return a client of any WSGI application behind the cache."""
    database = blog.config["DATABASE"]
    return Client(PageCache(application, database=database, megabytes=1, session_cookies=()))


def test_response_is_closed_when_reading_it_fails(blog):
    closed = []

    class Answer:
        def __iter__(self):
            raise OSError("the disk is gone")
            yield b""

        def close(self):
            closed.append(True)

    def application(environ, start_response):
        environ["flaskr.page"].is_cacheable = True
        start_response("200 OK", [("Content-Length", "5")])
        return Answer()

    with pytest.raises(OSError, match="the disk is gone"):
        put_cache_before(application, blog).get("/")
    assert closed == [True]


def test_cache_works_with_any_wsgi_application(blog):
    def application(environ, start_response):
        environ["flaskr.page"].is_cacheable = True
        start_response("200 OK", [("Content-Length", "5")])
        return [b"plain"]

    assert put_cache_before(application, blog).get("/").data == b"plain"
