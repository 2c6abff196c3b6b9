"""The page on which the owner imports another blog from a zip."""

from flask import Blueprint
from flask import current_app
from flask import jsonify
from flask import redirect
from flask import render_template
from flask import request
from flask import send_file
from flask import url_for
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from .. import db
from .. import errors
from ..auth import login_required
from ..auth import permission_required
from ..site_import import FILE_NAME
from ..site_import import background
from ..web import security
from ..web import site_settings
from ..web.error_pages import drain_body
from ..web.error_pages import form_status
from ..web.error_pages import wants_json

bp = Blueprint("site_imports", __name__, url_prefix="/settings/import")
bp.before_request(permission_required("change settings"))


@bp.route("")
@login_required
def index() -> str | Response:
    """Show the form, the progress of the import, or its report."""
    if wants_json():
        return jsonify(background.state())
    return _page()


@bp.route("", methods=("POST",))
@login_required
def upload() -> tuple[str, int] | Response:
    """Start to import an uploaded zip."""
    try:
        request.max_content_length = security.max_upload_bytes(current_app)
        file = request.files.get("site")
        if file is None or not file.filename:
            raise errors.Invalid("Choose a zip file first.", "site")
        background.start(
            file.stream,
            file.filename,
            str(site_settings.get("TIMEZONE")),
            dry_run="dry_run" in request.form,
        )
    except RequestEntityTooLarge:
        drain_body()
        error = errors.TooLong("The file is too large. Use the command flaskr import.", "site")
        return _page(error), form_status(error)
    except (errors.Invalid, errors.Unavailable) as error:
        return _page(error), form_status(error)
    return redirect(url_for("site_imports.index"))


@bp.route("/report")
@login_required
def report() -> Response:
    """Send the whole report of the last import."""
    file = db.folder() / FILE_NAME
    if not file.is_file():
        raise errors.NotFound("There is no report: nothing has been imported yet.")
    return send_file(file, "text/markdown", as_attachment=True, download_name=FILE_NAME)


def _page(problem: errors.AppError | None = None) -> str:
    return render_template(
        "admin/site_imports/index.html",
        problem=problem,
        state=background.state(),
        max_bytes=security.max_upload_bytes(current_app) - security.MULTIPART_OVERHEAD_BYTES,
    )
