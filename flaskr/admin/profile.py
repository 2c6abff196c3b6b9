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
from ..web.error_pages import form_status

bp = Blueprint("profile", __name__)


@bp.route("/account", methods=("GET", "POST"))
@login_required
def index() -> tuple[str, int] | Response:
    """Edit the display name and bio."""
    problem, status = None, 200
    if request.method == "POST":
        try:
            profiles.update(
                g.user["id"],
                display_name=request.form.get("display_name", g.user["display_name"]),
                bio=request.form.get("bio", g.user["bio"]),
            )
        except (errors.Invalid, errors.Unavailable) as error:
            problem, status = error, form_status(error)
        else:
            flash("Saved.")
            return redirect(url_for("profile.index"))

    return render_template("admin/profile/index.html", problem=problem), status
