"""Read request bodies completely before a thread is used, with limits on size and time.

A body of up to `MAX_MEMORY_BYTES` stays in memory. A larger one is written to an unnamed temporary
file, which disappears even if the process is killed.
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
# A client has this time, plus that of its bytes at the minimum speed.
GRACE_SECONDS = 20.0
MIN_BYTES_PER_SECOND = 16 * 1024
MAX_READ_SECONDS = 60.0 * 60
# A rejected body of up to this size is still read, so that the browser shows the response.
MAX_DRAIN_BYTES = 64 * 1024 * 1024
MAX_CONCURRENT_BODIES = 2000
MAX_DISK_BYTES = 1024 * 1024 * 1024


class BodyRejected(Exception):
    """The body was rejected. The message is for the user."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Body(NamedTuple):
    """A body that was read. `file` is None if the body is longer than the limit."""

    file: BinaryIO | None
    size: int
    # If False, the connection must be closed because the client is still sending.
    is_complete: bool


class BodyReader:
    """Reads the request bodies of a process."""

    def __init__(
        self,
        folder: str,
        *,
        grace: float = GRACE_SECONDS,
        max_concurrent: int = MAX_CONCURRENT_BODIES,
        max_disk_bytes: int = MAX_DISK_BYTES,
    ) -> None:
        self._folder = folder
        self._grace = grace
        self._free_slots = max_concurrent
        self._free_disk_bytes = max_disk_bytes
        # A slow disk must not block the event loop.
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="flaskr-body")

    def close(self) -> None:
        """Stop the thread that writes to the disk."""
        self._writer.shutdown(wait=False)

    async def read(self, chunks: AsyncIterable[bytes], *, declared: int | None, limit: int) -> Body:
        """Read a body. Raises `BodyRejected` if it is late, incomplete or cannot be stored."""
        if (declared or 0) > max(limit, MAX_DRAIN_BYTES):
            return Body(None, declared or 0, is_complete=False)
        with self._reserve_slot():
            try:
                return await self._receive(chunks, declared, limit)
            except TimeoutError:
                raise BodyRejected(
                    408, "The request did not arrive in time. Check the connection and try again."
                ) from None
            except OSError as error:
                raise BodyRejected(
                    503, "The upload cannot be stored: the disk is full or not writable."
                ) from error

    @contextmanager
    def _reserve_slot(self) -> Iterator[None]:
        if not self._free_slots:
            raise BodyRejected(503, "Too many uploads are under way. Try again in a minute.")
        self._free_slots -= 1
        try:
            yield
        finally:
            self._free_slots += 1

    async def _receive(
        self, chunks: AsyncIterable[bytes], declared: int | None, limit: int
    ) -> Body:
        loop = asyncio.get_running_loop()
        started_at = loop.time()
        size = empty_chunks = 0
        spool = _Spool(self)
        try:
            async with asyncio.timeout(self._grace) as deadline:
                async for chunk in chunks:
                    size += len(chunk)
                    empty_chunks += not chunk
                    if size <= limit:
                        await spool.add(chunk)
                    elif size > max(limit, MAX_DRAIN_BYTES):
                        break
                    allowed_seconds = min(
                        self._grace + size / MIN_BYTES_PER_SECOND, MAX_READ_SECONDS
                    )
                    deadline.reschedule(started_at + allowed_seconds)
            if size > limit:
                return Body(None, size, is_complete=size <= max(limit, MAX_DRAIN_BYTES))
            # Granian ends a body with an empty chunk, and an incomplete body with two.
            if empty_chunks > 1 if declared is None else size != declared:
                raise BodyRejected(400, "The request was incomplete. Send it again.")
            return Body(await spool.finish(), size, is_complete=True)
        finally:
            spool.release()

    async def write(self, file: BinaryIO | None, data: bytes) -> BinaryIO:
        """Append to the file, or to a new one, without blocking the event loop."""
        self._free_disk_bytes -= len(data)
        if self._free_disk_bytes < 0:
            raise BodyRejected(503, "Too many uploads are under way. Try again in a minute.")
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, self._write, file, data)

    def _write(self, file: BinaryIO | None, data: bytes) -> BinaryIO:
        if file is None:
            file = tempfile.TemporaryFile(dir=self._folder)  # noqa: SIM115  # the request closes it
        file.write(data)
        return file

    def release_disk_bytes(self, size: int) -> None:
        """Return bytes that are no longer stored on disk to the budget."""
        self._free_disk_bytes += size


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
        self._reader.release_disk_bytes(self._written)
        if self._file is not None and not self._is_finished:
            self._file.close()
