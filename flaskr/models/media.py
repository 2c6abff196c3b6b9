"""Media: pictures and other files beside posts; kept, described, found, deleted."""

import hashlib
import re
import sqlite3
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from .. import errors
from .. import images
from .. import text
from ..db import get_db
from ..db import one
from ..db import transaction
from ..text.normalization import normalize
from . import media_storage
from . import permissions
from . import posts
from . import users
from .permissions import User

PER_PAGE = 24
MAX_ALT_CHARS = 1000
SEARCH_CHARS = 200
MAX_NAME_CHARS = 200
HASH_LENGTH = 32
POSTS_NAMED = 3
NAME = re.compile(rf"({images.HASH})(-[1-9][0-9]{{0,4}}\.webp|\.[a-z0-9]{{3,4}})", re.ASCII)
POSITION = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
# What would begin something in Markdown.
MARKS = re.compile(r"([\\`*_\[\]<&])")
UNSAVED = "EXISTS (SELECT 1 FROM unsaved WHERE instr(fields, media.hash) > 0)"
SELECT = """
    SELECT media.*, coalesce(username, 'someone') AS username
    FROM media LEFT JOIN "user" ON "user".id = media.user_id
"""


class Page(NamedTuple):
    """A stretch of the library, with the positions where older and newer media go on."""

    media: list[sqlite3.Row]
    older: int | None
    newer: int | None


class Uses(NamedTuple):
    """How many posts hold a medium's address, and the newest of them; what else holds it.

    The title is None where the person who asks may not read the post.
    """

    total: int
    posts: list[tuple[sqlite3.Row, str | None]]
    in_earlier_version: bool = False
    in_unsaved_text: bool = False


def add(
    content: bytes, *, name: str, user_id: int | None, max_bytes: int, alt: str = ""
) -> sqlite3.Row:
    """Keep a file, cleaned, and return its row; a file that is there already is kept once.

    Raises `Invalid` or `TooLong` for what cannot be kept, `Unavailable` for a full disk.
    """
    alt = _checked_alt(alt)
    name = clean_name(name)
    made = images.prepare(content, max_bytes=max_bytes)
    digest = hashlib.sha256(made.content).hexdigest()[:HASH_LENGTH]
    with media_storage.written(_files(digest, made)) as put_in_place, transaction():
        put_in_place()
        known = _find(digest)
        if known is None:
            _insert(digest, made, name, user_id, alt)
        elif alt and not known["alt"] and _may_describe(known, user_id):
            _store_alt(known, alt)
        row = _find(digest)
    assert row is not None, "it was stored just now"  # noqa: S101  # for the types
    return row


def _checked_alt(alt: str) -> str:
    alt = " ".join(text.clean(alt).split())
    if len(alt) > MAX_ALT_CHARS:
        raise errors.TooLong(f"Description is too long: at most {MAX_ALT_CHARS} characters.", "alt")
    return alt


def clean_name(name: str) -> str:
    """A file's name as a person can read it: no folders, nothing unseen, not too long."""
    name = normalize("NFC", re.split(r"[/\\]", text.clean(name))[-1])
    name = "".join(one for one in name if unicodedata.category(one) not in ("Cc", "Cf", "Zl", "Zp"))
    name = name.replace("\ufffd", "").strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(name) > MAX_NAME_CHARS and dot and len(ending) < 10:
        name = stem[: MAX_NAME_CHARS - len(ending) - 1] + dot + ending
    return name[:MAX_NAME_CHARS] or "file"


def _files(digest: str, made: images.Prepared) -> dict[str, bytes]:
    files = {f"{digest}.{images.EXTENSIONS[made.type]}": made.content}
    return files | {variant(digest, width): one for width, one in made.variants.items()}


def variant(digest: str, width: int | str) -> str:
    """The name of the WebP picture that is so wide."""
    return f"{digest}-{width}.webp"


def _find(digest: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = (
        get_db().execute(f"{SELECT} WHERE media.hash = ?", (digest,)).fetchone()
    )
    return row


def _insert(digest: str, made: images.Prepared, name: str, user_id: int | None, alt: str) -> None:
    with transaction() as db:
        db.execute(
            "INSERT INTO media (hash, name, type, original_name, alt, words, user_id, size, width,"
            " height, animated, widths) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                digest,
                f"{digest}.{images.EXTENSIONS[made.type]}",
                made.type,
                name,
                alt,
                text.casefold_key(f"{name} {alt}"),
                user_id,
                len(made.content),
                made.width,
                made.height,
                made.animated,
                " ".join(map(str, sorted(made.variants))),
            ),
        )


def _may_describe(medium: sqlite3.Row, user_id: int | None) -> bool:
    # Imports without an owner act for nobody, on files that are nobody's.
    user = users.find(user_id) if user_id is not None else None
    return medium["user_id"] == user_id or permissions.may(user, "edit file", medium)


def set_alt(media_id: int, alt: str, user: User) -> None:
    """Store the alt text of a medium. Raises `Invalid`, `NotFound`, `Forbidden`."""
    alt = _checked_alt(alt)
    with transaction():
        medium = _by_id(media_id)
        permissions.require(user, "edit file", medium)
        _store_alt(medium, alt)


def _by_id(media_id: int) -> sqlite3.Row:
    medium = one(f"{SELECT} WHERE media.id = ?", media_id)
    if medium is None:
        raise errors.NotFound("There is no such file.")
    return medium


def _store_alt(medium: sqlite3.Row, alt: str) -> None:
    with transaction() as db:
        db.execute(
            "UPDATE media SET alt = ?, words = ? WHERE id = ?",
            (alt, text.casefold_key(f"{medium['original_name']} {alt}"), medium["id"]),
        )


