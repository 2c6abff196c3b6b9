"""Reads the dates of front matter, file names and paths."""

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

LONGEST = 100
WRITTEN = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?"
    r"[ \t]*(?:([Zz]|UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?)?"
)
IN_NAME = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[-_. ]+|$)")
IN_PATH = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?=/|$)")


def parse(value: object, zone: tzinfo) -> datetime:
    """The moment in UTC that a value of front matter means; without an offset it is in `zone`.

    Raises Invalid when it cannot be read as a date.
    """
    if isinstance(value, datetime):
        return _checked(value, lambda: _utc(value, zone))
    if isinstance(value, date):
        return _checked(value, lambda: _utc(datetime(value.year, value.month, value.day), zone))
    text = " ".join(str(value).split())
    return _checked(text, lambda: _utc(_read(text), zone))


def _checked(value: object, read: Callable[[], datetime]) -> datetime:
    try:
        return read()
    except (ValueError, OverflowError) as error:
        raise Invalid(
            f"The date “{str(value)[:60]}” cannot be read; write it as 2024-01-31 "
            "or 2024-01-31 18:30:00 +01:00."
        ) from error


def _utc(moment: datetime, zone: tzinfo) -> datetime:
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    return moment.astimezone(UTC)


def _read(text: str) -> datetime:
    match = WRITTEN.fullmatch(text)
    if match is None:
        return parsedate_to_datetime(text[:LONGEST])
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
    """The date that a name such as `2015-06-25-hello` begins with, and the rest of the name."""
    match = IN_NAME.match(name)
    day = _day(match)
    return (day, name[match.end() :] or name) if match and day else (None, name)


def find_in_path(path: str) -> date | None:
    """The date that a path such as `2015/06/25/hello` holds."""
    return _day(IN_PATH.search(path))


def _day(match: re.Match[str] | None) -> date | None:
    try:
        return date(*(int(part) for part in match.groups())) if match else None
    except ValueError:
        return None


def format_utc(moment: datetime) -> str:
    """A moment as the database holds it: UTC, `YYYY-MM-DD HH:MM:SS`."""
    naive = moment.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    return naive.isoformat(sep=" ")
