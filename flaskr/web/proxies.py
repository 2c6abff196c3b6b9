"""What stands between visitors and the blog: reverse proxies, host names, the path prefix.

`Gateway` is the outermost WSGI middleware. It rewrites the environ to what the visitor asked for,
and answers requests for other hosts and paths itself.
"""

import ipaddress
import re
from collections.abc import Collection
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Any
from typing import NamedTuple
from urllib.parse import urlsplit

import click
from flask import Flask
from werkzeug.sansio.utils import host_is_trusted
from werkzeug.wrappers import Response

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Environ = dict[str, Any]

HEADERS = {
    "X-Forwarded-For": "HTTP_X_FORWARDED_FOR",
    "X-Forwarded-Proto": "HTTP_X_FORWARDED_PROTO",
    "X-Forwarded-Host": "HTTP_X_FORWARDED_HOST",
    "X-Forwarded-Port": "HTTP_X_FORWARDED_PORT",
    "X-Forwarded-Prefix": "HTTP_X_FORWARDED_PREFIX",
}
FOR, PROTO, HOST, PORT, PREFIX = HEADERS.values()
FORWARDED = frozenset({*HEADERS.values(), "HTTP_FORWARDED"})
# Set in the environ of a request that any forwarding header came with, believed or not.
IS_FORWARDED = "flaskr.is_forwarded"
# Set in the environ of a request that the gateway has let pass.
PASSED = "flaskr.passed_gateway"

UNIX = "unix"
PORTS = {"http": 80, "https": 443}
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST_HEADER = re.compile(
    rf"({LABEL}(?:\.{LABEL})*\.?|\[[0-9a-f:.]{{2,45}}\])(?::([1-9][0-9]{{0,4}}))?", re.ASCII
)
MAX_HOST_CHARS = 254
SEGMENT = r"/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+"
URL_PREFIX = re.compile(f"(?:{SEGMENT}){{1,10}}")
WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.%\w]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}", re.ASCII)

JUNK_HOST = "The request's Host header is missing or is no host name, so it cannot be answered."
OTHER_HOST = (
    "This blog does not answer to the host name in the request. If that name is right, add it to"
    " the setting TRUSTED_HOSTS."
)


class Settings(NamedTuple):
    """The checked settings of the gateway."""

    hops: int
    networks: list[Network]
    trusts_unix: bool
    believed: frozenset[str]
    hosts: list[str]
    prefix: str