def get(name: str) -> sqlite3.Row:
    """The medium that a file of this name is of, be it a narrower picture. Raises `NotFound`."""
    match = NAME.fullmatch(name)
    medium = _find(match[1]) if match else None
    if medium is None or name not in _names(medium):
        raise errors.NotFound("There is no such file.")
    return medium


def _names(medium: sqlite3.Row) -> list[str]:
    return [
        medium["name"],
        *(variant(medium["hash"], width) for width in medium["widths"].split()),
    ]


def get_for_edit(name: str, user: User) -> sqlite3.Row:
    """Return the medium if the user may edit it. Raises `NotFound`, or `Forbidden`."""
    medium = get(name)
    permissions.require(user, "edit file", medium)
    return medium


def newest(
    *, search: str = "", unused: bool = False, before: str | None = None, after: str | None = None
) -> Page:
    """The library, newest first: from the top, or next to a position of another page.

    Raises `NotFound` for a position that is none.
    """
    words = text.casefold_key(search[:SEARCH_CHARS]).split()
    conditions = ["instr(words, ?) > 0"] * len(words)
    values: list[str | int] = [*words]
    if unused:
        conditions.append("NOT EXISTS (SELECT 1 FROM media_use WHERE hash = media.hash)")
        conditions.append(f"NOT {UNSAVED}")
    if after is not None:
        media, more = _list([*conditions, "media.id > ?"], [*values, _position(after)], "ASC")
        media.reverse()
        return Page(media, _id(media[-1:]), _id(media[:1]) if more else None)
    if before is not None:
        media, more = _list([*conditions, "media.id < ?"], [*values, _position(before)], "DESC")
        return Page(media, _id(media[-1:]) if more else None, _id(media[:1]))
    media, more = _list(conditions, values, "DESC")
    return Page(media, _id(media[-1:]) if more else None, None)


def _position(position: str) -> int:
    if not POSITION.fullmatch(position):
        raise errors.NotFound("There is no such place in the list of media.")
    return int(position)


def _list(
    conditions: list[str], values: list[str | int], order: str
) -> tuple[list[sqlite3.Row], bool]:
    where = " AND ".join(conditions) or "1"
    rows = (
        get_db()
        .execute(f"{SELECT} WHERE {where} ORDER BY media.id {order} LIMIT {PER_PAGE + 1}", values)
        .fetchall()
    )
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def _id(media: list[sqlite3.Row]) -> int | None:
    return media[0]["id"] if media else None


def missing(media: Iterable[sqlite3.Row]) -> set[int]:
    """The ids of those whose file somebody took away."""
    return {one["id"] for one in media if not media_storage.is_there(one["name"])}


def uses(
    media: Iterable[sqlite3.Row], user: User | None, *, limit: int = POSTS_NAMED
) -> dict[int, Uses]:
    """Which posts hold the address of each medium, by its id, newest posts first."""
    ids = [one["id"] for one in media]
    marks = ", ".join("?" * len(ids))
    rows = get_db().execute(
        "SELECT media.id, coalesce(sum(current), 0) AS total, coalesce(min(current), 1) AS now,"
        f" {UNSAVED} AS unsaved FROM media LEFT JOIN media_use USING (hash)"
        f" WHERE media.id IN ({marks}) GROUP BY media.id",
        ids,
    )
    found = {
        row["id"]: Uses(row["total"], [], not row["now"], bool(row["unsaved"])) for row in rows
    }
    rows = get_db().execute(
        "SELECT media.id AS media_id, post.id, author_id, CAST(title AS TEXT) AS title, slug,"
        " status, CAST(post.created AS TEXT) AS stored_created"
        " FROM media CROSS JOIN post ON post.id IN (SELECT post_id FROM media_use"
        " WHERE hash = media.hash AND current ORDER BY post_id DESC LIMIT ?)"
        f" WHERE media.id IN ({marks}) ORDER BY media.id, post.id DESC",
        (limit, *ids),
    )
    for post in rows:
        readable = posts.is_readable(post, user)
        found[post["media_id"]].posts.append((post, post["title"] if readable else None))
    return found


def delete(media_id: int, user: User) -> None:
    """Delete a medium, with all its files. Raises `NotFound`, `Forbidden`."""
    with transaction() as db:
        medium = _by_id(media_id)
        permissions.require(user, "delete file", medium)
        db.execute("DELETE FROM media WHERE id = ?", (media_id,))
    media_storage.remove(_names(medium))


def narrowest(medium: sqlite3.Row) -> str:
    """The name of the smallest picture there is of a picture."""
    widths = medium["widths"].split()
    return variant(medium["hash"], widths[0]) if widths else str(medium["name"])


def download_name(medium: sqlite3.Row, name: str) -> str:
    """What a reader's copy is called: as it came here, but a picture ends as its kind does."""
    original = str(medium["original_name"])
    if medium["type"] not in images.FORMATS:
        return original
    return f"{original.rpartition('.')[0] or original}.{name.rpartition('.')[2]}"


def is_picture(medium: sqlite3.Row) -> bool:
    """Whether a page can show it as a picture."""
    return bool(medium["type"].startswith("image/"))


def markdown(medium: sqlite3.Row, url: str) -> str:
    """What a writer puts into a post to show the medium, or to link to it."""
    if is_picture(medium):
        return f"![{_escaped(medium['alt'])}]({url})"
    return f"[{_escaped(medium['original_name'])}]({url})"


def _escaped(words: str) -> str:
    return MARKS.sub(r"\\\1", words)
