"""One line for each request, in the common log format with the milliseconds at its end.

Lines are written by a thread of their own, a few times a second: neither the event loop nor a
worker waits for whatever reads the standard output.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Callable
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from typing import TextIO
from urllib.parse import quote

PAUSE_SECONDS = 0.2
# More lines than this are not held for a reader of the log that has stopped reading.
MAX_BUFFERED_LINES = 100_000
HARMLESS = re.compile(r"[!#-\[\]-~]*")


def format_line(
    client: str, request: str, path: str, version: str, status: int, size: int, seconds: float
) -> str:
    """Return the line for one request; `size` is that of the body, `seconds` what it took."""
    return (
        f'{_escape(client) or "-"} - - [{_moment(int(time.time()))}] "{_escape(request)}'
        f' {_escape(path)} {version}" {status} {size} {seconds * 1000:.1f}ms\n'
    )


def _escape(text: str) -> str:
    return text if HARMLESS.fullmatch(text) else quote(text, safe="/:;=@&+$,!*'()")


_latest = (0, "")


def _moment(second: int) -> str:
    global _latest
    known, text = _latest
    if known != second:
        text = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))
        _latest = (second, text)
    return text


class AccessLog:
    """Writes lines to a stream, soon but not at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: deque[str] = deque(maxlen=MAX_BUFFERED_LINES)
        self._due = threading.Event()
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="flaskr-log", daemon=True)
        self._thread.start()

    def add(self, text: str) -> None:
        """Write this line within a moment."""
        self._lines.append(text)
        if not self._due.is_set():
            self._due.set()

    def _run(self) -> None:
        while self._is_open:
            self._due.wait()
            if self._is_open:
                time.sleep(PAUSE_SECONDS)
            self._due.clear()
            self._write()

    def _write(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        # Whoever read the log may have gone; the blog goes on.
        with suppress(OSError, ValueError):
            self._stream.write("".join(lines))
            self._stream.flush()

    def close(self, patience: float = 1) -> None:
        """Write what is left."""
        self._is_open = False
        self._due.set()
        self._thread.join(patience)


class LoggedApp:
    """WSGI middleware that writes the access log, for servers that run the application as WSGI."""

    def __init__(self, app: Callable[..., Iterable[bytes]], log: AccessLog) -> None:
        self._app = app
        self._log = log

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer the request, and log it."""
        began = time.perf_counter()
        path = (environ.get("SCRIPT_NAME", "") + environ["PATH_INFO"]).encode("latin-1")
        started: list[tuple[str, list[tuple[str, str]]]] = []

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            started.append((status, headers))
            return start_response(status, headers, *more)

        answer = self._app(environ, start)
        status, headers = started[-1]
        sizes = (value for name, value in headers if name.lower() == "content-length")
        self._log.add(
            format_line(
                environ.get("REMOTE_ADDR", ""),
                environ["REQUEST_METHOD"],
                path.decode("utf-8", "replace"),
                environ["SERVER_PROTOCOL"],
                int(status[:3]),
                int(next(sizes, 0)),
                time.perf_counter() - began,
            )
        )
        return answer
