"""Files in `instance/media`: written atomically and never changed afterwards."""

import errno
import os
import secrets
import time
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from flask import current_app

from .. import errors

PARTIAL_SUFFIX = ".part"
# An older partial file is left over from a crash.
MAX_UPLOAD_SECONDS = 60 * 60


def path(name: str) -> Path:
    """Return the path of a file, which need not exist."""
    return _folder() / name


def _folder() -> Path:
    return Path(current_app.instance_path, "media")


def exists(name: str) -> bool:
    """Return True if the file is on the disk."""
    return path(name).is_file()


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
            _folder().mkdir(mode=0o700, exist_ok=True)
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


def _remove(files: Mapping[Path, Path] | list[Path]) -> None:
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


def unfinished() -> list[Path]:
    """Return the partial files that uploads left when the machine crashed."""
    latest = time.time() - MAX_UPLOAD_SECONDS
    files = _folder().glob(f"*{PARTIAL_SUFFIX}")
    return [file for file in files if _modified(file) < latest]


def _modified(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except FileNotFoundError:
        # The upload has just finished, and the file has its name.
        return time.time()


def delete_unfinished() -> None:
    """Delete partial files that uploads left when the machine crashed."""
    _remove(unfinished())
