"""Media files in a folder: written atomically and never changed afterwards."""

import errno
import os
import secrets
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from .. import errors
from .media_stores import PARTIAL_SUFFIX
from .media_stores import Opened
from .media_stores import Stored


class Folder:
    """A `Store` in a folder, which processes of this machine share."""

    is_shared = False

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.name = f"the folder {folder.name}"

    def seems_present(self, name: str) -> bool:
        """Return True if the file is on the disk."""
        return (self.folder / name).is_file()

    def find(self, name: str) -> Stored | None:
        """Return the size and time of a file, if there is one."""
        path = self.folder / name
        return _describe(path.stat()) if path.is_file() else None

    def files(self) -> dict[str, Stored]:
        """Return all finished files by name."""
        return self._list(are_notes=False)

    def notes(self) -> dict[str, Stored]:
        """Return the notes and unfinished files by name."""
        return self._list(are_notes=True)

    def _list(self, *, are_notes: bool) -> dict[str, Stored]:
        try:
            with os.scandir(self.folder) as entries:
                return {
                    entry.name: _describe(entry.stat(follow_symlinks=False))
                    for entry in entries
                    if entry.name.endswith(PARTIAL_SUFFIX) is are_notes
                }
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise errors.Unavailable(f"{self.folder} cannot be read: {error.strerror}.") from error

    def open(self, name: str, *, keep: bool = False) -> Opened:
        """Open a file. Raises `FileNotFoundError`, `Unavailable`."""
        try:
            file = (self.folder / name).open("rb")
        except FileNotFoundError:
            raise
        except OSError as error:
            raise errors.Unavailable(f"{name} cannot be read: {error.strerror}.") from error
        return Opened(file, *_describe(os.fstat(file.fileno())))

    def write(self, name: str, content: bytes) -> bool:
        """Store a whole file unless it is there, and return True if it is new."""
        if self.seems_present(name):
            return False
        with translate_errors():
            self._create()
        with self.stage({name: content}) as move_into_place:
            move_into_place()
        return True

    def _create(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    @contextmanager
    def stage(self, files: Mapping[str, bytes]) -> Iterator[Callable[[], None]]:
        """Write files under temporary names and yield a function that moves them into place.

        Existing files are kept. If the block raises, the new ones are removed. Raises
        `Unavailable` if they cannot be written.
        """
        partials: dict[Path, Path] = {}
        moved: list[Path] = []

        def move_into_place() -> None:
            with translate_errors():
                for partial, target in partials.items():
                    if not target.exists():
                        moved.append(target)
                        partial.replace(target)
                _sync(self.folder)

        try:
            with translate_errors():
                for name, content in files.items():
                    partial = self.folder / f"{secrets.token_hex(16)}{PARTIAL_SUFFIX}"
                    partials[partial] = self.folder / name
                    _write(partial, content)
            yield move_into_place
        except BaseException:
            _remove(moved)
            raise
        finally:
            _remove(partials)

    def delete(self, names: Iterable[str]) -> None:
        """Delete files and notes, ignoring those that are missing or cannot be deleted."""
        _remove(self.folder / name for name in names)

    def add_note(self, digest: str) -> str:
        """Note that files with this digest may have no row, and return the name of the note."""
        note = self.folder / f"{digest}.{secrets.token_hex(8)}{PARTIAL_SUFFIX}"
        with translate_errors():
            self._create()
            note.touch(mode=0o600, exist_ok=False)
            _sync(self.folder)
        return note.name


def _describe(status: os.stat_result) -> Stored:
    return Stored(status.st_size, status.st_mtime)


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise `Unavailable` with a sentence if the disk refuses to write."""
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


def _sync(path: Path) -> None:
    # Windows cannot open a folder, and does not need to.
    with suppress(PermissionError):
        folder = os.open(path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _remove(files: Iterable[Path]) -> None:
    for file in files:
        with suppress(OSError):
            file.unlink()
