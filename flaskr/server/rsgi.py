"""The application behind Granian's RSGI interface: no client's network ever holds a thread.

What the page cache has in memory is answered on the event loop. For all else the request's body is
read completely, the WSGI application runs in a thread, and its answer, or the name of the file to
send, is handed to the server, which sends it as fast as the client takes it.
"""

import asyncio
import io
import logging
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from flask import Flask
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wsgi import FileWrapper
from werkzeug.wsgi import _RangeWrapper

from ..page_cache.middleware import MEMORY_ONLY
from ..page_cache.middleware import NOT_IN_MEMORY
from ..web import security
from . import access_log
from .request_bodies import MAX_MEMORY_BYTES
from .request_bodies import BodyReader
from .request_bodies import BodyRejected

Headers = list[tuple[str, str]]
VERSIONS = {"1": "HTTP/1.0", "1.1": "HTTP/1.1", "2": "HTTP/2"}
WITHOUT_PREFIX = {"content-type": "CONTENT_TYPE", "content-length": "CONTENT_LENGTH"}
# What a server adds or takes away for the connection alone does not reach the application.
FOR_THE_CONNECTION = {"transfer-encoding", "connection", "keep-alive", "expect", "proxy"}
CLOSE = ("Connection", "close")
logger = logging.getLogger(__name__)


class Reply:
    """What the application answers: status, headers, and bytes or the part of a file."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: Headers = []
        self.body = b""
        self.file: str | None = None
        self.part: tuple[int, int] | None = None

    def start(self, status: str, headers: Headers, exc_info: Any = None) -> Any:
        """Take the status and the headers: WSGI's `start_response`."""
        self.status = int(status[:3])
        self.headers = headers
        return self._write

    def _write(self, data: bytes) -> None:
        self.body += data

    def read_answer(self, answer: Iterable[bytes]) -> None:
        """Take what the application returned."""
        try:
            wrapper, part = answer, None
            if isinstance(answer, _RangeWrapper) and answer.end_byte is not None:
                wrapper, part = answer.iterable, (answer.start_byte, answer.end_byte)
            path = getattr(wrapper.file, "name", None) if isinstance(wrapper, FileWrapper) else None
            if isinstance(path, str):
                self.file, self.part = path, part
            else:
                self.body += b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()

    def send(self, protocol: Any) -> None:
        """Hand it to the server."""
        if self.file is None:
            protocol.response_bytes(self.status, self.headers, self.body)
        elif self.part is None:
            protocol.response_file(self.status, self.headers, self.file)
        else:
            protocol.response_file_range(self.status, self.headers, self.file, *self.part)

    def size(self) -> int:
        """Return how many bytes the body has."""
        if self.part is not None:
            return self.part[1] - self.part[0]
        if self.file is not None:
            return int(dict(self.headers).get("Content-Length", 0))
        return len(self.body)


class TooLongBody(io.RawIOBase):
    """Stands in for a body over the limit: the first to read it learns that it is too long."""

    _was_read = False

    def readinto(self, buffer: Any) -> int:
        """Raise `RequestEntityTooLarge` once; an error page finds an empty body."""
        if self._was_read:
            return 0
        self._was_read = True
        raise RequestEntityTooLarge


