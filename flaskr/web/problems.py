"""Errors for programs, as problem details (RFC 9457)."""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from flask import request
from werkzeug.wrappers import Response

from .. import errors

API_ROOT = "/api/"
MEDIA_TYPE = "application/problem+json"
# Fields that have another name in the API than in the rules.
MEMBERS = {"address": "slug"}


def is_api_request() -> bool:
    """Return True if a program made this request, which gets problem details."""
    return request.path.startswith(API_ROOT)


def respond(
    status: int, detail: str, headers: Iterable[tuple[str, str]] = (), **members: Any
) -> Response:
    """Return a response that describes an error, with further members."""
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


def respond_to_error(error: errors.AppError, status: int) -> Response:
    """Return a response for an exception that a rule raised, with a pointer to the field."""
    members: dict[str, Any] = {}
    if isinstance(error, errors.Invalid) and error.field:
        members["errors"] = [{"detail": error.message, "pointer": find_pointer(error.field)}]
    if isinstance(error, errors.EditConflict):
        members["revision"] = error.revision.id
    headers = []
    if isinstance(error, errors.TooManyRequests):
        headers.append(("Retry-After", str(error.seconds)))
    return respond(status, error.message, headers, **members)


def find_pointer(field: str) -> str:
    """Return the JSON pointer of a field, as a fragment of a URL."""
    return f"#/{MEMBERS.get(field, field)}"
