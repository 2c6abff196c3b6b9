"""Pure: a page's finished bytes in each encoding, and what of them a client has already."""

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

# Fewer bytes than this do not get smaller.
MIN_COMPRESS_BYTES = 500
COMPRESSIBLE = re.compile(r"text/|application/(json|feed\+json|javascript|manifest\+json)|.*\+?xml")
# All that the answer "what you have is still good" says.
NOT_MODIFIED_HEADERS = {"cache-control", "etag", "last-modified", "vary"}
RECOMPUTED_HEADERS = {"content-length", "date", "etag", "last-modified", "vary"}
# Those that this machine can make, the smaller one first.
COMPRESSORS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body, 6, mtime=0)
}
if brotli:
    COMPRESSORS = {"br": lambda body: brotli.compress(body, quality=5)} | COMPRESSORS
# What a kept answer takes in memory beside its bytes.
ENTRY_OVERHEAD_BYTES = 2000

# "" is the encoding of what is not packed.
IDENTITY = ""

Headers = list[tuple[str, str]]
StartResponse = Callable[[str, Headers], Any]


class Variant(NamedTuple):
    """The page in one encoding."""

    etag: str
    modified: str
    headers: Headers
    body: bytes

    def is_known(self, environ: Mapping[str, Any]) -> bool:
        """Whether the client has these very bytes."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        if known is not None:
            return known == self.etag or self.etag in re.findall(r'"[^"]*"', known) or known == "*"
        # Not "since" but "the same": a restored database may be older.
        return bool(self.modified) and environ.get("HTTP_IF_MODIFIED_SINCE") == self.modified


class CachedResponse:
    """An answer in each of its encodings, made once and sent often."""

    def __init__(self, headers: Iterable[tuple[str, str]], body: bytes, modified: float | None):
        headers = list(headers)
        given = {name.lower(): value for name, value in headers}
        modified_date = formatdate(modified, usegmt=True) if modified is not None else ""
        self._modified = given.get("last-modified", modified_date)
        self._etag = given.get("etag") or f'"{hashlib.blake2b(body, digest_size=15).hexdigest()}"'
        vary = [*filter(None, map(str.strip, given.get("vary", "").split(",")))]
        self._headers = [
            *((name, value) for name, value in headers if name.lower() not in RECOMPUTED_HEADERS),
            ("Vary", ", ".join(dict.fromkeys([*vary, "Accept-Encoding"]))),
        ]
        self._variants = {IDENTITY: self._variant(body, IDENTITY)}
        is_worth_packing = len(body) >= MIN_COMPRESS_BYTES and bool(
            COMPRESSIBLE.match(given.get("content-type", ""))
        )
        if not is_worth_packing:
            self._variants = dict.fromkeys((*COMPRESSORS, IDENTITY), self._variants[IDENTITY])
        # At most, in whatever encodings it is asked for.
        self.size = (1 + is_worth_packing * len(COMPRESSORS)) * len(body) + ENTRY_OVERHEAD_BYTES

    def _in(self, encoding: str) -> Variant:
        # Made when first asked for; of two threads that do so at once both make the same.
        if encoding not in self._variants:
            packed = COMPRESSORS[encoding](self._variants[IDENTITY].body)
            self._variants[encoding] = self._variant(packed, encoding)
        return self._variants[encoding]

    def _variant(self, body: bytes, encoding: str) -> Variant:
        # A strong tag: other bytes, another tag.
        etag = f'{self._etag[:-1]}-{encoding}"' if encoding else self._etag
        headers = [*self._headers, ("Content-Length", str(len(body))), ("ETag", etag)]
        if self._modified:
            headers.append(("Last-Modified", self._modified))
        if encoding:
            headers.append(("Content-Encoding", encoding))
        return Variant(etag, self._modified, headers, body)

    def is_ready(self, environ: Mapping[str, Any]) -> bool:
        """Return whether the bytes for this client were made before."""
        return best_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")) in self._variants

    def send(self, environ: Mapping[str, Any], start_response: StartResponse) -> list[bytes]:
        """Answer one request."""
        variant = self._in(best_encoding(environ.get("HTTP_ACCEPT_ENCODING", "")))
        if variant.is_known(environ):
            headers = [one for one in variant.headers if one[0].lower() in NOT_MODIFIED_HEADERS]
            start_response("304 NOT MODIFIED", headers)
            return []
        start_response("200 OK", variant.headers.copy())
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [variant.body]


@lru_cache(maxsize=256)
def best_encoding(accepted: str) -> str:
    """The smallest encoding that this `Accept-Encoding` allows; empty for none."""
    weights = {
        match[1].lower(): float(match[2] or 1)
        for match in re.finditer(r"([^\s,;]+)\s*(?:;\s*q=([01](?:\.\d{0,3})?))?", accepted)
    }
    others = weights.get("*", 0)
    return next((name for name in COMPRESSORS if weights.get(name, others) > 0), IDENTITY)
