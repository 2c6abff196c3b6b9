"""Write files into a folder: only those that changed, and without those that vanished.

A list in the folder names every file that was ever written, so that no other file is touched.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from pathlib import PurePosixPath
from typing import IO

from .. import errors
from ..models import media_storage

PARTIAL_SUFFIX = ".part"


class Folder:
    """A folder of files made by flaskr. Each file is written as a whole or not at all."""

    def __init__(self, path: Path, manifest: str, *, is_private: bool = False) -> None:
        """Open a folder. Raises `Conflict` if it contains files of others, `Unavailable`."""
        self.path = path
        self.manifest = path / manifest
        self.written = 0
        self.unchanged = 0
        self.removed = 0
        self._mode = 0o600 if is_private else 0o666
        self.names: set[str] = set()
        self._folders: set[str] = set()
        with translate_errors():
            path.mkdir(0o700 if is_private else 0o777, parents=True, exist_ok=True)
            if not self.manifest.is_file() and any(path.iterdir()):
                raise errors.Conflict(f"{path} is not empty. Choose an empty or a new folder.")
            self._known = self._read_manifest()

    def _read_manifest(self) -> set[str]:
        if not self.manifest.is_file():
            self.manifest.touch()
        return set(filter(None, self.manifest.read_text(encoding="utf-8").split("\n")))

    def write(self, name: str, content: bytes | Path | Iterator[bytes]) -> None:
        """Write a file unless it is there with this content. Raises `Unavailable`."""
        if not isinstance(content, bytes | Path):
            content = b"".join(content)
        self._list(name)
        file = self.path / name
        with translate_errors():
            if _is_same(file, content):
                self.unchanged += 1
                return
            self._announce(name)
            self._make_room(name)
            file.parent.mkdir(parents=True, exist_ok=True)
            partial = file.with_name(f"{file.name}{PARTIAL_SUFFIX}")
            with self._open(partial) as target:
                if isinstance(content, bytes):
                    target.write(content)
                else:
                    with content.open("rb") as source:
                        while chunk := source.read(1024 * 1024):
                            target.write(chunk)
            os.replace(partial, file)
            self.written += 1

    def _list(self, name: str) -> None:
        self.names.add(name)
        self._folders |= set(map(str, PurePosixPath(name).parents))

    def keep(self, name: str) -> bool:
        """Keep a file of an earlier run, and return True if there is one."""
        if name not in self._known or not (self.path / name).is_file():
            return False
        self._list(name)
        self.unchanged += 1
        return True

    def _open(self, file: Path) -> IO[bytes]:
        return open(file, "wb", opener=lambda path, flags: os.open(path, flags, self._mode))

    def has_room(self, name: str) -> bool:
        """Return True if no file of this run is in the way of this one."""
        if name in self.names or name in self._folders:
            return False
        return self.names.isdisjoint(map(str, PurePosixPath(name).parents))

    def _make_room(self, name: str) -> None:
        """Remove files of an earlier run where there are folders now, and the other way round."""
        stale = {str(parent) for parent in PurePosixPath(name).parents} & self._known
        if (self.path / name).is_dir():
            stale |= {old for old in self._known if old.startswith(f"{name}/")}
        for old in stale - self.names:
            self._remove(self.path / old)

    def _announce(self, name: str) -> None:
        """List a file before it exists, so that a run that was killed leaves no unknown file."""
        if name not in self._known:
            with self.manifest.open("a", encoding="utf-8") as manifest:
                manifest.write(f"{name}\n{name}{PARTIAL_SUFFIX}\n")
            self._known |= {name, f"{name}{PARTIAL_SUFFIX}"}

    def finish(self, *, is_complete: bool = True) -> None:
        """Remove the files that were not written this time, unless some could not be made.

        Raises `Unavailable`.
        """
        if not is_complete:
            return
        with translate_errors():
            for name in sorted(self._known - self.names):
                if _is_inside(name):
                    self._remove(self.path / name)
            text = "".join(f"{name}\n" for name in sorted(self.names))
            if text != self.manifest.read_text(encoding="utf-8"):
                partial = self.manifest.with_name(f"{self.manifest.name}{PARTIAL_SUFFIX}")
                partial.write_text(text, encoding="utf-8")
                partial.replace(self.manifest)

    def _remove(self, file: Path) -> None:
        if not file.is_file():
            return
        file.unlink()
        self.removed += not file.name.endswith(PARTIAL_SUFFIX)
        folder = file.parent
        with suppress(OSError):
            # Only empty folders can be removed.
            while folder != self.path:
                folder.rmdir()
                folder = folder.parent


def _is_inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def _is_same(file: Path, content: bytes | Path) -> bool:
    if not file.is_file() or file.is_symlink():
        return False
    if isinstance(content, bytes):
        return file.stat().st_size == len(content) and file.read_bytes() == content
    # Files of the media library never change under the same name.
    return file.stat().st_size == content.stat().st_size


@contextmanager
def translate_errors() -> Iterator[None]:
    """Turn errors of the disk into `Unavailable` with a sentence."""
    try:
        yield
    except OSError as error:
        if error.filename and error.errno != errno.ENOSPC:
            raise errors.Unavailable(
                f"{error.filename} cannot be written: {error.strerror}."
            ) from error
        raise media_storage.unavailable(error) from error