class Gateway:
    """WSGI middleware: believe trusted proxies only, and answer for known hosts and paths only."""

    def __init__(self, wsgi_app: Any, settings: Settings, logger: Any) -> None:
        self.wsgi_app = wsgi_app
        self.settings = settings
        self.hosts = settings.hosts
        self.prefix = settings.prefix
        self.logger = logger
        self.has_warned = False

    def __call__(self, environ: Environ, start_response: Any) -> Any:
        """Pass the request on as the visitor made it."""
        # A server may ask twice with the same environ.
        if PASSED not in environ:
            if not environ.keys().isdisjoint(FORWARDED):
                self._take_forwarded(environ)
            refusal = self._check_host(environ)
            if refusal is None and self.prefix:
                refusal = self._take_prefix(environ)
            if refusal is not None:
                return refusal(environ, start_response)
            environ[PASSED] = True
        return self.wsgi_app(environ, start_response)

    def _take_forwarded(self, environ: Environ) -> None:
        environ[IS_FORWARDED] = True
        values = {name: _values(environ[name]) for name in FORWARDED & environ.keys()}
        chain = [environ.get("REMOTE_ADDR") or "", *reversed(values.get(FOR, []))]
        hops = self._hops(chain)
        if not hops:
            self._warn(chain[0])
        believed = self.settings.believed & values.keys() if hops else frozenset()
        for name in values.keys() - believed:
            del environ[name]
        if FOR in believed:
            environ["REMOTE_ADDR"] = _client(chain[: hops + 1])
        _apply(environ, {name: values[name][-hops:][0] for name in believed})

    def _hops(self, chain: list[str]) -> int:
        """Return the number of trusted proxies that the request came through."""
        if self.settings.hops:
            return self.settings.hops
        hops = 0
        for text in chain:
            address = parse_address(text)
            if address is None and not (hops == 0 and self.settings.trusts_unix):
                break
            if address and not any(address in network for network in self.settings.networks):
                break
            hops += 1
        return hops

    def _warn(self, peer: str) -> None:
        if not self.has_warned:
            self.has_warned = True
            names_none = not self.settings.networks and not self.settings.trusts_unix
            self.logger.warning(
                "A request from %s came with X-Forwarded headers, but TRUSTED_PROXIES %s, so they"
                " are ignored and visitors cannot be told apart. If that is your reverse proxy,"
                " name it there. docs/hosting.md says more.",
                peer or "a Unix socket",
                "is empty" if names_none else "does not name it",
            )

    def _check_host(self, environ: Environ) -> Response | None:
        host = environ.get("HTTP_HOST")
        if host is None:
            # Only HTTP/1.0 has requests without one; Granian calls it HTTP/1.
            is_old = environ.get("SERVER_PROTOCOL") in ("HTTP/1.0", "HTTP/1")
            return None if is_old and not self.hosts else _bad_request(JUNK_HOST)
        if not host.islower():
            host = environ["HTTP_HOST"] = host.lower()
        if not is_valid_host(host):
            return _bad_request(JUNK_HOST)
        if self.hosts and not _is_trusted(host, self.hosts):
            return _bad_request(OTHER_HOST)
        return None

    def _take_prefix(self, environ: Environ) -> Response | None:
        prefix, path = self.prefix, environ.get("PATH_INFO", "")
        if path.startswith(f"{prefix}/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix) :]
        # The server or a proxy may have taken it away.
        elif not environ.get("SCRIPT_NAME"):
            return _to_root(prefix, environ) if path == prefix else _outside(prefix)
        return None


def _values(header: str) -> list[str]:
    return [value.strip() for value in header.split(",")]


def _client(chain: list[str]) -> str:
    """Return the address that the farthest proxy names; the server's own peer comes first."""
    client, *others = chain
    for other in others:
        address = parse_address(other)
        # The proxy before wrote what is no address, such as "unknown".
        if address is None:
            break
        client = str(address)
    return client


def _apply(environ: Environ, values: Mapping[str, str]) -> None:
    if values.get(PROTO) in PORTS:
        environ["wsgi.url_scheme"] = values[PROTO]
    if values.get(HOST):
        environ["HTTP_HOST"] = values[HOST]
    if re.fullmatch("[1-9][0-9]{0,4}", values.get(PORT, ""), re.ASCII):
        environ["HTTP_HOST"] = _with_port(environ, int(values[PORT]))
    prefix = values.get(PREFIX, "").rstrip("/")
    if URL_PREFIX.fullmatch(prefix):
        environ["SCRIPT_NAME"] = prefix


def _with_port(environ: Environ, port: int) -> str:
    host = without_port(environ.get("HTTP_HOST", ""))
    return host if port == PORTS.get(environ["wsgi.url_scheme"]) else f"{host}:{port}"


def parse_address(text: str) -> Address | None:
    """Return the IP address in an element of X-Forwarded-For, which may have a port."""
    text = text.strip().strip('"')
    if match := WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=1000)
def is_valid_host(host: str) -> bool:
    """Return whether a Host header, in small letters, is a host name or address and a port."""
    match = HOST_HEADER.fullmatch(host) if len(host) < 2 * MAX_HOST_CHARS else None
    if match is None or len(match[1]) > MAX_HOST_CHARS or int(match[2] or 1) > 65535:
        return False
    if not host.startswith("["):
        return True
    try:
        ipaddress.IPv6Address(match[1][1:-1])
    except ValueError:
        return False
    return True


def _is_trusted(host: str, hosts: list[str]) -> bool:
    # Werkzeug's function knows names and IPv4 only.
    return without_port(host) in hosts or host_is_trusted(host, hosts)


