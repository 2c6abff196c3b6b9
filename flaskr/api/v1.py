"""The first version of the API: all operations, and their blueprint."""

from werkzeug.wrappers import Response

from ..page_cache.middleware import cacheable
from . import autosaves
from . import export
from . import media
from . import names
from . import openapi
from . import posts
from . import revisions
from . import site
from .routes import make_blueprint

OPERATIONS = (
    *posts.operations("post"),
    *revisions.OPERATIONS,
    *posts.operations("page"),
    *export.OPERATIONS,
    *names.OPERATIONS,
    *media.OPERATIONS,
    *autosaves.OPERATIONS,
    *site.OPERATIONS,
)
bp = make_blueprint(OPERATIONS)


@bp.route("/openapi.json")
@cacheable()
def document() -> Response:
    """Describe the API for programs."""
    return openapi.serve_document(openapi.build_document(OPERATIONS))


@bp.route("/")
@cacheable()
def index() -> str:
    """Describe the API for people."""
    return openapi.render_page(OPERATIONS)
