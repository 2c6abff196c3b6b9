"""Whether the blog can answer, for whatever watches over it."""

from flask import Blueprint
from flask import Response
from flask import request

from .. import db

bp = Blueprint("health", __name__)


@bp.before_app_request
def require_database() -> None:
    """Raise `Unavailable` while pages cannot be made for want of a database."""
    if request.endpoint not in ("static", "hello"):
        db.check_schema()


@bp.route("/health")
def health() -> Response:
    """`OK` when the database is there and up to date; else the 503 page."""
    return Response("OK\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})
