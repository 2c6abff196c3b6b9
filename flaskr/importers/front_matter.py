"""Splits a file into its front matter and its body."""

import re
import tomllib
from typing import Any

import yaml

from ..errors import Invalid

# Everything as text: a title of 1.10 stays 1.10, dates are read by one rule for all formats, and
# there is nothing that a hostile file could have built.
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
OPENING = re.compile(r"(---|\+\+\+)[ \t]*(?:\n|\Z)")
CLOSING = {
    "---": re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE),
    "+++": re.compile(r"^\+\+\+[ \t]*$", re.MULTILINE),
}
# With fewer of the characters that open a level, nothing can be deep enough to do harm.
HARMLESS = 500
DEPTH = 100
NULLS = ("", "~", "null", "Null", "NULL")


def split(text: str) -> tuple[dict[str, Any], str]:
    """The fields, with names in lower case, and the body of a text whose lines end in `\\n`.

    YAML values come as text, lists and dicts of text; TOML values as `tomllib` makes them. Raises
    Invalid, with the line, where the front matter is broken.
    """
    opening = OPENING.match(text)
    if opening is None:
        return {}, text.strip("\n")
    mark = opening[1]
    closing = CLOSING[mark].search(text, opening.end())
    if closing is None:
        raise Invalid(f"The front matter that begins with {mark} on line 1 has no end.")
    # The empty first line stands for the mark, so that lines are counted as in the file.
    source = "\n" + text[opening.end() : closing.start()]
    fields = _yaml(source) if mark == "---" else _toml(source)
    return _tidy(fields), text[closing.end() :].strip("\n")


def _yaml(source: str) -> Any:
    try:
        _check_depth(source)
        fields = yaml.load(source, LOADER)  # noqa: S506 - it makes nothing but text
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 2
        raise Invalid(f"The front matter is broken in line {line}: {error.problem}.") from error
    except yaml.reader.ReaderError as error:
        line = source.count("\n", 0, error.position) + 1
        raise Invalid(f"The front matter is broken in line {line}: {error.reason}.") from error
    except RecursionError as error:
        raise Invalid("The front matter is nested too deeply.") from error
    if not fields:
        return {}
    if not isinstance(fields, dict):
        raise Invalid("The front matter from line 2 on is no list of names with values.")
    return fields


def _check_depth(source: str) -> None:
    """Refuse what the fast reader, which calls itself for each level, would die of."""
    if sum(map(source.count, "[{-?:")) < HARMLESS:
        return
    depth = 0
    for event in yaml.parse(source, LOADER):
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH:
            raise RecursionError


def _toml(source: str) -> dict[str, Any]:
    try:
        return tomllib.loads(source)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The front matter is broken: {error}.") from error
    except RecursionError as error:
        raise Invalid("The front matter is nested too deeply.") from error


def _tidy(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        str(name).lower(): value
        for name, value in fields.items()
        if not (isinstance(value, str) and value in NULLS)
    }
