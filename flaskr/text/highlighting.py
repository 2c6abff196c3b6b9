"""Highlight code blocks in bounded time and memory.

A short block of hostile code keeps many of Pygments' lexers (Bash, C, and PHP among them) busy
for hours, and a regular expression cannot be interrupted. The code of a text is therefore
highlighted in a separate process, `highlighting_process.py`, which is killed if it takes too long.
It costs about 50 ms of processor time and 12 MB, once per text, as rendered HTML is stored. Whoever
renders a whole blog keeps one process for all texts (`keep_process`): that halves the time. To
remove it, remove `_Kept` and its callers.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

PROCESS = Path(__file__).with_name("highlighting_process.py")
MAX_CODE_CHARS = 100_000
# On most systems the process limits its own processor time to less than this, so that code stays
# highlighted on a busy machine.
MAX_SECONDS = 5.0
MAX_PROCESSES = 2
CHUNK_BYTES = 64 * 1024

_slots = threading.BoundedSemaphore(MAX_PROCESSES)
_kept: "_Kept | None" = None


class Block(NamedTuple):
    """A block of code and the name of its language."""

    language: str
    code: str


def highlight(blocks: Sequence[Block]) -> list[str | None]:
    """Return the HTML of each block, or None if it could not be highlighted in time."""
    wanted: dict[int, Block] = {}
    chars = 0
    for place, block in enumerate(blocks):
        if chars + len(block.code) <= MAX_CODE_CHARS:
            chars += len(block.code)
            wanted[place] = block
    if not wanted:
        return [None] * len(blocks)
    answers = _parse_answers(_run(json.dumps([*wanted.values()]).encode(), len(wanted)))
    # The process may have ended before it reached the last blocks.
    found = dict(zip(wanted, answers, strict=False))
    return [found.get(place) for place in range(len(blocks))]


def _run(blocks: bytes, count: int) -> bytes:
    """Return the output that the process wrote before it exited or was killed."""
    if _kept is not None:
        return _kept.ask(blocks, count)
    with _slots:
        try:
            done = subprocess.run(  # noqa: S603  # the command holds no user input
                _command(),
                input=blocks,
                env=_environ(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=MAX_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            return late.stdout or b""
        except OSError:
            return b""
    return done.stdout


def _command() -> list[str]:
    return [_find_python(), "-P", "-S", str(PROCESS)]


def _environ() -> dict[str, str]:
    # The process finds the same modules, but not those in this folder.
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


@contextmanager
def keep_process() -> Iterator[None]:
    """Let one process highlight the code of all texts, where it can limit its time for each."""
    global _kept
    if not hasattr(signal, "setitimer"):  # pragma: no cover  # on Windows
        yield
        return
    _kept = _Kept()
    try:
        yield
    finally:
        _kept.end()
        _kept = None


class _Kept:
    """A process that highlights one text after the other. If one takes too long, it is replaced."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(self, blocks: bytes, count: int) -> bytes:
        """Return the output for a text, which has a line for each block."""
        with self._lock:
            is_new = self._process is None
            said = self._try(blocks, count)
            # A process may fail because of earlier texts, so a new one gets a second try.
            return said if is_new or self._process else self._try(blocks, count)

    def _try(self, blocks: bytes, count: int) -> bytes:
        said = b""
        with suppress(OSError):
            said = self._ask(blocks, count)
        if said.count(b"\n") < count:
            self.end()
        return said

    def _ask(self, blocks: bytes, count: int) -> bytes:
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  # the command holds no user input
                [*_command(), "--serve"],
                env=_environ(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        question, answer = self._process.stdin, self._process.stdout
        assert question is not None, "it is a pipe"  # noqa: S101  # for the types
        assert answer is not None, "it is a pipe"  # noqa: S101  # for the types
        question.write(blocks + b"\n")
        question.flush()
        return _read_lines(answer.fileno(), count)

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            # It closes the pipes.
            with suppress(OSError), self._process:
                pass
            self._process = None


def _read_lines(pipe: int, count: int) -> bytes:
    """Read so many lines, or what there is of them before the end or in time."""
    readable = select.poll()
    readable.register(pipe, select.POLLIN)
    end = time.monotonic() + MAX_SECONDS
    said = b""
    while said.count(b"\n") < count:
        is_late = not readable.poll(max(0, end - time.monotonic()) * 1000)
        if is_late or not (more := os.read(pipe, CHUNK_BYTES)):
            break
        said += more
    return said


def _find_python() -> str:
    """Return the Python interpreter; under uWSGI and mod_wsgi, `sys.executable` is not it."""
    if Path(sys.executable).name.startswith("python"):
        return sys.executable
    return str(Path(sys.exec_prefix, "bin", "python3"))


def _parse_answers(said: bytes) -> Iterator[str | None]:
    for line in said.splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)
