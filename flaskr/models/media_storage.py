"""Files in `instance/media`: written atomically and never changed afterwards."""

import errno
import os
import re
import secrets
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from flask import current_app

from .. import errors
from .. import images
from ..data_folder import locks

PARTIAL_SUFFIX = ".part"
# Uploads and deletions share this lock, and tidying up holds it alone.
LOCK = "media.lock"
MAX_LOCK_SECONDS = 10
NOTE = re.compile(rf"({images.HASH})\.[0-9a-f]{{16}}\{PARTIAL_SUFFIX}", re.ASCII)


def path(name: str) -> Path:
    """Return the path of a file, which need not exist."""
    return _folder() / name


def _folder() -> Path:
    return Path(current_app.instance_path, "media")


def exists(name: str) -> bool:
    """Return True if the file is on the disk."""
    return path(name).is_file()


@contextmanager
def changing(digest: str) -> Iterator[None]:
    """Store a note, for the time of the block, that files of this digest may have no row.

    If the process is killed, `leftovers` finds the note. Raises `Unavailable`.
    """
    with locks.hold(_lock(), shared=True, wait_seconds=MAX_LOCK_SECONDS):
        note = path(f"{digest}.{secrets.token_hex(8)}{PARTIAL_SUFFIX}")
        with _translate_errors():
            _folder().mkdir(mode=0o700, exist_ok=True)
            note.touch(mode=0o600, exist_ok=False)
            _sync_folder()
        try:
            yield
        finally:
            _remove([note])


def _lock() -> Path:
    return Path(current_app.instance_path, LOCK)


@contextmanager
def stage_files(files: Mapping[str, bytes]) -> Iterator[Callable[[], None]]:
    """Write files under temporary names and yield a function that moves them into place.

    Existing files are kept. If the block raises, the new ones are removed. Raises `Unavailable` if
    they cannot be written.
    """
    partials: dict[Path, Path] = {}
    moved: list[Path] = []

    def move_into_place() -> None:
        with _translate_errors():
            for partial, target in partials.items():
                if not target.exists():
                    moved.append(target)
                    partial.replace(target)
            _sync_folder()

    try:
        with _translate_errors():
            for name, content in files.items():
                partial = path(secrets.token_hex(16) + PARTIAL_SUFFIX)
                partials[partial] = path(name)
                _write(partial, content)
        yield move_into_place
    except BaseException:
        _remove(moved)
        raise
    finally:
        _remove(partials)


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unavailable(error) from error


def unavailable(error: OSError) -> errors.Unavailable:
    """Return the error to raise when the disk refuses to write."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.Unavailable("The disk is full. Free some space, then try again.")
    return errors.Unavailable(f"The media folder cannot be written: {error.strerror}.")


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder() -> None:
    # Windows cannot open a folder, and does not need to.
    with suppress(PermissionError):
        folder = os.open(_folder(), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink()


def remove(names: list[str]) -> None:
    """Delete files, ignoring those that are missing or cannot be deleted."""
    _remove([path(name) for name in names])


def all_names() -> set[str]:
    """Return the names of all finished files on the disk."""
    try:
        return {name for name in os.listdir(_folder()) if not name.endswith(PARTIAL_SUFFIX)}
    except FileNotFoundError:
        return set()


@contextmanager
def leftovers(has_row: Callable[[str], bool]) -> Iterator[list[Path]]:
    """Yield the files that killed processes left, and make uploads wait.

    `has_row` tells if the media library knows a digest. The list is empty while another process
    changes the library.
    """
    if not _partials():
        yield []
        return
    with locks.hold(_lock()) as is_free:
        partials = _partials() if is_free else []
        noted = {match[1] for file in partials if (match := NOTE.fullmatch(file.name))}
        lost = [digest for digest in sorted(noted) if not has_row(digest)]
        files = {file for digest in lost for file in _folder().glob(f"{digest}[-.]*")}
        # The notes come last: if this process is killed, they are still there.
        yield sorted(files.difference(partials)) + partials


def _partials() -> list[Path]:
    return sorted(_folder().glob(f"*{PARTIAL_SUFFIX}"))
