"""JSON objects in the database, which a failing disk or another program may have damaged."""

import json
import re
from typing import Any

Object = dict[str, Any]


def load(text: str, *names: str) -> Object:
    """Return a stored object. Raises `ValueError` if it is damaged or lacks one of the names."""
    return require(json.loads(text), *names)


def require(found: object, *names: str) -> Object:
    """Return what was found. Raises `ValueError` unless it is an object that has these names."""
    if not isinstance(found, dict) or not found.keys() >= {*names}:
        raise ValueError("A stored object is damaged.")
    return found


def find_texts(damaged: str) -> dict[str, str]:
    """Return the title and body of a damaged object.

    Instead of a body that is damaged itself, return the whole object, so that no words are lost.
    """
    title, body = (_find_text(damaged, name) for name in ("title", "body"))
    return {"title": title, "body": body or _readable(damaged)}


def _find_text(damaged: str, name: str) -> str:
    match = re.search(rf'"{name}": ("(?:[^"\\]|\\.)*")(?:, "|\}})', damaged)
    try:
        return str(json.loads(match[1])) if match else ""
    except ValueError:
        return ""


def _readable(damaged: str) -> str:
    """Return the object with line breaks and quotation marks as they were typed."""
    return damaged.replace(r"\r", "").replace(r"\n", "\n").replace(r"\"", '"')
