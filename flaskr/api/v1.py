"""The first version of the API: all operations, and their blueprint."""

from . import posts
from . import revisions
from .routes import make_blueprint

OPERATIONS = (
    *posts.operations("post"),
    *revisions.OPERATIONS,
    *posts.operations("page"),
)
bp = make_blueprint(OPERATIONS)
