"""Write files into a folder: only those that changed, and without those that vanished.

A list in the folder names every file that was ever written, so that no other file is touched.
Beside it, there may be a note for the next run.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import IO

from .. import errors
from ..data_folder import locks
from ..models import media_storage
from .entries import Medium

PARTIAL_SUFFIX = ".part"
NOTE_SUFFIX = ".note"
LOCK_SUFFIX = ".lock"
# The name is too long or otherwise impossible on this disk, or something else has it.
NAME_ERRORS = frozenset(
    (errno.ENAMETOOLONG, errno.EINVAL, errno.EILSEQ, errno.EISDIR, errno.ENOTDIR, errno.EEXIST)
)


class NoRoom(errors.Unavailable):
    """A file that cannot have its name, because of the disk or of other files."""


class Folder:
    """A folder of files made by flaskr. Each file is written as a whole or not at all."""

    def __init__(self, path: Path, manifest: str, *, is_private: bool = False) -> None:
        """Open a folder. Raises `Conflict` if it contains files of others, `Unavailable`."""
        self.path = path
        self.manifest = path / manifest
        # One name for all, as other files may have any name.
        self._partial = path / f"{manifest}{PARTIAL_SUFFIX}"
        self._note = path / f"{manifest}{NOTE_SUFFIX}"
        self._lock = path / f"{manifest}{LOCK_SUFFIX}"
        self.written = 0
        self.unchanged = 0
        self.removed = 0
        self._mode = 0o600 if is_private else 0o666
        self.names: set[str] = set()
        # The names of files and folders of this run, without case where the disk ignores it.
        self._files = {manifest, self._partial.name, self._note.name, self._lock.name}
        self._folders: set[str] = set()
        with translate_errors():
            path.mkdir(0o700 if is_private else 0o777, parents=True, exist_ok=True)
            if not self.manifest.is_file() and any(path.iterdir()):
                raise errors.Conflict(f"{path} is not empty. Choose an empty or a new folder.")
            self.known = self._read_manifest()
            self._ignores_case = self.manifest.with_name(manifest.upper()).exists()

    def _read_manifest(self) -> set[str]:
        if not self.manifest.is_file():
            self.manifest.touch()
        return set(filter(None, _read_text(self.manifest).split("\n")))

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Keep other processes from writing into the folder. Raises `Conflict` if one does."""
        with suppress(OSError):
            self._lock.touch(self._mode)
        with locks.hold(self._lock) as is_free:
            if not is_free:
                raise errors.Conflict(
                    f"Another command is writing into {self.path}. Wait until it ends."
                )
            # Another process may have ended only just now.
            with translate_errors():
                self.known = self._read_manifest()
            yield

    @property
    def note(self) -> str:
        """The note that the last run left, or an empty string."""
        return _read_text(self._note) if self._note.is_file() else ""

    def write(self, name: str, content: bytes | Medium | Iterator[bytes]) -> None:
        """Write a file unless it is there with this content. Raises `NoRoom`, `Unavailable`."""
        if not isinstance(content, bytes | Medium):
            content = b"".join(content)
        if not self._has_room(name):
            raise NoRoom(f"{self.path / name} cannot be written: another file is in its place.")
        file = self.path / name
        with translate_errors():
            with _refusing_names(file):
                is_same = _is_same(file, content)
            if is_same:
                self.unchanged += 1
            else:
                self._announce(name)
                self._write_partial(content)
                with _refusing_names(file):
                    self._make_room(name)
                    file.parent.mkdir(parents=True, exist_ok=True)
                    os.replace(self._partial, file)
                self.written += 1
        self._list(name)

    def _write_partial(self, content: bytes | Medium) -> None:
        with self._open(self._partial) as target:
            target.writelines([content] if isinstance(content, bytes) else content.read())

    def _has_room(self, name: str) -> bool:
        """Return True unless another file or folder of this run is in the way."""
        file, folders = self._keys(name)
        is_free = file not in self._files and file not in self._folders
        return name in self.names or (is_free and self._files.isdisjoint(folders))

    def _keys(self, name: str) -> tuple[str, set[str]]:
        """Return what stands for the name of a file, and for those of its folders."""
        name = name.casefold() if self._ignores_case else name
        return name, _parents(name)

    def _list(self, name: str) -> None:
        file, folders = self._keys(name)
        self.names.add(name)
        self._files.add(file)
        self._folders |= folders

    def keep(self, name: str) -> bool:
        """Keep a file of an earlier run, and return True if there is one."""
        if name not in self.known or not (self.path / name).is_file():
            return False
        self._list(name)
        self.unchanged += 1
        return True

    def _open(self, file: Path) -> IO[bytes]:
        return open(file, "wb", opener=lambda path, flags: os.open(path, flags, self._mode))

    def _make_room(self, name: str) -> None:
        """Remove files of an earlier run where there are folders now, and the other way round."""
        stale = _parents(name) & self.known
        if (self.path / name).is_dir():
            stale |= {old for old in self.known if old.startswith(f"{name}/")}
        for old in stale - self.names:
            self._remove(self.path / old)

    def _announce(self, name: str) -> None:
        """List a file before it exists, so that a run that was killed leaves no unknown file."""
        if name not in self.known:
            with self.manifest.open("a", encoding="utf-8") as manifest:
                manifest.write(f"{name}\n")
            self.known.add(name)

    def leave_all(self) -> None:
        """Count all files as unchanged."""
        self.names = self.known
        self.unchanged = len(self.names)

    def finish(self, note: str = "", *, is_complete: bool = True) -> None:
        """Remove the files that were not written this time, unless some could not be made.

        Raises `Unavailable`.
        """
        with translate_errors():
            self._partial.unlink(missing_ok=True)
            if not is_complete:
                return
            for name in sorted(self.known - self.names):
                if _is_inside(name):
                    self._remove(self.path / name)
            self._replace(self.manifest, "".join(f"{name}\n" for name in sorted(self.names)))
            if note:
                self._replace(self._note, note)

    def _replace(self, file: Path, text: str) -> None:
        if not file.is_file() or text != _read_text(file):
            self._partial.write_text(text, encoding="utf-8")
            self._partial.replace(file)

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


def _read_text(file: Path) -> str:
    # A damaged file names files that do not exist.
    return file.read_text(encoding="utf-8", errors="replace")


def _parents(name: str) -> set[str]:
    """Return the names of the folders that a file is in."""
    parts = name.split("/")
    return {"/".join(parts[:end]) for end in range(1, len(parts))}


def _is_inside(name: str) -> bool:
    path = Path(name)
    return not path.is_absolute() and ".." not in path.parts


def _is_same(file: Path, content: bytes | Medium) -> bool:
    if not file.is_file() or file.is_symlink():
        return False
    if isinstance(content, bytes):
        return file.stat().st_size == len(content) and file.read_bytes() == content
    # Files of the media library never change under the same name.
    return file.stat().st_size == content.size


@contextmanager
def _refusing_names(file: Path) -> Iterator[None]:
    """Raise `NoRoom` if the disk refuses the name of a file."""
    try:
        yield
    except OSError as error:
        if error.errno in NAME_ERRORS:
            raise NoRoom(f"{file} cannot be written: {error.strerror}.") from error
        raise


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
