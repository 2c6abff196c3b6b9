"""Read JSON bodies and queries strictly, and check the types of their values.

Lengths and formats are checked by the rules.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from flask import request
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import UnsupportedMediaType

from .. import errors
from .table import TIME
from .table import Field
from .table import Operation
from .table import Schema
from .times import parse_time

JSON_TYPE = "application/json"
MERGE_PATCH_TYPE = "application/merge-patch+json"
SURROGATE = re.compile(r"[\ud800-\udfff]")
INTEGER = re.compile(r"-?\d{1,18}", re.ASCII)
TYPES: dict[type, str] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    list: "array",
    dict: "object",
    type(None): "null",
}
NAMES = {"string": "a text", "boolean": "true or false", "array": "a list", "null": "null"}


def media_types(operation: Operation) -> tuple[str, ...]:
    """Return the media types that an operation accepts."""
    return (MERGE_PATCH_TYPE, JSON_TYPE) if operation.method == "PATCH" else (JSON_TYPE,)


def read_body(operation: Operation) -> dict[str, Any]:
    """Return the fields in the body. Raises `Invalid`, and HTTP exceptions for a malformed one."""
    assert operation.body is not None, "callers check"  # noqa: S101  # for the types
    if request.mimetype not in media_types(operation):
        accepted = ", ".join(media_types(operation))
        raise UnsupportedMediaType(f"Send the body as {accepted}.")
    found = parse_json(request.get_data())
    if not isinstance(found, dict):
        raise errors.Invalid("The body must be an object.")
    # A client may send back all that it got.
    read_only = {field.name for field in operation.body.fields if field.is_read_only}
    sent = {name: value for name, value in found.items() if name not in read_only}
    known = {field.name: field for field in operation.body.writable()}
    for field in known.values():
        if field.is_required and field.name not in sent and operation.method != "PATCH":
            raise errors.Invalid(f"{field.name} is required.", field.name)
    return {name: _check_member(known, name, value) for name, value in sent.items()}


def parse_json(body: bytes) -> Any:
    """Return the value in a JSON body. Raises `BadRequest`."""
    try:
        return json.loads(
            body.decode(), object_pairs_hook=_without_duplicates, parse_constant=_refuse
        )
    except RecursionError:
        raise BadRequest("The JSON is nested too deeply.") from None
    except UnicodeDecodeError:
        raise BadRequest("The JSON is not in UTF-8.") from None
    except ValueError as error:
        raise BadRequest(f"This is not JSON: {error}.") from None


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name occurs twice in an object")
    return found


def _refuse(constant: str) -> Any:
    raise ValueError(f"{constant} is not a number")


def _check_member(known: Mapping[str, Field], name: str, value: Any) -> Any:
    if name not in known:
        # The name is in the pointer, too, where `~` and `/` have a meaning.
        pointer = name[:50].replace("~", "~0").replace("/", "~1")
        raise errors.Invalid("There is no such field.", pointer)
    return check(value, known[name].schema, name)


def check(value: Any, schema: Schema, pointer: str) -> Any:
    """Return a value of the type in the schema. Raises `Invalid`."""
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    found = TYPES.get(type(value))
    if found not in types:
        raise errors.Invalid(f"This must be {_name(types, schema)}.", pointer)
    if found == "array":
        return [check(one, schema["items"], f"{pointer}/{i}") for i, one in enumerate(value)]
    if found == "integer" and not schema["minimum"] <= value <= schema["maximum"]:
        raise errors.Invalid(f"This must be {_name(types, schema)}.", pointer)
    if found == "string":
        return _check_text(value, schema, pointer)
    return value


def _name(types: list[str], schema: Schema) -> str:
    numbers = f"an integer from {schema.get('minimum')} to {schema.get('maximum')}"
    return " or ".join(NAMES.get(one, numbers) for one in types)


def _check_text(value: str, schema: Schema, pointer: str) -> str:
    if SURROGATE.search(value):
        raise errors.Invalid("This contains half of a character.", pointer)
    if value not in schema.get("enum", [value]):
        raise errors.Invalid(f"This must be one of {', '.join(schema['enum'])}.", pointer)
    if schema.get("format") == TIME["format"]:
        try:
            return parse_time(value)
        except ValueError:
            message = "This must be a time such as 2026-11-30T07:30:00Z."
            raise errors.Invalid(message, pointer) from None
    return value


def read_query(operation: Operation) -> dict[str, Any]:
    """Return the parameters in the query by name. Raises `BadRequest`."""
    known = {field.name: field for field in operation.query}
    for name in request.args:
        if name not in known:
            raise BadRequest(f"There is no parameter {name[:50]}.")
        if len(request.args.getlist(name)) > 1:
            raise BadRequest(f"The parameter {name} is given twice.")
    return {name: _read_parameter(known[name], typed) for name, typed in request.args.items()}


def _read_parameter(field: Field, typed: str) -> Any:
    schema = field.schema
    value: Any = typed
    if schema["type"] == "integer" and INTEGER.fullmatch(typed):
        value = int(typed)
    elif schema["type"] == "array":
        value = typed.split(",") if typed else []
    try:
        return check(value, schema, field.name)
    except errors.Invalid as error:
        raise BadRequest(f"{field.name}: {error.message}") from None
