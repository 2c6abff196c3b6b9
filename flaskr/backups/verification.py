"""Prove that a backup is good: every byte, the database, and the blog that it makes."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import IO
from typing import Any
from typing import NamedTuple

from flask import Flask

from .. import db
from .. import errors
from .. import migrations
from ..data_folder import disk_errors
from ..db import files
from ..models import backup_contents
from ..models import rendered_html
from ..text import highlighting
from . import archives
from .creation import translate_errors

# The front page, a list and a feed.
PAGES = ("/", "/archive", "/feed.xml")
# Creates the application for the blog in a folder.
OpenApp = Callable[[Path], Flask]


class Findings(NamedTuple):
    """A summary of a backup, its faults, and notes about losses before it was made."""

    holds: str
    faults: list[str]
    notes: list[str]


def verify(
    source: IO[bytes], folder: Path, open_app: OpenApp, progress: Callable[[int], None]
) -> Findings:
    """Check a backup with the help of an empty folder, which gets the database.

    The settings and templates in a backup are programs, which are not run. Raises `Invalid` if the
    file is damaged, `Conflict` if it is newer than this program.
    """
    info: dict[str, Any] = {}

    def receive(name: str, chunks: Iterator[bytes]) -> None:
        if name == archives.DATABASE:
            write_member(folder, name, chunks)
        else:
            for _ in chunks:
                pass

    with translate_errors():
        manifest = archives.read(source, receive, begin=info.update, progress=progress)
        faults = check_database(folder, manifest)
        if not faults:
            faults = try_blog(open_app(folder))
        orphans = files.count_orphans(folder / archives.DATABASE) if not faults else 0
    return Findings(_describe(info, manifest), faults, list(_notes(manifest, orphans)))


def write_member(folder: Path, name: str, chunks: Iterator[bytes]) -> None:
    """Write a file of a backup into a folder, unless it would fill the disk. Raises `OSError`."""
    path = folder / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    with path.open("wb") as file:
        for chunk in chunks:
            # A small backup may unpack to more than any disk holds.
            disk_errors.require_room(folder)
            file.write(chunk)


def check_database(folder: Path, manifest: dict[str, Any]) -> list[str]:
    """Return the faults of the unpacked database. Raises `Conflict` if it is newer."""
    database = folder / archives.DATABASE
    if not database.is_file():
        return ["The backup has no database."]
    if problems := files.find_problems(database):
        return [f"The database is damaged: {problem}." for problem in problems]
    check_version(files.version(database))
    return [
        f"The file {name} is missing, which the database names."
        for name in _missing_media(database, manifest)
    ]


def check_version(version: int) -> None:
    """Raise `Conflict` if a database is newer than this program."""
    if version > migrations.latest():
        raise errors.Conflict(
            f"This database was made by a newer flaskr: its version is {version}, and this flaskr"
            f" supports {migrations.latest()}. Install the newer flaskr to use it."
        )


def _missing_media(database: Path, manifest: dict[str, Any]) -> list[str]:
    known = set(manifest.get("missing", ()))
    with closing(files.open_read_only(database)) as copy:
        return [
            name
            for name in backup_contents.media_files(copy)
            if archives.MEDIA + name not in manifest["members"] and name not in known
        ]


def _describe(info: dict[str, Any], manifest: dict[str, Any]) -> str:
    counts = manifest.get("counts", {})
    parts = [count(counts.get(name, 0), name[:-1]) for name in ("posts", "users", "files")]
    secrets = "with" if info.get("with_secrets") else "without"
    return (
        f"Backup of {info.get('created')} UTC by flaskr {info.get('flaskr')}:"
        f" {', '.join(parts)}, {secrets} the secret key."
    )


def count(number: int, noun: str) -> str:
    """Return a number with its noun: `2 posts`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def printable(name: str) -> str:
    """Return a name without characters that a terminal obeys."""
    return "".join(one if one.isprintable() else "\ufffd" for one in name)


def _notes(manifest: dict[str, Any], orphans: int) -> Iterator[str]:
    missing = manifest.get("missing", [])
    if missing:
        yield (
            f"{count(len(missing), 'media file')} had been lost before the backup was made, such as"
            f" {printable(missing[0])}."
        )
    if orphans:
        yield f"{count(orphans, 'row')} of the database named something that no longer existed."


def try_blog(app: Flask) -> list[str]:
    """Upgrade an unpacked blog, render all its posts and some pages, and return the faults."""
    with app.app_context():
        try:
            db.init_db()
        except errors.AppError as error:
            return [error.message]
        faults = list(_render_posts())
    client = app.test_client()
    for path in PAGES:
        status = client.get(path).status_code
        if status != 200:
            faults.append(f"The page {path} answers with the status {status}.")
    return faults


def _render_posts() -> Iterator[str]:
    with highlighting.keep_process():
        for post in backup_contents.bodies(db.get_db()):
            try:
                rendered_html.render_unstored(post["body"], post["id"])
            except Exception as error:
                yield f"Post {post['id']} cannot be rendered: {error}."
