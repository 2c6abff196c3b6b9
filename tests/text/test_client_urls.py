import pytest

from flaskr import errors
from flaskr.text import client_urls


@pytest.mark.parametrize(
    ("url", "canonical"),
    (
        ("https://app.example/", "https://app.example/"),
        ("https://app.example", "https://app.example/"),
        ("HTTPS://App.Example:443/Path?q=1", "https://app.example/Path?q=1"),
        ("https://app.example:8443?q=1", "https://app.example:8443/?q=1"),
        ("http://127.0.0.1:5000/", "http://127.0.0.1:5000/"),
        ("http://[::1]:5000/", "http://[::1]:5000/"),
        ("http://localhost:80/", "http://localhost/"),
        ("https://xn--r8jz45g.xn--zckzah/%E3%81%AD/a..b", "https://xn--r8jz45g.xn--zckzah/%E3%81%AD/a..b"),
    ),
)  # fmt: skip
def test_client_id_is_made_canonical(url, canonical):
    assert client_urls.parse_client_id(url)[0] == canonical


@pytest.mark.parametrize(
    "url",
    (
        "",
        "app.example",
        "//app.example/",
        "mailto:a@app.example",
        "javascript:alert(1)//app.example/",
        "data:text/html,x",
        "https:///path",
        "https:app.example/",
        "https://app.example/#me",
        "https://app.example/#",
        "https://ada@app.example/",
        "https://ada:pw@app.example/",
        "https://app.example\\@evil.example/",
        "https://app.example/a/../b",
        "https://app.example/.",
        "https://app.example/%2e%2E/b",
        "https://172.28.92.51/",
        "https://127.0.0.2/",
        "https://2130706433/",
        "https://app.0x7f/",
        "https://[::2]/",
        "https://[app.example]/",
        "https://[::1/",
        "https://app.example:x/",
        "https://app.example:99999/",
        "https://app..example/",
        "https://.app.example/",
        "https://app.example./",
        "https://app_a.example/",
        "https://ex%61mple.org/",
        "https://例え.jp/",
        "https://app.example/a b",
        "https://app.example/\0",
        "https://app.example/\n",
        " https://app.example/",
        'https://app.example/"><script>',
        "https://app.example/" + "a" * 2000,
        "\ud800",
    ),
)
def test_client_id_that_browsers_may_read_otherwise_is_refused(url):
    with pytest.raises(errors.Invalid, match="client_id"):
        client_urls.parse_client_id(url)


@pytest.mark.parametrize(
    ("client", "url"),
    (
        ("https://app.example/", "https://app.example/back?a=1"),
        ("https://app.example/", "https://APP.example:443/../back"),
        ("http://127.0.0.1:5000/", "http://127.0.0.1:5000/"),
        ("http://[::1]:5000/", "http://[::1]:5000/back"),
    ),
)
def test_redirect_uri_on_the_host_of_the_program_is_accepted(client, url):
    client_urls.check_redirect_uri(url, client_urls.parse_client_id(client)[1])


@pytest.mark.parametrize(
    ("url", "message"),
    (
        ("", "The program sent no redirect_uri"),
        ("http://app.example/", "has to begin with https://app.example/"),
        ("https://app.example:8443/", "has to begin with https://app.example/"),
        ("https://evil.example/", "the blog fetches nothing"),
        ("https://app.example.evil.example/", "has to begin with https://app.example/"),
        ("https://app.example@evil.example/", "without a user name"),
        ("https://evil.example\\@app.example/", "in ASCII"),
        ("//evil.example/", "has to begin with https:// or http://"),
        ("/back", "has to begin with https:// or http://"),
        ("writer://app.example/", "has to begin with https:// or http://"),
        ("https://app.example/#back", "without a fragment"),
        ("https://app.example/\r\nSet-Cookie: a=b", "in ASCII"),
    ),
)
def test_other_redirect_uri_is_refused_with_the_reason(url, message):
    _, client = client_urls.parse_client_id("https://app.example/")
    with pytest.raises(errors.Invalid, match=message):
        client_urls.check_redirect_uri(url, client)
