"""Check the URLs of programs that log in with IndieAuth.

Both URLs come from anyone and lead a browser to another site, so only what all browsers and Python
read alike is accepted.
"""

import re
from typing import NamedTuple
from urllib.parse import SplitResult
from urllib.parse import urlencode
from urllib.parse import urlsplit

from .. import errors

MAX_URL_CHARS = 2000
CHARACTERS = re.compile(r"[\w\-.~:/?\[\]@!$&'()*+,;=%]+", re.ASCII)
HOST_NAME = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*")
# Browsers take a host that ends like this for an IPv4 address.
NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
LOOPBACK_ADDRESSES = ("127.0.0.1", "::1")
PORTS = {"https": 443, "http": 80}


class Origin(NamedTuple):
    """The scheme, host and port of a URL."""

    scheme: str
    host: str
    port: int

    @property
    def netloc(self) -> str:
        """The host, with the port if it is not the default."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def parse_client_id(url: str) -> tuple[str, Origin]:
    """Return the canonical URL of a program, and its origin. Raises `Invalid`."""
    parts, origin = _parse(url, "client_id")
    segments = parts.path.lower().replace("%2e", ".").split("/")
    if "." in segments or ".." in segments:
        raise errors.Invalid("The client_id must not contain the path segments . and ..")
    query = f"?{parts.query}" if parts.query else ""
    return f"{origin.scheme}://{origin.netloc}{parts.path or '/'}{query}", origin


def check_redirect_uri(url: str, client: Origin) -> None:
    """Raise `Invalid` unless a program may ask for answers at this URL."""
    _, origin = _parse(url, "redirect_uri")
    if origin != client:
        raise errors.Invalid(
            f"The redirect_uri has to begin with {client.scheme}://{client.netloc}/, like the"
            " client_id. Other addresses are not possible, because the blog fetches nothing from"
            " the program's site and so cannot know that they belong to it."
        )


def _parse(url: str, name: str) -> tuple[SplitResult, Origin]:
    if not url:
        raise errors.Invalid(f"The program sent no {name}.")
    if len(url) > MAX_URL_CHARS or not CHARACTERS.fullmatch(url):
        raise errors.Invalid(
            f"The {name} has to be a URL of at most {MAX_URL_CHARS:,} characters, in ASCII and"
            " without a fragment."
        )
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        host, port, parts = "", None, urlsplit("")
    if parts.scheme not in PORTS or "@" in parts.netloc or not _is_host(host):
        raise errors.Invalid(
            f"The {name} has to begin with https:// or http:// and the name of a host, or"
            " 127.0.0.1 or [::1], without a user name."
        )
    return parts, Origin(parts.scheme, host, port or PORTS[parts.scheme])


def _is_host(host: str) -> bool:
    if host in LOOPBACK_ADDRESSES:
        return True
    return bool(HOST_NAME.fullmatch(host)) and not NUMBER.fullmatch(host.rpartition(".")[2])


def add_query(url: str, **arguments: str) -> str:
    """Return a URL with more query arguments."""
    return f"{url}{'&' if '?' in url else '?'}{urlencode(arguments)}"
