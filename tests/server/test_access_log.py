import io
import re
import threading
from urllib.parse import quote

import pytest

from flaskr.server.access_log import AccessLog
from flaskr.server.access_log import LoggedApp
from flaskr.server.access_log import format_line


def test_line_is_in_the_common_log_format():
    text = format_line("192.0.2.7", "GET", "/a/b", "HTTP/1.1", 200, 512, 0.00123)
    assert re.fullmatch(
        r"192\.0\.2\.7 - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d \+0000\]"
        r' "GET /a/b HTTP/1\.1" 200 512 1\.2ms\n',
        text,
    )


@pytest.mark.parametrize("junk", ('"', " ", "\n", "\r\n", "\x1b[2J", "\\", "\x7f", "é", "\u2028"))
def test_line_breaks_and_quotes_are_escaped(junk):
    text = format_line(f"1.2.3.4{junk}", "GET", f"/a{junk}b", "HTTP/1.1", 200, 0, 0)
    assert text.startswith(f"1.2.3.4{quote(junk)} - - [")
    assert f'] "GET /a{quote(junk)}b HTTP/1.1" 200 0 ' in text


def test_missing_client_address_is_a_dash():
    assert format_line("", "GET", "/", "HTTP/1.1", 200, 0, 0).startswith("- - - [")


def test_closing_writes_all_lines():
    stream = io.StringIO()
    log = AccessLog(stream)
    for number in range(1000):
        log.add(f"{number}\n")
    log.close()
    assert stream.getvalue().split() == [str(number) for number in range(1000)]


def test_lines_are_written_while_the_log_is_open():
    written = threading.Event()

    class Stream(io.StringIO):
        def flush(self):
            written.set()

    stream = Stream()
    log = AccessLog(stream)
    log.add("one\n")
    log.add("two\n")
    assert written.wait(60)
    assert stream.getvalue() == "one\ntwo\n"
    log.close()


def test_closed_output_is_ignored():
    stream = io.StringIO()
    stream.close()
    log = AccessLog(stream)
    log.add("a line\n")
    log.close()


def test_wsgi_middleware_logs_requests():
    def app(environ, start_response):
        environ["REMOTE_ADDR"] = "192.0.2.7"
        start_response("404 NOT FOUND", [("Content-Length", "5")])
        return [b"there"]

    stream = io.StringIO()
    log = AccessLog(stream)
    environ = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": "/blog",
        "PATH_INFO": "/caf\u00c3\u00a9",
        "QUERY_STRING": "token=secret",
        "SERVER_PROTOCOL": "HTTP/1.1",
    }
    assert [*LoggedApp(app, log)(environ, lambda *_: None)] == [b"there"]
    log.close()
    assert "192.0.2.7 - - [" in stream.getvalue()
    assert '"GET /blog/caf%C3%A9 HTTP/1.1" 404 5 ' in stream.getvalue()
