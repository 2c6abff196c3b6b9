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

import waitress
from flask import Flask
from werkzeug.utils import import_string

from . import security
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
    server = create(import_string(APPLICATION)(), listener, threads=threads, log=log, files=files)
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


def create(
    app: Flask, listener: socket.socket, *, threads: int, log: AccessLog | None, files: int
) -> Any:
    """Return a server of the application on this socket."""
    # Large requests are kept in the blog's own folder, in files without a name.
    tempfile.tempdir = app.instance_path
    # It warns of each request that waits for a thread.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    wsgi: Callable[..., Any] = LoggedApp(app, log) if log else app
    if listener.family == getattr(socket, "AF_UNIX", None):
        wsgi = _without_address(wsgi)
    return waitress.create_server(
        wsgi,
        sockets=[listener],
        threads=threads,
        # A request and its answer may have a file each.
        connection_limit=max(64, min(MOST_CONNECTIONS, files // 3)),
        channel_timeout=IDLE_SECONDS,
        cleanup_interval=IDLE_SECONDS // 2,
        max_request_header_size=HEADER_BYTES,
        max_request_body_size=security.largest_body(app),
        inbuf_overflow=REQUEST_IN_MEMORY,
        outbuf_overflow=ANSWER_IN_MEMORY,
        outbuf_high_watermark=NO_BOUND,
        asyncore_use_poll=True,
        # Which proxies are believed is a setting of the application.
        clear_untrusted_proxy_headers=False,
        ident="waitress",
    )


def _without_address(app: Callable[..., Any]) -> Callable[..., Any]:
    """Let the application know that a client on a Unix socket has no address."""

    def answer(environ: dict[str, Any], start_response: Any) -> Any:
        environ["REMOTE_ADDR"] = ""
        return app(environ, start_response)

    return answer
