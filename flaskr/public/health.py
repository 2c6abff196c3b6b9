"""The health check for monitoring."""

from flask import Blueprint
from flask import Response
from flask import request

from .. import db

bp = Blueprint("health", __name__)


@bp.before_app_request
def require_database() -> None:
    """Raise `Unavailable` if the database is missing or out of date."""
    if request.endpoint not in ("static", "hello"):
        db.check_schema()


@bp.route("/health")
def health() -> Response:
    """Return `OK` if the database is up to date; otherwise the 503 page is shown."""
    return Response("OK\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})
