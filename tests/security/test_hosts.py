"""Test that only trusted host names and forwarding headers are accepted."""

import click
import pytest
from flask import request

from flaskr import create_app
from flaskr.db import init_db
from flaskr.web.proxies import HEADERS


@pytest.fixture
def blog(instance_path):
    """Create a blog with settings, and a page that describes the request."""

    def make(**settings):
        blog = create_app({"TESTING": True, **settings})
        with blog.app_context():
            init_db()
        blog.add_url_rule("/seen", view_func=seen)
        return blog.test_client()

    return make


def seen():
    return f"{request.remote_addr} {request.scheme} {request.host} {request.script_root}"


JUNK = (
    "",
    " ",
    "a b",
    "a/b",
    "a\\b",
    "http://a",
    "user@a",
    "user:word@a",
    "a:",
    "a:b",
    "a:0",
    "a:-1",
    "a:080",
    "a:65536",
    "a:999999",
    "a:1:2",
    "a\0b",
    "a\tb",
    "a\x7f",
    "a%20b",
    "a?b",
    "a#b",
    "a,b",
    "a, a",
    "a;b",
    "a'b",
    'a"b',
    "<a>",
    "a_b",
    ".",
    ".a",
    "a..b",
    "-a",
    "a-",
    "é.example",
    "a٣",
    "a:٣",
    "\uff41.example",
    "a" * 64,
    "a." * 130,
    "a" * 10_000,
    "[::1",
    "::1",
    "[]",
    "[::1]x",
    "[::1]:0",
    "[::1%25eth0]",
    "[127.0.0.1]",
)
GOOD = (
    "a",
    "localhost",
    "LOCALHOST:5000",
    "blog.example.org",
    "blog.example.org.",
    "xn--bcher-kva.example",
    "a-b.c--d",
    "127.0.0.1",
    "127.0.0.1:65535",
    "[::1]",
    "[2001:DB8::1]:8000",
    "[::ffff:127.0.0.1]",
)


def host(value):
    return {"HTTP_HOST": value.encode().decode("latin-1")}


def test_invalid_host_is_rejected_with_a_message(client):
    for value in JUNK:
        for path in ("/", "/hello", "/nothing", "/static/style.css"):
            answer = client.get(path, environ_overrides=host(value))
            assert (answer.status_code, answer.mimetype) == (400, "text/plain"), value
            assert "Host header" in answer.text
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_valid_host_is_answered(client):
    for value in GOOD:
        assert client.get("/", environ_overrides=host(value)).status_code == 200, value


@pytest.mark.parametrize(
    ("protocol", "status"), (("HTTP/1.1", 400), ("HTTP/2", 400), ("HTTP/1.0", 200), ("HTTP/1", 200))
)
def test_only_http_1_0_requests_may_omit_the_host(client, protocol, status):
    def without_host(environ, start_response):
        environ.pop("HTTP_HOST")
        return wsgi_app(environ, start_response)

    wsgi_app, client.application.wsgi_app = client.application.wsgi_app, without_host
    answer = client.get("/hello", environ_overrides={"SERVER_PROTOCOL": protocol})
    assert answer.status_code == status


ALLOWED = (
    ("blog.example.org", 200),
    ("BLOG.example.org:8000", 200),
    ("a.b.example.net", 200),
    ("example.net", 200),
    ("www.example.com", 200),
    ("www.example.com:1", 200),
    ("blog.example.org.evil.example", 400),
    ("evilexample.net", 400),
    ("localhost", 400),
    ("127.0.0.1", 400),
    ("", 400),
)


def test_only_trusted_hosts_are_answered(blog):
    client = blog(
        TRUSTED_HOSTS=["blog.example.org", ".Example.net", ""],
        SITE_URL="https://www.example.com/blog",
    )
    for value, status in ALLOWED:
        answer = client.get("/seen", environ_overrides=host(value))
        assert answer.status_code == status, value
        if status == 400 and value:
            assert "TRUSTED_HOSTS" in answer.text


def test_site_url_may_have_an_ipv6_address(blog):
    client = blog(TRUSTED_HOSTS="blog.example.org,", SITE_URL="http://[2001:db8::1]:8000")
    assert client.get("/seen", environ_overrides=host("[2001:db8::1]:8000")).status_code == 200
    assert client.get("/seen", environ_overrides=host("[2001:db8::2]")).status_code == 400


def test_missing_host_is_rejected_with_trusted_hosts(blog):
    client = blog(TRUSTED_HOSTS=["a.example"])
    answer = client.get(
        "/seen", environ_overrides={"SERVER_PROTOCOL": "HTTP/1.0", "HTTP_HOST": "b.example"}
    )
    assert answer.status_code == 400


