"""Exceptions that rules raise. Pages, the API and commands turn them into their own responses.

The message is a sentence for people.
"""

from typing import Any


class AppError(Exception):
    """The base class of all exceptions of flaskr."""

    @property
    def message(self) -> str:
        """The message to show."""
        return str(self)


class NotFound(AppError):
    """The thing does not exist, or the user may not know about it."""


class Moved(AppError):
    """It has another slug now."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"This is at {slug} now.")
        self.slug = slug


class Gone(AppError):
    """The thing has been deleted."""


class Forbidden(AppError):
    """The user may not take this action."""


class InsufficientScope(Forbidden):
    """The token may not be used for this. `scope` is the one it lacks."""

    def __init__(self, message: str, scope: str) -> None:
        super().__init__(message)
        self.scope = scope


class Invalid(AppError):
    """The input cannot be stored. `field` is the name of the form field to correct, if any."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TooLong(Invalid):
    """The input is too long."""


class Conflict(Invalid):
    """The input conflicts with stored data."""


class EditConflict(Conflict):
    """Two versions of a post changed the same passage.

    `title` is a block like those of the body in `blocks`; see `text/merge.py`. `base` is the id of
    the revision that both versions began with, and `revision` the one that was saved meanwhile: its
    `id`, its `title`, its time as `created`, and `who` saved it.
    """

    def __init__(self, message: str, *, base: int, title: Any, blocks: Any, revision: Any) -> None:
        super().__init__(message, "body")
        self.base = base
        self.title = title
        self.blocks = blocks
        self.revision = revision


class TooManyRequests(AppError):
    """A rate limit was exceeded. Try again after `seconds`."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unavailable(AppError):
    """The database or disk cannot be used: full, locked, read-only, damaged or not set up."""


class Damaged(Unavailable):
    """The database is damaged or missing, and has to be restored."""
