"""Handle reverse proxies, host names and the path prefix.

`Gateway` is the outermost WSGI middleware. It restores the visitor's address and the requested URL
from the headers of trusted proxies, and rejects requests for other hosts and paths.
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

from . import problems

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
FORWARDING_KEYS = frozenset({*HEADERS.values(), "HTTP_FORWARDED"})
# Set in the environ of a request with any forwarding header, trusted or not.
IS_FORWARDED = "flaskr.is_forwarded"
# Set in the environ of a request that the gateway has accepted.
ACCEPTED = "flaskr.passed_gateway"

# The host names that the blog answers to, in `app.extensions`. Empty means all.
HOSTS = "flaskr.hosts"
UNIX = "unix"
PORTS = {"http": 80, "https": 443}
LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
HOST_HEADER = re.compile(
    rf"({LABEL}(?:\.{LABEL})*\.?|\[[0-9a-f:.]{{2,45}}\])(?::([1-9][0-9]{{0,4}}))?", re.ASCII
)
MAX_HOST_CHARS = 254
SEGMENT = r"/(?!\.{1,2}(?:/|\Z))[A-Za-z0-9._~-]+"
URL_PREFIX = re.compile(f"(?:{SEGMENT}){{1,10}}")
ADDRESS_WITH_PORT = re.compile(
    r"\[([0-9A-Fa-f:.%\w]+)\](?::[0-9]{1,5})?|([0-9.]+):[0-9]{1,5}", re.ASCII
)

INVALID_HOST_MESSAGE = "The Host header of the request is missing or not a valid host name."
UNKNOWN_HOST_MESSAGE = (
    "This blog does not answer to the host name in the request. If the name is right, add it to the"
    " setting TRUSTED_HOSTS."
)


class Settings(NamedTuple):
    """The checked settings of the gateway."""

    trusted_hops: int
    networks: list[Network]
    trusts_unix: bool
    trusted_headers: frozenset[str]
    hosts: list[str]
    prefix: str


class Gateway:
    """WSGI middleware that applies trusted proxies' headers and checks host and path."""

    def __init__(self, wsgi_app: Any, settings: Settings, logger: Any) -> None:
        self.wsgi_app = wsgi_app
        self.settings = settings
        self.hosts = settings.hosts
        self.prefix = settings.prefix
        self.logger = logger
        self.has_warned = False

    def __call__(self, environ: Environ, start_response: Any) -> Any:
        """Pass the request on as the visitor made it, or reject it."""
        # The RSGI adapter may call the application twice with the same environ.
        if ACCEPTED not in environ:
            if not environ.keys().isdisjoint(FORWARDING_KEYS):
                self._apply_forwarding_headers(environ)
            rejection = self._check_host(environ)
            if rejection is None and self.prefix:
                rejection = self._strip_prefix(environ)
            if rejection is not None:
                return rejection(environ, start_response)
            environ[ACCEPTED] = True
        return self.wsgi_app(environ, start_response)

    def _apply_forwarding_headers(self, environ: Environ) -> None:
        environ[IS_FORWARDED] = True
        values = {name: _split_header(environ[name]) for name in FORWARDING_KEYS & environ.keys()}
        chain = [environ.get("REMOTE_ADDR") or "", *reversed(values.get(FOR, []))]
        hops = self._count_trusted_hops(chain)
        if not hops:
            self._warn_once(chain[0])
        trusted = self.settings.trusted_headers & values.keys() if hops else frozenset()
        for name in values.keys() - trusted:
            del environ[name]
        if FOR in trusted:
            environ["REMOTE_ADDR"] = _find_client(chain[: hops + 1])
        _set_environ(environ, {name: values[name][-hops:][0] for name in trusted})

    def _count_trusted_hops(self, chain: list[str]) -> int:
        """Return the number of trusted proxies that the request came through."""
        if self.settings.trusted_hops:
            return self.settings.trusted_hops
        hops = 0
        for text in chain:
            address = parse_address(text)
            if address is None and not (hops == 0 and self.settings.trusts_unix):
                break
            if address and not any(address in network for network in self.settings.networks):
                break
            hops += 1
        return hops

    def _warn_once(self, peer: str) -> None:
        if not self.has_warned:
            self.has_warned = True
            is_empty = not self.settings.networks and not self.settings.trusts_unix
            self.logger.warning(
                "A request from %s has X-Forwarded headers, but TRUSTED_PROXIES %s. The headers are"
                " ignored, so all visitors seem to have one address. If this is your reverse proxy,"
                " add it to TRUSTED_PROXIES. See docs/hosting.md.",
                peer or "a Unix socket",
                "is empty" if is_empty else "does not include it",
            )

    def _check_host(self, environ: Environ) -> Response | None:
        host = environ.get("HTTP_HOST")
        if host is None:
            # Only HTTP/1.0, which Granian calls HTTP/1, allows requests without a Host header.
            is_http_1_0 = environ.get("SERVER_PROTOCOL") in ("HTTP/1.0", "HTTP/1")
            return None if is_http_1_0 and not self.hosts else self._refuse(environ)
        if not host.islower():
            host = environ["HTTP_HOST"] = host.lower()
        if not is_valid_host(host):
            return self._refuse(environ)
        if self.hosts and not _is_trusted(host, self.hosts):
            return self._refuse(environ, UNKNOWN_HOST_MESSAGE)
        return None

    def _refuse(self, environ: Environ, message: str = INVALID_HOST_MESSAGE) -> Response:
        path = environ.get("PATH_INFO", "").removeprefix(self.prefix)
        answer = problems.describe(path, 400, message)
        return _make_response(*(answer or (400, f"{message}\n", "text/plain")))

    def _strip_prefix(self, environ: Environ) -> Response | None:
        prefix, path = self.prefix, environ.get("PATH_INFO", "")
        if path.startswith(f"{prefix}/"):
            environ["SCRIPT_NAME"], environ["PATH_INFO"] = prefix, path[len(prefix) :]
        # The server or a proxy may already have stripped the prefix.
        elif not environ.get("SCRIPT_NAME"):
            return _redirect_to_root(prefix, environ) if path == prefix else _show_not_found(prefix)
        return None


