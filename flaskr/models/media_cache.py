"""Copies of media files on this machine's disk, which may be deleted at any time.

Without them, each picture that is not in memory is fetched again from the service.
To remove them, pass no cache to `Bucket`.
"""

import os
import tempfile
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from .media_stores import PARTIAL_SUFFIX

# A file that takes a larger part of the cache is not kept.
MAX_SHARE = 1 / 8
# Files are deleted each time that so large a part of the cache is new, down to this part of it.
PRUNING_SHARE = 1 / 16
PRUNED_SHARE = 7 / 8
# The time of the last use is written at most this often.
USED_SECONDS = 60 * 60


class Cache:
    """Files in a folder, of which the least recently used ones go. Processes may share it."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self._max_bytes = max_bytes
        # Another process may have filled it: the first new file makes this one look.
        self._new_bytes = max_bytes

    def read(self, name: str) -> tuple[bytes, float] | None:
        """Return the content of a copy and the time of the file's last change, if there is one."""
        path = self._folder / name
        try:
            status, content = path.stat(), path.read_bytes()
        except OSError:
            return None
        if status.st_atime < time.time() - USED_SECONDS:
            with suppress(OSError):
                os.utime(path, (time.time(), status.st_mtime))
        return content, status.st_mtime

    def add(self, name: str, content: bytes, modified: float) -> None:
        """Keep a copy of a file, unless the disk refuses it."""
        if len(content) > self._max_bytes * MAX_SHARE:
            return
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._write(name, content, modified)
        self._new_bytes += len(content)
        if self._new_bytes > self._max_bytes * PRUNING_SHARE:
            self._new_bytes = 0
            with suppress(OSError):
                self._prune()

    def _write(self, name: str, content: bytes, modified: float) -> None:
        descriptor, partial = tempfile.mkstemp(PARTIAL_SUFFIX, dir=self._folder)
        try:
            with open(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(descriptor)
            os.utime(partial, (time.time(), modified))
            os.replace(partial, self._folder / name)
        except BaseException:
            with suppress(OSError):
                os.unlink(partial)
            raise

    def _prune(self) -> None:
        """Delete the least recently used files if there are too many bytes."""
        with os.scandir(self._folder) as entries:
            found = [(entry.stat().st_atime, entry.stat().st_size, entry.path) for entry in entries]
        total = sum(size for _, size, _ in found)
        if total <= self._max_bytes:
            return
        for _, size, path in sorted(found):
            if total > self._max_bytes * PRUNED_SHARE:
                with suppress(OSError):
                    os.unlink(path)
                total -= size

    def discard(self, names: Iterable[str]) -> None:
        """Delete the copies of files that are gone."""
        for name in names:
            with suppress(OSError):
                os.unlink(self._folder / name)
