"""Let the server send a body of unknown length as fast as the client reads it.

Granian keeps in memory the part of a body that the client has not read yet. It reads a file only as
fast as the client does, and a named pipe looks like a file.
"""

import errno
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress

AVAILABLE = hasattr(os, "mkfifo")
# A client that has gone before the response began never opens the pipe.
OPEN_SECONDS = 30.0
logger = logging.getLogger(__name__)


def feed(body: Iterable[bytes], *, open_seconds: float = OPEN_SECONDS) -> str:
    """Return the path of a pipe from which one reader gets the body, written by a new thread."""
    folder = tempfile.mkdtemp(prefix="flaskr-")
    path = os.path.join(folder, "pipe")
    os.mkfifo(path, 0o600)
    threading.Thread(
        target=_write, args=(path, body, open_seconds), name="response", daemon=True
    ).start()
    return path


def _write(path: str, body: Iterable[bytes], open_seconds: float) -> None:
    try:
        descriptor = _open(path, open_seconds)
        # The client may go at any time.
        with suppress(BrokenPipeError), open(descriptor, "wb", buffering=0) as pipe:
            for chunk in body:
                view = memoryview(chunk)
                while view:
                    view = view[pipe.write(view) :]
    except Exception:
        logger.exception("A response could not be sent to its end")
    finally:
        if hasattr(body, "close"):
            body.close()
        shutil.rmtree(os.path.dirname(path), ignore_errors=True)


def _open(path: str, seconds: float) -> int:
    """Open the pipe once its reader has. Raises `TimeoutError`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError as error:
            if error.errno != errno.ENXIO:
                raise
        else:
            os.set_blocking(descriptor, True)
            return descriptor
        if time.monotonic() > deadline:
            raise TimeoutError("nobody reads the response")
        time.sleep(0.01)
