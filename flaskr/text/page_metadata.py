"""Read the title and picture of a web page from its HTML or its oEmbed description."""

import codecs
import json
import re
from contextlib import suppress
from html.parser import HTMLParser
from typing import NamedTuple
from urllib.parse import quote
from urllib.parse import urlsplit

from .absolute_urls import absolutize_url

MAX_TITLE_CHARS = 200
MAX_DECLARATION_BYTES = 2048
DECLARED_CHARSET = re.compile(rb"<meta[^>]{1,200}?charset=[\"']?([\w-]{1,20})", re.I)
# Python has slow and unsafe ones, too.
CHARSET = re.compile(
    r"iso-8859-[1-9]|iso-8859-1[0135-6]|windows-125\d|shift_jis|euc-jp|euc-kr|gbk|gb2312|gb18030"
    r"|big5|koi8-[ru]",
    re.I,
)
# Control characters, marks that change the direction of text, and characters that XML or the
# renderer forbids.
UNPRINTABLE = re.compile(
    "[\0-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
# These describe their pages in JSON, even where their HTML asks visitors for consent first.
OEMBED = {
    "youtube.com": "https://www.youtube.com/oembed?format=json&url=",
    "youtu.be": "https://www.youtube.com/oembed?format=json&url=",
    "vimeo.com": "https://vimeo.com/api/oembed.json?url=",
    "open.spotify.com": "https://open.spotify.com/oembed?url=",
    "soundcloud.com": "https://soundcloud.com/oembed?format=json&url=",
}


class Description(NamedTuple):
    """The description of a page. `image` is an absolute URL or empty."""

    title: str
    site: str
    image: str


def oembed_url(url: str) -> str | None:
    """Return the URL of a page's oEmbed description, if its site has one."""
    host = (urlsplit(url).hostname or "").removeprefix("www.").removeprefix("m.")
    return OEMBED[host] + quote(url, safe="") if host in OEMBED else None


def from_json(content: bytes, url: str) -> Description:
    """Return the description in an oEmbed response."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        found = {}
    values = found if isinstance(found, dict) else {}
    return _describe(
        values.get("title"), values.get("provider_name"), values.get("thumbnail_url"), url
    )


def from_html(content: bytes, url: str, charset: str = "") -> Description:
    """Return the description in the head of a page; `charset` is the one that its server named."""
    head = _Head()
    # The parser raises it at malformed declarations, after it has read the part before them.
    with suppress(AssertionError):
        head.feed(_decode(content, charset))
    meta = head.meta
    title = meta.get("og:title") or meta.get("twitter:title") or head.title
    image = meta.get("og:image") or meta.get("twitter:image")
    return _describe(title, meta.get("og:site_name"), image, url)


def _decode(content: bytes, charset: str) -> str:
    # Few texts in other encodings are valid UTF-8, and many servers name a wrong one.
    with suppress(UnicodeDecodeError):
        return codecs.getincrementaldecoder("utf-8")().decode(content)
    declared = DECLARED_CHARSET.search(content[:MAX_DECLARATION_BYTES])
    name = charset or (declared[1].decode() if declared else "")
    return content.decode(name if CHARSET.fullmatch(name) else "windows-1252", "replace")


def _describe(title: object, site: object, image: object, url: str) -> Description:
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    address = absolutize_url(image, url) if isinstance(image, str) and image else ""
    return Description(
        _shorten(title) or host,
        _shorten(site) or host,
        address if address.startswith(("http://", "https://")) else "",
    )


def _shorten(value: object) -> str:
    text = " ".join(UNPRINTABLE.sub(" ", value).split()) if isinstance(value, str) else ""
    return text if len(text) <= MAX_TITLE_CHARS else text[: MAX_TITLE_CHARS - 1] + "…"


class _Head(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.title = ""
        self.is_in_title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.is_in_title = tag == "title" and not self.title
        name = values.get("property") or values.get("name")
        if tag == "meta" and name and values.get("content"):
            self.meta.setdefault(name.lower(), values["content"] or "")

    def handle_endtag(self, tag: str) -> None:
        self.is_in_title = False

    def handle_data(self, data: str) -> None:
        if self.is_in_title:
            self.title += data
