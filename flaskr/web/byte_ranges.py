"""Range requests as RFC 9110, section 14.2, wants them.

Werkzeug answers 416 to every Range header that it does not understand, where the RFC wants it to be
ignored, and to the last bytes of a file that is shorter.
"""

import re

from flask import Flask
from flask import current_app
from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from .error_pages import show_http_error

# One range of bytes: a server may ignore requests for several, and for absurd positions.
RANGE = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-[0-9]{1,18})[ \t]*", re.IGNORECASE)
SUFFIX = re.compile(r"bytes=[ \t]*-0*[1-9]", re.IGNORECASE)


def is_valid_range(header: str) -> bool:
    """Return True if the Range header asks for one valid range of bytes."""
    match = RANGE.fullmatch(header)
    if match is None:
        return False
    first, last = match.groups()
    return not (first and last) or int(first) <= int(last)


def ignore_unservable_range() -> None:
    """Drop a Range header that no file can be sent for, or that is not for a GET."""
    if request.method != "GET" or not is_valid_range(request.environ.get("HTTP_RANGE", "")):
        request.environ.pop("HTTP_RANGE", None)


def send_short_file_whole(error: RequestedRangeNotSatisfiable) -> ResponseReturnValue:
    """Answer once more without the header where more was asked of a file's end than it has."""
    if SUFFIX.match(request.environ.pop("HTTP_RANGE", "")):
        return current_app.dispatch_request()
    return show_http_error(error)


def init_app(app: Flask) -> None:
    """Check the header before each request."""
    app.before_request(ignore_unservable_range)
    app.register_error_handler(RequestedRangeNotSatisfiable, send_short_file_whole)
