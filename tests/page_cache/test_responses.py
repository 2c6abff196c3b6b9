import gzip
import runpy
import sys

import brotli
import pytest

from flaskr.page_cache import responses
from flaskr.page_cache.responses import CachedResponse
from flaskr.page_cache.responses import choose_encoding

BODY = b"<p>Some words that come again and again.</p>" * 50
HTML = [("Content-Type", "text/html; charset=utf-8"), ("Vary", "Cookie"), ("X-Other", "kept")]


def send(page, method="GET", **environ):
    started = []
    body = page.send({"REQUEST_METHOD": method, **environ}, lambda *given: started.append(given))
    ((status, headers),) = started
    return status, dict(headers), b"".join(body)


@pytest.mark.parametrize(
    ("encoding", "unpack"), (("gzip", gzip.decompress), ("br", brotli.decompress))
)
def test_each_encoding_has_its_own_body_and_etag(encoding, unpack):
    page = CachedResponse(HTML, BODY, None)
    _, plain, body = send(page)
    _, small, packed = send(page, HTTP_ACCEPT_ENCODING=encoding)
    assert body == unpack(packed) == BODY
    assert "Content-Encoding" not in plain
    assert small["Content-Encoding"] == encoding
    assert plain["ETag"] != small["ETag"]
    for headers, sent in ((plain, body), (small, packed)):
        assert headers["Content-Length"] == str(len(sent))
        assert headers["Vary"] == "Cookie, Accept-Encoding"
        assert headers["X-Other"] == "kept"


def test_etag_depends_on_the_body():
    tags = [send(CachedResponse(HTML, body, None))[1]["ETag"] for body in (BODY, BODY, BODY + b"!")]
    assert tags[0] == tags[1] != tags[2]


def test_head_response_has_no_body():
    page = CachedResponse(HTML, BODY, None)
    assert send(page, "HEAD") == (*send(page)[:2], b"")


@pytest.mark.parametrize("given", ("{}", "W/{}", '"other", {}', "*"))
def test_matching_etag_gets_304(given):
    page = CachedResponse(HTML, BODY, 0)
    etag = send(page)[1]["ETag"]
    status, headers, body = send(page, HTTP_IF_NONE_MATCH=given.format(etag))
    assert (status, body) == ("304 NOT MODIFIED", b"")
    assert headers.keys() == {"ETag", "Last-Modified", "Vary"}


def test_etag_of_another_encoding_or_page_gets_200():
    page = CachedResponse(HTML, BODY, 0)
    etag = send(page)[1]["ETag"]
    known = {"HTTP_IF_NONE_MATCH": etag, "HTTP_IF_MODIFIED_SINCE": "Thu, 01 Jan 1970 00:00:00 GMT"}
    assert send(page, **known, HTTP_ACCEPT_ENCODING="gzip")[0] == "200 OK"
    assert send(page, **{**known, "HTTP_IF_NONE_MATCH": '"x"'})[0] == "200 OK"


@pytest.mark.parametrize(
    ("modified", "since", "status"),
    (
        (0, "Thu, 01 Jan 1970 00:00:00 GMT", "304 NOT MODIFIED"),
        # A restored backup may be older.
        (0, "Thu, 01 Jan 1970 00:00:01 GMT", "200 OK"),
        (None, "Thu, 01 Jan 1970 00:00:00 GMT", "200 OK"),
        (None, "", "200 OK"),
    ),
)
def test_only_the_same_date_gets_304(modified, since, status):
    assert send(CachedResponse(HTML, BODY, modified), HTTP_IF_MODIFIED_SINCE=since)[0] == status


def test_etag_and_date_of_the_view_are_kept():
    given = [*HTML, ("ETag", '"mine"'), ("Last-Modified", "then")]
    headers = send(CachedResponse(given, BODY, 0))[1]
    assert (headers["ETag"], headers["Last-Modified"]) == ('"mine"', "then")


@pytest.mark.parametrize(
    ("kind", "body"), (("text/html", b"short"), ("image/webp", BODY), ("", BODY))
)
def test_incompressible_bodies_are_sent_unchanged(kind, body):
    page = CachedResponse([("Content-Type", kind)], body, None)
    assert send(page, HTTP_ACCEPT_ENCODING="gzip")[2] == body


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    (
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0, GZIP;q=0.8", "gzip"),
        ("*", "br"),
        ("gzip;q=0", ""),
        ("gzip; q=0.000, *", "br"),
        ("br;q=0, deflate, identity", ""),
        ("", ""),
        (";;q=,\x00", ""),
    ),
)
def test_best_accepted_encoding_is_chosen(accepted, encoding):
    assert choose_encoding(accepted) == encoding


def test_gzip_is_used_without_brotli(monkeypatch):
    monkeypatch.setitem(sys.modules, "brotli", None)
    module = runpy.run_path(responses.__file__)
    page = module["CachedResponse"](HTML, BODY, None)
    assert send(page, HTTP_ACCEPT_ENCODING="br, gzip")[1]["Content-Encoding"] == "gzip"
