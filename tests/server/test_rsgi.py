import asyncio
import io
import json
import re
import signal
from pathlib import Path
from typing import ClassVar

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from flaskr import create_app
from flaskr import db
from flaskr.models import media
from flaskr.models import media_bucket
from flaskr.page_cache.middleware import NOT_IN_MEMORY
from flaskr.server.access_log import AccessLog
from flaskr.server.rsgi import Adapter
from flaskr.server.rsgi import TooLongBody
from flaskr.web.security import MAX_ANONYMOUS_BODY_BYTES

from . import coroutines

FORM = {"content-type": "application/x-www-form-urlencoded"}


class Headers(list):
    """The headers of a request, in their original order."""

    def items(self):
        return self

    def get(self, name, default=None):
        return next((value for key, value in self if key == name), default)

    def __contains__(self, name):
        return self.get(name) is not None


class Scope:
    """A request as described by Granian."""

    def __init__(self, method="GET", path="/", query="", headers=(), **others):
        self.method, self.path, self.query_string = method, path, query
        self.headers = Headers(headers)
        self.http_version, self.scheme, self.authority = "1.1", "http", None
        self.client, self.server = "192.0.2.7:50000", "127.0.0.1:8000"
        vars(self).update(others)


class Protocol:
    """Granian's side of a request, which records the response."""

    def __init__(self, chunks):
        self._chunks = chunks
        self.was_read = False

    async def __aiter__(self):
        self.was_read = True
        for chunk in self._chunks:
            yield chunk
        yield b""

    def response_bytes(self, status, headers, body):
        self.status, self.headers, self.body = status, dict(headers), body

    def response_stream(self, status, headers):
        self.response_bytes(status, headers, b"")
        return self

    async def send_bytes(self, data):
        self.body += data

    async def client_disconnect(self):
        while not self.body:
            await asyncio.sleep(0)

    def response_file(self, status, headers, file):
        self.response_bytes(status, headers, Path(file).read_bytes())

    def response_file_range(self, status, headers, file, start, end):
        self.response_bytes(status, headers, Path(file).read_bytes()[start:end])


class Asker:
    """Send requests to an adapter like Granian."""

    def __init__(self, app, log):
        self.adapter = Adapter(app, threads=1, log=log)

    def __call__(self, method="GET", path="/", *, headers=(), chunks=(), **scope):
        others = headers.items() if isinstance(headers, dict) else headers
        pairs = [("host", "blog.example"), *others]
        protocol = Protocol(chunks)
        coroutines.run(self.adapter.__rsgi__(Scope(method, path, headers=pairs, **scope), protocol))
        return protocol

    def post(self, path, body=b"", **headers):
        length = {"content-length": str(len(body))}
        return self("POST", path, headers=length | FORM | headers, chunks=[body])


@pytest.fixture
def log():
    return io.StringIO()


@pytest.fixture
def blog(app):
    """Create a blog with a page cache, like `serve`."""
    return create_app({"DATABASE": app.config["DATABASE"]})


@pytest.fixture
def ask(blog, log):
    asker = Asker(blog, AccessLog(log))
    yield asker
    asker.adapter.__rsgi_del__(None)


@pytest.fixture
def echo(app):
    """Return the WSGI environ that an application receives."""
    told = {}

    @app.route("/echo", methods=("GET", "POST"))
    def view():
        from flask import request

        told.update(request.environ)
        told["body"] = request.get_data()
        return "told"

    asker = Asker(app, None)

    def ask(*arguments, **options):
        told.clear()
        asker(*arguments, **{"path": "/echo", **options})
        return told

    yield ask
    asker.adapter.__rsgi_del__(None)


def test_page_is_rendered_and_then_served_from_memory(ask):
    made, remembered = ask(), ask()
    assert b"test title" in made.body
    assert (remembered.status, remembered.body) == (200, made.body)
    assert remembered.headers == made.headers


def test_page_from_memory_is_never_stale(ask, app):
    ask()
    with app.app_context(), db.transaction() as connection:
        connection.execute("UPDATE post SET title = 'another title'")
    assert b"another title" in ask().body
    assert b"another title" in ask().body


def test_events_are_streamed_to_a_page_that_is_logged_in(app, writer, log):
    ask = Asker(app, AccessLog(log))
    cookie = f"session={writer.get_cookie('session').value}"
    answer = ask(path="/api/v1/events", headers={"cookie": cookie})
    assert (answer.status, answer.headers["Content-Type"]) == (
        200,
        "text/event-stream; charset=utf-8",
    )
    assert answer.body.startswith(b"retry: 5000\nid: ")
    assert ask(path="/api/v1/events").status == 401
    ask.adapter.__rsgi_del__(None)
    assert '"GET /api/v1/events HTTP/1.1" 200 0' in log.getvalue()


def test_hangup_ends_the_streams_unless_a_thread_cannot_handle_it(app):
    class Loop:
        def add_signal_handler(self, number, handler):
            handled.append(number)
            raise RuntimeError

    handled = []
    adapter = Adapter(app, threads=1, log=None)
    adapter.__rsgi_init__(Loop())
    assert handled == [signal.SIGHUP]
    adapter.__rsgi_del__(None)


