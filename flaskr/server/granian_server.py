"""Run the blog on Granian, with the adapter in `rsgi.py`."""

import os
import signal
import socket
import sys
import threading
import time
from contextlib import suppress
from functools import partial
from typing import Any

from granian import Granian
from granian.constants import HTTPModes
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.net import SocketHolder
from werkzeug.utils import import_string

from . import listeners
from .access_log import AccessLog
from .rsgi import Adapter
from .signals import HANGUP
from .signals import on_hangup

# When the server stops, running requests have this long to finish.
SHUTDOWN_SECONDS = 6
POLL_SECONDS = 0.02
# A thread that comes back from the database waits so long for one that renders a page. With
# Python's 5 ms, a save that others wait for took three times as long.
SWITCH_SECONDS = 0.0005
# Limits the wait for a request's headers, and the time that a connection may be idle.
HEADER_TIMEOUT_MILLISECONDS = 15_000
# Limits the size of a request's headers, and the part of a response that waits for the network.
BUFFER_BYTES = 64 * 1024
MAX_CONNECTIONS = 8192
APPLICATION = "flaskr.cli:application"


class Server(Granian):  # type: ignore[misc, valid-type]  # one of two classes
    """Granian on an existing socket."""

    listener: socket.socket

    def _init_shared_socket(self) -> None:
        is_unix = self.listener.family == getattr(socket, "AF_UNIX", None)
        self.listener.set_inheritable(True)
        # The type stub lacks the last argument.
        self._shd = SocketHolder(  # type: ignore[call-arg]
            self.listener.fileno(), is_unix, listeners.BACKLOG
        )
        self._sso = self.listener

    def _stop_workers(self) -> None:
        """Stop the workers, and kill those that take too long.

        Granian also waits for each worker on a thread, which may need a moment to note its end.
        Granian itself allows a millisecond for that, and then reports that it kills the worker.
        """
        for worker in self.wrks:
            _end_streams(worker)
            worker.terminate()
        end = time.monotonic() + SHUTDOWN_SECONDS
        while any(worker.is_alive() for worker in self.wrks) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)
        # The time is over for those that are left.
        self.workers_kill_timeout = POLL_SECONDS
        super()._stop_workers()


def _end_streams(worker: Any) -> None:
    """Tell a worker to end its event streams: it waits for its connections before it ends."""
    # Windows lacks the signal, and a worker may have ended, or be a thread.
    with suppress(AttributeError, ProcessLookupError):
        os.kill(worker.inner.pid, signal.SIGHUP)


def run(
    listener: socket.socket, *, workers: int, threads: int, with_access_log: bool, files: int
) -> None:
    """Serve requests. Returns when the server is stopped."""
    server = Server(
        APPLICATION,
        interface=Interfaces.RSGI,
        workers=workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_TIMEOUT_MILLISECONDS, max_buffer_size=BUFFER_BYTES
        ),
        websockets=False,
        backlog=listeners.BACKLOG,
        # The number of connections, each of which may have a file open as well.
        backpressure=max(64, min(MAX_CONNECTIONS, files // 2 - 64)),
        log_level=LogLevels.warning,
        workers_kill_timeout=SHUTDOWN_SECONDS,
        respawn_failed_workers=True,
    )
    server.listener = listener
    # By default, Granian restarts its workers on SIGHUP.
    hangup = on_hangup(server.signal_handler_interrupt)
    server.on_startup(partial(signal.signal, HANGUP, hangup))
    loader = partial(
        load_worker, threads=threads, with_access_log=with_access_log, parent=os.getpid()
    )
    server.serve(target_loader=loader)


def load_worker(target: str, *, threads: int, with_access_log: bool, parent: int) -> Adapter:
    """Return the application of a worker process."""
    # The parent receives SIGHUP as well and stops the workers in order. `Adapter` handles it later.
    signal.signal(HANGUP, signal.SIG_IGN)
    sys.setswitchinterval(SWITCH_SECONDS)
    threading.Thread(target=_exit_with_parent, args=(parent,), daemon=True).start()
    log = AccessLog(sys.stdout) if with_access_log else None
    return Adapter(import_string(target)(), threads=threads, log=log)


# This ends the process, which tests observe from another one.
def _exit_with_parent(parent: int) -> None:  # pragma: no cover
    """Stop the worker after its parent was killed."""
    while os.getppid() == parent:
        time.sleep(1)
    with suppress(AttributeError):
        os.kill(os.getpid(), signal.SIGHUP)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SHUTDOWN_SECONDS)
    os._exit(1)
