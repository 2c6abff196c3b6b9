import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from datetime import timedelta

import pytest
from flask import flash
from flask import template_rendered

from flaskr import create_app
from flaskr import db
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.models import posts
from flaskr.page_cache import version
from flaskr.page_cache.middleware import cacheable

from ..conftest import DATA


@pytest.fixture
def blog(instance_path):
    """A blog whose pages are kept, with one post."""
    blog = create_app({"TESTING": True, "PAGE_CACHE_MB": 1})
    with blog.app_context():
        init_db()
        get_db().executescript(DATA)
        get_db().executescript("UPDATE content SET changed = '2020-01-01 00:00:00'")
    return blog


@pytest.fixture
def ask(blog):
    """A visitor's request: the answer, and whether the page was made for it."""
    client = blog.test_client(use_cookies=False)

    def ask(path="/", method="GET", **options):
        with made_pages(blog) as made:
            return client.open(path, method=method, **options), bool(made)

    return ask


@contextmanager
def made_pages(blog, during=lambda: None):
    made = []

    def note(sender, template, context, **_):
        made.append(template.name)
        during()

    with template_rendered.connected_to(note, blog):
        yield made


def write(blog, title="Another"):
    with blog.app_context():
        return posts.create(author_id=1, title=title, body="")


def test_a_page_is_made_once_and_again_after_a_change(blog, ask):
    first, made = ask()
    assert made
    second, made = ask()
    assert not made
    assert (second.data, list(second.headers)) == (first.data, list(first.headers))
    write(blog, "Something new")
    third, made = ask()
    assert made
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
def test_what_readers_do_not_see_changes_no_page(blog, ask, statement):
    ask()
    with blog.app_context():
        get_db().executescript(statement)
    assert not ask()[1]


@pytest.mark.parametrize("path", ("/", "/1", "/nothing", "/auth/login", "/static/style.css"))
@pytest.mark.parametrize("encoding", ("", "gzip"))
def test_without_the_cache_all_is_the_same_to_the_last_byte(blog, ask, path, encoding):
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
def test_whoever_may_be_somebody_gets_a_page_of_their_own(ask, headers):
    ask()
    answer, made = ask(headers=headers)
    assert made
    assert "ETag" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert not ask(headers={"Cookie": "other=1"})[1]


def test_browsers_may_keep_a_page_and_ask_again(ask):
    answer, _ = ask()
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Vary"] == "Cookie, Accept-Encoding"
    again, made = ask(headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data, made) == (304, b"", False)


def test_head_is_answered_from_the_page_and_makes_it(ask):
    head, made = ask(method="HEAD")
    assert made
    answer, made = ask()
    assert not made
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
def test_other_spellings_and_what_is_no_page_take_no_room(blog, ask, path):
    ask(path)
    assert not blog.wsgi_app.wsgi_app._kept
    assert ask("/")[0].status_code == 200


@pytest.mark.parametrize(
    "query", ("utm_source=news&utm_medium=a%26b", "fbclid=x", "gclid=&utm_id=1")
)
def test_what_other_sites_hang_on_to_links_makes_no_other_page(blog, ask, query):
    ask()
    position = "before=2018-01-01T00:00:00~1"
    ask(f"/?{position}")
    assert not ask(f"/?{query}")[1]
    assert not ask(f"/?{query}&{position}")[1]
    assert not ask(f"/?{position}&{query}")[1]
    assert len(blog.wsgi_app.wsgi_app._kept) == 2


def test_a_position_that_names_a_post_is_kept(ask):
    path = "/?before=2018-01-01T00:00:00~1"
    assert [ask(path)[1], ask(path)[1]] == [True, False]


def test_a_page_that_is_gone_takes_no_room(blog, ask):
    ask("/1")
    with blog.app_context():
        get_db().executescript("DELETE FROM post")
    assert ask("/1")[0].status_code == 404
    assert not blog.wsgi_app.wsgi_app._kept


def test_each_host_and_scheme_has_its_own_page(ask):
    ask()
    assert ask(headers={"Host": "elsewhere"})[1]
    assert ask(base_url="https://localhost")[1]
    assert not ask()[1]


@pytest.mark.parametrize("said", ("flash", "cookie"))
def test_what_is_for_one_person_is_never_kept(blog, ask, said):
    @blog.route("/greeting")
    @cacheable()
    def greeting():
        if said == "flash":
            flash("Hello, you.")
        return "Hello", {"Set-Cookie": "a=b"} if said == "cookie" else {}

    assert ask("/greeting")[0].headers["Set-Cookie"]
    assert not blog.wsgi_app.wsgi_app._kept


