import gzip
import runpy
import sys

import brotli
import pytest

from flaskr.page_cache import responses
from flaskr.page_cache.responses import CachedResponse
from flaskr.page_cache.responses import best_encoding

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
def test_each_encoding_has_its_own_bytes_and_tag(encoding, unpack):
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


def test_the_same_bytes_have_the_same_tag_and_others_another():
    tags = [send(CachedResponse(HTML, body, None))[1]["ETag"] for body in (BODY, BODY, BODY + b"!")]
    assert tags[0] == tags[1] != tags[2]


def test_head_is_answered_without_the_body():
    page = CachedResponse(HTML, BODY, None)
    assert send(page, "HEAD") == (*send(page)[:2], b"")


@pytest.mark.parametrize("given", ("{}", "W/{}", '"other", {}', "*"))
def test_who_has_the_page_gets_no_other(given):
    page = CachedResponse(HTML, BODY, 0)
    etag = send(page)[1]["ETag"]
    status, headers, body = send(page, HTTP_IF_NONE_MATCH=given.format(etag))
    assert (status, body) == ("304 NOT MODIFIED", b"")
    assert headers.keys() == {"ETag", "Last-Modified", "Vary"}


def test_who_has_another_encoding_or_page_gets_this_one():
    page = CachedResponse(HTML, BODY, 0)
    etag = send(page)[1]["ETag"]
    known = {"HTTP_IF_NONE_MATCH": etag, "HTTP_IF_MODIFIED_SINCE": "Thu, 01 Jan 1970 00:00:00 GMT"}
    assert send(page, **known, HTTP_ACCEPT_ENCODING="gzip")[0] == "200 OK"
    assert send(page, **{**known, "HTTP_IF_NONE_MATCH": '"x"'})[0] == "200 OK"


@pytest.mark.parametrize(
    ("modified", "since", "status"),
    (
        (0, "Thu, 01 Jan 1970 00:00:00 GMT", "304 NOT MODIFIED"),
        # A copy that was put back may be older.
        (0, "Thu, 01 Jan 1970 00:00:01 GMT", "200 OK"),
        (None, "Thu, 01 Jan 1970 00:00:00 GMT", "200 OK"),
        (None, "", "200 OK"),
    ),
)
def test_who_has_the_page_of_this_date_gets_no_other(modified, since, status):
    assert send(CachedResponse(HTML, BODY, modified), HTTP_IF_MODIFIED_SINCE=since)[0] == status


def test_the_tag_and_date_that_an_answer_has_stay():
    given = [*HTML, ("ETag", '"mine"'), ("Last-Modified", "then")]
    headers = send(CachedResponse(given, BODY, 0))[1]
    assert (headers["ETag"], headers["Last-Modified"]) == ('"mine"', "then")


@pytest.mark.parametrize(
    ("kind", "body"), (("text/html", b"short"), ("image/webp", BODY), ("", BODY))
)
def test_what_would_not_get_smaller_is_sent_as_it_is(kind, body):
    page = CachedResponse([("Content-Type", kind)], body, None)
    assert send(page, HTTP_ACCEPT_ENCODING="gzip")[2] == body


@pytest.mark.parametrize(
    ("accepted", "best"),
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
def test_the_smallest_encoding_is_sent_that_the_client_takes(accepted, best):
    assert best_encoding(accepted) == best


def test_without_brotli_there_is_gzip(monkeypatch):
    monkeypatch.setitem(sys.modules, "brotli", None)
    module = runpy.run_path(responses.__file__)
    page = module["Page"](HTML, BODY, None)
    assert send(page, HTTP_ACCEPT_ENCODING="br, gzip")[1]["Content-Encoding"] == "gzip"
