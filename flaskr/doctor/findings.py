"""The result of a check."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

# Iterates over a sequence and shows the progress.
Track = Callable[[Sequence[Any]], Iterable[Any]]


class Finding(NamedTuple):
    """A fault, the remedy, and a function that repairs it if that is safe."""

    fault: str
    remedy: str
    repair: Callable[[], object] | None = None
