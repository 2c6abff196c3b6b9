"""Highlight code blocks from standard input; started by `highlighting.py`.

It imports nothing from flaskr, to start quickly.
"""

import io
import json
import signal
import sys
from contextlib import suppress
from typing import IO

from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

MAX_CPU_SECONDS = 1
MAX_MEMORY_BYTES = 256 * 1024 * 1024


def answer(requests: IO[bytes], answers: IO[bytes]) -> None:
    """Read all blocks, and write a line of JSON for each as soon as it is highlighted."""
    for language, code in json.load(requests):
        answers.write(json.dumps(_highlight(language, code)).encode() + b"\n")
        answers.flush()


def _highlight(language: str, code: str) -> str | None:
    out = io.StringIO()
    try:
        lexer = get_lexer_by_name(language, stripnl=False, ensurenl=True)
        HtmlFormatter(nowrap=True).format(lexer.get_tokens(code), out)
    # An error in one lexer must not affect the blocks that follow.
    except Exception:
        return None
    return out.getvalue()


def serve(requests: IO[bytes], answers: IO[bytes]) -> None:  # pragma: no cover
    """Answer each line, until one takes too long: the timer's signal ends the process."""
    for line in requests:
        signal.setitimer(signal.ITIMER_PROF, MAX_CPU_SECONDS)
        answer(io.BytesIO(line), answers)
        signal.setitimer(signal.ITIMER_PROF, 0)


def limit(*, time: bool) -> None:  # pragma: no cover - runs in a separate process
    """Set resource limits where the system supports them."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        # Exceeding the time limit would leave a core file.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        if time:
            resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS + 1))


def main() -> None:  # pragma: no cover - runs in a separate process
    """Highlight one request, or many if told so."""
    is_kept = bool(sys.argv[1:])
    limit(time=not is_kept)
    (serve if is_kept else answer)(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":  # pragma: no cover
    main()
