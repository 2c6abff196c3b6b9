"""Highlight code blocks in bounded time and memory.

A short block of hostile code keeps many of Pygments' lexers (Bash, C, and PHP among them) busy
for hours, and a regular expression cannot be interrupted. The code of a text is therefore
highlighted in a separate process, `highlighting_process.py`, which is killed if it takes too long.
It costs about 50 ms of processor time and 12 MB, once per text, as rendered HTML is stored.
"""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

PROCESS = Path(__file__).with_name("highlighting_process.py")
MAX_CODE_CHARS = 100_000
# On most systems the process limits its own processor time to less than this, so that code stays
# highlighted on a busy machine.
MAX_SECONDS = 5.0
MAX_PROCESSES = 2

_slots = threading.BoundedSemaphore(MAX_PROCESSES)


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
    command = [_find_python(), "-P", "-S", str(PROCESS)]
    # The process finds the same modules, but not those in this folder.
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with _slots:
        try:
            done = subprocess.run(  # noqa: S603  # the command holds no user input
                command,
                input=blocks,
                env=environ,
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


def _find_python() -> str:
    """Return the Python interpreter; under uWSGI and mod_wsgi, `sys.executable` is not it."""
    if Path(sys.executable).name.startswith("python"):
        return sys.executable
    return str(Path(sys.exec_prefix, "bin", "python3"))


def _parse_answers(said: bytes) -> Iterator[str | None]:
    for line in said.splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)
