"""Status messages of the next page, with an Undo button."""

from typing import Any

from flask import flash


def flash_with_undo(message: str, undo_url: str) -> None:
    """Flash a message with a button that posts to a URL, unless that is empty."""
    parts: Any = (message, undo_url) if undo_url else message
    flash(parts, "undo" if undo_url else "message")
