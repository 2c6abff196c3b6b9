"""Fetch public web pages, for cards of links, and send forms to the hub of feeds.

A person chooses the URL, so it must not lead to this machine or its network: connections are made
only to the standard ports of addresses that anyone on the internet can reach, also after a
redirect. The address that was checked is the one that is used, so a name cannot change in between.
"""

import http.client
import http.cookies
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from typing import NamedTuple
from urllib.parse import quote
from urllib.parse import urlencode
from urllib.parse import urljoin
from urllib.parse import urlsplit

from .. import errors

PORTS = {"http": 80, "https": 443}
MAX_REDIRECTS = 3
MAX_SECONDS = 8.0
STEP_SECONDS = 4.0
MAX_URL_CHARS = 2000
CHUNK_BYTES = 16 * 1024
MAX_ADDRESSES = 4
URL_CHARS = "!#$%&'()*+,-./:;=?@[]_~"
MAX_COOKIE_CHARS = 4000
# How zlib is told to read each encoding: with the header of gzip, or that of zlib.
ENCODINGS = {"identity": 0, "gzip": 31, "x-gzip": 31, "deflate": 15}
USER_AGENT = "Mozilla/5.0 (compatible; flaskr; title of a link)"
FORM_HEADERS = {
    "User-Agent": "flaskr (WebSub)",
    "Content-Type": "application/x-www-form-urlencoded",
    "Accept": "*/*",
}
# These contain an IPv4 address, which may be private.
TRANSLATED = [ipaddress.ip_network(one) for one in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16")]
UNREACHABLE = "This address could not be fetched. Check it, or leave it as a link."


class Unreachable(errors.AppError):
    """A site did not answer, or is not public."""


class Fetched(NamedTuple):
    """A response: the URL that it came from, its media type, its beginning, and its encoding."""

    url: str
    type: str
    content: bytes
    charset: str = ""


def is_public(address: str) -> bool:
    """Return whether anyone on the internet can reach an IP address."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped:
            return is_public(str(ip.ipv4_mapped))
        if ip.teredo or ip.is_site_local or any(ip in network for network in TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def fetch(url: str, *, max_bytes: int) -> Fetched:
    """Return the first `max_bytes` of a public page or file. Raises `Invalid`."""
    deadline = time.monotonic() + MAX_SECONDS
    cookies: dict[str, str] = {}
    try:
        for _ in range(MAX_REDIRECTS + 1):
            answer = _get(url, deadline, max_bytes, cookies)
            if isinstance(answer, Fetched):
                return answer
            url = answer
    except (OSError, ValueError, zlib.error, http.client.HTTPException):
        pass
    raise errors.Invalid(UNREACHABLE, "url")


def send_form(url: str, fields: Mapping[str, str]) -> int:
    """Send a form to a public address and return the status. Raises `Unreachable`."""
    form = urlencode(fields)
    deadline = time.monotonic() + MAX_SECONDS
    try:
        with _request("POST", url, deadline, FORM_HEADERS, form) as response:
            return response.status
    except (OSError, ValueError, http.client.HTTPException):
        raise Unreachable("It did not answer, or its address is not public.") from None


def _get(url: str, deadline: float, max_bytes: int, cookies: dict[str, str]) -> Fetched | str:
    """Return the response, or the URL that it redirects to. Raises `ValueError` for another.

    Sites that redirect until they get their cookie back are sent it, by host.
    """
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "identity", "Accept": "*/*"}
    host = urlsplit(url).netloc
    if host in cookies:
        headers["Cookie"] = cookies[host]
    with _request("GET", url, deadline, headers) as response:
        _seconds_left(deadline)
        location = response.getheader("Location")
        if response.status in (301, 302, 303, 307, 308) and location:
            _keep_cookies(response, host, cookies)
            # Some servers send other characters than they may.
            return urljoin(url, quote(location.encode("latin-1"), safe=URL_CHARS))
        encoding = response.getheader("Content-Encoding", "identity").strip().lower()
        if response.status != 200 or encoding not in ENCODINGS:
            raise ValueError(response.status)
        kind = response.headers.get_content_type()
        charset = response.headers.get_content_charset("")
        content = _read(response, max_bytes, deadline)
        if encoding != "identity":
            # Some servers compress what they are asked not to. The rest may be cut off.
            content = zlib.decompressobj(ENCODINGS[encoding]).decompress(content, max_bytes)
        return Fetched(url, kind, content, charset)


def _keep_cookies(response: http.client.HTTPResponse, host: str, cookies: dict[str, str]) -> None:
    """Keep the cookies of a redirect for the next request to the same host."""
    with suppress(http.cookies.CookieError):
        found = http.cookies.SimpleCookie("; ".join(response.headers.get_all("Set-Cookie", [])))
        pairs = "; ".join(f"{name}={one.coded_value}" for name, one in found.items())
        if pairs and len(pairs) <= MAX_COOKIE_CHARS and pairs.isascii():
            cookies[host] = pairs


@contextmanager
def _request(
    method: str, url: str, deadline: float, headers: Mapping[str, str], body: str | None = None
) -> Iterator[http.client.HTTPResponse]:
    connection = _connect(url, deadline)
    # A server may send its headers byte by byte, which the timeout of a step does not limit.
    timer = threading.Timer(deadline - time.monotonic(), _interrupt, (connection,))
    timer.daemon = True
    timer.start()
    try:
        if isinstance(connection.sock, ssl.SSLSocket):
            connection.sock.do_handshake()
        parts = urlsplit(url)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body, headers)
        yield connection.getresponse()
    finally:
        timer.cancel()
        connection.close()


def _interrupt(connection: http.client.HTTPConnection) -> None:
    with suppress(OSError, AttributeError):
        connection.sock.shutdown(socket.SHUT_RDWR)


def _connect(url: str, deadline: float) -> http.client.HTTPConnection:
    """Return a connection to the host of a URL. Raises `ValueError` if it may be private."""
    parts = urlsplit(url)
    host = (parts.hostname or "").encode("idna").decode()
    port = PORTS.get(parts.scheme)
    if not host or not port or parts.username is not None or parts.port not in (None, port):
        raise ValueError(url)
    if len(url) > MAX_URL_CHARS:
        raise ValueError(url)
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(info[4][0]) for info in found]
    if not all(map(is_public, addresses)):
        raise ValueError(host)
    raw = _connect_to_any(addresses[:MAX_ADDRESSES], port, deadline)
    connection = http.client.HTTPConnection(host, port)
    connection.sock = raw
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection.sock = context.wrap_socket(
            raw, server_hostname=host, do_handshake_on_connect=False
        )
    return connection


def _connect_to_any(addresses: list[str], port: int, deadline: float) -> socket.socket:
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=_seconds_left(deadline))
    return socket.create_connection((last, port), timeout=_seconds_left(deadline))


def _seconds_left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return min(left, STEP_SECONDS)


def _read(response: http.client.HTTPResponse, max_bytes: int, deadline: float) -> bytes:
    """Read a body that may arrive slowly, byte by byte."""
    content = b""
    while len(content) < max_bytes:
        _seconds_left(deadline)
        chunk = response.read1(min(CHUNK_BYTES, max_bytes - len(content)))
        if not chunk:
            break
        content += chunk
    return content
