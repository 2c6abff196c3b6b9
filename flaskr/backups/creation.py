"""Make a backup while people read, write, upload and delete."""

import itertools
import os
import sqlite3
from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import IO
from typing import Any
from typing import NamedTuple

import click

from .. import db
from .. import errors
from ..data_folder import disk_errors
from ..data_folder import locks
from ..data_folder.swapping import sync_folder
from ..db import files
from ..models import backup_contents
from . import Blog
from . import archives
from . import records
from . import scratch
from . import settings_file

PREFIX = "flaskr-backup-"
SUFFIX = ".tar.gz"
Progress = Callable[[int, int], None]


class Made(NamedTuple):
    """A finished backup: its file, its size, media files that were lost, and names left out."""

    file: Path
    bytes: int
    missing: list[str]
    left_out: list[str]
    deleted: list[Path]


class Backup:
    """A backup that is being made."""

    def __init__(self, blog: Blog, *, with_secrets: bool = False) -> None:
        """Prepare a backup. Raises `Damaged` if there is no database."""
        if not blog.url and files.is_empty(blog.database):
            raise errors.Damaged("There is no database to back up: its file is missing or empty.")
        self.missing: list[str] = []
        self.left_out: list[str] = []
        self.digest = ""
        self._blog = blog
        self._with_secrets = with_secrets
        self._writer = archives.Writer()
        # A download continues without an application context.
        self._triggers = db.triggers() if blog.url else {}
        self._media = blog.open_media()

    def chunks(self, progress: Progress = lambda done, total: None) -> Generator[bytes, None, None]:
        """Yield the backup. Raises `Unavailable`, `Conflict`.

        Media files come before the copy of the database: once the copy is made, files that it
        names may be deleted. Those uploaded since follow it, and if one of them is already deleted
        again, another copy is made. So all files of the last copy are in the backup.
        """
        with translate_errors(), scratch.folder(self._blog.instance) as folder:
            with self._blog.open() as database:
                live = list(dict.fromkeys(backup_contents.media_files(database)))
                size = backup_contents.database_bytes(database)
            stored = self._media.files()
            sizes = {name: stored[name].size for name in live if name in stored}
            total = sum(sizes.values()) + size
            yield from self._writer.add_json(archives.INFO, self._info(total))
            done = 0
            for name in sizes:
                yield from self._add_media(name)
                done += sizes[name]
                progress(done, total)
            yield from self._add_settings()
            copy = folder / archives.DATABASE
            yield from self._add_uploads(copy)
            yield from self._add_file(archives.DATABASE, copy)
            yield from self._writer.add_json(archives.MANIFEST, self._manifest(copy))
            yield from self._writer.finish()
            self.digest = self._writer.digest
            progress(total, total)

    def _info(self, total: int) -> dict[str, Any]:
        return {
            "format": archives.FORMAT,
            "flaskr": self._blog.version,
            "created": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}",
            "bytes": total,
            "with_secrets": self._with_secrets,
        }

    def _manifest(self, copy: Path) -> dict[str, Any]:
        with closing(files.open_read_only(copy)) as database:
            counts = backup_contents.count(database)
        return {
            "schema": files.version(copy),
            "counts": counts,
            "missing": self.missing,
            "members": self._writer.members,
        }

    def _read_media(self, database: Path) -> list[str]:
        with closing(files.open_read_only(database)) as connection:
            return list(dict.fromkeys(backup_contents.media_files(connection)))

    def _add_media(self, name: str) -> Iterator[bytes]:
        """Yield a media file, or nothing if it was deleted."""
        member = archives.MEDIA + name
        if member in self._writer.members or not archives.is_safe(member):
            return
        try:
            opened = self._media.open(name)
        except FileNotFoundError:
            return
        with closing(opened.file) as file:
            yield from self._writer.add(member, opened.size, _read(file), opened.modified)

    def _add_uploads(self, copy: Path) -> Iterator[bytes]:
        """Copy the database, and yield the media files of the copy that are not yet in the backup.

        A file that is missing after two copies was not deleted meanwhile: the blog has lost it.
        """
        before: set[str] | None = None
        while True:
            self._blog.copy(copy, self._triggers)
            needed = self._read_media(copy)
            for name in needed:
                yield from self._add_media(name)
            missing = {name for name in needed if archives.MEDIA + name not in self._writer.members}
            if not missing or missing == before:
                break
            before = missing
        self.missing = sorted(missing)

    def _add_file(self, name: str, path: Path) -> Iterator[bytes]:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            yield from self._writer.add(name, status.st_size, _read(file), status.st_mtime)

    def _add_settings(self) -> Iterator[bytes]:
        """Yield the settings, templates and static files of the instance folder."""
        instance = self._blog.instance
        settings = settings_file.read(instance / "config.py", self._with_secrets)
        if settings is not None:
            yield from self._writer.add("config.py", len(settings), [settings])
        key = instance / "secret_key"
        if self._with_secrets and key.is_file():
            yield from self._add_file("secret_key", key)
        for folder in ("templates", "static"):
            for path in _walk(instance / folder, set()):
                name = path.relative_to(instance).as_posix()
                if archives.is_safe(name):
                    yield from self._add_file(name, path)
                else:
                    self.left_out.append(name)


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while chunk := file.read(archives.CHUNK_BYTES):
        yield chunk


