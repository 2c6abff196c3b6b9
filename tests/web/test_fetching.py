import gzip
import socket
import threading
import time
import zlib
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer

import pytest

from flaskr import errors
from flaskr.web import fetching


@pytest.mark.parametrize(
    ("address", "public"),
    (
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - refused
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("::", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("ff02::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:93.184.215.14", True),
        ("64:ff9b::7f00:1", False),
        ("2002:7f00:1::", False),
        ("2001:0:4136:e378:8000:63bf:3fff:fdd2", False),
        ("fec0::1", False),
        ("::127.0.0.1", False),
        ("::ffff:0:7f00:1", False),
        ("198.18.0.1", False),
        ("192.0.0.170", False),
    ),
)
def test_private_addresses_are_recognized(address, public):
    assert fetching.is_public(address) == public


@pytest.mark.parametrize(
    "url",
    (
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://0177.0.0.1/",
        "http://127.1/",
        "http://１２７.0.0.1/",  # noqa: RUF001  # wide digits
        "http://localhost./",
        "http://127.0.0.1.%2f/",
        "http://93.184.215.14\\@127.0.0.1/",
        "http://:80/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://93.184.215.14:8080/",
        "http://93.184.215.14:99999/",
        "http://me@93.184.215.14/",
        "ftp://93.184.215.14/",
        "file:///etc/passwd",
        "gopher://93.184.215.14/",
        "http://",
        "http://[",
        "http://a..b/",
        "http://93.184.215.14/" + "a" * 3000,
        "//93.184.215.14/",
    ),
)
def test_other_urls_are_refused_before_a_connection(monkeypatch, url):
    monkeypatch.setattr(socket, "create_connection", None)
    with pytest.raises(errors.Invalid, match="could not be fetched"):
        fetching.fetch(url, max_bytes=10)


is_public = fetching.is_public


PACKED = {
    "/packed/gzip": gzip.compress(b"<title>A</title>" + b" " * 10**7),
    "/packed/deflate": zlib.compress(b"<title>A</title>" + b" " * 10**7),
}


class Site(BaseHTTPRequestHandler):
    left_early = threading.Event()

    def do_GET(self):
        if self.path == "/slow":
            self.answer_slowly()
            return
        moved = {
            "/moved": "/page?a=1",
            "/to-umlaut": "/ü",
            "/file": "file:///etc/passwd",
            "/away": "http://10.0.0.1/",
            "/loop": "/loop",
        }
        location = moved.get(self.path)
        if self.path == "/wall" and self.headers["Cookie"] != "seen=1":
            location = "/wall"
        self.send_response(302 if location else 404 if self.path == "/none" else 200)
        if location:
            self.send_header("Location", location)
        if self.path == "/wall":
            self.send_header("Set-Cookie", "seen=1; Path=/; Secure")
        self.send_header("Content-Type", "text/HTML; charset=Big5")
        if self.path.startswith("/packed"):
            self.send_header("Content-Encoding", self.path.removeprefix("/packed/"))
        self.end_headers()
        if self.path in PACKED:
            self.wfile.write(PACKED[self.path])
            return
        self.wfile.write(self.path.encode() + b"x" * 1000)

    def answer_slowly(self):
        try:
            self.wfile.write(b"HTTP/1.0 200 OK\r\n")
            for _ in range(1200):
                time.sleep(0.05)
                self.wfile.write(b"X")
        except OSError:
            self.left_early.set()

    def log_message(self, *_):
        pass


@pytest.fixture
def site(monkeypatch):
    """Serve a site on this machine, which counts as public, and on the standard port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setitem(fetching.PORTS, "http", server.server_port)
    monkeypatch.setitem(fetching.PORTS, "https", server.server_port)
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    # The machine may be busy.
    monkeypatch.setattr(fetching, "MAX_SECONDS", 60)
    monkeypatch.setattr(fetching, "STEP_SECONDS", 60)
    yield "http://127.0.0.1"
    server.shutdown()
    server.server_close()
    thread.join()


def test_a_page_is_fetched_after_a_redirect(site):
    found = fetching.fetch(f"{site}/moved", max_bytes=5000)
    assert (found.url, found.type, found.charset) == (f"{site}/page?a=1", "text/html", "big5")
    assert found.content.startswith(b"/page?a=1xxx")
    assert len(found.content) == 1009


def test_the_length_of_a_page_is_limited(site):
    assert len(fetching.fetch(f"{site}/page", max_bytes=100).content) == 100


@pytest.mark.parametrize("path", ("/none", "/away", "/loop", "/a b", "/ü", "/packed/br", "/file"))
def test_other_answers_are_refused(site, path):
    with pytest.raises(errors.Invalid):
        fetching.fetch(site + path, max_bytes=100)


@pytest.mark.parametrize("path", PACKED)
def test_a_compressed_page_is_read_up_to_its_limit(site, path):
    content = fetching.fetch(site + path, max_bytes=100_000).content
    assert content.startswith(b"<title>A</title>")
    assert len(content) == 100_000


def test_a_broken_compressed_page_is_refused(site, monkeypatch):
    monkeypatch.setitem(PACKED, "/packed/gzip", b"no gzip")
    with pytest.raises(errors.Invalid):
        fetching.fetch(f"{site}/packed/gzip", max_bytes=100)


def test_a_site_gets_its_cookie_back_after_a_redirect(site):
    assert fetching.fetch(f"{site}/wall", max_bytes=5).content == b"/wall"


def test_redirects_may_have_characters_that_are_not_ascii(site):
    assert fetching.fetch(f"{site}/to-umlaut", max_bytes=9).url == f"{site}/%FC"


def test_a_name_is_looked_up_once_and_each_of_its_addresses_tried(site, monkeypatch):
    looked_up = []

    def look_up(host, port, **_):
        looked_up.append(host)
        return [(0, 0, 0, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(fetching, "is_public", lambda _: True)
    connect = socket.socket.connect
    monkeypatch.setattr(socket, "create_connection", refuse_other_addresses(connect))
    fetching.fetch("http://name.example/", max_bytes=9)
    assert looked_up == ["name.example"]


def refuse_other_addresses(connect):
    def create_connection(address, timeout):
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError
        connection = socket.socket()
        connection.settimeout(timeout)
        connect(connection, address)
        return connection

    return create_connection


def test_a_name_with_a_private_address_is_refused(site, monkeypatch):
    both = [(0, 0, 0, "", (address, 80)) for address in ("93.184.215.14", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    monkeypatch.setattr(fetching, "is_public", is_public)
    with pytest.raises(errors.Invalid):
        fetching.fetch("http://name.example/", max_bytes=9)


def test_a_site_without_a_certificate_is_refused(site):
    with pytest.raises(errors.Invalid):
        fetching.fetch(site.replace("http:", "https:"), max_bytes=100)


def test_a_slow_site_is_given_up(site, monkeypatch):
    monkeypatch.setattr(Site, "left_early", threading.Event())
    monkeypatch.setattr(fetching, "MAX_SECONDS", 0.5)
    with pytest.raises(errors.Invalid):
        fetching.fetch(f"{site}/slow", max_bytes=100)
    assert Site.left_early.wait(60)


def test_nothing_is_fetched_without_time(site, monkeypatch):
    monkeypatch.setattr(fetching, "MAX_SECONDS", 0)
    with pytest.raises(errors.Invalid):
        fetching.fetch(f"{site}/page", max_bytes=100)
