import json

import pytest

from flaskr.text import page_metadata

URL = "https://www.a.example/b/c"


@pytest.mark.parametrize(
    ("html", "found"),
    (
        (
            '<title>T</title><meta property="og:title" content="A &amp; B">'
            '<meta property="og:site_name" content="Site"><meta name="og:image" content="/i.png">',
            ("A & B", "Site", "https://www.a.example/i.png"),
        ),
        ("<title> A\n title </title><title>x</title>", ("A title", "a.example", "")),
        (
            '<meta name="twitter:title" content="T"><meta property="og:title">',
            ("T", "a.example", ""),
        ),
        ('<meta property="og:image" content="javascript:1">', ("a.example", "a.example", "")),
        ("<title>" + "x" * 999, ("x" * 199 + "…", "a.example", "")),
        ("<<<<\xff&#0;", ("a.example", "a.example", "")),
    ),
)
def test_html_describes_its_page(html, found):
    assert page_metadata.from_html(html.encode("latin-1"), URL) == found


@pytest.mark.parametrize(
    ("values", "found"),
    (
        (
            {"title": "A film", "provider_name": "Films", "thumbnail_url": "https://i.example/1"},
            ("A film", "Films", "https://i.example/1"),
        ),
        ({"title": 1, "thumbnail_url": []}, ("a.example", "a.example", "")),
        ([], ("a.example", "a.example", "")),
    ),
)
def test_json_describes_its_page(values, found):
    assert page_metadata.from_json(json.dumps(values).encode(), URL) == found


def test_other_text_is_no_description():
    for content in (b"<html>", b"[" * 100_000):
        assert page_metadata.from_json(content, URL).title == "a.example"


def test_known_sites_describe_their_pages_in_json():
    found = page_metadata.oembed_url("https://www.youtube.com/watch?v=1&t=2")
    assert found.endswith("&url=https%3A%2F%2Fwww.youtube.com%2Fwatch%3Fv%3D1%26t%3D2")
    assert page_metadata.oembed_url("https://a.example/youtube.com") is None


@pytest.mark.parametrize(
    ("content", "charset"),
    (
        ("<title>あ</title>".encode("shift_jis"), "Shift_JIS"),
        ('<meta charset="euc-jp"><title>あ</title>'.encode("euc-jp"), ""),
        # Servers name another encoding than the page has; the end is cut off within a letter.
        ("<title>あ</title>あ".encode()[:-1], "iso-8859-1"),
        (b"<meta http-equiv=a content='text/html; charset=gbk'>\n<title>\xa4\xa2</title>", ""),
        ("<title>あ</title>".encode(), "punycode"),
        ("<title>あ</title>".encode(), "utf-8"),
    ),
)
def test_the_encoding_is_the_one_that_the_page_names(content, charset):
    assert page_metadata.from_html(content, "http://a.example/", charset).title == "あ"


@pytest.mark.parametrize("html", ("<title>A</title><![foo[x]]>", "<title>A</title><![<meta>"))
def test_malformed_declarations_end_the_description(html):
    assert page_metadata.from_html(html.encode(), "https://example.org/").title == "A"


@pytest.mark.parametrize("image", ("http://[bad", "https://[::1", "//[x"))
def test_malformed_address_of_a_picture_breaks_nothing(image):
    html = f'<title>A</title><meta property="og:image" content="{image}">'
    assert page_metadata.from_html(html.encode(), "https://example.org/").title == "A"
