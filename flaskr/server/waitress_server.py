"""Running the blog on waitress, where Granian has no wheel: slower, and as patient.

waitress takes in whole requests before a thread sees them, and sends answers without one.
"""

import logging
import signal
import socket
import sys
import tempfile
from collections.abc import Callable
from typing import Any

import waitress  # type: ignore[import-untyped]  # it declares no types
from flask import Flask
from waitress.buffers import ReadOnlyFileBasedBuffer  # type: ignore[import-untyped]
from werkzeug.utils import import_string
from werkzeug.wsgi import _RangeWrapper

from ..web import security
from .access_log import AccessLog
from .access_log import LoggedApp
from .signals import HANGUP
from .signals import on_hangup

APPLICATION = "flaskr.cli:application"
# waitress holds a request and an answer in memory up to these sizes, and else in a file.
REQUEST_IN_MEMORY = 64 * 1024
ANSWER_IN_MEMORY = 1024 * 1024
# However much waits for a slow reader, no thread waits with it.
NO_BOUND = 1 << 40
IDLE_SECONDS = 20
HEADER_BYTES = 64 * 1024
MOST_CONNECTIONS = 2000


def run(listener: socket.socket, *, threads: int, with_access_log: bool, files: int) -> None:
    """Serve until told to stop."""
    log = AccessLog(sys.stdout) if with_access_log else None
    server = create_server(
        import_string(APPLICATION)(), listener, threads=threads, log=log, files=files
    )
    signal.signal(signal.SIGTERM, _stop)
    signal.signal(HANGUP, on_hangup(_stop))
    try:
        server.run()
    finally:
        server.close()
        if log:
            log.close()


def _stop(*_: object) -> None:
    # waitress lets threads finish what they do, for five seconds.
    raise SystemExit


def create_server(
    app: Flask, listener: socket.socket, *, threads: int, log: AccessLog | None, files: int
) -> Any:
    """Return a server of the application on this socket."""
    # Large requests are kept in the blog's own folder, in files without a name.
    tempfile.tempdir = app.instance_path
    # It warns of each request that waits for a thread.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    wsgi = _adapt(app, has_addresses=listener.family != getattr(socket, "AF_UNIX", None))
    return waitress.create_server(
        LoggedApp(wsgi, log) if log else wsgi,
        sockets=[listener],
        threads=threads,
        # A request and its answer may have a file each.
        connection_limit=max(64, min(MOST_CONNECTIONS, files // 3)),
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=IDLE_SECONDS // 2,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=security.max_body_bytes(app),
        inbuf_overflow=REQUEST_IN_MEMORY,
        outbuf_overflow=ANSWER_IN_MEMORY,
        outbuf_high_watermark=NO_BOUND,
        asyncore_use_poll=True,
        # Which proxies are believed is a setting of the application.
        clear_untrusted_proxy_headers=False,
        ident="waitress",
    )


def _adapt(app: Flask, *, has_addresses: bool) -> Callable[..., Any]:
    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        if not has_addresses:
            # waitress says "localhost", which could be a name in an X-Forwarded-For header.
            environ["REMOTE_ADDR"] = ""
        found = app(environ, start_response)
        if isinstance(found, _RangeWrapper) and isinstance(found.iterable, ReadOnlyFileBasedBuffer):
            # Or a thread would copy the part of the file for waitress to send.
            found.iterable.file.seek(found.start_byte)
            return found.iterable
        return found

    return answer
