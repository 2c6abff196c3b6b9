"""Read the credentials of programs: a token, as Bearer or as the password of HTTP Basic."""

import sqlite3
from contextlib import suppress
from typing import NamedTuple

from flask import Request
from flask import g
from flask import request

from ..models import tokens
from . import problems

# The addresses for programs. Elsewhere, the header Authorization has no meaning.
PATHS = ("/api", "/micropub", *problems.XMLRPC_PATHS)


class Credentials(NamedTuple):
    """A token, and with HTTP Basic the user name sent before it."""

    secret: str
    name: str | None = None


class Malformed(ValueError):
    """The header cannot be understood. The message is a sentence for people."""


def are_read(request: Request) -> bool:
    """Return True if the request is for an address at which programs show a token."""
    first = request.path.partition("/")[2].partition("/")[0]
    return f"/{first}" in PATHS


def are_sent(request: Request) -> bool:
    """Return True if a program sent credentials, valid or not."""
    return "Authorization" in request.headers and are_read(request)


def read(request: Request) -> Credentials | None:
    """Return the credentials in the header Authorization, if there is one. Raises `Malformed`."""
    header = request.headers.get("Authorization")
    if header is None:
        return None
    # Servers join several headers with commas, which neither scheme contains.
    if "," in header:
        raise Malformed("Send one Authorization header.")
    # Browsers send the credentials that a proxy in front of the blog has asked for.
    if header[:6].lower() == "basic " and "Sec-Fetch-Site" in request.headers:
        return None
    scheme, found = header.partition(" ")[0].lower(), request.authorization
    if scheme == "bearer":
        return Credentials((found and found.token) or "")
    if scheme != "basic":
        raise Malformed("Send a token as Authorization: Bearer, or with HTTP Basic.")
    if found is None or not found.password:
        raise Malformed("Basic has to be followed by name:token, encoded as Base64.")
    return Credentials(found.password, found.username or "")


def is_bearer(request: Request) -> bool:
    """Return True if a program sent a token that no browser adds by itself, unlike Basic."""
    header = request.headers.get("Authorization", "")
    return are_read(request) and header[:7].lower() == "bearer "


def find_holder(request: Request) -> sqlite3.Row | None:
    """Return the user with the token in the header, if it is valid and can be looked up."""
    with suppress(Malformed, sqlite3.DatabaseError):
        credentials = read(request) if are_sent(request) else None
        return tokens.find_holder(credentials.secret) if credentials else None
    return None


def holder() -> sqlite3.Row | None:
    """Return the holder of this request's token, which is looked up once."""
    if "token_holder" not in g:
        g.token_holder = find_holder(request)
    found: sqlite3.Row | None = g.token_holder
    return found
