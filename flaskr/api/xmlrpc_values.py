"""Values in calls of XML-RPC: read them strictly, and write them as editors expect."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xmlrpc import client

from .. import errors
from .. import text
from ..text import dates
from ..web import site_settings

MAX_ID_DIGITS = 18
Struct = dict[str, Any]


def read_text(value: Any) -> str:
    """Return a text. Raises `Invalid`."""
    if not isinstance(value, str):
        raise errors.Invalid("A text is expected here.")
    return value


def read_scalar(value: Any) -> str:
    """Return a value as a text, unless it is a list or a struct. Raises `Invalid`."""
    if isinstance(value, (list, dict)):
        raise errors.Invalid("A single value is expected here, not a list or a struct.")
    return str(value)


def read_id(value: Any) -> int:
    """Return an id. Raises `NotFound`."""
    digits = read_scalar(value)
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= MAX_ID_DIGITS):
        raise errors.NotFound("There is no such post.")
    return int(digits)


def read_count(value: Any, maximum: int) -> int:
    """Return a number from 0 to `maximum`, or `maximum` if the value is not a number."""
    return max(0, min(value, maximum)) if isinstance(value, int) else maximum


def read_struct(value: Any) -> Mapping[str, Any]:
    """Return a struct. Raises `Invalid`."""
    if not isinstance(value, Mapping):
        raise errors.Invalid("A struct is expected here.")
    return value


def read_list(value: Any) -> list[Any]:
    """Return a list. Raises `Invalid`."""
    if not isinstance(value, list):
        raise errors.Invalid("A list is expected here.")
    return value


def clean(value: object) -> str:
    """Return a text without the characters that XML cannot contain."""
    return text.clean(str(value))


def write_time(moment: datetime, zone: str = "") -> client.DateTime:
    """Return a stored time: in a time zone, or in UTC with a Z at the end."""
    local = dates.to_local(moment, zone) if zone else moment
    # Not `strftime`, which writes the years before 1000 with fewer digits.
    compact = local.isoformat()[:19].replace("-", "")
    return client.DateTime(compact if zone else f"{compact}Z")


def write_local_time(moment: datetime) -> client.DateTime:
    """Return a stored time in the time zone of the blog."""
    return write_time(moment, str(site_settings.get("TIMEZONE")))
