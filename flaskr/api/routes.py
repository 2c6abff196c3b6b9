"""Make the routes of the API from its table."""

import re
from collections.abc import Callable
from collections.abc import Iterable
from typing import Any

from flask import Blueprint
from flask.blueprints import BlueprintSetupState
from werkzeug.routing import BaseConverter
from werkzeug.wrappers import Response

from ..page_cache.middleware import cacheable
from ..web.tokens import check_scope
from . import bodies
from . import responses
from .table import Operation

ROOT = "/api/v1"
PARAMETER = re.compile(r"\{(\w+)\}")


class IdConverter(BaseConverter):
    """Matches ids that SQLite can store."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        """Return the id."""
        return int(value)


def make_blueprint(operations: Iterable[Operation]) -> Blueprint:
    """Return a blueprint with a route for each operation."""
    bp = Blueprint("api", __name__, url_prefix=ROOT)
    bp.record(_add_converter)
    for operation in operations:
        bp.add_url_rule(
            to_rule(operation.path),
            operation.name,
            _make_view(operation),
            methods=[operation.method],
        )
    return bp


def _add_converter(state: BlueprintSetupState) -> None:
    state.app.url_map.converters["id"] = IdConverter


def to_rule(path: str) -> str:
    """Return a path of the table as Flask writes it."""
    return PARAMETER.sub(
        lambda match: f"<id:{match[1]}>" if is_id(match[1]) else f"<{match[1]}>", path
    )


def is_id(parameter: str) -> bool:
    """Return True if a parameter of a path is a number."""
    return parameter in ("id", "revision_id")


def _make_view(operation: Operation) -> Callable[..., Response]:
    def view(**arguments: Any) -> Response:
        if operation.scope:
            check_scope(operation.scope)
        if operation.kind:
            arguments["kind"] = operation.kind
        query = bodies.read_query(operation)
        if operation.query:
            arguments["query"] = query
        if operation.body is not None:
            arguments["body"] = bodies.read_body(operation)
        return responses.respond(operation, operation.view(**arguments))

    return view if operation.cached is None else cacheable(operation.cached)(view)
