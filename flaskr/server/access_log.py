"""The access log: a line per request in the Common Log Format, followed by the duration.

A separate thread writes the lines a few times per second, so that neither the event loop nor a
worker thread waits for the program that reads the standard output.
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

WRITE_INTERVAL_SECONDS = 0.2
# If nothing reads the output, older lines are dropped.
MAX_BUFFERED_LINES = 100_000
SAFE_TEXT = re.compile(r"[!#-\[\]-~]*")


def format_line(
    client: str, request: str, path: str, version: str, status: int, size: int, seconds: float
) -> str:
    """Format the line of a request. `size` is the response body's, in bytes."""
    return (
        f'{_escape(client) or "-"} - - [{_format_time(int(time.time()))}] "{_escape(request)}'
        f' {_escape(path)} {version}" {status} {size} {seconds * 1000:.1f}ms\n'
    )


def _escape(text: str) -> str:
    return text if SAFE_TEXT.fullmatch(text) else quote(text, safe="/:;=@&+$,!*'()")


_last_formatted = (0, "")


def _format_time(second: int) -> str:
    global _last_formatted
    known_second, text = _last_formatted
    if known_second != second:
        text = time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(second))
        _last_formatted = (second, text)
    return text


class AccessLog:
    """Writes lines to a stream from a background thread."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: deque[str] = deque(maxlen=MAX_BUFFERED_LINES)
        self._has_lines = threading.Event()
        self._is_open = True
        self._thread = threading.Thread(target=self._run, name="flaskr-log", daemon=True)
        self._thread.start()

    def add(self, text: str) -> None:
        """Schedule a line to be written."""
        self._lines.append(text)
        if not self._has_lines.is_set():
            self._has_lines.set()

    def _run(self) -> None:
        while self._is_open:
            self._has_lines.wait()
            if self._is_open:
                time.sleep(WRITE_INTERVAL_SECONDS)
            self._has_lines.clear()
            self._write()

    def _write(self) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        # A closed output must not stop the server.
        with suppress(OSError, ValueError):
            self._stream.write("".join(lines))
            self._stream.flush()

    def close(self, timeout_seconds: float = 1) -> None:
        """Write the remaining lines and stop the thread."""
        self._is_open = False
        self._has_lines.set()
        self._thread.join(timeout_seconds)


class LoggedApp:
    """WSGI middleware that writes the access log."""

    def __init__(self, app: Callable[..., Iterable[bytes]], log: AccessLog) -> None:
        self._app = app
        self._log = log

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer a request and log it."""
        started_at = time.perf_counter()
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
                time.perf_counter() - started_at,
            )
        )
        return answer
