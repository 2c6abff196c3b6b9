"""The OpenAPI document and the page of documentation, made from the table of operations."""

import json
import shlex
from collections.abc import Collection
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import render_template
from flask import url_for
from werkzeug.wrappers import Response

from ..web import site_settings
from ..web import urls
from ..web.problems import MEDIA_TYPE
from . import bodies
from . import media
from . import table
from .routes import PARAMETER
from .routes import ROOT
from .routes import is_id
from .table import Field
from .table import Operation
from .table import Schema
from .table import Shape

VERSION = "3.1.1"
DESCRIPTION = "Reads and writes the blog by the same rules as its pages."
PUBLIC_DESCRIPTION = "Works without a token, and with one shows more if it has the scope read."
PROBLEM = Shape(
    "Problem",
    (
        Field("type", table.STRING),
        Field("title", table.STRING),
        Field("status", table.integer(400, 599)),
        Field("detail", table.STRING, "A sentence about what is wrong."),
        Field(
            "errors",
            {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"detail": table.STRING, "pointer": table.STRING},
                },
            },
            "The wrong fields.",
        ),
        Field("revision", table.integer(), "The version that a change conflicts with."),
    ),
)
FILE: Schema = {"type": "string", "format": "binary"}
EXAMPLE_VALUES = {
    "id": 1,
    "revision_id": 1,
    "slug": "sea",
    "name": "NAME.png",
    "key": "0f5a7c1e-29d4-4b4e-8c39-5a2f8f1d2b6a",
}


def build_document(operations: Collection[Operation]) -> dict[str, Any]:
    """Return the OpenAPI document."""
    paths: dict[str, dict[str, Any]] = {}
    shapes = {PROBLEM.name: PROBLEM}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(operation)
        if operation.returns:
            shapes[operation.returns.name] = operation.returns
    schemas = {name: _schema(shape.fields) for name, shape in shapes.items()}
    for operation in operations:
        if operation.body:
            schemas[_input_name(operation)] = _input_schema(operation)
    title = site_settings.get("SITE_TITLE")
    return {
        "openapi": VERSION,
        "info": {
            "title": f"{title} API",
            "description": DESCRIPTION,
            "version": ROOT.rpartition("/v")[2],
            "contact": {"name": title, "url": urls.make_absolute(url_for("index"))},
        },
        "servers": [{"url": urls.make_absolute(ROOT)}],
        "tags": [{"name": name} for name in dict.fromkeys(map(_tag, operations))],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "basic": {"type": "http", "scheme": "basic"},
            },
        },
    }


def _describe(operation: Operation) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.name,
        "summary": operation.summary.rstrip("."),
        "description": f"The token needs the scope {operation.scope}."
        if operation.scope
        else PUBLIC_DESCRIPTION,
        "tags": [_tag(operation)],
        "parameters": [*_path_parameters(operation), *_query_parameters(operation)],
        "responses": _responses(operation),
        "security": [{"bearer": []}, {"basic": []}, *([] if operation.scope else [{}])],
    }
    if operation.body or operation.is_upload:
        found["requestBody"] = {"required": True, "content": _content_of_body(operation)}
    if operation.deprecated:
        found["deprecated"] = True
    return found


def _tag(operation: Operation) -> str:
    """Return the resource that an operation belongs to."""
    return operation.path.split("/")[1]


def _path_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": table.integer(1, 10**18 - 1) if is_id(name) else table.STRING,
        }
        for name in PARAMETER.findall(operation.path)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    return [
        {
            "name": field.name,
            "in": "query",
            "description": field.description,
            "schema": field.schema,
            **({"style": "form", "explode": False} if field.schema["type"] == "array" else {}),
        }
        for field in operation.query
    ]


