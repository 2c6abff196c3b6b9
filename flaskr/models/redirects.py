"""Redirects made by the owner, and the list of addresses that were not found."""

import re
import sqlite3
from collections.abc import Mapping
from urllib.parse import urlsplit

from .. import db
from .. import errors
from ..db import now
from ..db import transaction
from ..text import url_paths
from . import permissions
from .permissions import User

MAX_PATH_CHARS = 300
MAX_TARGET_CHARS = 1000
MAX_REDIRECTS = 5000
MAX_NOT_FOUND = 200
TARGET = re.compile(r"(?:https?://[^\s/]+|/(?![/\\]))[^\s\\\x00-\x1f\x7f]*", re.IGNORECASE)
# Programs that look for weaknesses ask for these; no page links to them.
PROBE = re.compile(
    r"/\.|\.(?:php\d?|aspx?|jsp|cgi|env|sql|bak|ya?ml|ini|zip|gz|tar|js|css|map|exe|dll)\b"
    r"|wp-|/(?:admin|xmlrpc|cgi-bin|vendor|phpmyadmin|actuator|api|graphql)\b|[<>'\"|`\x00-\x1f]",
    re.IGNORECASE,
)


def list_all() -> list[sqlite3.Row]:
    """Return the redirects, the newest first."""
    return db.all("SELECT id, path, target, created FROM redirect ORDER BY id DESC")


def list_not_found() -> list[sqlite3.Row]:
    """Return the paths that were not found, the most frequent first."""
    return db.all(
        """
        SELECT path, hits, last_seen
        FROM not_found
        ORDER BY hits DESC, last_seen DESC, path
        """
    )


def find_target(path: str) -> str | None:
    """Return where a path redirects to, if anywhere. Raises `Gone`."""
    row = db.one("SELECT target FROM redirect WHERE path = ?", url_paths.normalize_path(path))
    if row is None:
        return None
    if row["target"] is None:
        raise errors.Gone("The page that was here has been removed.")
    return str(row["target"])


def add(path: str, target: str | None, user: User) -> str:
    """Redirect a path, or report that it is gone if `target` is None. Return the path.

    Raises `Invalid`, `Forbidden`.
    """
    permissions.require(user, "change redirects")
    path = _check_path(path)
    target = None if target is None else _check_target(path, target)
    with transaction() as connection:
        if len(list_all()) >= MAX_REDIRECTS:
            raise errors.Invalid(f"There are {MAX_REDIRECTS:,} redirects already. Delete some.")
        connection.execute(
            """
            INSERT INTO redirect (path, target)
            VALUES (?, ?)
            ON CONFLICT (path) DO UPDATE SET target = excluded.target
            """,
            (path, target),
        )
        connection.execute("DELETE FROM not_found WHERE path = ?", (path,))
    return path


def add_imported(targets: Mapping[str, str]) -> None:
    """Redirect old addresses that belong to no post, such as those of feeds and tags.

    Redirects that exist are kept.
    """
    with transaction() as connection:
        connection.executemany(
            "INSERT INTO redirect (path, target) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
            list(targets.items()),
        )


def _check_path(path: str) -> str:
    path = url_paths.path_from_url(path.replace("\0", ""))
    if path == "/":
        raise errors.Invalid("Enter the path of the old address, such as /about-me.", "path")
    if len(path) > MAX_PATH_CHARS:
        message = f"This address is too long: at most {MAX_PATH_CHARS} characters."
        raise errors.Invalid(message, "path")
    return path


def _check_target(path: str, target: str) -> str:
    target = target.strip()
    try:
        host = urlsplit(target).hostname
    except ValueError:
        host = None
    is_url = TARGET.fullmatch(target) and (host or target.startswith("/"))
    if not is_url or len(target) > MAX_TARGET_CHARS:
        raise errors.Invalid(
            "Enter where the address leads: a path such as /about, or a URL that begins with"
            " https://.",
            "target",
        )
    if not host and url_paths.path_from_url(target) == path:
        raise errors.Invalid("This address would lead to itself.", "target")
    return target


def delete(id: int, user: User) -> None:
    """Delete a redirect. Raises `Forbidden`, `NotFound`."""
    permissions.require(user, "change redirects")
    with transaction() as connection:
        if db.one("SELECT id FROM redirect WHERE id = ?", id) is None:
            raise errors.NotFound("There is no such redirect.")
        connection.execute("DELETE FROM redirect WHERE id = ?", (id,))


def dismiss(path: str, user: User) -> None:
    """Remove a path from the list of those that were not found. Raises `Forbidden`."""
    permissions.require(user, "change redirects")
    with transaction() as connection:
        connection.execute("DELETE FROM not_found WHERE path = ?", (path,))


def record_not_found(path: str) -> None:
    """Count a path that was not found, unless the database cannot be written now.

    When the list is full, the path that was requested least recently makes room.
    """
    path = url_paths.normalize_path(path)
    if len(path) > MAX_PATH_CHARS or PROBE.search(path):
        return
    try:
        with transaction(wait=False) as connection:
            connection.execute(
                """
                INSERT INTO not_found (path, last_seen)
                VALUES (?, ?)
                ON CONFLICT (path) DO UPDATE
                SET hits = not_found.hits + 1, last_seen = excluded.last_seen
                """,
                (path, now()),
            )
            connection.execute(
                """
                DELETE FROM not_found
                WHERE path NOT IN (
                  SELECT path
                  FROM not_found
                  ORDER BY last_seen DESC, hits DESC
                  LIMIT ?
                )
                """,
                (MAX_NOT_FOUND,),
            )
    except errors.Unavailable:
        return
