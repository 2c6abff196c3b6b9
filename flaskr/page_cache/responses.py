"""Store a response in each content encoding, and answer conditional requests from it."""

import gzip
import hashlib
import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from email.utils import formatdate
from functools import lru_cache
from typing import Any
from typing import NamedTuple

try:
    import brotli  # type: ignore[import-untyped]  # it declares no types
except ImportError:
    brotli = None

# Compression does not make shorter bodies smaller.
MIN_COMPRESS_BYTES = 500
COMPRESSIBLE = re.compile(r"text/|application/(json|feed\+json|javascript|manifest\+json)|.*\+?xml")
NOT_MODIFIED_HEADERS = {"cache-control", "etag", "last-modified", "vary"}
RECOMPUTED_HEADERS = {"content-length", "date", "etag", "last-modified", "vary"}
# The available compressors, best first.
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 6, mtime=0)
}
if brotli:
    COMPRESSORS = {"br": lambda body: brotli.compress(body, quality=5)} | COMPRESSORS
# An estimate of the memory that a stored response needs in addition to its bodies.
ENTRY_OVERHEAD_BYTES = 2000

# The name of the encoding of an uncompressed body.
IDENTITY = ""

Headers = list[tuple[str, str]]
StartResponse = Callable[[str, Headers], Any]


class Variant(NamedTuple):
    """A response in one encoding."""

    etag: str
    last_modified: str
    headers: Headers
    body: bytes

    def is_not_modified(self, environ: Mapping[str, Any]) -> bool:
        """Return True if the client's conditional request names these exact bytes."""
        etags = environ.get("HTTP_IF_NONE_MATCH")
        if etags is not None:
            return etags == self.etag or self.etag in re.findall(r'"[^"]*"', etags) or etags == "*"
        # The dates are compared for equality because a restored database may be older.
        return (
            bool(self.last_modified) and environ.get("HTTP_IF_MODIFIED_SINCE") == self.last_modified
        )


class CachedResponse:
    """A response that is stored in each encoding when that is first requested."""

    def __init__(self, headers: Iterable[tuple[str, str]], body: bytes, modified: float | None):
        headers = list(headers)
        by_name = {name.lower(): value for name, value in headers}
        modified_date = formatdate(modified, usegmt=True) if modified is not None else ""
        self._last_modified = by_name.get("last-modified", modified_date)
        digest = hashlib.blake2b(body, digest_size=15).hexdigest()
        self._etag = by_name.get("etag") or f'"{digest}"'
        vary = [*filter(None, map(str.strip, by_name.get("vary", "").split(",")))]
        self._headers = [
            *((name, value) for name, value in headers if name.lower() not in RECOMPUTED_HEADERS),
            ("Vary", ", ".join(dict.fromkeys([*vary, "Accept-Encoding"]))),
        ]
        self._variants = {IDENTITY: self._make_variant(body, IDENTITY)}
        is_compressible = len(body) >= MIN_COMPRESS_BYTES and bool(
            COMPRESSIBLE.match(by_name.get("content-type", ""))
        )
        if not is_compressible:
            self._variants = dict.fromkeys((*COMPRESSORS, IDENTITY), self._variants[IDENTITY])
        # An upper bound, reached when every encoding was requested.
        self.size = (1 + is_compressible * len(COMPRESSORS)) * len(body) + ENTRY_OVERHEAD_BYTES

    def _get_variant(self, encoding: str) -> Variant:
        # Two threads may both compress the body, with the same result.
        if encoding not in self._variants:
            compressed = COMPRESSORS[encoding](self._variants[IDENTITY].body)
            self._variants[encoding] = self._make_variant(compressed, encoding)
        return self._variants[encoding]

    def _make_variant(self, body: bytes, encoding: str) -> Variant:
        # A strong ETag has to differ between encodings.
        etag = f'{self._etag[:-1]}-{encoding}"' if encoding else self._etag
        headers = [*self._headers, ("Content-Length", str(len(body))), ("ETag", etag)]
        if self._last_modified:
            headers.append(("Last-Modified", self._last_modified))
        if encoding:
            headers.append(("Content-Encoding", encoding))
        return Variant(etag, self._last_modified, headers, body)

    def is_ready(self, environ: Mapping[str, Any]) -> bool:
        """Return True if the response can be sent to this client without compressing it first."""
        return choose_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")) in self._variants

    def send(self, environ: Mapping[str, Any], start_response: StartResponse) -> list[bytes]:
        """Answer a WSGI request."""
        variant = self._get_variant(choose_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")))
        if variant.is_not_modified(environ):
            headers = [pair for pair in variant.headers if pair[0].lower() in NOT_MODIFIED_HEADERS]
            start_response("304 NOT MODIFIED", headers)
            return []
        start_response("200 OK", variant.headers.copy())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [variant.body]


MARKDOWN = "text/markdown"
MAX_ACCEPT_CHARS = 1000
HTML = "text/html"
QUALITY = re.compile(r"[qQ]\s*=\s*([01](?:\.\d{0,3})?)")


@lru_cache(maxsize=256)
def choose_encoding(accepted: str) -> str:
    """Return the best encoding that an `Accept-Encoding` header allows, or an empty string."""
    weights = {
        match[1].lower(): float(match[2] or 1)
        for match in re.finditer(r"([^\s,;]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?", accepted)
    }
    default = weights.get("*", 0)
    return next((name for name in COMPRESSORS if weights.get(name, default) > 0), IDENTITY)


def prefers_markdown(accepted: str) -> bool:
    """Return True if `Accept` prefers Markdown to HTML. Between equals, the first one wins."""
    return MARKDOWN in accepted and _is_markdown_best(accepted[:MAX_ACCEPT_CHARS])


@lru_cache(maxsize=256)
def _is_markdown_best(accepted: str) -> bool:
    weights: dict[str, float] = {}
    for part in accepted.split(","):
        kind, *parameters = (word.strip() for word in part.split(";"))
        weight = next((QUALITY.fullmatch(one) for one in parameters if one[:1] in "qQ"), None)
        weights.setdefault(kind.lower(), float(weight[1]) if weight else 1.0)
    markdown = weights.get(MARKDOWN, 0.0)
    html = next((weights[kind] for kind in (HTML, "text/*", "*/*") if kind in weights), 0.0)
    is_first = next((kind for kind in weights if kind in (MARKDOWN, HTML)), "") == MARKDOWN
    return markdown > html or (is_first and markdown == html > 0)
