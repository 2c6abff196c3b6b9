"""Highlight code blocks in bounded time and memory.

A short block of hostile code keeps many of Pygments' lexers (Bash, C, and PHP among them) busy
for hours, and a regular expression cannot be interrupted. The code of a text is therefore
highlighted in a separate process, `highlighting_process.py`, which is killed if it takes too long.
It costs about 50 ms of processor time and 12 MB, once per text, as rendered HTML is stored. Whoever
renders a whole blog keeps one process (`keep_process`), which forks for each text: that halves the
time. To remove it, remove `_Kept` and its callers.
"""

import json
import os
import subprocess
import sys
import threading
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
    answers = _parse_answers(_run(json.dumps([*wanted.values()]).encode()))
    # The process may have ended before it reached the last blocks.
    found = dict(zip(wanted, answers, strict=False))
    return [found.get(place) for place in range(len(blocks))]


def _run(blocks: bytes) -> bytes:
    """Return the output that the process wrote before it exited or was killed."""
    if _kept is not None:
        return _kept.ask(blocks)
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
    """Let one process highlight the code of all texts, where the system can fork it."""
    global _kept
    if not hasattr(os, "fork"):  # pragma: no cover  # on Windows
        yield
        return
    _kept = _Kept()
    try:
        yield
    finally:
        _kept.end()
        _kept = None


class _Kept:
    """A process that highlights one text after the other; it is started again after an error."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def ask(self, blocks: bytes) -> bytes:
        """Return the output for a text."""
        with self._lock:
            try:
                return self._ask(blocks)
            except (OSError, ValueError):
                self.end()
                return b""

    def _ask(self, blocks: bytes) -> bytes:
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
        # Reading ends when the process is killed.
        killer = threading.Timer(MAX_SECONDS, self._process.kill)
        killer.start()
        try:
            return answer.read(int(answer.readline()))
        finally:
            killer.cancel()

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            # It closes the pipes.
            with suppress(OSError), self._process:
                pass
            self._process = None


def _find_python() -> str:
    """Return the Python interpreter; under uWSGI and mod_wsgi, `sys.executable` is not it."""
    if Path(sys.executable).name.startswith("python"):
        return sys.executable
    return str(Path(sys.exec_prefix, "bin", "python3"))


def _parse_answers(said: bytes) -> Iterator[str | None]:
    for line in said.splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)
