"""The choices for an import, and how it reports progress."""

from collections.abc import Callable
from typing import NamedTuple

# Called with a phase, the number of things done, and their total.
Progress = Callable[[str, int, int], None]


class Options(NamedTuple):
    """The choices of the operator."""

    dry_run: bool = False
    overwrite: bool = False
    author: str = ""
    permalink: str = ""
    # Processes for pictures. A server may not be able to start any.
    processes: int = 1
