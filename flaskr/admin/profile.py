"""The page on which users edit their public profile."""

from typing import Any

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from .. import errors
from .. import images
from ..auth import login_required
from ..models import media
from ..models import profiles
from ..web.error_pages import form_status

bp = Blueprint("profile", __name__)

FIELDS = ("display_name", "bio", "picture", "links")


@bp.route("/account", methods=("GET", "POST"))
@login_required
def index() -> tuple[str, int] | Response:
    """Edit the display name, bio, picture and links."""
    problem, status = None, 200
    values = {name: request.form.get(name, g.user[name]) for name in FIELDS}
    if request.method == "POST":
        try:
            # An uploaded picture is in the form that shows the error of another field.
            values["picture"] = _store_upload() or values["picture"]
            profiles.update(g.user["id"], **values)
        except (errors.Invalid, errors.Unavailable) as error:
            problem, status = error, form_status(error)
        else:
            flash("Saved.")
            return redirect(url_for("profile.index"))

    return render_template("admin/profile/index.html", problem=problem, values=values), status


def _store_upload() -> str:
    """Store an uploaded picture in the media library and return its URL, if there is one."""
    file: Any = request.files.get("upload")
    if not file:
        return ""
    max_bytes = current_app.config["MAX_UPLOAD"]
    content = file.stream.read(max_bytes + 1)
    try:
        if images.sniff(content) not in images.FORMATS:
            raise errors.Invalid("Choose an image: PNG, JPEG, WebP, GIF or AVIF.")
        medium = media.add(
            content, name=file.filename or "", user_id=g.user["id"], max_bytes=max_bytes
        )
    except errors.Invalid as error:
        raise errors.Invalid(error.message, "upload") from error
    return f"/media/{medium['name']}"