def _split_header(header: str) -> list[str]:
    return [value.strip() for value in header.split(",")]


def _find_client(chain: list[str]) -> str:
    """Return the visitor's address from a chain that begins with the server's peer."""
    client, *others = chain
    for other in others:
        address = parse_address(other)
        # Some proxies write "unknown" instead of an address.
        if address is None:
            break
        client = str(address)
    return client


def _set_environ(environ: Environ, values: Mapping[str, str]) -> None:
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
    """Parse an element of X-Forwarded-For, which may include a port."""
    text = text.strip().strip('"')
    if match := ADDRESS_WITH_PORT.fullmatch(text):
        text = match[1] or match[2]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


@lru_cache(maxsize=1000)
def is_valid_host(host: str) -> bool:
    """Return True if a lowercase Host header is a valid host name or address, maybe with a port."""
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
    # Werkzeug's function does not handle IPv6 addresses.
    return without_port(host) in hosts or host_is_trusted(host, hosts)


def without_port(host: str) -> str:
    """Return the host name or address in a Host header."""
    return re.sub(r":[0-9]*\Z", "", host)


def _redirect_to_root(prefix: str, environ: Environ) -> Response:
    query = environ.get("QUERY_STRING", "")
    return Response(status=308, headers={"Location": f"{prefix}/{query and '?'}{query}"})


def _show_not_found(prefix: str) -> Response:
    address = escape(f"{prefix}/")
    return _make_response(
        404,
        "<!doctype html>\n"
        '<html lang="en"><meta charset="utf-8"><title>Not found</title>\n'
        f'<p>There is no page here. The blog is at <a href="{address}">{address}</a>.</p>\n'
        "<p>If that link leads back to this page, a proxy strips the prefix from the path. Let it"
        " pass on the full path, or let it send X-Forwarded-Prefix.</p>\n",
        "text/html",
    )


def _make_response(status: int, text: str, mimetype: str) -> Response:
    response = Response(text, status, mimetype=mimetype)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Content-Security-Policy"] = "default-src 'none'; frame-ancestors 'none'"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Parse the settings for the gateway. Raises `ClickException` for an invalid one."""
    proxies = _split_list(config["TRUSTED_PROXIES"])
    hops = int(proxies[0]) if len(proxies) == 1 and proxies[0].isdecimal() else 0
    return Settings(
        trusted_hops=hops,
        networks=[] if len(proxies) == 1 and proxies[0].isdecimal() else _parse_networks(proxies),
        trusts_unix=UNIX in proxies,
        trusted_headers=frozenset(_parse_headers(_split_list(config["FORWARDED_HEADERS"]))),
        hosts=_parse_hosts(config),
        prefix=_parse_prefix(config["URL_PREFIX"]),
    )


def _split_list(value: Any) -> list[str]:
    parts = str(value).split(",") if isinstance(value, (str, int)) else map(str, value or ())
    return [part.strip() for part in parts if part.strip()]


def _parse_networks(proxies: Collection[str]) -> list[Network]:
    try:
        return [ipaddress.ip_network(proxy) for proxy in proxies if proxy != UNIX]
    except ValueError as error:
        raise click.ClickException(
            "TRUSTED_PROXIES must be a number, or a comma-separated list of addresses, networks"
            f" and unix for a Unix socket: {error}."
        ) from None


def _parse_headers(names: list[str]) -> list[str]:
    known = {name.lower(): variable for name, variable in HEADERS.items()}
    for name in names:
        if name.lower() not in known:
            raise click.ClickException(
                f"FORWARDED_HEADERS contains {name!r}. It may contain only {', '.join(HEADERS)}."
            )
    return [known[name.lower()] for name in names]


def _parse_hosts(config: Mapping[str, Any]) -> list[str]:
    hosts = [host.lower() for host in _split_list(config["TRUSTED_HOSTS"])]
    for host in hosts:
        if not is_valid_host(host.removeprefix(".")):
            raise click.ClickException(
                f"TRUSTED_HOSTS contains {host!r}. It may contain only host names, such as"
                " blog.example.org, or .example.org for all its subdomains."
            )
    own = without_port(urlsplit(config["SITE_URL"]).netloc.lower())
    return [*hosts, own] if hosts and own else hosts


def _parse_prefix(value: str) -> str:
    prefix = f"/{value.strip('/')}" if value.strip("/") else ""
    if prefix and not URL_PREFIX.fullmatch(prefix):
        raise click.ClickException(
            f"URL_PREFIX is {value!r}. It must be a path such as /blog, made of letters, digits and"
            " the characters . _ ~ -."
        )
    return prefix


def init_app(app: Flask) -> None:
    """Put the gateway in front of the application."""
    settings = read_settings(app.config)
    app.extensions[HOSTS] = settings.hosts
    # Flask's own check does not handle IPv6 addresses.
    app.config["TRUSTED_HOSTS"] = None
    app.wsgi_app = Gateway(app.wsgi_app, settings, app.logger)  # type: ignore[method-assign]  # as Flask documents it
