"""Author profiles: display names, bios, pictures, links and the URLs of author pages."""

import re
import sqlite3
from collections.abc import Iterable

from .. import db
from .. import errors
from .. import images
from .. import text
from ..db import now
from ..db import transaction
from ..text import names
from . import conditions
from . import media
from . import media_storage
from . import permissions
from . import post_lists
from . import responsive_images
from . import settings
from . import users
from .permissions import User

MAX_NAME_CHARS = 100
MAX_BIO_CHARS = 2000
MAX_LINKS = 5
MAX_ID_DIGITS = 19
LINK_URL = re.compile(r"(https?://[^\s/]|mailto:[^\s/])\S*", re.IGNORECASE)
# Browsers rewrite or misread these in a path, and digits are taken for an id.
UNFIT_FOR_URL = re.compile(r"\d+|\.{1,2}|.*[/\\\x00-\x1f\x7f].*|", re.DOTALL)


def url_name(user_id: int, username: str) -> str:
    """Return the last segment of an author page's path: the user name, or the id if it must be."""
    return str(user_id) if UNFIT_FOR_URL.fullmatch(username) else username


def get_by_url_name(name: str, reader: User | None = None) -> sqlite3.Row:
    """Return the user with this path segment, in any spelling.

    Raises `NotFound`, for visitors also if the user has no published post.
    """
    user = db.one('SELECT * FROM "user" WHERE id = ?', int(name)) if _is_id(name) else None
    user = user or users.find_by_name(name)
    is_open = permissions.may(reader, "open unpublished list")
    if user is None or not (is_open or is_public(user["id"])):
        raise errors.NotFound("There is no author with this name.")
    return user


def _is_id(name: str) -> bool:
    return name.isascii() and name.isdecimal() and len(name) <= MAX_ID_DIGITS


def is_public(user_id: int) -> bool:
    """Return True if visitors may see an author's page, because there is a post on it."""
    own = f"SELECT 1 FROM post WHERE author_id = ? AND {conditions.READABLE} LIMIT 1"
    return db.one(own, user_id, now()) is not None or post_lists.has_readable(
        "coauthor", "user_id", user_id
    )


def list_all() -> list[sqlite3.Row]:
    """Return all users with their profiles, by name."""
    return db.all('SELECT id, username, role, display_name, bio FROM "user" ORDER BY username')


def update(
    user_id: int,
    *,
    display_name: str,
    bio: str,
    picture: str | None = None,
    links: str | None = None,
) -> None:
    """Store a user's profile; a picture or links that are not given stay. Raises `Invalid`.

    `picture` is a URL in the media library, and `links` has a label and a URL on each line.
    """
    display_name = " ".join(display_name.split())
    bio = text.clean(bio).strip()
    if display_name:
        names.check(display_name, label="Name", field="display_name", max_chars=MAX_NAME_CHARS)
    if len(bio) > MAX_BIO_CHARS:
        raise errors.Invalid(f"Bio is too long: at most {MAX_BIO_CHARS:,} characters.", "bio")
    picture = None if picture is None else _check_picture(text.clean(picture).strip())
    links = None if links is None else check_links(links)
    with transaction() as db:
        if display_name and users.find_lookalike(display_name, other_than=user_id):
            raise errors.Conflict(
                f"Name {display_name} belongs to another user, or looks too similar."
                " Choose a different one.",
                "display_name",
            )
        db.execute(
            """
            UPDATE "user"
            SET display_name = ?, bio = ?, picture = coalesce(?, picture),
                links = coalesce(?, links)
            WHERE id = ?
            """,
            (display_name, bio, picture, links, user_id),
        )


def _check_picture(url: str) -> str:
    if url and not _find_pictures({url}):
        raise errors.Invalid(
            "Choose an image from the media library: PNG, JPEG, WebP, GIF or AVIF.", "picture"
        )
    return url


def check_links(typed: str) -> str:
    """Return links as they are stored. Raises `Invalid`."""
    if len([line for line in text.clean(typed).split("\n") if line.strip()]) > MAX_LINKS:
        raise errors.Invalid(f"There are too many links: at most {MAX_LINKS}.", "links")
    try:
        lines = str(settings.check("MENU_LINKS", typed))
    except errors.Invalid:
        lines = "/"
    if not all(LINK_URL.fullmatch(link.url) for link in settings.parse_links(lines)):
        raise errors.Invalid(
            "Enter a label, a space and a URL on each line, such as"
            " “Mastodon https://example.social/@ada”. URLs begin with https:// or mailto:.",
            "links",
        )
    return lines


def read_links(person: sqlite3.Row) -> list[settings.Link]:
    """Return the links of a person, without any that plain SQL has stored in another form."""
    links = settings.parse_links(str(person["links"]))[:MAX_LINKS]
    return [link for link in links if link.title and LINK_URL.fullmatch(link.url)]


def find_portraits(people: Iterable[sqlite3.Row]) -> dict[int, str]:
    """Return the URL of a small version of each person's picture, by the person's id."""
    urls = {person["id"]: person["picture"] for person in people if person["picture"]}
    found = _find_pictures(set(urls.values())) if urls else {}
    return {id: found[url] for id, url in urls.items() if url in found}


def _find_pictures(urls: set[str]) -> dict[str, str]:
    """Return the URLs of small versions of pictures in the media library, by their URLs."""
    matches = [images.URL.fullmatch(str(url)) for url in urls]
    rows = responsive_images.find_media({match[1] for match in matches if match})
    return {
        f"/media/{name}": f"/media/{media.smallest_variant(row)}"
        for name, row in rows.items()
        if row["type"] in images.FORMATS and media_storage.seems_present(name)
    }
