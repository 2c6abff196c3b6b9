"""The first version of the API: all operations, and their blueprint."""

from . import export
from . import media
from . import names
from . import posts
from . import revisions
from . import site
from . import unsaved
from .routes import make_blueprint

OPERATIONS = (
    *posts.operations("post"),
    *revisions.OPERATIONS,
    *posts.operations("page"),
    *export.OPERATIONS,
    *names.OPERATIONS,
    *media.OPERATIONS,
    *unsaved.OPERATIONS,
    *site.OPERATIONS,
)
bp = make_blueprint(OPERATIONS)
