"""Pure: times as people write them in a zone, and as the database keeps them in UTC."""

from datetime import UTC
from datetime import date
from datetime import datetime
from zoneinfo import ZoneInfo

from . import errors

MONTHS = (
    "January February March April May June July August September October November December"
).split()
# How a day can look; `strftime` would leave the zeros, and follow the machine's language.
FORMATS = {
    "YYYY-MM-DD": "{year:04}-{month:02}-{day:02}",
    "D MMMM YYYY": "{day} {name} {year}",
    "MMMM D, YYYY": "{name} {day}, {year}",
    "D.M.YYYY": "{day}.{month}.{year}",
    "DD/MM/YYYY": "{day:02}/{month:02}/{year}",
    "MM/DD/YYYY": "{month:02}/{day:02}/{year}",
    "YYYY年M月D日": "{year}年{month}月{day}日",
}


def to_utc(typed: str, zone: str) -> str:
    """A local time such as `2026-11-21T09:00`, as `YYYY-MM-DD HH:MM:SS` in UTC.

    Where the clocks go back, a time that comes twice is the first of the two; where they go
    forward, one that never comes is as long after midnight as it says. Raises `Invalid`.
    """
    try:
        moment = datetime.fromisoformat(typed.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC).isoformat(" ", "seconds")[:19]
    except (ValueError, OverflowError):
        raise errors.Invalid(
            "Date is not one that can be read. Write it like 2026-11-21T09:00.", "created"
        ) from None


def local(moment: datetime, zone: str) -> datetime:
    """A stored time (naive, UTC) in a zone."""
    try:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    except OverflowError:
        # The first or last day there is.
        return moment


def formatted(day: date, pattern: str) -> str:
    """A day in one of the formats."""
    return FORMATS[pattern].format(
        year=day.year, month=day.month, day=day.day, name=MONTHS[day.month - 1]
    )
