"""Media files in a bucket of a service that speaks S3, such as SeaweedFS, Garage or Amazon's.

Objects have the names of the files. A service that does not know conditional writes replaces an
object by one with the same content, which does no harm.
"""

import io
import re
import secrets
import threading
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextlib import nullcontext
from contextlib import suppress
from datetime import timedelta
from functools import cached_property
from typing import Any
from typing import NoReturn

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.exceptions import BaseError
from obstore.store import S3Store

from .. import errors
from .media_addresses import Address
from .media_cache import Cache
from .media_stores import PARTIAL_SUFFIX
from .media_stores import Opened
from .media_stores import Stored

# A service that says nothing for so long does not answer. Uploads may be slower.
CONNECT_SECONDS = 2
READ_SECONDS = 4
REQUEST_SECONDS = 20
UPLOAD_SECONDS = 60
RETRIES = 1
# No request is repeated later than this, so that nobody waits twice for a silent service.
RETRY_SECONDS = 3
NOTES = "unfinished/"
UPLOADS_AT_ONCE = 4
# Longer files, mostly films, are read in parts of this length, and no copy is kept.
MAX_WHOLE_BYTES = 4 * 1024 * 1024
PART_BYTES = 1024 * 1024
STATUS = re.compile(r"status code: (\d{3})")
REFUSALS = ("401", "403")
SILENT = "The media store cannot be reached. Try again in a moment."


class Bucket:
    """A `Store` in a bucket, which several machines share."""

    folder = None
    is_shared = True

    def __init__(self, address: Address, cache: Cache | None = None) -> None:
        self.name = f"the bucket {address.bucket}"
        self._address = address
        self._cache = cache
        self._gate = _Gate()

    # Its threads would not survive in processes that are copies of this one.
    @cached_property
    def _client(self) -> S3Store:
        return self._connect({"timeout": REQUEST_SECONDS, "read_timeout": READ_SECONDS})

    @cached_property
    def _uploader(self) -> S3Store:
        return self._connect({"timeout": UPLOAD_SECONDS})

    def _connect(self, timeouts: Mapping[str, float]) -> S3Store:
        seconds = {"connect_timeout": CONNECT_SECONDS, **timeouts}
        options: Any = {name: timedelta(seconds=number) for name, number in seconds.items()}
        known: Any = {"endpoint": self._address.endpoint, "region": self._address.region}
        try:
            return S3Store(
                self._address.bucket,
                prefix=self._address.prefix or None,
                client_options={
                    "allow_http": self._address.endpoint.startswith("http:"),
                    **options,
                },
                retry_config={
                    "max_retries": RETRIES,
                    "retry_timeout": timedelta(seconds=RETRY_SECONDS),
                },
                **{name: value for name, value in known.items() if value},
            )
        except (BaseError, ValueError):
            raise errors.Unavailable(
                "The media store cannot be used. Check MEDIA and the variables AWS_…."
            ) from None

    def seems_present(self, name: str) -> bool:
        """Return True: the service is not asked for each picture of a page."""
        return True

    def find(self, name: str) -> Stored | None:
        """Return the size and time of an object, if there is one. Raises `Unavailable`."""
        try:
            with self._gate.ask():
                return _describe(obstore.head(self._client, name))
        except FileNotFoundError:
            return None

    def files(self) -> dict[str, Stored]:
        """Return all files by name. Raises `Unavailable`."""
        return {name: one for name, one in self._list(None) if not name.startswith(NOTES)}

    def notes(self) -> dict[str, Stored]:
        """Return the notes of uploads by name. Raises `Unavailable`."""
        return dict(self._list(NOTES))

    def _list(self, prefix: str | None) -> list[tuple[str, Stored]]:
        with self._gate.ask():
            return [
                (one["path"], _describe(one))
                for part in obstore.list(self._client, prefix)
                for one in part
            ]

    def open(self, name: str, *, keep: bool = False) -> Opened:
        """Open a file; `keep` a copy for the next time. Raises `FileNotFoundError`, `Unavailable`.

        Reading may raise `Unavailable`, too.
        """
        if self._cache and (copy := self._cache.read(name)):
            content, modified = copy
            return Opened(io.BytesIO(content), len(content), modified)
        found = self.find(name)
        if found is None:
            raise FileNotFoundError(name)
        if found.size > MAX_WHOLE_BYTES:
            parts = _Parts(lambda start, end: self._read(name, start, end), found.size)
            return Opened(RemoteFile(parts, PART_BYTES), *found)
        content = self._read(name, 0, found.size)
        if keep and self._cache:
            self._cache.add(name, content, found.modified)
        return Opened(io.BytesIO(content), *found)

    def _read(self, name: str, start: int, end: int) -> bytes:
        if start == end:
            return b""
        with self._gate.ask():
            content = bytes(obstore.get_range(self._client, name, start=start, end=end))
        if len(content) != end - start:
            raise errors.Unavailable(
                "The media store sent only a part of the file. Try again in a moment."
            )
        return content

    def write(self, name: str, content: bytes) -> bool:
        """Store a whole file unless it is there, and return True if it is new."""
        found = self.find(name)
        if found and found.size == len(content):
            return False
        try:
            with self._gate.ask():
                obstore.put(
                    self._uploader,
                    name,
                    content,
                    mode="overwrite" if found else "create",
                    use_multipart=False,
                )
        except AlreadyExistsError:
            return False
        except FileNotFoundError:
            raise errors.Unavailable("The media store does not have this bucket.") from None
        return True

    @contextmanager
    def stage(self, files: Mapping[str, bytes]) -> Iterator[Callable[[], None]]:
        """Store files, and check after the transaction that they are still there.

        Another machine may have deleted the same file meanwhile. If the block raises, the files
        stay until the blog is tidied up: another machine may have stored a row for them.
        """
        self._write_all(files)
        yield lambda: None
        # They are there, unless in the case above.
        with suppress(errors.Unavailable):
            self._write_all(files)

    def _write_all(self, files: Mapping[str, bytes]) -> None:
        with ThreadPoolExecutor(UPLOADS_AT_ONCE) as pool:
            list(pool.map(self.write, files, files.values()))

    def delete(self, names: Iterable[str]) -> None:
        """Delete files and notes, ignoring those that are missing. Raises `Unavailable`."""
        paths = list(names)
        if self._cache:
            self._cache.discard(paths)
        if paths:
            with self._gate.ask():
                obstore.delete(self._client, paths)

    def add_note(self, digest: str) -> str:
        """Note that files with this digest may have no row, and return the name of the note."""
        note = f"{NOTES}{digest}.{secrets.token_hex(8)}{PARTIAL_SUFFIX}"
        self.write(note, b"-")
        return note


