"""Format stored times, which are in UTC, for templates."""

import sqlite3
from datetime import UTC
from datetime import datetime

from ..db import sqlite
from ..text import dates
from . import site_settings


def to_local(moment: datetime | None) -> datetime:
    """Convert a stored time to the blog's time zone. SQLite returns None for an empty one."""
    return dates.to_local(moment or sqlite.EPOCH, site_settings.get("TIMEZONE"))


def local_now() -> datetime:
    """Return the current time in the blog's time zone."""
    return to_local(datetime.now(UTC))


def input_time(moment: datetime) -> str:
    """Format a time for `<input type="datetime-local">`, in the blog's time zone."""
    return to_local(moment).strftime("%Y-%m-%dT%H:%M:%S")


def format_time(moment: datetime) -> str:
    """Format a date in the owner's format, else in the ISO format, followed by the time.

    Writers see it, where there is little room: `2026-11-20 14:03`.
    """
    return f"{byline_date(moment)} {to_local(moment):%H:%M}"


def recent_time(moment: datetime) -> str:
    """Format a time of today as `14:03`, and others with their date."""
    is_today = to_local(moment).date() == local_now().date()
    return f"{to_local(moment):%H:%M}" if is_today else format_time(moment)


def format_date(moment: datetime) -> str:
    """Format a date in the owner's format, in the blog's time zone."""
    return _format_date(moment, dates.DEFAULT_FORMAT)


def byline_date(moment: datetime) -> str:
    """Format a date of the front page in the owner's format, else as `2026-11-20`."""
    return _format_date(moment, dates.ISO_FORMAT)


def _format_date(moment: datetime, default: str) -> str:
    return dates.format_date(to_local(moment), site_settings.get("DATE_FORMAT") or default)


def iso_date(moment: datetime) -> str:
    """Format a date as `2026-11-20`, in the blog's time zone."""
    return to_local(moment).date().isoformat()


def iso_time(moment: datetime) -> str:
    """Format a time for programs, in UTC: `2026-11-20T13:03:00+00:00`."""
    return moment.replace(tzinfo=UTC).isoformat()


def last_modified(post: sqlite3.Row) -> str:
    """Format the time of a post's last change, which is not before its publication."""
    return iso_time(max(post["created"], post["updated"] or post["created"]))


def month_name(month: int) -> str:
    """Return the English name of a month by its number."""
    return dates.MONTHS[month - 1]
