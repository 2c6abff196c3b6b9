"""Convert between local times as typed by people and UTC as stored in the database."""

from datetime import UTC
from datetime import date
from datetime import datetime
from zoneinfo import ZoneInfo

from .. import errors

MONTHS = (
    "January February March April May June July August September October November December"
).split()
# Not `strftime`, which keeps leading zeros and follows the locale of the machine.
FORMATS = {
    "YYYY-MM-DD": "{year:04}-{month:02}-{day:02}",
    "D MMMM YYYY": "{day} {name} {year}",
    "MMMM D, YYYY": "{name} {day}, {year}",
    "D.M.YYYY": "{day}.{month}.{year}",
    "DD/MM/YYYY": "{day:02}/{month:02}/{year}",
    "MM/DD/YYYY": "{month:02}/{day:02}/{year}",
    "YYYY年M月D日": "{year}年{month}月{day}日",
}
DEFAULT_FORMAT = "D MMMM YYYY"
ISO_FORMAT = "YYYY-MM-DD"


def to_utc(typed: str, zone: str) -> str:
    """Convert a local time such as `2026-11-21T09:00` to UTC, `YYYY-MM-DD HH:MM:SS`.

    An ambiguous time, when the clocks go back, is the earlier one. A skipped time, when they go
    forward, is read with the offset from before the change. Raises `Invalid`.
    """
    try:
        moment = datetime.fromisoformat(typed.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC).isoformat(" ", "seconds")[:19]
    except (ValueError, OverflowError):
        raise errors.Invalid(
            "Date cannot be read. Write it like 2026-11-21T09:00.", "created"
        ) from None


def to_local(moment: datetime, zone: str) -> datetime:
    """Convert a stored time (naive, UTC) to a time zone."""
    try:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    except OverflowError:
        # Python has no earlier or later day.
        return moment


def day_bounds(zone: str, year: int, month: int | None = None) -> tuple[str, str]:
    """Return the start (inclusive) and end (exclusive) of a local year or month, in UTC.

    Raises `NotFound` if there is no such year or month.
    """
    first, last = (1, 12) if month is None else (month, month)
    if not 1 <= year <= 9999 or not 1 <= first <= 12:
        raise errors.NotFound("There is no such month.")
    years, months = divmod(last, 12)
    return _start_of_month(zone, year, first), _start_of_month(zone, year + years, months + 1)


def _start_of_month(zone: str, year: int, month: int) -> str:
    try:
        return to_utc(f"{year:04}-{month:02}-01", zone)
    except errors.Invalid:
        # Python has no day before the year 1 or after the year 9999.
        return "0001-01-01 00:00:00" if year == 1 else "9999-12-31 23:59:59"


def format_date(day: date, pattern: str) -> str:
    """Format a day in one of `FORMATS`."""
    return FORMATS[pattern].format(
        year=day.year, month=day.month, day=day.day, name=MONTHS[day.month - 1]
    )
