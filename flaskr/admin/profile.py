"""The page on which users edit their public profile."""

from flask import Blueprint
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from .. import errors
from ..auth import login_required
from ..models import profiles
from ..web import picture_uploads
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
            values["picture"] = picture_uploads.store() or values["picture"]
            profiles.update(g.user["id"], **values)
        except (errors.Invalid, errors.Unavailable) as error:
            problem, status = error, form_status(error)
        else:
            flash("Saved.")
            return redirect(url_for("profile.index"))

    return render_template("admin/profile/index.html", problem=problem, values=values), status