FORWARDED = {
    "X-Forwarded-For": "192.0.2.7",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "other.example",
    "X-Forwarded-Port": "8443",
    "X-Forwarded-Prefix": "/blog",
}
DIRECT = "127.0.0.1 http localhost "
PROXIED = "192.0.2.7 https localhost /blog"


@pytest.mark.parametrize(
    ("proxies", "expected"),
    (
        ("", DIRECT),
        (0, DIRECT),
        ("0", DIRECT),
        (",", DIRECT),
        (1, PROXIED),
        ("1", PROXIED),
        ("127.0.0.1", PROXIED),
        ("127.0.0.1,", PROXIED),
        (["10.0.0.0/8", "127.0.0.0/8"], PROXIED),
        ("10.0.0.0/8, 127.0.0.0/8", PROXIED),
        ("10.0.0.0/8", DIRECT),
        ("unix", DIRECT),
    ),
)
def test_forwarding_headers_are_trusted_from_trusted_proxies_only(blog, proxies, expected):
    client = blog(TRUSTED_PROXIES=proxies)
    assert client.get("/seen", headers=FORWARDED).text == expected


def test_forwarding_headers_of_others_are_dropped(blog):
    client = blog()

    def names():
        return " ".join(name for name in dict(request.headers) if "forwarded" in name.lower())

    client.application.add_url_rule("/names", view_func=names)
    assert client.get("/names", headers={**FORWARDED, "Forwarded": "for=192.0.2.7"}).text == ""


@pytest.mark.parametrize(
    ("believed", "expected"),
    (
        ([], DIRECT),
        (["x-forwarded-for"], "192.0.2.7 http localhost "),
        (["X-Forwarded-Proto"], "127.0.0.1 https localhost "),
        (["X-Forwarded-Host"], "127.0.0.1 http other.example "),
        (["X-Forwarded-Port"], "127.0.0.1 http localhost:8443 "),
        (["X-Forwarded-Prefix"], "127.0.0.1 http localhost /blog"),
        (list(HEADERS), "192.0.2.7 https other.example:8443 /blog"),
    ),
)
def test_each_header_is_trusted_only_if_listed(blog, believed, expected):
    client = blog(TRUSTED_PROXIES="127.0.0.1", FORWARDED_HEADERS=believed)
    assert client.get("/seen", headers=FORWARDED).text == expected


