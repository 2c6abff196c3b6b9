"""The files in the instance's folder `media`: each written whole, and never changed."""

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

UNFINISHED = ".part"
# An upload that takes longer has ended, though nobody could clean up after it.
SECONDS_TO_FINISH = 60 * 60


def path(name: str) -> Path:
    """Where the file of this name is, or would be."""
    return _folder() / name


def _folder() -> Path:
    return Path(current_app.instance_path, "media")


def exists(name: str) -> bool:
    """Whether nobody took the file away."""
    return path(name).is_file()


@contextmanager
def stage_files(files: Mapping[str, bytes]) -> Iterator[Callable[[], None]]:
    """The files written under names of no meaning; what is yielded puts them in their places.

    A file that is there already stays. On an error, none of the others is left. Raises
    `Unavailable` when the disk cannot take them.
    """
    drafts: dict[Path, Path] = {}
    placed: list[Path] = []

    def put_in_place() -> None:
        with _sentences():
            for draft, place in drafts.items():
                if not place.exists():
                    placed.append(place)
                    draft.replace(place)
            _sync_folder()

    try:
        with _sentences():
            _folder().mkdir(mode=0o700, exist_ok=True)
            for name, content in files.items():
                draft = path(secrets.token_hex(16) + UNFINISHED)
                drafts[draft] = path(name)
                _write(draft, content)
        yield put_in_place
    except BaseException:
        _remove(placed)
        raise
    finally:
        _remove(drafts)


@contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise unavailable(error) from error


def unavailable(error: OSError) -> errors.Unavailable:
    """What a person is told when the disk refuses."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return errors.Unavailable("The disk is full. Free some space, then try again.")
    return errors.Unavailable(f"The folder for media cannot be written: {error.strerror}.")


def _write(file: Path, content: bytes) -> None:
    with file.open("xb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _sync_folder() -> None:
    # Windows opens no folders; there the file system keeps the names by itself.
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
    """Delete files; one that is not there or cannot be deleted is no failure."""
    _remove([path(name) for name in names])


def delete_unfinished() -> None:
    """Delete what uploads left that were cut off with the whole machine."""
    for file in _folder().glob(f"*{UNFINISHED}"):
        with suppress(OSError):
            if file.stat().st_mtime < time.time() - SECONDS_TO_FINISH:
                file.unlink()