def _describe(found: Any) -> Stored:
    return Stored(found["size"], found["last_modified"].timestamp())


class _Gate:
    """Turns the errors of a service into ours.

    While it does not answer, one request at a time tries it, and the others fail at once: a silent
    service must not hold up all threads, of which pages need some.
    """

    def __init__(self) -> None:
        self._is_silent = False
        self._trial = threading.Lock()

    @contextmanager
    def ask(self) -> Iterator[None]:
        """Let the block ask the service. Raises `Unavailable`, `FileNotFoundError`."""
        with self._try_alone() if self._is_silent else nullcontext():
            try:
                yield
            except (FileNotFoundError, AlreadyExistsError):
                self._is_silent = False
                raise
            # No object can have this name.
            except ValueError:
                raise FileNotFoundError from None
            except BaseError as error:
                self._fail(error)
            else:
                self._is_silent = False

    @contextmanager
    def _try_alone(self) -> Iterator[None]:
        if not self._trial.acquire(blocking=False):
            raise errors.Unavailable(SILENT)
        try:
            yield
        finally:
            self._trial.release()

    def _fail(self, error: Exception) -> NoReturn:
        status = STATUS.search(str(error))
        if status and status[1] in REFUSALS:
            message = "The media store refuses access. Check the credentials of the blog."
        elif status:
            message = f"The media store has an error ({status[1]}). Try again in a moment."
        else:
            message = SILENT
        self._is_silent = message == SILENT
        # The error may quote the signature of the request.
        raise errors.Unavailable(message) from None


class RemoteFile(io.BufferedReader):
    """A long file, which a server must not read into memory at once."""

    is_remote = True


class _Parts(io.RawIOBase):
    """A long file, of which only the parts are fetched that are read."""

    def __init__(self, read: Callable[[int, int], bytes], size: int) -> None:
        self._read = read
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position, and return it."""
        starts = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}
        self._position = max(0, starts[whence] + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fetch the next part, and return its length."""
        start = min(self._position, self._size)
        content = self._read(start, min(start + len(buffer), self._size))
        buffer[: len(content)] = content
        self._position = start + len(content)
        return len(content)
