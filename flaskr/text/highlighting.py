"""Pure: syntax highlighting of code blocks, in bounded time and memory whatever the code.

A short block of hostile code keeps many of Pygments' lexers busy for hours, those for Bash, C and
PHP among them, and nothing can interrupt a regular expression. So the code of one text goes to a
process of its own, `highlighting_process.py`, which is ended when it takes too long. It takes about
50 ms of processor time and 12 MB, once for each text, as rendered HTML is stored.
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
# Where the process can limit its own processor time it ends earlier, so that a busy machine does
# not make honest code plain.
MAX_SECONDS = 5.0
MAX_PROCESSES = 2

_slots = threading.BoundedSemaphore(MAX_PROCESSES)


class Block(NamedTuple):
    """A block of code and the name of its language, as Pygments may know it."""

    language: str
    code: str


def highlight(blocks: Sequence[Block]) -> list[str | None]:
    """Return the HTML of each block; None for one that cannot be highlighted, or not in time."""
    wanted: dict[int, Block] = {}
    chars = 0
    for place, block in enumerate(blocks):
        if chars + len(block.code) <= MAX_CODE_CHARS:
            chars += len(block.code)
            wanted[place] = block
    if not wanted:
        return [None] * len(blocks)
    answers = _answers(_run(json.dumps([*wanted.values()]).encode()))
    # The process may have ended before it came to the last ones.
    found = dict(zip(wanted, answers, strict=False))
    return [found.get(place) for place in range(len(blocks))]


def _run(blocks: bytes) -> bytes:
    """Return what the process said until it ended or was ended."""
    command = [_python(), "-P", "-S", str(PROCESS)]
    # The same modules, wherever they were found; this folder is none of them.
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with _slots:
        try:
            done = subprocess.run(  # noqa: S603  # nothing in the command was typed by anybody
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


def _python() -> str:
    """Return the interpreter: in uWSGI and mod_wsgi, `sys.executable` is the server or empty."""
    if Path(sys.executable).name.startswith("python"):
        return sys.executable
    return str(Path(sys.exec_prefix, "bin", "python3"))


def _answers(said: bytes) -> Iterator[str | None]:
    for line in said.splitlines(keepends=True):
        if line.endswith(b"\n"):
            yield json.loads(line)
