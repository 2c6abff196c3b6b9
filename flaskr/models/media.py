"""The media library: images and other files used in posts."""

import hashlib
import re
import sqlite3
import unicodedata
from collections.abc import Callable
from collections.abc import Iterable
from typing import NamedTuple

from flask import current_app

from .. import db
from .. import errors
from .. import images
from .. import text
from ..db import transaction
from ..text.normalization import normalize
from . import conditions
from . import media_storage
from . import media_uses
from . import media_variants
from . import permissions
from . import users
from .permissions import User

PER_PAGE = 24
MAX_ALT_CHARS = 1000
MAX_SEARCH_CHARS = 200
MAX_NAME_CHARS = 200
MAX_SUFFIX_CHARS = 9
# Control characters, format characters and line separators.
INVISIBLE_CATEGORIES = ("Cc", "Cf", "Zl", "Zp")
HASH_CHARS = 32
FILE_NAME = re.compile(rf"({images.HASH})(-[1-9][0-9]{{0,4}}\.webp|\.[a-z0-9]{{3,4}})", re.ASCII)
POSITION = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
# Characters with a meaning in Markdown.
MARKDOWN_CHARACTERS = re.compile(r"([\\`*_\[\]<&])")
PLAYERS = ("video", "audio")
SELECT = """
    SELECT media.*, coalesce(username, 'someone') AS username
    FROM media
    LEFT JOIN "user" ON "user".id = media.user_id
"""


class Page(NamedTuple):
    """A page of the library, with the positions of the older and the newer page."""

    media: list[sqlite3.Row]
    older: int | None
    newer: int | None


def add(
    content: bytes, *, name: str, user_id: int | None, max_bytes: int, alt: str = ""
) -> sqlite3.Row:
    """Store an upload without its metadata and return its row; identical files are stored once.

    Raises `Invalid` or `TooLong` if the file cannot be accepted, `Unavailable` if the disk is full.
    """
    alt = _validate_alt(alt)
    return add_prepared(images.prepare(content, max_bytes=max_bytes), name, user_id, alt)


def add_prepared(
    prepared: images.Prepared,
    name: str,
    user_id: int | None,
    alt: str = "",
    *,
    finish: Callable[[sqlite3.Row], object] = lambda medium: None,
) -> sqlite3.Row:
    """Store a file that `images.prepare` has returned. Raises `Invalid`, `Unavailable`.

    `finish` gets the row in the same transaction.
    """
    alt = _validate_alt(alt)
    name = clean_name(name)
    digest = make_digest(prepared)
    with (
        media_storage.changing(digest),
        media_storage.stage_files(_files(digest, prepared)) as move_into_place,
        transaction(),
    ):
        move_into_place()
        existing = _find_by_hash(digest)
        if existing is None:
            _insert(digest, prepared, name, user_id, alt)
        elif alt and not existing["alt"] and _may_edit(existing, user_id):
            _store_alt(existing, alt)
        row = _find_by_hash(digest)
        assert row is not None, "the row was just stored"  # noqa: S101  # for the types
        finish(row)
    return row


def make_digest(prepared: images.Prepared) -> str:
    """Return the digest that names a file and its variants."""
    return hashlib.sha256(prepared.content).hexdigest()[:HASH_CHARS]


def _validate_alt(alt: str) -> str:
    alt = text.one_line(alt)
    if len(alt) > MAX_ALT_CHARS:
        raise errors.TooLong(f"Description is too long: at most {MAX_ALT_CHARS} characters.", "alt")
    return alt


def clean_name(name: str) -> str:
    """Return a readable file name: without folders or invisible characters, and shortened."""
    name = normalize("NFC", re.split(r"[/\\]", text.clean(name))[-1])
    name = "".join(char for char in name if unicodedata.category(char) not in INVISIBLE_CATEGORIES)
    name = name.replace("\ufffd", "").strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if len(name) > MAX_NAME_CHARS and dot and len(suffix) <= MAX_SUFFIX_CHARS:
        name = stem[: MAX_NAME_CHARS - len(suffix) - 1] + dot + suffix
    return name[:MAX_NAME_CHARS] or "file"


