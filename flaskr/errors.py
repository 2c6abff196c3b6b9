"""What a rule says when it cannot do as asked; each way in turns it into its own answer.

The message is a sentence for the person who asked.
"""


class AppError(Exception):
    """The common ancestor of what rules raise."""

    @property
    def message(self) -> str:
        """The sentence for the person."""
        return str(self)


class NotFound(AppError):
    """There is no such thing, or none that this person may know of."""


class Moved(AppError):
    """It has another slug now."""

    def __init__(self, slug: str) -> None:
        super().__init__(f"This is at {slug} now.")
        self.slug = slug


class Gone(AppError):
    """It was here, and has been deleted."""


class Forbidden(AppError):
    """It exists, but it is not this person's to use."""


class Invalid(AppError):
    """What was given cannot be stored as it is; `field` names what to mend, where it is one."""

    def __init__(self, message: str, field: str = "") -> None:
        super().__init__(message)
        self.field = field


class TooLong(Invalid):
    """There is more of it than can be stored."""


class Conflict(Invalid):
    """It does not fit with what is stored already."""


class EditConflict(Conflict):
    """Somebody else changed it meanwhile; `text` holds both versions, the places marked."""

    def __init__(self, message: str, text: str, revision_id: int) -> None:
        super().__init__(message, "body")
        self.text = text
        self.revision_id = revision_id


class TooManyRequests(AppError):
    """Too many tries; `seconds` says how long to wait."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Unavailable(AppError):
    """The database cannot do it now: full, locked, read-only, damaged or not set up."""
