"""Run the blog on waitress, for platforms without a Granian wheel. It is slower.

waitress reads a whole request before it uses a thread, and needs no thread to send a response.
"""

import logging
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import waitress  # type: ignore[import-untyped]  # it declares no types
from flask import Flask
from waitress import wasyncore
from waitress.buffers import ReadOnlyFileBasedBuffer  # type: ignore[import-untyped]
from werkzeug.utils import import_string
from werkzeug.wsgi import _RangeWrapper

from ..web import security
from .access_log import AccessLog
from .access_log import LoggedApp
from .signals import HANGUP
from .signals import on_hangup

APPLICATION = "flaskr.cli:application"
# Larger requests and responses are stored in temporary files.
MAX_REQUEST_MEMORY_BYTES = 64 * 1024
MAX_RESPONSE_MEMORY_BYTES = 1024 * 1024
# Threads never wait for a slow client, however much of a response is not sent yet.
UNLIMITED_BYTES = 1 << 40
IDLE_TIMEOUT_SECONDS = 20
MAX_HEADER_BYTES = 64 * 1024
MAX_CONNECTIONS = 2000
# The longest time that an idle server needs to notice a signal.
POLL_SECONDS = 0.5


def run(listener: socket.socket, *, threads: int, with_access_log: bool, files: int) -> None:
    """Serve requests. Returns when the server is stopped."""
    log = AccessLog(sys.stdout) if with_access_log else None
    connections: dict[int, Any] = {}
    app = import_string(APPLICATION)()
    server = create_server(app, listener, connections, threads=threads, log=log, files=files)
    stop = threading.Event()
    try:
        with _stopped_by_signals(stop):
            while not stop.is_set():
                wasyncore.loop(POLL_SECONDS, use_poll=True, map=connections, count=1)
        # Its threads have five seconds to finish.
        server.task_dispatcher.shutdown()
    finally:
        server.close()
        if log:
            log.close()


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    """Set the event when a signal arrives.

    waitress expects an exception instead, which is lost if a destructor happens to run.
    """
    handlers = {
        signal.SIGINT: lambda *_: stop.set(),
        signal.SIGTERM: lambda *_: stop.set(),
        HANGUP: on_hangup(lambda *_: stop.set()),
    }
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def create_server(
    app: Flask,
    listener: socket.socket,
    connections: dict[int, Any],
    *,
    threads: int,
    log: AccessLog | None,
    files: int,
) -> Any:
    """Return a server for the application on a socket."""
    # Large requests are stored in unnamed files in the instance folder.
    tempfile.tempdir = app.instance_path
    # This logger warns about each request that waits for a thread.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    wsgi = _adapt(app, has_addresses=listener.family != getattr(socket, "AF_UNIX", None))
    return waitress.create_server(
        LoggedApp(wsgi, log) if log else wsgi,
        connections,
        sockets=[listener],
        threads=threads,
        # A request and its response may each have an open file.
        connection_limit=max(64, min(MAX_CONNECTIONS, files // 3)),
        channel_timeout=IDLE_TIMEOUT_SECONDS,
        cleanup_interval=IDLE_TIMEOUT_SECONDS // 2,
        max_request_header_size=MAX_HEADER_BYTES,
        max_request_body_size=security.max_body_bytes(app),
        inbuf_overflow=MAX_REQUEST_MEMORY_BYTES,
        outbuf_overflow=MAX_RESPONSE_MEMORY_BYTES,
        outbuf_high_watermark=UNLIMITED_BYTES,
        # The application checks these headers itself.
        clear_untrusted_proxy_headers=False,
        ident="waitress",
    )


def _adapt(app: Flask, *, has_addresses: bool) -> Callable[..., Any]:
    def application(environ: dict[str, Any], start_response: Any) -> Any:
        if not has_addresses:
            # waitress sets "localhost", which could be mistaken for a forwarded address.
            environ["REMOTE_ADDR"] = ""
        body = app(environ, start_response)
        if isinstance(body, _RangeWrapper) and isinstance(body.iterable, ReadOnlyFileBasedBuffer):
            # waitress sends the range from the file itself, without a thread that copies it.
            body.iterable.file.seek(body.start_byte)
            return body.iterable
        return body

    return application
