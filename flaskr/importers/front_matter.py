"""Split a file into its front matter and its body."""

import re
import tomllib
from typing import Any

import yaml

from ..errors import Invalid

# The base loader reads every value as text: a title of 1.10 stays 1.10, dates follow the same rules
# in all formats, and a hostile file cannot construct objects.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
OPENING = re.compile(r"(---|\+\+\+)[ \t]*(?:\n|\Z)")
CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}
# Front matter with fewer characters that may open a level cannot be nested dangerously.
MIN_CHECKED_MARKS = 500
MAX_DEPTH = 100
NULL_TEXTS = ("", "~", "null", "Null", "NULL")


def split(text: str) -> tuple[dict[str, Any], str]:
    """Split a text with `\\n` line ends into its fields, with lower-case names, and its body.

    YAML values are strings, lists, and dicts; TOML values have the types of `tomllib`. Raises
    `Invalid` with the line number if the front matter is broken.
    """
    opening = OPENING.match(text)
    if opening is None:
        return {}, text.strip("\n")
    mark = opening[1]
    closing = CLOSING[mark].search(text, opening.end())
    if closing is None:
        raise Invalid(f"The front matter that begins with {mark} on line 1 is not closed.")
    # The empty line replaces the opening mark, so that line numbers match the file.
    source = "\n" + text[opening.end() : closing.start()]
    fields = _parse_yaml(source) if mark == "---" else _parse_toml(source)
    return _normalize_fields(fields), text[closing.end() :].strip("\n")


def _parse_yaml(source: str) -> Any:
    try:
        _check_depth(source)
        fields = yaml.load(source, LOADER)  # noqa: S506 - a base loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 2
        raise Invalid(f"The front matter is broken on line {line}: {error.problem}.") from error
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, error.position) + 1
        raise Invalid(f"The front matter is broken on line {line}: {error.reason}.") from error
    except RecursionError as error:
        raise Invalid("The front matter is nested too deeply.") from error
    if not fields:
        return {}
    if not isinstance(fields, dict):
        raise Invalid("The front matter from line 2 on is not a list of fields with values.")
    return fields


def _check_depth(source: str) -> None:
    """Raise `RecursionError` before the recursive C parser overflows the stack."""
    if sum(map(source.count, "[{-?:")) < MIN_CHECKED_MARKS:
        return
    depth = 0
    for event in yaml.parse(source, LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise RecursionError


def _parse_toml(source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The front matter is broken: {error}.") from error
    except RecursionError as error:
        raise Invalid("The front matter is nested too deeply.") from error


def _normalize_fields(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        str(name).lower(): value
        for name, value in fields.items()
        if not (isinstance(value, str) and value in NULL_TEXTS)
    }