class Adapter:
    """The RSGI application that runs a Flask application."""

    def __init__(self, app: Flask, *, threads: int, log: access_log.AccessLog | None) -> None:
        self._app = app
        self._log = log
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="flaskr")
        self._bodies = BodyReader(app.instance_path)
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

    def __rsgi_del__(self, loop: Any) -> None:
        """Finish when the worker stops."""
        self._pool.shutdown(wait=False)
        self._bodies.close()
        if self._log:
            self._log.close()

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        """Answer one request."""
        began = time.perf_counter()
        seen = self._environ(scope)
        seen[MEMORY_ONLY] = True
        reply = Reply()
        answer = self._app(seen, reply.start)
        if answer is NOT_IN_MEMORY:
            reply = await self._make(scope, protocol, seen)
        else:
            reply.read_answer(answer)
        reply.send(protocol)
        if self._log:
            self._log.add(
                access_log.format_line(
                    # Here, a trusted proxy's word has been taken for the address.
                    seen["REMOTE_ADDR"],
                    scope.method,
                    scope.path,
                    seen["SERVER_PROTOCOL"],
                    reply.status,
                    0 if scope.method == "HEAD" else reply.size(),
                    time.perf_counter() - began,
                )
            )

    async def _make(self, scope: Any, protocol: Any, seen: dict[str, Any]) -> Reply:
        """Read the body, and let the application answer in a thread."""
        # The middlewares have changed the other one.
        environ = self._environ(scope)
        is_complete = True
        environ["wsgi.input"] = io.BytesIO()
        headers = scope.headers
        length = headers.get("content-length")
        is_chunked = "transfer-encoding" in headers
        if is_chunked or (length is not None and length != "0"):
            declared = None if is_chunked else int(length)
            is_short = declared is not None and declared <= MAX_MEMORY_BYTES
            limit = MAX_MEMORY_BYTES if is_short else security.body_limit(self._app, seen)
            try:
                body = await self._bodies.read(protocol, declared=declared, limit=limit)
            except BodyRejected as refused:
                return _refusal(refused)
            environ["wsgi.input"] = body.file or TooLongBody()
            environ["CONTENT_LENGTH"] = str(body.size)
            is_complete = body.is_complete
        loop = asyncio.get_running_loop()
        with environ["wsgi.input"]:
            reply = await loop.run_in_executor(self._pool, self._run, environ)
        if not is_complete:
            reply.headers = [*reply.headers, CLOSE]
        return reply

    def _run(self, environ: dict[str, Any]) -> Reply:
        reply = Reply()
        try:
            reply.read_answer(self._app(environ, reply.start))
        except Exception:
            logger.exception("%s %s failed", environ["REQUEST_METHOD"], environ["PATH_INFO"])
            return _refusal(BodyRejected(500, "Something went wrong here. Try again in a moment."))
        return reply

    def _environ(self, scope: Any) -> dict[str, Any]:
        """Return what WSGI tells an application of the request, but for its body."""
        environ = {
            **self._base,
            "REQUEST_METHOD": scope.method,
            "PATH_INFO": _as_wsgi(scope.path),
            "QUERY_STRING": _as_wsgi(scope.query_string),
            "SERVER_PROTOCOL": VERSIONS.get(scope.http_version, "HTTP/1.1"),
            # A client on a Unix socket has none.
            "REMOTE_ADDR": scope.client.rpartition(":")[0].strip("[]"),
            "wsgi.url_scheme": scope.scheme,
        }
        for name, value in scope.headers.items():
            # With an underscore it would pass for another header, such as a proxy's.
            if "_" in name or name in FOR_THE_CONNECTION:
                continue
            key = WITHOUT_PREFIX.get(name) or f"HTTP_{name.upper().replace('-', '_')}"
            if key in environ:
                value = f"{environ[key]}{'; ' if name == 'cookie' else ','}{value}"
            environ[key] = value
        if scope.authority:
            environ["HTTP_HOST"] = scope.authority
        server, _, port = scope.server.rpartition(":")
        environ["SERVER_NAME"] = server.strip("[]") or "localhost"
        environ["SERVER_PORT"] = port if server else "80"
        return environ


def _as_wsgi(text: str) -> str:
    """Return text as WSGI has it: each character stands for a byte."""
    return text if text.isascii() else text.encode().decode("latin-1")


def _refusal(refused: BodyRejected) -> Reply:
    reply = Reply()
    reply.status = refused.status
    reply.body = f"{refused.message}\n".encode()
    reply.headers = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-store"),
        CLOSE,
    ]
    return reply
