"""The places for media files: a folder, or a bucket of a service that speaks S3."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextlib import closing
from pathlib import Path
from typing import IO
from typing import NamedTuple
from typing import Protocol

PARTIAL_SUFFIX = ".part"
CHUNK_BYTES = 1024 * 1024


class Stored(NamedTuple):
    """The size of a stored file, and the time of its last change."""

    size: int
    modified: float


class Opened(NamedTuple):
    """An open file, which can seek, with its size and the time of its last change."""

    file: IO[bytes]
    size: int
    modified: float


class Store(Protocol):
    """Files that are written once, each under a name made from its content."""

    # It stands in sentences.
    name: str
    # Other machines may be changing the files, whose locks this one cannot see.
    is_shared: bool

    @property
    def folder(self) -> Path | None:
        """The folder, if the files are on a disk of this machine."""

    def seems_present(self, name: str) -> bool:
        """Return False if a file is known to be missing, without asking another machine."""

    def find(self, name: str) -> Stored | None:
        """Return the size and time of a file, if there is one. Raises `Unavailable`."""

    def files(self) -> dict[str, Stored]:
        """Return all finished files by name. Raises `Unavailable`."""

    def open(self, name: str, *, keep: bool = False) -> Opened:
        """Open a file; `keep` a copy of a remote one. Raises `FileNotFoundError`, `Unavailable`."""

    def write(self, name: str, content: bytes) -> bool:
        """Store a whole file unless it is there, and return True if it is new.

        Raises `Unavailable`.
        """

    def stage(self, files: Mapping[str, bytes]) -> AbstractContextManager[Callable[[], None]]:
        """Store files, and yield a function to call in the transaction that stores their row.

        Raises `Unavailable`.
        """

    def delete(self, names: Iterable[str]) -> None:
        """Delete files and notes, if they are there. Raises `Unavailable`."""

    def add_note(self, digest: str) -> str:
        """Note that files with this digest may have no row, and return the name of the note.

        Raises `Unavailable`.
        """

    def notes(self) -> dict[str, Stored]:
        """Return the notes and unfinished files by name. Raises `Unavailable`."""


def read(store: Store, name: str) -> Iterator[bytes]:
    """Yield the content of a file. Raises `FileNotFoundError`, `Unavailable`."""
    with closing(store.open(name).file) as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
