"""Range requests according to RFC 9110, section 14.2.

Werkzeug answers 416 to each Range header that it does not understand, which a server has to ignore,
and to a request for the last bytes of a file that has fewer, which gets the whole file.
"""

import re

from flask import Flask
from flask import current_app
from flask import request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from .error_pages import show_http_error

# A server may ignore requests for several ranges or for absurd positions.
RANGE = re.compile(r"bytes=[ \t]*(?:([0-9]{1,18})-([0-9]{0,18})|-[0-9]{1,18})[ \t]*", re.IGNORECASE)
SUFFIX = re.compile(r"bytes=[ \t]*-0*[1-9]", re.IGNORECASE)


def is_valid_range(header: str) -> bool:
    """Return True if a Range header asks for one valid range of bytes."""
    match = RANGE.fullmatch(header)
    if match is None:
        return False
    first, last = match.groups()
    return not (first and last) or int(first) <= int(last)


def ignore_invalid_range() -> None:
    """Ignore a Range header that is invalid or not part of a GET request."""
    if request.method != "GET" or not is_valid_range(request.environ.get("HTTP_RANGE", "")):
        request.environ.pop("HTTP_RANGE", None)


def send_short_file_whole(error: RequestedRangeNotSatisfiable) -> ResponseReturnValue:
    """Send the whole file if the request was for more of its last bytes than it has."""
    if SUFFIX.match(request.environ.pop("HTTP_RANGE", "")):
        return current_app.dispatch_request()
    return show_http_error(error)


def init_app(app: Flask) -> None:
    """Check the Range header before each request."""
    app.before_request(ignore_invalid_range)
    app.register_error_handler(RequestedRangeNotSatisfiable, send_short_file_whole)
