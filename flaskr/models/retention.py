"""Decide when rows are old enough to be deleted, even if the clock is wrong for a while."""

from datetime import UTC
from datetime import datetime
from datetime import timedelta
from pathlib import Path

from flask import current_app

from ..data_folder import days_seen
from ..db import format_timestamp

# Before any time that a row may have, and a time for PostgreSQL too.
NEVER = "0001-01-01"


def oldest(age: timedelta) -> str:
    """Return the time before which rows are older than `age`, or `NEVER` if none are.

    The blog must have been used on as many days since: a clock that is ahead adds one.
    """
    now = datetime.now(UTC)
    days = days_seen.record(Path(current_app.instance_path), f"{now:%Y-%m-%d}")
    if len(days) <= age.days:
        return NEVER
    return min(format_timestamp(now - age), days[age.days])
