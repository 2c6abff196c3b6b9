"""Remember the days on which the blog was used.

A clock that is wrong for a minute must not make everything old. The number of different days on
which the blog was used is the least number of days that have passed.
"""

import os
import re
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

FILE = "days_seen"
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def record(folder: Path, today: str) -> tuple[str, ...]:
    """Remember that today is a day of use, and return such days up to today, newest first."""
    return _record(folder, today)


# Every autosave asks, and the answer changes once a day.
@lru_cache(maxsize=8)
def _record(folder: Path, today: str) -> tuple[str, ...]:
    days = load(folder)
    if today not in days:
        # Without the line, everything is kept for longer.
        with suppress(OSError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
            with open(os.open(folder / FILE, flags, 0o600), "a", encoding="ascii") as file:
                file.write(f"{today}\n")
    # Days in the future come from a clock that was wrong.
    return tuple(sorted((day for day in {*days, today} if day <= today), reverse=True))


def load(folder: Path) -> set[str]:
    """Return the days that were recorded."""
    try:
        lines = (folder / FILE).read_text(encoding="ascii", errors="replace").split("\n")
    except OSError:
        return set()
    return set(filter(DAY.fullmatch, lines))
