"""Turn replies into responses: conditional requests, `Prefer`, `Link` and deprecation."""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from flask import g
from flask import request
from flask import url_for
from werkzeug.datastructures import ETags
from werkzeug.exceptions import PreconditionFailed
from werkzeug.http import http_date
from werkzeug.http import parse_etags
from werkzeug.wrappers import Response

from ..page_cache.middleware import CACHE_HINT
from ..web import urls
from .table import Operation
from .table import Reply

MINIMAL = "return=minimal"
PREFERENCE = re.compile(r"(?:^|[,;])\s*return\s*=\s*\"?minimal\"?\s*(?:$|[,;])", re.IGNORECASE)
VERSION_CHARS = 24


def respond(operation: Operation, reply: Reply | Response) -> Response:
    """Return the response of an operation."""
    response = reply if isinstance(reply, Response) else _respond_with_json(operation, reply)
    response.vary.update(("Authorization", "Cookie"))
    response.headers.extend(deprecation_headers(operation))
    return response


def _respond_with_json(operation: Operation, reply: Reply) -> Response:
    is_change = operation.method != "GET"
    prefers_minimal = is_change and PREFERENCE.search(request.headers.get("Prefer", "")[:1000])
    may_see = not is_change or operation.answer_scope in g.scopes
    response = Response(status=operation.status, mimetype="application/json")
    if reply.data is None or prefers_minimal or not may_see:
        response.status_code = 201 if operation.status == 201 else 204
        del response.headers["Content-Type"]
    else:
        response.data = json.dumps(reply.data, ensure_ascii=False, separators=(",", ":"))
    if prefers_minimal:
        response.headers["Preference-Applied"] = MINIMAL
    if reply.location:
        response.location = urls.make_absolute(reply.location)
    if reply.links:
        response.headers["Link"] = ", ".join(
            f'<{page_url(position)}>; rel="{rel}"' for rel, position in reply.links.items()
        )
    if reply.data is not None:
        _set_etag(response, operation, reply)
    return response


def page_url(position: Mapping[str, Any]) -> str:
    """Return the absolute URL of another page of this list."""
    arguments: dict[str, Any] = {**(request.view_args or {}), **request.args}
    for name in ("before", "after", "page"):
        arguments.pop(name, None)
    return urls.make_absolute(url_for(request.endpoint or "", **arguments, **position))


def _set_etag(response: Response, operation: Operation, reply: Reply) -> None:
    content = digest(reply.data)
    version = reply.version or content
    response.set_etag(version if version == content else f"{version}-{content[:8]}")
    # The page cache answers conditional requests of visitors itself.
    if operation.method == "GET" and (
        operation.cached is None or CACHE_HINT not in request.environ
    ):
        response.make_conditional(request.environ)


def digest(data: Any) -> str:
    """Return a name for the state that JSON describes."""
    content = json.dumps(data, sort_keys=True).encode()
    return hashlib.blake2b(content, digest_size=VERSION_CHARS // 2).hexdigest()


def check_version(version: str) -> None:
    """Raise `PreconditionFailed` if the client wants to change another version than this."""
    wanted: ETags = parse_etags(request.headers.get("If-Match"))
    # The rest of an ETag names the selected fields or the encoding.
    versions = {etag.partition("-")[0] for etag in wanted.as_set()}
    if not wanted.star_tag and version not in versions:
        raise PreconditionFailed(
            "This was changed meanwhile. Get it again, apply your changes to it, and send its ETag."
        )


def is_conditional() -> bool:
    """Return True if the request names the version that it changes."""
    return "If-Match" in request.headers


def deprecation_headers(operation: Operation) -> dict[str, str]:
    """Return the headers that announce the end of an operation (RFC 9745, RFC 8594)."""
    headers = {}
    if operation.deprecated:
        headers["Deprecation"] = f"@{int(operation.deprecated.timestamp())}"
    if operation.sunset:
        headers["Sunset"] = http_date(operation.sunset)
    return headers