def without_port(host: str) -> str:
    """Return the host name or address of a Host header."""
    return re.sub(r":[0-9]*\Z", "", host)


def _bad_request(sentence: str) -> Response:
    return _plain(f"{sentence}\n", 400, "text/plain")


def _to_root(prefix: str, environ: Environ) -> Response:
    query = environ.get("QUERY_STRING", "")
    return Response(status=308, headers={"Location": f"{prefix}/{query and '?'}{query}"})


def _outside(prefix: str) -> Response:
    address = escape(f"{prefix}/")
    return _plain(
        "<!doctype html>\n"
        '<html lang="en"><meta charset="utf-8"><title>Not found</title>\n'
        f'<p>There is nothing here. The blog is at <a href="{address}">{address}</a>.</p>\n'
        "<p>If that link leads back to this page, a proxy takes the prefix away from the path. Let"
        " it pass the path on whole, or send X-Forwarded-Prefix.</p>\n",
        404,
        "text/html",
    )


def _plain(text: str, status: int, mimetype: str) -> Response:
    response = Response(text, status, mimetype=mimetype)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Return the settings in a usable form. Raises `ClickException` for one that is wrong."""
    proxies = _items(config["TRUSTED_PROXIES"])
    hops = int(proxies[0]) if len(proxies) == 1 and proxies[0].isdecimal() else 0
    return Settings(
        hops=hops,
        networks=[] if len(proxies) == 1 and proxies[0].isdecimal() else _networks(proxies),
        trusts_unix=UNIX in proxies,
        believed=frozenset(_headers(_items(config["FORWARDED_HEADERS"]))),
        hosts=_hosts(config),
        prefix=_prefix(config["URL_PREFIX"]),
    )


def _items(value: Any) -> list[str]:
    parts = str(value).split(",") if isinstance(value, (str, int)) else map(str, value or ())
    return [part.strip() for part in parts if part.strip()]


def _networks(proxies: Collection[str]) -> list[Network]:
    try:
        return [ipaddress.ip_network(proxy) for proxy in proxies if proxy != UNIX]
    except ValueError as error:
        raise click.ClickException(
            "TRUSTED_PROXIES has to be a number, or addresses and networks with commas between,"
            f" or unix for a Unix socket: {error}."
        ) from None


def _headers(names: list[str]) -> list[str]:
    known = {name.lower(): variable for name, variable in HEADERS.items()}
    for name in names:
        if name.lower() not in known:
            raise click.ClickException(
                f"FORWARDED_HEADERS has {name!r}, but may have only {', '.join(HEADERS)}."
            )
    return [known[name.lower()] for name in names]


def _hosts(config: Mapping[str, Any]) -> list[str]:
    hosts = [host.lower() for host in _items(config["TRUSTED_HOSTS"])]
    for host in hosts:
        if not is_valid_host(host.removeprefix(".")):
            raise click.ClickException(
                f"TRUSTED_HOSTS has {host!r}, but may have only host names such as"
                " blog.example.org, or .example.org for all below it."
            )
    own = without_port(urlsplit(config["SITE_URL"]).netloc.lower())
    return [*hosts, own] if hosts and own else hosts


def _prefix(value: str) -> str:
    prefix = f"/{value.strip('/')}" if value.strip("/") else ""
    if prefix and not URL_PREFIX.fullmatch(prefix):
        raise click.ClickException(
            f"URL_PREFIX is {value!r}, but has to be a path such as /blog, of letters, digits and"
            " the characters . _ ~ -."
        )
    return prefix


def init_app(app: Flask) -> None:
    """Put the gateway in front of the application."""
    settings = read_settings(app.config)
    # Flask would check the hosts again, and knows no IPv6 addresses.
    app.config["TRUSTED_HOSTS"] = None
    app.wsgi_app = Gateway(app.wsgi_app, settings, app.logger)  # type: ignore[method-assign]  # as Flask documents it