CHAINS = (
    ("192.0.2.7", "192.0.2.7"),
    ("192.0.2.7, 10.0.0.2", "192.0.2.7"),
    ("198.51.100.1, 192.0.2.7, 10.0.0.3, 10.0.0.2", "192.0.2.7"),
    ("10.0.0.9, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
    ("10.0.0.3,10.0.0.2", "10.0.0.3"),
    ("192.0.2.7:4711", "192.0.2.7"),
    ("192.0.2.7, 10.0.0.2:80", "192.0.2.7"),
    ("2001:db8::7", "2001:db8::7"),
    ("[2001:db8::7]", "2001:db8::7"),
    ("[2001:db8::7]:4711, 10.0.0.2", "2001:db8::7"),
    ('"[2001:db8::7]:4711"', "2001:db8::7"),
    ("192.0.2.7, ::ffff:10.0.0.2", "192.0.2.7"),
    ("fe80::1%eth0", "fe80::1"),
    ("unknown", "127.0.0.1"),
    ("192.0.2.7, unknown", "127.0.0.1"),
    ("192.0.2.7, unknown, 10.0.0.2", "10.0.0.2"),
    ("", "127.0.0.1"),
    (",,", "127.0.0.1"),
    ("<script>", "127.0.0.1"),
    ("1.2.3.4.5", "127.0.0.1"),
    ("[192.0.2.7", "127.0.0.1"),
    ("unix", "127.0.0.1"),
    ("192.0.2.7, " * 500 + "10.0.0.2", "192.0.2.7"),
)


def test_client_is_the_first_address_that_is_not_a_proxy(blog):
    client = blog(TRUSTED_PROXIES="127.0.0.1, 10.0.0.0/24, unix")
    for forwarded, address in CHAINS:
        answer = client.get("/seen", headers={"X-Forwarded-For": forwarded})
        assert answer.text.split()[0] == address, forwarded


@pytest.mark.parametrize(
    ("hops", "forwarded", "address"),
    (
        (1, "198.51.100.1, 192.0.2.7", "192.0.2.7"),
        (2, "198.51.100.1, 192.0.2.7, 10.0.0.2", "192.0.2.7"),
        (2, "10.0.0.2", "10.0.0.2"),
        (3, "192.0.2.7, unknown, 10.0.0.2", "10.0.0.2"),
    ),
)
def test_number_of_proxies_is_the_number_of_trusted_hops(blog, hops, forwarded, address):
    client = blog(TRUSTED_PROXIES=hops)
    answer = client.get("/seen", headers={"X-Forwarded-For": forwarded})
    assert answer.text.split()[0] == address


@pytest.mark.parametrize("value", ("javascript", "ftp", "", "HTTPS evil", "https, ftp"))
def test_invalid_scheme_is_ignored(blog, value):
    client = blog(TRUSTED_PROXIES="127.0.0.1")
    assert client.get("/seen", headers={"X-Forwarded-Proto": value}).text == DIRECT


@pytest.mark.parametrize(
    "value",
    (
        "//evil.example",
        "/\\evil",
        "/a b",
        "/a//b",
        "/../a",
        "/a/..",
        "blog",
        "/",
        "/ä",
        '/"',
        "/" * 9,
    ),
)
def test_invalid_prefix_is_ignored(blog, value):
    client = blog(TRUSTED_PROXIES="127.0.0.1")
    assert client.get("/seen", headers={"X-Forwarded-Prefix": value}).text == DIRECT


@pytest.mark.parametrize(
    ("port", "host"),
    (("443", "localhost"), ("80", "localhost:80"), ("x", "localhost"), ("0", "localhost")),
)
def test_forwarded_port_becomes_part_of_the_host(blog, port, host):
    client = blog(
        TRUSTED_PROXIES="127.0.0.1", FORWARDED_HEADERS="X-Forwarded-Proto,X-Forwarded-Port"
    )
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Port": port}
    assert client.get("/seen", headers=headers).text == f"127.0.0.1 https {host} "


def test_forwarded_host_is_checked(blog):
    client = blog(TRUSTED_PROXIES="127.0.0.1", FORWARDED_HEADERS=["X-Forwarded-Host"])
    assert client.get("/seen", headers={"X-Forwarded-Host": "a b"}).status_code == 400


@pytest.mark.parametrize("peer", (None, "", "unix:", "localhost"))
@pytest.mark.parametrize(
    ("proxies", "expected"),
    (("unix", PROXIED), ("127.0.0.1, unix", PROXIED), ("127.0.0.1", "direct")),
)
def test_unix_socket_is_a_proxy_if_listed(blog, peer, proxies, expected):
    client = blog(TRUSTED_PROXIES=proxies)
    answer = client.get("/seen", headers=FORWARDED, environ_overrides={"REMOTE_ADDR": peer})
    if expected == "direct":
        expected = DIRECT.replace("127.0.0.1", str(peer))
    assert answer.text == expected


def test_environ_is_processed_once(blog):
    client = blog(TRUSTED_PROXIES="127.0.0.1, 192.0.2.7", URL_PREFIX="/blog")

    def server(environ, start_response):
        list(wsgi_app(environ, lambda *_: None))
        return wsgi_app(environ, start_response)

    wsgi_app, client.application.wsgi_app = client.application.wsgi_app, server
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.5, 192.0.2.7"}
    answer = client.get("/blog/seen", headers=headers, environ_overrides=host("LocalHost"))
    assert answer.text == "203.0.113.5 http localhost /blog"


def test_any_wsgi_application_may_follow(client):
    gateway = client.application.wsgi_app
    gateway.wsgi_app = lambda environ, start_response: environ["wsgi.url_scheme"]
    environ = {"HTTP_HOST": "a", "wsgi.url_scheme": "http"}
    assert gateway(environ, None) == "http"


@pytest.mark.parametrize(
    ("proxies", "words"),
    (("", "TRUSTED_PROXIES is empty"), ("10.0.0.1", "TRUSTED_PROXIES does not include it")),
)
def test_unknown_proxy_is_logged_once(blog, caplog, proxies, words):
    client = blog(TRUSTED_PROXIES=proxies)
    for _ in range(3):
        client.get("/", headers=FORWARDED)
    assert caplog.text.count(words) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    (
        ("TRUSTED_PROXIES", "somewhere"),
        ("TRUSTED_PROXIES", "10.0.0.1/8"),
        ("TRUSTED_PROXIES", "1, 2"),
        ("TRUSTED_PROXIES", "-1"),
        ("FORWARDED_HEADERS", "X-Real-IP"),
        ("TRUSTED_HOSTS", "https://blog.example.org"),
        ("TRUSTED_HOSTS", "*"),
        ("TRUSTED_HOSTS", ["a b"]),
        ("URL_PREFIX", "/a b"),
        ("URL_PREFIX", "/a/../b"),
        ("URL_PREFIX", "https://a"),
        ("SESSION_COOKIE_NAME", "a=b"),
        ("SESSION_COOKIE_NAME", "a;b"),
    ),
)
def test_invalid_setting_is_reported_at_startup(name, value):
    with pytest.raises(click.ClickException, match=name):
        create_app({"TESTING": True, name: value})
