"""Times in JSON (RFC 3339), which the database stores in UTC."""

import re
from datetime import UTC
from datetime import datetime

from ..db import format_timestamp

PATTERN = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def format_time(moment: datetime | None) -> str | None:
    """Return a stored time as `2026-11-30T07:30:00Z`."""
    return f"{moment.isoformat(timespec='seconds')}Z" if moment is not None else None


def parse_time(typed: str) -> str:
    """Return a time as it is stored. Raises `ValueError`."""
    if not PATTERN.fullmatch(typed):
        raise ValueError
    try:
        return format_timestamp(datetime.fromisoformat(typed.upper()).astimezone(UTC))
    except OverflowError as error:
        raise ValueError from error
