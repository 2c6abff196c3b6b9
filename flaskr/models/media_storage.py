"""The files of the media library, in the place that the setting MEDIA names.

Nothing else knows where they are: see `media_stores` for what a place can do.
"""

import re
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from flask import Flask
from flask import current_app

from .. import errors
from .. import images
from ..data_folder import locks
from . import media_addresses
from . import media_stores
from .media_cache import Cache
from .media_folder import Folder
from .media_folder import unavailable as unavailable
from .media_stores import PARTIAL_SUFFIX
from .media_stores import Opened
from .media_stores import Store
from .media_stores import Stored

FOLDER = "media"
CACHE_FOLDER = "media-cache"
MEGABYTE = 1024 * 1024
EXTENSION = "flaskr.media_store"
# Uploads and deletions share this lock, and tidying up holds it alone.
LOCK = "media.lock"
MAX_LOCK_SECONDS = 10
# Other machines do not see the lock: a note that is younger may be that of a running upload, and
# an upload that takes half as long is given up.
MAX_UPLOAD_SECONDS = 60 * 60
NOTE = re.compile(rf"(?:[a-z]+/)?({images.HASH})\.[0-9a-f]{{16}}\{PARTIAL_SUFFIX}", re.ASCII)


def open_store(setting: str, instance: Path, cache_bytes: int = 0) -> Store:
    """Return the store that a value of MEDIA names. A relative path is below the instance folder.

    Raises `Invalid`, and `Unavailable` if its library is not installed.
    """
    if not media_addresses.is_address(setting):
        return Folder(instance / (setting or FOLDER))
    address = media_addresses.parse(setting)
    try:
        from .media_bucket import Bucket
    except ImportError as error:
        raise errors.Unavailable(
            "The setting MEDIA names a bucket, for which obstore is missing. Run: pip install"
            " 'flaskr[cluster]'"
        ) from error
    return Bucket(address, Cache(instance / CACHE_FOLDER, cache_bytes) if cache_bytes else None)


def init_app(app: Flask) -> None:
    """Choose the store. Raises `Unavailable`."""
    app.extensions[EXTENSION] = open_store(
        app.config["MEDIA"],
        Path(app.instance_path),
        app.config["MEDIA_CACHE_MB"] * MEGABYTE,
    )


def store() -> Store:
    """Return the store of this application."""
    chosen: Store = current_app.extensions[EXTENSION]
    return chosen


def seems_present(name: str) -> bool:
    """Return False if a file is known to be missing, without asking another machine."""
    return store().seems_present(name)


def find(name: str) -> Stored | None:
    """Return the size and time of a file, if there is one. Raises `Unavailable`."""
    return store().find(name)


def open_file(name: str) -> Opened:
    """Open a file for a visitor. Raises `NotFound`, `Unavailable`."""
    try:
        return store().open(name, keep=True)
    except FileNotFoundError:
        raise errors.NotFound("This file is missing.") from None


def read(name: str) -> Iterator[bytes]:
    """Yield the content of a file. Raises `FileNotFoundError`, `Unavailable`."""
    return media_stores.read(store(), name)


@contextmanager
def changing(digest: str) -> Iterator[None]:
    """Store a note, for the time of the block, that files of this digest may have no row.

    If the process is killed, `leftovers` finds the note. Raises `Unavailable`.
    """
    with locks.hold(_lock(), shared=True, wait_seconds=MAX_LOCK_SECONDS):
        note = store().add_note(digest)
        try:
            yield
        except BaseException:
            # There, files of a failed upload stay until they are tidied up.
            if not store().is_shared:
                remove([note])
            raise
        remove([note])


def _lock() -> Path:
    return Path(current_app.instance_path, LOCK)


@contextmanager
def stage_files(files: Mapping[str, bytes]) -> Iterator[Callable[[], None]]:
    """Store files, and yield a function to call in the transaction that stores their row.

    Existing files are kept. Raises `Unavailable` if they cannot be written.
    """
    started = time.time()
    with store().stage(files) as move_into_place:

        def finish() -> None:
            move_into_place()
            if time.time() - started > MAX_UPLOAD_SECONDS / 2:
                raise errors.Unavailable("The upload took too long. Upload the file again.")

        yield finish


def remove(names: Iterable[str]) -> None:
    """Delete files, ignoring those that are missing or cannot be deleted."""
    with suppress(errors.Unavailable):
        store().delete(names)


@contextmanager
def leftovers(has_row: Callable[[str], bool]) -> Iterator[list[str]]:
    """Yield the names of the files that killed processes left, and make uploads wait.

    `has_row` tells if the media library knows a digest. The list is empty while another process
    changes the library. Raises `Unavailable`.
    """
    if not _old_notes():
        yield []
        return
    with locks.hold(_lock()) as is_free:
        notes = _old_notes() if is_free else []
        noted = {match[1] for note in notes if (match := NOTE.fullmatch(note))}
        lost = {digest for digest in noted if not has_row(digest)}
        names = store().files() if lost else {}
        # The notes come last: if this process is killed, they are still there.
        yield sorted(name for name in names if re.split(r"[-.]", name)[0] in lost) + notes


def _old_notes() -> list[str]:
    """Return the notes of uploads that have ended."""
    notes = store().notes()
    if not store().is_shared:
        return sorted(notes)
    latest = time.time() - MAX_UPLOAD_SECONDS
    new = {
        match[1]
        for name in notes
        if notes[name].modified > latest and (match := NOTE.fullmatch(name))
    }
    return sorted(name for name in notes if (match := NOTE.fullmatch(name)) and match[1] not in new)
