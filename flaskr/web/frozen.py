"""Tell templates whether a page becomes a static file, which has no way to log in."""

from flask import request

# Set in the environ of the requests of `flaskr freeze`.
FROZEN = "flaskr.frozen"


def is_frozen() -> bool:
    """Return True if the page becomes a static file."""
    return FROZEN in request.environ
