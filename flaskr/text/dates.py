"""Pure: times as people write them in a zone, and as the database keeps them in UTC."""

from datetime import UTC
from datetime import date
from datetime import datetime
from zoneinfo import ZoneInfo

from .. import errors

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


def to_local(moment: datetime, zone: str) -> datetime:
    """A stored time (naive, UTC) in a zone."""
    try:
        return moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    except OverflowError:
        # The first or last day there is.
        return moment


def day_bounds(zone: str, year: int, month: int | None = None) -> tuple[str, str]:
    """A year or a month of a zone in UTC: its first second, and the one after its last.

    Raises `NotFound` for what is in no calendar.
    """
    first, last = (1, 12) if month is None else (month, month)
    if not 1 <= year <= 9999 or not 1 <= first <= 12:
        raise errors.NotFound("There is no such month in the calendar.")
    years, months = divmod(last, 12)
    return _start(zone, year, first), _start(zone, year + years, months + 1)


def _start(zone: str, year: int, month: int) -> str:
    try:
        return to_utc(f"{year:04}-{month:02}-01", zone)
    except errors.Invalid:
        # The first day there is, or the one after the last.
        return "0001-01-01 00:00:00" if year == 1 else "9999-12-31 23:59:59"


def format_date(day: date, pattern: str) -> str:
    """A day in one of the formats."""
    return FORMATS[pattern].format(
        year=day.year, month=day.month, day=day.day, name=MONTHS[day.month - 1]
    )
