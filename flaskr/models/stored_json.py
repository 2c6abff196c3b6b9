"""JSON objects in the database, which a failing disk or another program may have damaged."""

import json
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


def as_text(damaged: str) -> str:
    """Return a damaged object for people, who may find their words in it."""
    return damaged.replace(r"\r", "").replace(r"\n", "\n").replace(r"\"", '"')
