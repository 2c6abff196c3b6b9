"""The table of operations, from which routes, the OpenAPI document and the documentation follow."""

from collections.abc import Callable
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from typing import NamedTuple

Schema = Mapping[str, Any]

STRING: Schema = {"type": "string"}
BOOLEAN: Schema = {"type": "boolean"}
# In the format of RFC 3339: 2026-11-30T07:30:00Z. Programs may send any time zone.
TIME: Schema = {"type": "string", "format": "date-time"}
URL: Schema = {"type": "string", "format": "uri-reference"}
NAMES: Schema = {"type": "array", "items": STRING}


def integer(minimum: int = 0, maximum: int = 2**63 - 1) -> Schema:
    """Return the schema of an integer."""
    return {"type": "integer", "minimum": minimum, "maximum": maximum}


def nullable(schema: Schema) -> Schema:
    """Return a schema that also allows null."""
    return {**schema, "type": [schema["type"], "null"]}


def choice(*values: str) -> Schema:
    """Return the schema of one of several words."""
    return {"type": "string", "enum": list(values)}


def choices(*values: str) -> Schema:
    """Return the schema of a list of some of these words. A query separates them by commas."""
    return {"type": "array", "items": choice(*values)}


class Field(NamedTuple):
    """A member of a JSON object, or a parameter in the query."""

    name: str
    schema: Schema
    description: str = ""
    is_read_only: bool = False
    is_required: bool = False


class Shape(NamedTuple):
    """A kind of JSON object with a name."""

    name: str
    fields: tuple[Field, ...]

    def writable(self) -> tuple[Field, ...]:
        """Return the fields that programs may set."""
        return tuple(field for field in self.fields if not field.is_read_only)


class Reply(NamedTuple):
    """The answer of an operation.

    `version` names the state that is described, for the ETag. `links` are the positions of other
    pages of a list by relation: the query parameters to change.
    """

    data: Any
    version: str = ""
    location: str = ""
    links: Mapping[str, Mapping[str, Any]] = {}


class Operation(NamedTuple):
    """A method of a path, with the function that answers and the description for programs."""

    method: str
    # In the form of OpenAPI: `/posts/{id}`. Ids are numbers, other parameters are texts.
    path: str
    view: Callable[..., Any]
    # The token must have this scope. Without one, anyone may call the operation.
    scope: str = ""
    returns: Shape | None = None
    is_list: bool = False
    # Without this scope, the answer to a change has no data, because it may be more than was sent.
    answer_scope: str = "read"
    # Without data, 204 is sent instead of 200.
    status: int = 200
    query: tuple[Field, ...] = ()
    body: Shape | None = None
    # The body is a file, or a form that contains one.
    is_upload: bool = False
    # The parameters of a public list that pages may be cached for; see `cacheable`.
    cached: Mapping[str, Callable[[str], bool]] | None = None
    media_type: str = "application/json"
    # An example's `query`, `headers` and `body`.
    example: Mapping[str, Any] = {}
    # "post" or "page" if the view answers for both.
    kind: str = ""
    deprecated: datetime | None = None
    sunset: datetime | None = None

    @property
    def name(self) -> str:
        """Return the name, such as `list_posts`."""
        if not self.kind:
            return self.view.__name__
        return f"list_{self.kind}s" if self.is_list else f"{self.view.__name__}_{self.kind}"

    @property
    def summary(self) -> str:
        """Return a sentence about the operation."""
        first_line = (self.view.__doc__ or "").partition("\n")[0]
        return first_line.replace("post", self.kind) if self.kind else first_line


BEFORE = Field("before", STRING, "A position from a link to the next page.")
AFTER = Field("after", STRING, "A position from a link to the previous page.")


def links(page: Any) -> dict[str, dict[str, Any]]:
    """Return the links from a page of a list, which has positions as `older` and `newer`."""
    found = {"prev": {"after": page.newer}} if page.newer else {}
    return found | ({"next": {"before": page.older}} if page.older else {})
