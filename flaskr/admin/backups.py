"""The page on which the owner sees the last backup and downloads a new one."""

from collections.abc import Iterator
from datetime import UTC
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import g
from flask import render_template
from flask import request
from werkzeug.wrappers import Response

from .. import backups
from .. import errors
from ..auth import PASSWORD_CHANGES
from ..auth import login_required
from ..auth import permission_required
from ..backups import creation
from ..backups import records
from ..models import users
from ..web import security
from ..web.error_pages import form_status

bp = Blueprint("backups", __name__, url_prefix="/settings/backup")
bp.before_request(permission_required("change settings"))


@bp.route("")
@login_required
def index() -> str:
    """Show the last backup, and the form to download one."""
    return _page()


@bp.route("", methods=("POST",))
@login_required
def download() -> tuple[str, int] | Response:
    """Send a new backup, which is made while it is sent."""
    try:
        security.throttle(f"password of {g.user['id']}", **PASSWORD_CHANGES)
        users.check_password(g.user["id"], request.form.get("password", ""))
        chunks = creation.Backup(
            backups.current_blog(), with_secrets="with_secrets" in request.form
        ).chunks()
        # An error of the disk still gets a page of its own.
        first = next(chunks)
    except (errors.Invalid, errors.Unavailable) as error:
        return _page(error), form_status(error)
    return Response(
        _continue(first, chunks),
        mimetype="application/gzip",
        headers={
            "Content-Disposition": f"attachment; filename={creation.file_name()}",
            "Cache-Control": "no-store",
        },
    )


def _continue(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks


def _page(problem: errors.AppError | None = None) -> str:
    instance = Path(current_app.instance_path)
    found = records.load(instance)
    last: dict[str, Any] = found["made"][-1] if found["made"] else {}
    return render_template(
        "admin/backups/index.html",
        problem=problem,
        last=last,
        last_time=_to_time(last.get("time")),
        last_exists=Path(last.get("file", "")).is_file(),
        error=found.get("error"),
        error_time=_to_time(found.get("error_time")),
        folder=current_app.config["BACKUP_DIR"],
        hours=current_app.config["BACKUP_EVERY"],
        keep=current_app.config["BACKUP_KEEP"],
    )


def _to_time(seconds: object) -> datetime | None:
    """Return a naive time in UTC, as templates format it."""
    if not isinstance(seconds, int | float):
        return None
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
