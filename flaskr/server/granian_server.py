"""Running the blog on Granian, with the adapter in `rsgi.py`."""

import os
import signal
import socket
import sys
import threading
import time
from functools import partial

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

# Requests in flight when the server is told to stop have this long to finish.
SECONDS_TO_FINISH = 6
# Headers have to arrive within this time, and an idle connection is closed after it.
HEADER_MILLISECONDS = 15_000
# The head of a request, and what of an answer waits for the network, in bytes.
BUFFER_BYTES = 64 * 1024
MOST_CONNECTIONS = 8192
APPLICATION = "flaskr.cli:application"


class Server(Granian):  # type: ignore[misc, valid-type]  # one of two classes
    """Granian on a socket that is there already."""

    listener: socket.socket

    def _init_shared_socket(self) -> None:
        is_unix = self.listener.family == getattr(socket, "AF_UNIX", None)
        self.listener.set_inheritable(True)
        # Its stub is older than its arguments.
        self._shd = SocketHolder(  # type: ignore[call-arg]
            self.listener.fileno(), is_unix, listeners.BACKLOG
        )
        self._sso = self.listener


def run(
    listener: socket.socket, *, workers: int, threads: int, with_access_log: bool, files: int
) -> None:
    """Serve until told to stop."""
    server = Server(
        APPLICATION,
        interface=Interfaces.RSGI,
        workers=workers,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(
            header_read_timeout=HEADER_MILLISECONDS, max_buffer_size=BUFFER_BYTES
        ),
        websockets=False,
        backlog=listeners.BACKLOG,
        # So many connections at once; each may have a file open as well.
        backpressure=max(64, min(MOST_CONNECTIONS, files // 2 - 64)),
        log_level=LogLevels.warning,
        workers_kill_timeout=SECONDS_TO_FINISH,
        respawn_failed_workers=True,
    )
    server.listener = listener
    # Granian itself would restart its workers.
    hangup = on_hangup(server.signal_handler_interrupt)
    server.on_startup(partial(signal.signal, HANGUP, hangup))
    loader = partial(
        load_worker, threads=threads, with_access_log=with_access_log, parent=os.getpid()
    )
    server.serve(target_loader=loader)


def load_worker(target: str, *, threads: int, with_access_log: bool, parent: int) -> Adapter:
    """Return the application of one worker."""
    # The parent hears it too, and lets requests in flight finish.
    signal.signal(HANGUP, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, args=(parent,), daemon=True).start()
    log = AccessLog(sys.stdout) if with_access_log else None
    return Adapter(import_string(target)(), threads=threads, log=log)


# Ends the process, which tests see from outside.
def _end_with_parent(parent: int) -> None:  # pragma: no cover
    """Stop when the parent was killed and could not tell."""
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(SECONDS_TO_FINISH)
    os._exit(1)
