"""Pure: request bodies, read completely before a thread is taken, within limits of size and time.

A body of up to `IN_MEMORY` bytes stays in memory. A longer one goes to a temporary file that has
no name, so nothing is left of it even when the process is killed.
"""

import asyncio
import io
import tempfile
from collections.abc import AsyncIterable
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import BinaryIO
from typing import NamedTuple

MAX_MEMORY_BYTES = 64 * 1024
# A client may pause this long, in seconds, and has to send at least so many bytes a second.
GRACE_SECONDS = 20.0
BYTES_PER_SECOND = 16 * 1024
MAX_READ_SECONDS = 60.0 * 60
# A refused body of up to this size is taken in, so that the browser shows the answer.
MAX_DRAIN_BYTES = 64 * 1024 * 1024
MOST_AT_ONCE = 2000
MOST_BYTES_AT_ONCE = 1024 * 1024 * 1024


class BodyRejected(Exception):
    """The body was not accepted; the message is for people."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Body(NamedTuple):
    """A body that was read; `file` is None when it is longer than the limit."""

    file: BinaryIO | None
    size: int
    # False when the connection has to be closed, because bytes of it are still to come.
    is_complete: bool


class BodyReader:
    """Reads the bodies of one process."""

    def __init__(
        self,
        folder: str,
        *,
        grace: float = GRACE_SECONDS,
        most_at_once: int = MOST_AT_ONCE,
        most_bytes_at_once: int = MOST_BYTES_AT_ONCE,
    ) -> None:
        self._folder = folder
        self._grace = grace
        self._places = most_at_once
        self._room = most_bytes_at_once
        # A slow disk must not hold up the event loop.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="flaskr-body")

    def close(self) -> None:
        """End the thread that writes to the disk."""
        self._writer.shutdown(wait=False)

    async def read(self, chunks: AsyncIterable[bytes], *, declared: int | None, limit: int) -> Body:
        """Read the whole body. Raises `Refused` when it is late, cut off or cannot be stored."""
        if (declared or 0) > max(limit, MAX_DRAIN_BYTES):
            return Body(None, declared or 0, is_complete=False)
        with self._place():
            try:
                return await self._receive(chunks, declared, limit)
            except TimeoutError:
                raise BodyRejected(
                    408, "The request did not arrive in time. Check the connection and try again."
                ) from None
            except OSError as error:
                raise BodyRejected(
                    503, "The upload cannot be stored: the disk is full or cannot be written to."
                ) from error

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places:
            raise BodyRejected(503, "Too many uploads are under way. Try again in a minute.")
        self._places -= 1
        try:
            yield
        finally:
            self._places += 1

    async def _receive(
        self, chunks: AsyncIterable[bytes], declared: int | None, limit: int
    ) -> Body:
        loop = asyncio.get_running_loop()
        began = loop.time()
        size = ends = 0
        spool = _Spool(self)
        try:
            async with asyncio.timeout(self._grace) as deadline:
                async for chunk in chunks:
                    size += len(chunk)
                    ends += not chunk
                    if size <= limit:
                        await spool.add(chunk)
                    elif size > max(limit, MAX_DRAIN_BYTES):
                        break
                    patience = min(self._grace + size / BYTES_PER_SECOND, MAX_READ_SECONDS)
                    deadline.reschedule(began + patience)
            if size > limit:
                return Body(None, size, is_complete=size <= max(limit, MAX_DRAIN_BYTES))
            # Granian ends a body with one empty chunk, and one that broke off with two.
            if ends > 1 if declared is None else size != declared:
                raise BodyRejected(400, "The request broke off before its end. Send it again.")
            return Body(await spool.finish(), size, is_complete=True)
        finally:
            spool.release()

    async def write(self, file: BinaryIO | None, data: bytes) -> BinaryIO:
        """Append to the file, or to a new one, without holding up the event loop."""
        self._room -= len(data)
        if self._room < 0:
            raise BodyRejected(503, "Too many uploads are under way. Try again in a minute.")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._write, file, data)

    def _write(self, file: BinaryIO | None, data: bytes) -> BinaryIO:
        if file is None:
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # the request closes it
        file.write(data)
        return file

    def give_back(self, size: int) -> None:
        """Count bytes on the disk no longer."""
        self._room += size


class _Spool:
    def __init__(self, reader: BodyReader) -> None:
        self._reader = reader
        self._pending = bytearray()
        self._file: BinaryIO | None = None
        self._written = 0
        self._is_finished = False

    async def add(self, chunk: bytes) -> None:
        self._pending += chunk
        if len(self._pending) > MAX_MEMORY_BYTES:
            await self._flush()

    async def _flush(self) -> None:
        data, self._pending = bytes(self._pending), bytearray()
        self._written += len(data)
        self._file = await self._reader.write(self._file, data)

    async def finish(self) -> BinaryIO:
        if self._file is None:
            return io.BytesIO(self._pending)
        await self._flush()
        self._file.seek(0)
        self._is_finished = True
        return self._file

    def release(self) -> None:
        self._reader.give_back(self._written)
        if self._file is not None and not self._is_finished:
            self._file.close()
