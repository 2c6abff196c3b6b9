"""Errors for programs: problem details (RFC 9457), or the forms of Micropub and XML-RPC."""

import json
import re
from collections.abc import Iterable
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from typing import NamedTuple
from xmlrpc import client as xmlrpc

from flask import request
from werkzeug.wrappers import Response

from .. import errors
from .. import text

API_ROOT = "/api/"
MICROPUB = re.compile(r"/micropub(?:/|\Z)")
# Some editors know only the path of WordPress.
XMLRPC_PATHS = ("/xmlrpc", "/xmlrpc.php")
# Other errors of Micropub are invalid requests.
MICROPUB_ERRORS = {
    401: "unauthorized",
    403: "forbidden",
    429: "temporarily_unavailable",
    500: "server_error",
    503: "temporarily_unavailable",
}
MEDIA_TYPE = "application/problem+json"
# For errors of which nothing more is known.
MESSAGES = {
    400: "This request is malformed.",
    404: "There is nothing at this address.",
    405: "This address does not answer this method. The header Allow names those that it answers.",
    413: "The request is too long. It may have 64 KB without a valid token, and with one as much as"
    " the setting MAX_CONTENT_LENGTH says.",
    500: "Something went wrong. The error has been logged. Try again in a moment.",
}
# With another status, editors that use XML-RPC do not read the message.
STATUSES_IN_FAULTS = (400, 401, 413, 429)
# Fields that have another name in the API than in the rules.
MEMBERS = {"address": "slug"}


class Answer(NamedTuple):
    """The status, the text and the media type of a response."""

    status: int
    text: str
    media_type: str


def describe(
    path: str, status: int, detail: str, members: Mapping[str, Any] | None = None
) -> Answer | None:
    """Return an error in the form that programs expect at a path, or None if it is for people."""
    if path.startswith(API_ROOT):
        return _make_problem(status, detail, members or {})
    if MICROPUB.match(path):
        return _make_micropub_error(status, detail, members or {})
    return _make_fault(status, detail) if path in XMLRPC_PATHS else None


def _make_problem(status: int, detail: str, members: Mapping[str, Any]) -> Answer:
    title = HTTPStatus(status).phrase
    content = {"type": "about:blank", "title": title, "status": status, "detail": detail, **members}
    return Answer(status, json.dumps(content), MEDIA_TYPE)


def _make_micropub_error(status: int, detail: str, members: Mapping[str, Any]) -> Answer:
    error = MICROPUB_ERRORS.get(status, "invalid_request")
    content = {"error": error, "error_description": detail, **members}
    # Micropub knows no conflicts and no values that cannot be stored.
    status = 400 if status in (409, 422) else status
    return Answer(status, json.dumps(content), "application/json")


def _make_fault(status: int, detail: str) -> Answer:
    fault = xmlrpc.dumps(xmlrpc.Fault(status, text.clean(detail)), methodresponse=True)
    return Answer(200 if status in STATUSES_IN_FAULTS else status, fault, "text/xml")


def respond(
    status: int, detail: str | None, headers: Iterable[tuple[str, str]] = (), **members: Any
) -> Response | None:
    """Return a response that describes an error to a program, or None for a person."""
    message = detail or MESSAGES.get(status) or f"{HTTPStatus(status).phrase}."
    answer = describe(request.path, status, message, members)
    if answer is None:
        return None
    response = Response(answer.text, answer.status, mimetype=answer.media_type)
    response.headers.extend(headers)
    return response


def respond_to_error(error: errors.AppError, status: int) -> Response | None:
    """Return a response for an exception that a rule raised, with a pointer to the field."""
    members: dict[str, Any] = {}
    if isinstance(error, errors.Invalid) and error.field:
        members["errors"] = [{"detail": error.message, "pointer": find_pointer(error.field)}]
    if isinstance(error, errors.EditConflict):
        members["revision"] = error.revision.id
    if isinstance(error, errors.InsufficientScope) and MICROPUB.match(request.path):
        members = {"error": "insufficient_scope", "scope": error.scope}
    headers = []
    if isinstance(error, errors.TooManyRequests):
        headers.append(("Retry-After", str(error.seconds)))
    return respond(status, error.message, headers, **members)


def find_pointer(field: str) -> str:
    """Return the JSON pointer of a field, as a fragment of a URL."""
    return f"#/{MEMBERS.get(field, field)}"
