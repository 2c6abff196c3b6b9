"""Write events to open connections on the event loop, without a thread for each of them.

One task per process asks every second whether anything was committed to the database, and then
asks each listener for its events. It uses a thread of the pool, and only while pages listen.
"""

import asyncio
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask

from ..page_cache.version import VersionWatcher
from ..web.live_events import Listener
from ..web.live_events import Offer

CHECK_SECONDS = 1.0
# Proxies close connections that are silent for longer. Scheduled posts come out without a commit.
HEARTBEAT_SECONDS = 20.0
HEARTBEAT = b":\n\n"
MAX_STREAMS = 100
MAX_STREAMS_PER_USER = 20
# A client that does not read as many messages is disconnected.
MAX_WAITING_MESSAGES = 50
Answers = dict[Listener, bytes | None]
logger = logging.getLogger(__name__)


class _Stream:
    """An open connection, and the task that writes to it."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._queue: asyncio.Queue[bytes] = asyncio.Queue(MAX_WAITING_MESSAGES)
        # Unlike the task in which the server runs a request, this one can be canceled.
        self.writer = asyncio.get_running_loop().create_task(self._write())

    async def _write(self) -> None:
        while True:
            await self._transport.send_bytes(await self._queue.get())

    def put(self, data: bytes | None) -> None:
        """Send data, or end the stream if there is no data."""
        if data is None or self._queue.full():
            self.writer.cancel()
        elif data:
            self._queue.put_nowait(data)

    async def end(self) -> None:
        """Close the connection."""
        self.writer.cancel()
        # Errors of a connection that was closed do not matter.
        await asyncio.gather(self.writer, return_exceptions=True)
        # The connection is open as long as this object exists, which a traceback may refer to.
        self._transport = None


class EventStreams:
    """The event streams of a process."""

    def __init__(self, app: Flask, pool: ThreadPoolExecutor) -> None:
        self._app = app
        self._pool = pool
        self._streams: dict[Listener, _Stream] = {}
        self._is_closed = False
        self._watcher: asyncio.Task[None] | None = None
        self._commits = VersionWatcher(app.config["DATABASE"], use_wal_index=False)
        self._commit_marker: object = None
        self._has_new = False
        self._heartbeat_at = time.monotonic()

    def offer(self) -> Offer:
        """Return an offer for a request."""
        return Offer(self._can_add)

    def _can_add(self, user_id: int) -> bool:
        user_ids = [listener.user_id for listener in tuple(self._streams)]
        return len(user_ids) < MAX_STREAMS and user_ids.count(user_id) < MAX_STREAMS_PER_USER

    async def serve(self, protocol: Any, headers: Any, listener: Listener) -> None:
        """Send events as long as the client listens and its events can be read."""
        stream = _Stream(protocol.response_stream(200, _without_length(headers)))
        # The server may have begun to stop. Browsers try again after a stream, not after an error.
        stream.put(None if self._is_closed else listener.first)
        self._streams[listener] = stream
        # A commit since the first events may have been noticed for the other streams already.
        self._has_new = True
        if self._watcher is None:
            self._watcher = asyncio.get_running_loop().create_task(self._watch())
        gone = asyncio.ensure_future(protocol.client_disconnect())
        try:
            await asyncio.wait({stream.writer, gone}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._streams[listener]
            gone.cancel()
            await stream.end()
            if not self._streams:
                self._stop_watching()

    def close(self) -> None:
        """End all streams, also those that begin later: the server waits for the last one."""
        self._is_closed = True
        self._stop_watching()
        for stream in self._streams.values():
            stream.put(None)

    def release(self) -> None:
        """Close the connection to the database."""
        self._commits.close()

    def _stop_watching(self) -> None:
        if self._watcher is not None:
            self._watcher.cancel()
            self._watcher = None

    async def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(CHECK_SECONDS)
            has_new, self._has_new = self._has_new, False
            try:
                answers = await loop.run_in_executor(
                    self._pool, self._check, tuple(self._streams), has_new
                )
            except Exception:
                # The database may be readable again later.
                logger.exception("The events of pages could not be read")
                continue
            for listener, data in answers.items():
                if listener in self._streams:
                    self._streams[listener].put(data)

    def _check(self, listeners: tuple[Listener, ...], has_new: bool) -> Answers:
        """Return the events of each listener, if there may be any."""
        marker, now = self._commits.commit_marker(), time.monotonic()
        is_heartbeat = now - self._heartbeat_at >= HEARTBEAT_SECONDS
        if marker == self._commit_marker and not has_new and not is_heartbeat:
            return {}
        self._commit_marker = marker
        with self._app.app_context():
            answers = {listener: _poll(listener) for listener in listeners}
        if not is_heartbeat:
            return answers
        self._heartbeat_at = now
        return {listener: HEARTBEAT if data == b"" else data for listener, data in answers.items()}


def _poll(listener: Listener) -> bytes | None:
    try:
        return listener.poll()
    except Exception:
        logger.exception("The events of a page could not be read")
        return b""


def _without_length(headers: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, value in headers if name.lower() != "content-length"]
