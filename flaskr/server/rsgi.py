"""Run the WSGI application behind Granian's RSGI interface without tying threads to clients.

The event loop answers requests for pages in the page cache. For others, the adapter reads the whole
body, runs the application in a thread, and passes the response, or the path of the file to send, to
the server, which sends it as fast as the client reads.
"""

import asyncio
import io
import logging
import signal
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from flask import Flask
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import FileWrapper
from werkzeug.wsgi import _RangeWrapper

from ..page_cache.middleware import MEMORY_ONLY
from ..page_cache.middleware import NOT_IN_MEMORY
from ..web import live_events
from ..web import problems
from ..web import security
from . import access_log
from . import event_streams
from . import pipes
from .request_bodies import MAX_MEMORY_BYTES
from .request_bodies import BodyReader
from .request_bodies import BodyRejected

Headers = list[tuple[str, str]]
VERSIONS = {"1": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2"}
UNPREFIXED_KEYS = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
# These headers concern the connection, not the request.
HOP_BY_HOP_HEADERS = {"transfer-encoding", "connection", "keep-alive", "expect", "proxy"}
CLOSE_HEADER = ("Connection", "close")
logger = logging.getLogger(__name__)


class Reply:
    """A response: status, headers, and a body or a range of a file."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: Headers = []
        self.body = b""
        self.file: str | None = None
        self.file_range: tuple[int, int] | None = None
        # If set, the body is a stream of events.
        self.listener: live_events.Listener | None = None

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        """Set the status and headers, as WSGI's `start_response`."""
        self.status = int(status[:3])
        self.headers = headers
        return self._write

    def _write(self, data: bytes) -> None:
        self.body += data

    def read_answer(self, answer: Iterable[bytes]) -> None:
        """Read the iterable that the application returned."""
        is_done = True
        try:
            wrapper, file_range = answer, None
            if isinstance(answer, _RangeWrapper) and answer.end_byte is not None:
                wrapper, file_range = answer.iterable, (answer.start_byte, answer.end_byte)
            path = getattr(wrapper.file, "name", None) if isinstance(wrapper, FileWrapper) else None
            if isinstance(path, str):
                self.file, self.file_range = path, file_range
            elif not pipes.AVAILABLE or (self._is_complete(answer) and not _is_remote(wrapper)):
                self.body += b"".join(answer)
            else:
                self.file, is_done = pipes.feed(answer), False
        finally:
            if is_done and hasattr(answer, "close"):
                answer.close()

    def _is_complete(self, answer: Iterable[bytes]) -> bool:
        """Return True unless the body is made while it is sent."""
        return (
            self.status != 200
            or bool(self.body)
            or isinstance(answer, list | tuple)
            or any(name.lower() == "content-length" for name, _ in self.headers)
        )

    def send(self, protocol: Any) -> None:
        """Pass the response to the server."""
        if self.file is None:
            protocol.response_bytes(self.status, self.headers, self.body)
        elif self.file_range is None:
            protocol.response_file(self.status, self.headers, self.file)
        else:
            protocol.response_file_range(self.status, self.headers, self.file, *self.file_range)

    def size(self) -> int:
        """Return the size of the body in bytes."""
        if self.file_range is not None:
            return self.file_range[1] - self.file_range[0]
        if self.file is not None:
            return int(dict(self.headers).get("Content-Length", 0))
        return len(self.body)


def _is_remote(wrapper: object) -> bool:
    """Return True for a long media file that another machine sends part by part."""
    return isinstance(wrapper, FileWrapper) and hasattr(wrapper.file, "is_remote")


class TooLongBody(io.RawIOBase):
    """A replacement for a body over the limit, which raises an error when it is read."""

    _was_read = False

    def readinto(self, buffer: Any) -> int:
        """Raise `RequestEntityTooLarge`, but only once, so that the error page can drain it."""
        if self._was_read:
            return 0
        self._was_read = True
        raise RequestEntityTooLarge


class Adapter:
    """An RSGI application that runs a Flask application."""

    def __init__(self, app: Flask, *, threads: int, log: access_log.AccessLog | None) -> None:
        self._app = app
        self._log = log
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="flaskr")
        self._bodies = BodyReader(app.instance_path)
        self._streams = event_streams.EventStreams(app, self._pool)
        self._base = {
            "SCRIPT_NAME": "",
            "SERVER_SOFTWARE": "granian",
            "wsgi.version": (1, 0),
            "wsgi.errors": sys.stderr,
            "wsgi.file_wrapper": FileWrapper,
            "wsgi.input_terminated": True,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }

    def __rsgi_init__(self, loop: Any) -> None:
        """End the event streams, which never end by themselves, when the server hangs up."""
        # Windows lacks the signal, and only the main thread can handle signals.
        with suppress(AttributeError, ValueError, RuntimeError):
            loop.add_signal_handler(signal.SIGHUP, self._streams.close)

    def __rsgi_del__(self, loop: Any) -> None:
        """Release resources when the worker stops."""
        self._pool.shutdown(wait=False)
        self._bodies.close()
        self._streams.release()
        if self._log:
            self._log.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer a request."""
        started_at = time.perf_counter()
        memory_environ = self._environ(scope)
        memory_environ[MEMORY_ONLY] = True
        reply = Reply()
        answer = self._app(memory_environ, reply.start)
        if answer is NOT_IN_MEMORY:
            reply = await self._answer_in_thread(scope, protocol, memory_environ)
        else:
            reply.read_answer(answer)
        if reply.listener is None:
            reply.send(protocol)
        if self._log:
            self._log.add(
                access_log.format_line(
                    # In this environ, the gateway has applied trusted proxies' headers.
                    memory_environ["REMOTE_ADDR"],
                    scope.method,
                    scope.path,
                    memory_environ["SERVER_PROTOCOL"],
                    reply.status,
                    0 if scope.method == "HEAD" else reply.size(),
                    time.perf_counter() - started_at,
                )
            )
        if reply.listener is not None:
            await self._streams.serve(protocol, reply.headers, reply.listener)

    async def _answer_in_thread(
        self, scope: Any, protocol: Any, memory_environ: dict[str, Any]
    ) -> Reply:
        """Read the body and run the application in a thread."""
        # Middlewares have changed `memory_environ`.
        environ = self._environ(scope)
        loop = asyncio.get_running_loop()
        is_complete = True
        environ["wsgi.input"] = io.BytesIO()
        headers = scope.headers
        length = headers.get("content-length")
        is_chunked = "transfer-encoding" in headers
        if is_chunked or (length is not None and length != "0"):
            declared = None if is_chunked else int(length)
            is_short = declared is not None and declared <= MAX_MEMORY_BYTES
            limit = MAX_MEMORY_BYTES
            if not is_short:
                # It may look up a token in the database.
                limit = await loop.run_in_executor(
                    self._pool, security.body_limit, self._app, memory_environ
                )
            try:
                body = await self._bodies.read(protocol, declared=declared, limit=limit)
            except BodyRejected as error:
                return _error_reply(error, memory_environ["PATH_INFO"])
            environ["wsgi.input"] = body.file or TooLongBody()
            environ["CONTENT_LENGTH"] = str(body.size)
            is_complete = body.is_complete
        with environ["wsgi.input"]:
            reply = await loop.run_in_executor(self._pool, self._call_app, environ)
        if not is_complete:
            reply.headers = [*reply.headers, CLOSE_HEADER]
        return reply

    def _call_app(self, environ: dict[str, Any]) -> Reply:
        reply = Reply()
        environ[live_events.OFFER] = offer = self._streams.offer()
        try:
            reply.read_answer(self._app(environ, reply.start))
            reply.listener = offer.listener
        except Exception:
            logger.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            message = "Something went wrong. Try again in a moment."
            return _error_reply(BodyRejected(500, message), environ["PATH_INFO"])
        return reply

    def _environ(self, scope: Any) -> dict[str, Any]:
        """Return the WSGI environ of a request, without its body."""
        environ = {
            **self._base,
            "REQUEST_METHOD": scope.method,
            "PATH_INFO": _to_wsgi_text(scope.path),
            "QUERY_STRING": _to_wsgi_text(scope.query_string),
            "SERVER_PROTOCOL": VERSIONS.get(scope.http_version, "HTTP/1.1"),
            # This is empty for a client on a Unix socket.
            "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
            "wsgi.url_scheme": scope.scheme,
        }
        for name, value in scope.headers.items():
            # In the environ, an underscore would make it look like another header.
            if "_" in name or name in HOP_BY_HOP_HEADERS:
                continue
            key = UNPREFIXED_KEYS.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
            if key in environ:
                value = f"{environ[key]}{'; ' if name == 'cookie' else ','}{value}"
            environ[key] = value
        if scope.authority:
            environ["HTTP_HOST"] = scope.authority
        server, _, port = scope.server.rpartition(":")
        environ["SERVER_NAME"] = server.strip("[]") or "localhost"
        environ["SERVER_PORT"] = port if server else "80"
        return environ


def _to_wsgi_text(text: str) -> str:
    """Encode text as WSGI requires: one character per byte."""
    return text if text.isascii() else text.encode().decode("latin-1")


def _error_reply(error: BodyRejected, path: str) -> Reply:
    answer = problems.describe(path, error.status, error.message)
    status, text, media_type = answer or (error.status, f"{error.message}\n", "text/plain")
    reply = Reply()
    reply.status = status
    reply.body = text.encode()
    reply.headers = [
        ("Content-Type", f"{media_type}; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
        CLOSE_HEADER,
    ]
    return reply
