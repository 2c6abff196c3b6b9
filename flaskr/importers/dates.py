"""Parse the dates in front matter, file names, and paths."""

import re
import warnings
from collections.abc import Callable
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import time
from datetime import timedelta
from datetime import timezone
from datetime import tzinfo
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from ..errors import Invalid
from ..text.normalization import normalize
from .lenient import unquote

MAX_DATE_CHARS = 100
# Hugo writes the year 1 for "no date".
MIN_YEAR = 2
DATE = re.compile(
    r"(\d{4})[-/.](\d{1,2})[-/.](0?\d{1,2})"
    r"(?:(?:[Tt]|[ \t]+|-)(\d{1,2})(?::(\d{2}))?(?::(\d{2})(?:[.,]\d+)?)?"
    r"[ \t]*(?:([Zz]|UTC|GMT)|([+-])(\d{1,2}):?(\d{2})?)?)?",
    re.ASCII,
)
COMPACT_DATE = re.compile(
    r"((?:1[89]|20|21)\d\d)(\d\d)(\d\d)(?:[T ]?(\d\d)(\d\d)(\d\d)?)?", re.ASCII
)
MONTH = re.compile(r"(\d{4})(?:[-/.](\d{1,2}))?", re.ASCII)
IDEOGRAPHS = re.compile(
    r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]?(.*)", re.ASCII
)
DAY_FIRST = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})(.*)", re.ASCII)
UNIX_TIME = re.compile(r"\d{9,10}|\d{13}", re.ASCII)
ZONE_NAME = re.compile(r"(.*\d)[ \t]+([A-Z][A-Za-z_]+/[A-Za-z_/+-]{2,40})")
REMARK = re.compile(r"\s?(?:\([^()]*\)|\[[^\[\]]*\])\Z")
OFFSET_FROM_GMT = re.compile(r"\b(?:GMT|UTC)(?=[+-]\d)")
HAS_TIME = re.compile(r"\d:\d|\d\s*[ap]\.?m\b|T\d{2}|\d{8}[T ]?\d{4}", re.I)
# Eleventy takes these from the file or the version control.
FILE_TIMES = re.compile(r"(?:git )?(?:created|last modified)", re.I)
NAME_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:T\d{2}[:.]?\d{2}(?:[:.]?\d{2})?(?:Z|[+-]\d{2}[:.]?\d{2})?)?(?:[-_. ]+|$)",
    re.ASCII,
)
PATH_DATE = re.compile(r"(?:^|/)(\d{4})/(\d{1,2})/(\d{1,2})(?=/|$)", re.ASCII)
HOURS_FROM_UTC = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7,
    "AKST": -9, "AKDT": -8, "HST": -10, "BST": 1, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2,
    "EET": 2, "EEST": 3, "MSK": 3, "IST": 5.5, "JST": 9, "KST": 9, "AWST": 8, "AEST": 10,
    "AEDT": 11, "NZST": 12, "NZDT": 13, "UTC": 0, "GMT": 0, "Z": 0,
}  # fmt: skip
MONTHS = """
    January januar janvier enero gennaio janeiro januari leden
    February februar février febrero febbraio fevereiro februari
    March märz mars marzo março maart
    April avril abril aprile
    May mai mayo maggio maio mei
    June juni juin junio giugno junho
    July juli juillet julio luglio julho
    August août agosto augustus
    September septembre septiembre settembre setembro
    October oktober octobre octubre ottobre outubro
    November novembre noviembre novembro
    December dezember décembre diciembre dicembre dezembro
"""
ENGLISH_MONTHS = {
    name.lower(): line.split()[0]
    for line in MONTHS.strip().splitlines()
    for name in line.split()[1:]
}
FOREIGN_MONTH = re.compile(rf"\.?\s?\b(?:de )?({'|'.join(ENGLISH_MONTHS)})\b(?:\sde\b)?", re.I)


def parse(value: object, zone: tzinfo, blog_zone: tzinfo | None = None) -> datetime:
    """Parse a front matter value to UTC; a time without an offset is in `zone`.

    A date without a time becomes a moment that has this date in both zones. Raises `Invalid` if it
    is not a date.
    """
    return parse_with_offset(value, zone, blog_zone).astimezone(UTC)


def parse_with_offset(value: object, zone: tzinfo, blog_zone: tzinfo | None = None) -> datetime:
    """Parse a front matter value as `parse` does, but keep its offset from UTC."""
    if isinstance(value, list) and value:
        value = value[0]
    if isinstance(value, datetime):
        return _parse_or_refuse(value, lambda: _in_zone(value, zone))
    if isinstance(value, date):
        return _parse_or_refuse(value, lambda: _begin_day(value, zone, blog_zone))
    text = " ".join(unquote(normalize("NFKC", str(value)[: 2 * MAX_DATE_CHARS])).split())

    def read() -> datetime:
        moment = _parse_text(text)
        if moment.tzinfo is None and moment.time() == time() and not HAS_TIME.search(text):
            return _begin_day(moment.date(), zone, blog_zone)
        return _in_zone(moment, zone)

    return _parse_or_refuse(text, read)