@pytest.mark.parametrize("encoding", ("gzip", "br"))
def test_compression_runs_outside_the_event_loop(ask, encoding):
    ask()
    packed = [ask(headers={"accept-encoding": encoding}) for _ in range(2)]
    assert [answer.headers["Content-Encoding"] for answer in packed] == [encoding] * 2
    assert packed[0].body == packed[1].body


def test_matching_etag_gets_304(ask):
    known = ask(headers={"if-none-match": ask().headers["ETag"]})
    assert (known.status, known.body) == (304, b"")


def test_head_response_has_no_body(ask):
    assert ask("HEAD").body == ask("HEAD").body == b""
    assert int(ask("HEAD").headers["Content-Length"]) == len(ask().body)


def test_file_is_sent_whole_or_as_a_range(ask):
    whole = ask(path="/static/style.css", headers={"cookie": "session=x"})
    part = ask(path="/static/style.css", headers={"range": "bytes=10-19"})
    end = ask(path="/static/style.css", headers={"range": "bytes=-5"})
    assert (whole.status, len(whole.body)) == (200, int(whole.headers["Content-Length"]))
    assert (part.status, part.body) == (206, whole.body[10:20])
    assert (end.status, end.body) == (206, whole.body[-5:])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole.body)}"


def test_range_beyond_the_file_gets_416(ask):
    answer = ask(path="/static/style.css", headers={"range": "bytes=99999999-"})
    assert answer.status == 416


def test_form_is_parsed(ask):
    answer = ask.post("/auth/login", b"username=nobody&password=x")
    assert b"Incorrect username." in answer.body


@pytest.mark.parametrize("chunks", ([b"one ", b"two"], [b"a" * 40_000, b"b" * 20_000]))
def test_chunked_body_is_read(echo, chunks):
    told = echo("POST", headers={"transfer-encoding": "chunked"}, chunks=chunks)
    assert told["body"] == b"".join(chunks)
    assert told["CONTENT_LENGTH"] == str(len(told["body"]))
    assert "HTTP_TRANSFER_ENCODING" not in told


def test_incomplete_body_reaches_no_view(ask):
    answer = ask("POST", "/auth/login", headers={"content-length": "9"} | FORM, chunks=[b"user"])
    assert (answer.status, answer.headers["Connection"]) == (400, "close")
    assert b"was incomplete" in answer.body


def test_program_gets_a_problem_for_an_incomplete_body(ask):
    answer = ask("POST", "/api/v1/posts", headers={"content-length": "9"}, chunks=[b"{"])
    assert answer.headers["Content-Type"] == "application/problem+json; charset=utf-8"
    assert "was incomplete" in json.loads(answer.body)["detail"]


def test_anonymous_bodies_are_limited(ask):
    answer = ask.post("/auth/login", b"username=" + b"a" * MAX_ANONYMOUS_BODY_BYTES)
    assert (answer.status, answer.was_read) == (413, True)
    assert b"too much to send at once" in answer.body
    assert "Connection" not in answer.headers


@pytest.mark.parametrize("cookie", ("session=x", "session=eyJ1c2VyX2lkIjoxfQ.aXXX.forged", "a=b"))
def test_forged_session_is_anonymous(ask, cookie):
    answer = ask.post("/auth/login", b"a" * (MAX_ANONYMOUS_BODY_BYTES + 1), cookie=cookie)
    assert answer.status == 413


def test_session_with_a_flash_message_is_anonymous(ask, blog):
    cookie = signed(blog, {"_flashes": []})
    assert ask.post("/auth/login", b"a" * 100_000, cookie=cookie).status == 413


def test_logged_in_user_may_send_large_bodies(ask, blog):
    cookie = signed(blog, {"user_id": 1})
    answer = ask.post("/create", b"title=a&body=" + b"a" * 200_000, cookie=cookie)
    assert answer.status == 302


def signed(app, session):
    serializer = app.session_interface.get_signing_serializer(app)
    return f"session={serializer.dumps(session)}"


def test_huge_body_is_not_read(ask):
    answer = ask("POST", "/auth/login", headers={"content-length": str(10**12)} | FORM)
    assert (answer.status, answer.was_read) == (413, False)
    assert answer.headers["Connection"] == "close"


def test_headers_reach_the_application(echo):
    told = echo(
        query="a=%20b",
        headers={"content-type": "text/x", "content-length": "0", "x-some-thing": "1"},
    )
    assert (told["CONTENT_TYPE"], told["HTTP_X_SOME_THING"]) == ("text/x", "1")
    assert (told["HTTP_HOST"], told["QUERY_STRING"]) == ("blog.example", "a=%20b")
    assert (told["REMOTE_ADDR"], told["SERVER_NAME"]) == ("192.0.2.7", "127.0.0.1")
    assert (told["SERVER_PORT"], told["SERVER_PROTOCOL"]) == ("8000", "HTTP/1.1")


