"""The user that a program acts for, and the scopes of its token."""

from typing import Any

from flask import g

from ..web.tokens import check_scope


def reader() -> Any:
    """Return the user if the token has the scope read, otherwise None."""
    return g.user if "read" in g.scopes else None


def expected_status(post: Any) -> Any:
    """Return the status that a post must still have when it is stored, or None for any."""
    return None if "publish" in g.scopes else post["status"]


def require_scopes_to_change(*statuses: str | None) -> None:
    """Raise `InsufficientScope` if a post is or becomes public and the token may not publish."""
    if "published" in statuses:
        check_scope("publish")
