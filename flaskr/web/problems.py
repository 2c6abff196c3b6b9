"""Errors for programs, as problem details (RFC 9457) or in the form of Micropub."""

import json
import re
from collections.abc import Iterable
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from .. import errors

API_ROOT = "/api/"
MICROPUB = re.compile(r"/micropub(?:/|\Z)")
# Other errors of Micropub are invalid requests.
MICROPUB_ERRORS = {
    401: "unauthorized",
    403: "forbidden",
    429: "temporarily_unavailable",
    500: "server_error",
    503: "temporarily_unavailable",
}
MEDIA_TYPE = "application/problem+json"
# Fields that have another name in the API than in the rules.
MEMBERS = {"address": "slug"}


def is_api_request() -> bool:
    """Return True if a program made this request, which gets problem details."""
    return request.path.startswith(API_ROOT) or _is_micropub()


def _is_micropub() -> bool:
    return MICROPUB.match(request.path) is not None


def respond(
    status: int, detail: str, headers: Iterable[tuple[str, str]] = (), **members: Any
) -> Response:
    """Return a response that describes an error, with further members."""
    if _is_micropub():
        return _respond_to_micropub(status, detail, headers, members)
    content = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **members,
    }
    response = Response(json.dumps(content), status, mimetype=MEDIA_TYPE)
    response.headers.extend(headers)
    return response


def _respond_to_micropub(
    status: int, detail: str, headers: Iterable[tuple[str, str]], members: Mapping[str, Any]
) -> Response:
    content = {
        "error": MICROPUB_ERRORS.get(status, "invalid_request"),
        "error_description": detail,
        **members,
    }
    # Micropub knows no conflicts and no values that cannot be stored.
    status = 400 if status in (409, 422) else status
    response = Response(json.dumps(content), status, mimetype="application/json")
    response.headers.extend(headers)
    return response


def respond_to_error(error: errors.AppError, status: int) -> Response:
    """Return a response for an exception that a rule raised, with a pointer to the field."""
    members: dict[str, Any] = {}
    if isinstance(error, errors.Invalid) and error.field:
        members["errors"] = [{"detail": error.message, "pointer": find_pointer(error.field)}]
    if isinstance(error, errors.EditConflict):
        members["revision"] = error.revision.id
    if isinstance(error, errors.InsufficientScope) and _is_micropub():
        members = {"error": "insufficient_scope", "scope": error.scope}
    headers = []
    if isinstance(error, errors.TooManyRequests):
        headers.append(("Retry-After", str(error.seconds)))
    return respond(status, error.message, headers, **members)


def find_pointer(field: str) -> str:
    """Return the JSON pointer of a field, as a fragment of a URL."""
    return f"#/{MEMBERS.get(field, field)}"
