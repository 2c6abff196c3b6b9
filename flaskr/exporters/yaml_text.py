"""Write YAML that every parser reads in the same way: all text in double quotes, on one line."""

import re
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}
# Characters that YAML cannot contain, takes for the end of a line, or that programs drop.
ESCAPED = re.compile(
    '[\\\\"]|[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u2028\u2029\ufeff]'
)
TIME = re.compile(r"(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)", re.ASCII)


class Time(str):
    """A time in UTC as the database stores it, which is written as a timestamp."""


def dump(fields: Mapping[str, Any], indent: str = "", *, empty: bool = False) -> str:
    """Return the lines of a table; empty values are left out unless `empty`."""
    lines = []
    for name, value in fields.items():
        if isinstance(value, Mapping):
            inner = dump(value, f"{indent}  ", empty=empty)
            lines += [f"{indent}{name}:\n{inner}"] if inner else []
        elif empty or value not in (None, "", [], ()):
            lines.append(f"{indent}{name}: {_scalar(value)}\n")
    return "".join(lines)


def dump_rows(rows: Iterable[Mapping[str, Any]]) -> str:
    """Return a list of tables."""
    return "".join(f"- {dump(row, '  ').lstrip(' ') or '{}'}" for row in rows)


def _scalar(value: Any) -> str:
    if isinstance(value, Time):
        match = TIME.fullmatch(value)
        return f"{match[1]}T{match[2]}Z" if match else quote(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_scalar, value))}]"
    return quote(value)


def quote(text: str) -> str:
    """Return text in double quotes, which is also a JSON string for most texts."""
    return f'"{ESCAPED.sub(_escape, text)}"'


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return ESCAPES.get(character) or f"\\u{ord(character):04x}"