def _parse_or_refuse(value: object, read: Callable[[], datetime]) -> datetime:
    try:
        moment = read()
        moment.astimezone(UTC)
        if moment.year < MIN_YEAR:
            raise ValueError("no date")
    except (ValueError, OverflowError) as error:
        raise Invalid(
            f"The date “{str(value)[:60]}” cannot be read; write it as 2024-01-31 "
            "or 2024-01-31 18:30:00 +01:00."
        ) from error
    return moment


def _in_zone(moment: datetime, zone: tzinfo) -> datetime:
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment


def _begin_day(day: date, zone: tzinfo, blog_zone: tzinfo | None) -> datetime:
    midnight = datetime(day.year, day.month, day.day)
    return max(_in_zone(midnight, zone), _in_zone(midnight, blog_zone or zone))


def _parse_text(text: str) -> datetime:
    if match := DATE.fullmatch(text):
        return _parse_exact(match)
    if UNIX_TIME.fullmatch(text):
        return datetime.fromtimestamp(int(text[:10]), UTC)
    if match := COMPACT_DATE.fullmatch(text) or MONTH.fullmatch(text):
        # Without a month or a day, it is the first.
        given = [int(number) for number in match.groups() if number]
        year, month, day, hour, minute, second = [*given, *(1, 1, 0, 0, 0)[len(given) - 1 :]]
        return datetime(year, month, day, hour, minute, second)
    if len(text) > MAX_DATE_CHARS:
        raise ValueError("too long")
    for pattern, order in ((IDEOGRAPHS, (1, 2, 3)), (DAY_FIRST, (3, 2, 1))):
        if match := pattern.fullmatch(text):
            numbers = "-".join(match[at] for at in order)
            return _parse_text(f"{numbers} {match[4].strip()}".strip())
    if (match := ZONE_NAME.fullmatch(text)) and (zone := find_zone(match[2])):
        return _parse_text(match[1]).replace(tzinfo=zone)
    return _parse_written(text)


def _parse_exact(match: re.Match[str]) -> datetime:
    *numbers, utc, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = (int(number or 0) for number in numbers)
    # ISO 8601 allows 24:00 for the end of a day.
    moment = datetime(year, month, day, 0 if hour == 24 else hour, minute, second)
    moment += timedelta(days=hour == 24)
    if utc:
        return moment.replace(tzinfo=UTC)
    if sign:
        offset = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return moment.replace(tzinfo=timezone(-offset if sign == "-" else offset))
    return moment


def _parse_written(text: str) -> datetime:
    """Parse a complete date in words, like `October 1, 2013`."""
    try:
        return parsedate_to_datetime(text)
    except ValueError:
        from dateutil import parser

    text = OFFSET_FROM_GMT.sub("", REMARK.sub("", text))
    text = re.sub(r"^1er\b", "1", text)
    text = FOREIGN_MONTH.sub(lambda match: f" {ENGLISH_MONTHS[match[1].lower()]} ", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            found: list[datetime] = [
                parser.parse(text, default=datetime(year, 1, 1), tzinfos=_find_offset)
                for year in (1904, 2000)
            ]
    except (TypeError, AttributeError, LookupError, ArithmeticError, Warning) as error:
        raise ValueError("not a date") from error
    if found[0] != found[1]:
        raise ValueError("no year")
    return found[0]


def _find_offset(name: str | None, seconds: int | None) -> tzinfo | None:
    if seconds is not None:
        return timezone(timedelta(seconds=seconds))
    return timezone(timedelta(hours=HOURS_FROM_UTC[name])) if name else None


def find_zone(name: str) -> tzinfo | None:
    """Return the time zone with this name, like `Europe/Berlin`, if there is one."""
    try:
        return ZoneInfo(name) if name else None
    except (LookupError, OSError, ValueError):
        return None


def is_file_time(value: object) -> bool:
    """Return True if the value asks for a time of the file instead of naming a date."""
    return isinstance(value, str) and FILE_TIMES.fullmatch(value.strip()) is not None


def split_name(name: str) -> tuple[date | None, str]:
    """Split a name like `2015-06-25-hello` into its date, if it has one, and the rest."""
    match = NAME_DATE.match(name)
    day = _day(match)
    return (day, name[match.end() :] or name) if match and day else (None, name)


def find_day(value: object) -> date | None:
    """Return the day at the beginning of a value of which the time cannot be read."""
    return _day(NAME_DATE.match(str(value)[:MAX_DATE_CHARS].replace("T", " ").replace("/", "-")))


def find_in_path(path: str) -> date | None:
    """Return the date in a path like `2015/06/25/hello`, if it has one."""
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
