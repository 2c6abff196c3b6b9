"""Parse the dates in front matter, file names, and paths."""

import re
from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from datetime import timezone
from datetime import tzinfo
from email.utils import parsedate_to_datetime

from ..errors import Invalid

MAX_DATE_CHARS = 100
DATE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"[ \t]*(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?)?"
)
NAME_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[-_. ]+|$)")
PATH_DATE = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?=/|$)")


def parse(value: object, zone: tzinfo) -> datetime:
    """Parse a front matter value to UTC; a time without an offset is in `zone`.

    Raises `Invalid` if it is not a date.
    """
    if isinstance(value, datetime):
        return _parse_or_refuse(value, lambda: _to_utc(value, zone))
    if isinstance(value, date):
        return _parse_or_refuse(
            value, lambda: _to_utc(datetime(value.year, value.month, value.day), zone)
        )
    text = " ".join(str(value).split())
    return _parse_or_refuse(text, lambda: _to_utc(_parse_text(text), zone))


def _parse_or_refuse(value: object, read: Callable[[], datetime]) -> datetime:
    try:
        return read()
    except (ValueError, OverflowError) as error:
        raise Invalid(
            f"The date “{str(value)[:60]}” cannot be read; write it as 2024-01-31 "
            "or 2024-01-31 18:30:00 +01:00."
        ) from error


def _to_utc(moment: datetime, zone: tzinfo) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _parse_text(text: str) -> datetime:
    match = DATE.fullmatch(text)
    if match is None:
        return parsedate_to_datetime(text[:MAX_DATE_CHARS])
    *numbers, utc, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    moment = datetime(year, month, day, hour, minute, second)
    if utc:
        return moment.replace(tzinfo=UTC)
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return moment.replace(tzinfo=timezone(-offset if sign == "-" else offset))
    return moment


def split_name(name: str) -> tuple[date | None, str]:
    """Split a name like `2015-06-25-hello` into its date, or None, and the rest."""
    match = NAME_DATE.match(name)
    day = _day(match)
    return (day, name[match.end() :] or name) if match and day else (None, name)


def find_in_path(path: str) -> date | None:
    """Return the date in a path like `2015/06/25/hello`, or None."""
    return _day(PATH_DATE.search(path))


def _day(match: re.Match[str] | None) -> date | None:
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def format_utc(moment: datetime) -> str:
    """Format a time as the database stores it: UTC, `YYYY-MM-DD HH:MM:SS`."""
    naive = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return naive.isoformat(sep=" ")