def test_a_long_answer_is_sent_as_it_comes(blog, ask):
    blog.route("/long")(cacheable()(lambda: "x" * 2 * 1024 * 1024))
    assert len(ask("/long")[0].data) == 2 * 1024 * 1024
    assert not blog.wsgi_app.wsgi_app._kept


def test_the_least_recently_asked_page_makes_room(blog, ask):
    made = room(blog, 100_000)
    for name in ("a", "b", "c", "a", "d"):
        ask(f"/room/{name}")
    assert made == ["a", "b", "c", "d"]
    for name in ("c", "a", "d", "b"):
        ask(f"/room/{name}")
    assert made == ["a", "b", "c", "d", "b"]


def room(blog, size):
    """Add pages of this size; the list that is returned names each when it is made."""
    made = []

    @blog.route("/room/<name>")
    @cacheable()
    def large(name):
        made.append(name)
        return "x" * size

    return made


def test_a_page_that_is_larger_than_all_the_room_is_made_each_time(blog, ask):
    made = room(blog, 600_000)
    ask("/room/a")
    assert len(ask("/room/a")[0].text) == 600_000
    assert made == ["a", "a"]


def test_a_scheduled_post_appears_on_its_second(blog, ask, monkeypatch):
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


def test_a_page_during_whose_making_something_changed_is_not_kept(blog, ask):
    client = blog.test_client(use_cookies=False)
    titles = iter(("Meanwhile",))
    with made_pages(blog, during=lambda: [write(blog, title) for title in titles]):
        assert "Meanwhile" not in client.get("/").text
    answer, made = ask()
    assert made
    assert "Meanwhile" in answer.text


@pytest.mark.parametrize("was_kept_before", (True, False))
def test_many_who_wait_for_a_page_get_one_that_was_made_once(blog, ask, was_kept_before):
    if was_kept_before:
        ask()
    write(blog, "For all")
    entered, go_on = threading.Event(), threading.Event()

    def hold():
        entered.set()
        go_on.wait(10)

    def read(_):
        return blog.test_client(use_cookies=False).get("/").text

    with made_pages(blog, during=hold) as made, ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(read, number) for number in range(4)]
        entered.wait(10)
        go_on.set()
        assert all("For all" in answer.result() for answer in answers)
    assert len(made) == 1


def test_a_page_that_takes_long_holds_up_no_other(blog, ask):
    entered, go_on = threading.Event(), threading.Event()

    @blog.route("/slow")
    @cacheable()
    def slow():
        entered.set()
        go_on.wait(10)
        return "at last"

    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(blog.test_client(use_cookies=False).get, "/slow")
        entered.wait(10)
        assert ask()[0].status_code == 200
        assert not answer.done()
        go_on.set()
        assert answer.result().text == "at last"


@pytest.mark.parametrize("harm", ("DROP TABLE content", "DELETE FROM content"))
def test_without_a_version_the_cache_steps_aside(blog, ask, harm):
    ask()
    with blog.app_context():
        get_db().executescript(harm)
    for _ in range(2):
        answer, made = ask()
        assert (answer.status_code, made) == (200, True)


def test_the_date_of_a_page_is_that_of_its_last_change(blog, ask, monkeypatch):
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
    # Within the second of a change there may be another with the same date.
    monkeypatch.setattr(version.time, "time", lambda: changed + 0.5)
    assert "Last-Modified" not in ask(headers=since)[0].headers


def test_an_answer_whose_sending_ends_early_is_closed(blog):
    closed = []

    class Answer:
        def __iter__(self):
            raise OSError("the disk is gone")
            yield b""

        def close(self):
            closed.append(True)

    def application(environ, start_response):
        environ["flaskr.page"].is_public = True
        start_response("200 OK", [("Content-Length", "5")])
        return Answer()

    blog.wsgi_app.wsgi_app._app = application
    with pytest.raises(OSError, match="the disk is gone"):
        blog.test_client().get("/")
    assert closed == [True]


def test_any_wsgi_application_may_stand_behind_it(blog):
    def application(environ, start_response):
        environ["flaskr.page"].is_public = True
        start_response("200 OK", [("Content-Length", "5")])
        return [b"plain"]

    blog.wsgi_app.wsgi_app._app = application
    assert blog.test_client().get("/").data == b"plain"