def _walk(folder: Path, above: set[str]) -> Iterator[Path]:
    """Yield the files below a folder. Links are followed, but not in circles."""
    real = os.path.realpath(folder)
    if real in above or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _walk(path, above | {real})
        elif path.is_file():
            yield path


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise `Unavailable` with a sentence if the disk or the database fails."""
    try:
        yield
    except OSError as error:
        raise errors.Unavailable(disk_errors.describe(error)) from error
    except sqlite3.Error as error:
        raise errors.Unavailable(db.error_message(error) or f"{error}.") from error


def file_name(number: int = 1) -> str:
    """Return the name of a new backup; `number` tells those of the same second apart."""
    return f"{PREFIX}{files.stamp()}{f'-{number}' if number > 1 else ''}{SUFFIX}"


@contextmanager
def alone(blog: Blog) -> Iterator[None]:
    """Raise `Conflict` if another process is writing a backup of this blog."""
    with locks.hold(blog.instance / locks.BACKUP_LOCK) as is_free:
        if not is_free:
            raise errors.Conflict("Another backup is running. Wait until it has finished.")
        yield


def write(
    blog: Blog,
    target: Path,
    *,
    with_secrets: bool = False,
    keep: int = 0,
    progress: Progress = lambda done, total: None,
    is_wanted: Callable[[], bool] = lambda: True,
) -> Made | None:
    """Write a backup to a file or into a folder; the file appears once it is complete.

    `keep` deletes all but so many backups of this blog in the same folder. Returns None if, once
    no other backup is running, `is_wanted` returns False. Raises `Conflict`, `Unavailable`.
    """
    with translate_errors(), alone(blog):
        if not is_wanted():
            return None
        records.delete_unfinished(blog.instance)
        backup = Backup(blog, with_secrets=with_secrets)
        file, stream = _create(target)
        partial = Path(stream.name)
        try:
            with stream:
                records.begin(blog.instance, partial)
                with closing(backup.chunks(progress)) as chunks:
                    _write(stream, chunks, file.parent)
            partial.replace(file)
            sync_folder(file.parent)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        records.add(blog.instance, file, backup.digest)
        deleted = records.delete_old(blog.instance, file.parent, keep)
        return Made(file, file.stat().st_size, backup.missing, backup.left_out, deleted)


def _create(target: Path) -> tuple[Path, IO[bytes]]:
    """Return the path of a new backup, and the partial file to write until it is complete.

    Other blogs may be backed up to the same folder in the same second. Raises `Conflict`.
    """
    if target.is_dir():
        for number in itertools.count(1):  # pragma: no branch  # it never ends
            file = target / file_name(number)
            with suppress(FileExistsError):
                stream = _create_partial(file)
                if not file.exists():
                    return file, stream
                stream.close()
                os.unlink(stream.name)
    if target.exists() and archives.read_digest(target) is None:
        raise errors.Conflict(
            f"{click.format_filename(target)} is not a backup. Choose another name."
        )
    if not target.parent.is_dir():
        folder = click.format_filename(target.parent)
        raise errors.Conflict(f"There is no folder {folder}. Create it first.")
    try:
        return target, _create_partial(target)
    except FileExistsError as error:
        raise errors.Conflict(
            f"{click.format_filename(error.filename)} exists. Delete it, unless another backup is"
            " being written there, then try again."
        ) from error


def _create_partial(file: Path) -> IO[bytes]:
    partial = file.with_name(f"{file.name}.part")
    return open(partial, "xb", opener=lambda path, flags: os.open(path, flags, 0o600))


def _write(stream: IO[bytes], chunks: Iterable[bytes], folder: Path) -> None:
    for chunk in chunks:
        disk_errors.require_room(folder)
        stream.write(chunk)
    stream.flush()
    os.fsync(stream.fileno())