def _responses(operation: Operation) -> dict[str, Any]:
    problem = {"description": "Error", "content": {MEDIA_TYPE: {"schema": _reference("Problem")}}}
    found: dict[str, Any] = {"4XX": problem, "5XX": problem}
    if operation.method == "GET":
        found["304"] = {"description": "Unchanged"}
    elif operation.status == 200:
        found["204"] = {"description": "Done"}
    if operation.path.endswith("{slug}"):
        found["301"] = found["308"] = {"description": "It has another name now"}
    if operation.returns:
        one = _reference(operation.returns.name)
        schema: Schema = {"type": "array", "items": one} if operation.is_list else one
        content = {operation.media_type: {"schema": schema}}
        found[str(operation.status)] = {"description": operation.summary, "content": content}
    elif operation.method == "GET":
        lines = {operation.media_type: {"schema": table.STRING}}
        found["200"] = {"description": operation.summary, "content": lines}
    return found


def _content_of_body(operation: Operation) -> Schema:
    if operation.is_upload:
        form = {"type": "object", "properties": {"file": FILE, "alt": table.STRING}}
        raw: dict[str, Any] = {"application/octet-stream": {"schema": FILE}}
        return raw | {media.MULTIPART: {"schema": {**form, "required": ["file"]}}}
    schema = {"schema": _reference(_input_name(operation))}
    return dict.fromkeys(bodies.media_types(operation), schema)


def _reference(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _input_name(operation: Operation) -> str:
    assert operation.body is not None, "callers check"  # noqa: S101  # for the types
    return f"{operation.body.name}{'Patch' if operation.method == 'PATCH' else 'Input'}"


def _schema(fields: Iterable[Field]) -> dict[str, Any]:
    return {"type": "object", "properties": {field.name: _property(field) for field in fields}}


def _property(field: Field) -> dict[str, Any]:
    found = dict(field.schema)
    if field.description:
        found["description"] = field.description
    return found


def _input_schema(operation: Operation) -> dict[str, Any]:
    assert operation.body is not None, "callers check"  # noqa: S101  # for the types
    fields = operation.body.writable()
    required = [field.name for field in fields if field.is_required]
    schema = {**_schema(fields), "additionalProperties": False}
    return {**schema, "required": required} if operation.method != "PATCH" else schema


def serve_document(document: Mapping[str, Any]) -> Response:
    """Return the OpenAPI document as a response."""
    return Response(json.dumps(document), mimetype="application/json")


def curl(operation: Operation) -> str:
    """Return an example of an operation as a command for a shell."""
    example = operation.example
    path = operation.path.format(**EXAMPLE_VALUES)
    url = urls.make_absolute(f"{ROOT}{path}")
    query = example.get("query")
    headers = dict(example.get("headers", {}))
    words = ["curl", f"{url}?{urlencode(query)}" if query else url]
    is_sent = operation.body is not None or operation.is_upload
    if operation.method != ("POST" if is_sent else "GET"):
        words += ["-X", operation.method]
    if operation.body:
        headers["Content-Type"] = bodies.JSON_TYPE
    parts = [shlex.join(words)]
    if operation.scope:
        # The shell replaces the variable between double quotes.
        parts.append('-H "Authorization: Bearer $TOKEN"')
    parts += [shlex.join(["-H", f"{name}: {value}"]) for name, value in headers.items()]
    if operation.body:
        parts.append(shlex.join(["-d", json.dumps(example["body"])]))
    if operation.is_upload:
        parts.append("--data-binary @sea.png")
    return " \\\n  ".join(parts)


def render_page(operations: Iterable[Operation]) -> str:
    """Return the page of documentation."""
    resources: dict[str, list[Operation]] = {}
    for operation in operations:
        resources.setdefault(_tag(operation), []).append(operation)
    return render_template("api/index.html", resources=resources, curl=curl, kind=_kind, root=ROOT)


def _kind(schema: Schema) -> str:
    """Return the type of a value in words."""
    words = schema.get("enum")
    if words:
        return f"{', '.join(words[:-1])} or {words[-1]}"
    types = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
    return str(schema.get("format") or " or ".join(types).replace("array", "list"))