def _files(digest: str, prepared: images.Prepared) -> dict[str, bytes]:
    variants = {
        media_variants.file_name(digest, width): file for width, file in prepared.variants.items()
    }
    return {f"{digest}.{images.EXTENSIONS[prepared.type]}": prepared.content} | variants


def _find_by_hash(digest: str) -> sqlite3.Row | None:
    return db.one(f"{SELECT} WHERE media.hash = ?", digest)


def _insert(
    digest: str, prepared: images.Prepared, name: str, user_id: int | None, alt: str
) -> None:
    with transaction() as db:
        db.execute(
            """
            INSERT INTO media (
                hash, name, type, original_name, alt, words,
                user_id, size, width, height, animated, widths
            )
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            (
                digest,
                f"{digest}.{images.EXTENSIONS[prepared.type]}",
                prepared.type,
                name,
                alt,
                text.casefold_key(f"{name} {alt}"),
                user_id,
                len(prepared.content),
                prepared.width,
                prepared.height,
                prepared.animated,
                " ".join(map(str, sorted(prepared.variants))),
            ),
        )


def _may_edit(medium: sqlite3.Row, user_id: int | None) -> bool:
    # An import into a blog without an owner has no user, and neither have its files.
    user = users.find(user_id) if user_id is not None else None
    return medium["user_id"] == user_id or permissions.may(user, "edit file", medium)


def set_alt(media_id: int, alt: str, user: User) -> None:
    """Store the alt text of a file. Raises `Invalid`, `NotFound`, `Forbidden`."""
    alt = _validate_alt(alt)
    with transaction():
        medium = _by_id(media_id)
        permissions.require(user, "edit file", medium)
        _store_alt(medium, alt)


def _by_id(media_id: int) -> sqlite3.Row:
    medium = db.one(f"{SELECT} WHERE media.id = ?", media_id)
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
    """Return the row that a file or one of its variants belongs to. Raises `NotFound`."""
    match = FILE_NAME.fullmatch(name)
    medium = _find_by_hash(match[1]) if match else None
    if medium is None or name not in file_names(medium):
        raise errors.NotFound("There is no such file.")
    return medium


def file_names(medium: sqlite3.Row) -> list[str]:
    """Return the names of a file and its variants on the disk."""
    widths = media_variants.widths(medium)
    variants = [media_variants.file_name(medium["hash"], width) for width in widths]
    return [medium["name"], *variants]


def get_for_edit(name: str, user: User) -> sqlite3.Row:
    """Return the row of a file if the user may edit it. Raises `NotFound`, `Forbidden`."""
    medium = get(name)
    permissions.require(user, "edit file", medium)
    return medium


def newest(
    *,
    search: str = "",
    unused: bool = False,
    pictures: bool = False,
    before: str | None = None,
    after: str | None = None,
) -> Page:
    """Return a page of the library, newest first, next to a position of another page if given.

    Raises `NotFound` if the position is malformed.
    """
    words = text.casefold_key(search[:MAX_SEARCH_CHARS]).split()
    filters = [f"words {conditions.CONTAINS}"] * len(words)
    values: list[str | int] = [*map(conditions.containing, words)]
    if pictures:
        filters.append("type LIKE 'image/%'")
    if unused:
        filters += media_uses.UNUSED
        if shown := media_uses.shown_names():
            filters.append(f"original_name NOT IN ({conditions.placeholders(shown)})")
            values += shown
    if after is not None:
        media, more = _select([*filters, "media.id > ?"], [*values, _position(after)], "ASC")
        media.reverse()
        return Page(media, _first_id(media[-1:]), _first_id(media[:1]) if more else None)
    if before is not None:
        media, more = _select([*filters, "media.id < ?"], [*values, _position(before)], "DESC")
        return Page(media, _first_id(media[-1:]) if more else None, _first_id(media[:1]))
    media, more = _select(filters, values, "DESC")
    return Page(media, _first_id(media[-1:]) if more else None, None)


def _position(position: str) -> int:
    if not POSITION.fullmatch(position):
        raise errors.NotFound("There is no such page of the media library.")
    return int(position)


def _select(
    filters: list[str], values: list[str | int], order: str
) -> tuple[list[sqlite3.Row], bool]:
    rows = db.all(
        f"""
        {SELECT}
        WHERE {" AND ".join(filters) or "TRUE"}
        ORDER BY media.id {order}
        LIMIT {PER_PAGE + 1}
        """,
        *values,
    )
    return rows[:PER_PAGE], len(rows) > PER_PAGE


def _first_id(media: list[sqlite3.Row]) -> int | None:
    return media[0]["id"] if media else None


def find_missing(media: Iterable[sqlite3.Row]) -> set[int]:
    """Return the ids of media whose file is known to be missing."""
    return {row["id"] for row in media if not media_storage.seems_present(row["name"])}


def delete(media_id: int, user: User) -> None:
    """Delete a file with all its variants. Raises `NotFound`, `Forbidden`."""
    permissions.require(user, "delete file", _by_id(media_id))
    with media_storage.changing(_by_id(media_id)["hash"]):
        with transaction() as connection:
            medium = _by_id(media_id)
            permissions.require(user, "delete file", medium)
            connection.execute("DELETE FROM media WHERE id = ?", (media_id,))
        # Someone may have uploaded the file again. Nobody can during this transaction.
        with transaction():
            if not _is_known(medium["hash"]):
                media_storage.remove(file_names(medium))


def leftovers() -> list[str]:
    """Return the names of the files that killed uploads and deletions left."""
    with media_storage.leftovers(_is_known) as names:
        return names


def tidy_up() -> None:
    """Remove the files that killed uploads and deletions left. Raises `Unavailable`."""
    with media_storage.leftovers(_is_known) as names:
        media_storage.remove(names)


def tidy_up_folder() -> None:
    """Remove the files that killed processes left, if they are on this machine.

    A process that has used the client of a bucket must not fork, as servers do.
    """
    if not media_storage.store().is_shared:
        _try_to_tidy_up()


def tidy_up_bucket() -> None:
    """Remove the files that killed processes left, if they are on another machine."""
    if media_storage.store().is_shared:
        _try_to_tidy_up()


def _try_to_tidy_up() -> None:
    try:
        tidy_up()
    except errors.Unavailable as error:
        current_app.logger.warning("Media could not be tidied up: %s", error.message)


def _is_known(digest: str) -> bool:
    return _find_by_hash(digest) is not None


def smallest_variant(medium: sqlite3.Row) -> str:
    """Return the file name of the smallest variant of an image."""
    widths = media_variants.widths(medium)
    if not widths:
        return str(medium["name"])
    return media_variants.file_name(medium["hash"], widths[0])


def download_name(medium: sqlite3.Row, name: str) -> str:
    """Return the name to offer for a download; images get the suffix of their stored format."""
    original = str(medium["original_name"])
    if medium["type"] not in images.FORMATS:
        return original
    return f"{original.rpartition('.')[0] or original}.{name.rpartition('.')[2]}"


def is_image(medium: sqlite3.Row) -> bool:
    """Return True if pages can show the file as an image."""
    return bool(medium["type"].startswith("image/"))


def markdown(medium: sqlite3.Row, url: str) -> str:
    """Return the Markdown that shows an image, plays a video or sound, or links to the file."""
    if is_image(medium):
        return f"![{_escape_markdown(medium['alt'])}]({url})"
    player = medium["type"].partition("/")[0]
    if player in PLAYERS:
        return f'<{player} src="{url}" controls></{player}>'
    return f"[{_escape_markdown(medium['original_name'])}]({url})"


def _escape_markdown(content: str) -> str:
    return MARKDOWN_CHARACTERS.sub(r"\\\1", content)
