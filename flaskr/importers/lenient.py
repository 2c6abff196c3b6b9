"""Read front matter with mistakes, line by line, as far as it can be understood."""

import re
import tomllib
from collections.abc import Callable
from typing import Any

import yaml

FIELD_START = re.compile(r"([\"']?)([A-Za-z_$][\w .$-]{0,60})\1[ \t]*:(?:[ \t]|$|(?=[\w\"'\[]))")
TOML_TABLE = re.compile(r"\s*\[([\w.\"' -]{1,200})\]\s*")
TOML_LINE = re.compile(r"\s*([\w\"'.-]{1,100})\s*=(.*)", re.DOTALL)
QUOTES = "\"'\u201c\u201d\u2018\u2019"
MAX_LINES = 2000


def clean_yaml(source: str) -> str:
    """Replace tabs in indentation and non-breaking spaces after colons, which YAML refuses."""
    source = re.sub(r"^[ \t]+", lambda match: match[0].replace("\t", "  "), source, flags=re.M)
    # Some keyboards write another colon.
    source = re.sub(r"^([\w-]{1,60})\uff1a[ ]*", r"\1: ", source, flags=re.M)
    return re.sub(r"^([ ]*[\w-]{1,60}:)[\xa0\u3000 ]+", r"\1 ", source, flags=re.M)


def parse_fields(source: str, load: Callable[[str], Any]) -> dict[str, Any]:
    """Return each field that `load` can read by itself; the others keep their text."""
    fields: dict[str, Any] = {}
    for block in _split_blocks(source.splitlines()[:MAX_LINES]):
        fields.update(_load_block(block, load))
    return fields


def _split_blocks(lines: list[str]) -> list[list[str]]:
    """Group each field with the lines that continue it."""
    blocks: list[list[str]] = []
    for line in lines:
        if FIELD_START.match(line):
            blocks.append([line])
        elif blocks and line.strip():
            blocks[-1].append(line)
    return blocks


def _load_block(block: list[str], load: Callable[[str], Any]) -> dict[str, Any]:
    try:
        found = load("\n".join(block))
    except yaml.YAMLError:
        found = None
    if isinstance(found, dict):
        return found
    start = FIELD_START.match(block[0])
    assert start is not None, "a block begins with a field"  # noqa: S101  # for the types
    # A line with too much indentation is often a field of its own.
    rest = parse_fields("\n".join(line.strip() for line in block[1:]), load)
    return {start[2]: unquote(block[0][start.end() :]), **rest}


def unquote(value: str) -> str:
    """Return a value without the quotes around it."""
    value = value.strip()
    if len(value) > 1 and value[0] in QUOTES and value[-1] in QUOTES:
        return value[1:-1]
    return value


def parse_toml_lines(source: str) -> dict[str, Any]:
    """Return the fields of TOML with mistakes: of the same field twice, the first that counts."""
    fields: dict[str, Any] = {}
    table = fields
    for line in source.splitlines()[:MAX_LINES]:
        if opening := TOML_TABLE.fullmatch(line):
            table = fields.setdefault(opening[1].strip(" \"'"), {})
            table = table if isinstance(table, dict) else {}
        elif field := TOML_LINE.fullmatch(line):
            for name, value in _load_toml_line(line, field).items():
                table.setdefault(name, value)
    return fields


def _load_toml_line(line: str, field: re.Match[str]) -> dict[str, Any]:
    try:
        return tomllib.loads(line)
    except (tomllib.TOMLDecodeError, RecursionError):
        return {field[1].strip("\"'"): unquote(field[2]).replace("''", "'")}
