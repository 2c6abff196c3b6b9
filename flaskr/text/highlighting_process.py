"""Highlight code blocks from standard input; started by `highlighting.py`.

It imports nothing from flaskr, to start quickly.
"""

import io
import json
import os
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
    """Answer each line in a process of its own, which needs no start and no imports.

    An answer is a line with its length, and the output of that process.
    """
    for line in requests:
        for language, _ in json.loads(line):
            with suppress(Exception):
                # Later processes inherit the patterns that it compiles.
                get_lexer_by_name(language)
        reader, writer = os.pipe()
        if not os.fork():
            limit()
            with open(writer, "wb") as out:
                answer(io.BytesIO(line), out)
            os._exit(0)
        os.close(writer)
        with open(reader, "rb") as out:
            said = out.read()
        os.wait()
        answers.write(b"%d\n%b" % (len(said), said))
        answers.flush()


def limit() -> None:  # pragma: no cover
    """Set resource limits where the system supports them."""
    with suppress(ImportError, OSError, ValueError):
        import resource

        # Exceeding the time limit would leave a core file.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))


def main() -> None:  # pragma: no cover - runs in a separate process
    """Highlight one request, or many if told so."""
    if sys.argv[1:]:
        serve(sys.stdin.buffer, sys.stdout.buffer)
        return
    limit()
    answer(sys.stdin.buffer, sys.stdout.buffer)


if __name__ == "__main__":  # pragma: no cover
    main()