def test_repeated_headers_are_joined(echo):
    pairs = [("cookie", "a=1"), ("x-a", "1"), ("cookie", "b=2"), ("x-a", "2")]
    told = echo(headers=pairs)
    assert (told["HTTP_COOKIE"], told["HTTP_X_A"]) == ("a=1; b=2", "1,2")


def test_header_with_an_underscore_is_dropped(echo):
    assert "HTTP_X_FORWARDED_FOR" not in echo(headers={"x_forwarded_for": "192.0.2.1"})


@pytest.mark.parametrize(
    ("client", "server", "address", "name"),
    (
        ("[2001:db8::1]:50000", "[::1]:8000", "2001:db8::1", "::1"),
        ("", "/run/blog.sock", "", "localhost"),
    ),
)
def test_ipv6_and_unix_client_addresses(echo, client, server, address, name):
    told = echo(client=client, server=server)
    assert (told["REMOTE_ADDR"], told["SERVER_NAME"]) == (address, name)


def test_host_of_an_absolute_url_is_used(echo):
    assert echo(authority="other.example:81")["HTTP_HOST"] == "other.example:81"


def test_path_may_contain_any_script(ask):
    assert ask(path="/tag/café").status == 404
    assert ask(path="/\N{SNOWMAN}").status == 404


def test_query_may_contain_any_script(ask):
    assert "\N{SNOWMAN}".encode() in ask(path="/search", query="q=\N{SNOWMAN}").body


def test_requests_are_logged_without_their_query(ask, log):
    ask(query="token=secret")
    ask()
    ask("HEAD")
    ask(path="/static/style.css", headers={"range": "bytes=10-19"})
    ask(path="/static/style.css", headers={"cookie": "session=x"})
    ask.adapter.__rsgi_del__(None)
    found = re.findall(r'^192\.0\.2\.7 .*"(\S+) (\S+) HTTP/1.1" (\d+) (\d+) ', log.getvalue(), re.M)
    assert [one[:3] for one in found[:3]] == [("GET", "/", "200")] * 2 + [("HEAD", "/", "200")]
    assert (found[2][3], found[3][2:]) == ("0", ("206", "10"))
    assert int(found[4][3]) > 10_000
    assert "secret" not in log.getvalue()


def test_rejected_body_is_logged_with_the_forwarded_address(app, log):
    proxied = create_app({"DATABASE": app.config["DATABASE"], "TRUSTED_PROXIES": "192.0.2.7"})
    asker = Asker(proxied, AccessLog(log))
    asker("POST", headers={"content-length": "9", "x-forwarded-for": "198.51.100.1"}, chunks=[b"a"])
    asker.adapter.__rsgi_del__(None)
    assert log.getvalue().startswith("198.51.100.1 - - [")


def test_failing_application_gets_an_error_page():
    class Broken:
        instance_path = "."
        config: ClassVar = {"DATABASE": ""}

        def __call__(self, environ, start_response):
            if "flaskr.memory_only" in environ:
                return NOT_IN_MEMORY
            raise RuntimeError

    answer = Asker(Broken(), None)()
    assert (answer.status, b"went wrong" in answer.body) == (500, True)


def test_wsgi_write_callable_is_supported():
    class Writing:
        instance_path = "."
        config: ClassVar = {"DATABASE": ""}

        def __call__(self, environ, start_response):
            start_response("200 OK", [])(b"one ")
            return [b"two"]

    assert Asker(Writing(), None)().body == b"one two"


def test_body_of_unknown_length_is_sent_while_it_is_made():
    class Streaming:
        instance_path = "."
        config: ClassVar = {"DATABASE": ""}

        def __call__(self, environ, start_response):
            if "flaskr.memory_only" in environ:
                return NOT_IN_MEMORY
            start_response("200 OK", [])
            return (chunk for chunk in (b"one ", b"two"))

    answer = Asker(Streaming(), None)()
    assert (answer.body, "content-length" in answer.headers) == (b"one two", False)


def test_a_body_over_the_limit_is_refused_once_and_then_empty():
    body = TooLongBody()
    with pytest.raises(RequestEntityTooLarge):
        body.read()
    assert body.read() == b""


def test_long_file_of_another_machine_is_fed_to_the_client(app, log, s3, monkeypatch):
    monkeypatch.setattr(media_bucket, "MAX_WHOLE_BYTES", 4)
    blog = create_app({"DATABASE": app.config["DATABASE"], "MEDIA": s3.make_bucket()})
    with blog.app_context():
        medium = media.add(b"%PDF-0123456789", name="a.pdf", user_id=1, max_bytes=100)
    asker = Asker(blog, AccessLog(log))
    path, sent = f"/media/{medium['name']}", []
    monkeypatch.setattr(Protocol, "response_file", lambda *arguments: sent.append(arguments))
    asker(path=path, headers={"range": "bytes=10-"})
    asker.adapter.__rsgi_del__(None)
    ((_, status, headers, pipe),) = sent
    assert (status, dict(headers)["Content-Length"]) == (206, "5")
    assert Path(pipe).read_bytes() == b"56789"
