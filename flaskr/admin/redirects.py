"""The page on which the owner redirects old addresses and those that were not found."""

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
from ..auth import permission_required
from ..models import redirects
from ..web.error_pages import form_status

bp = Blueprint("redirects", __name__, url_prefix="/settings/redirects")
bp.before_request(permission_required("change redirects"))


@bp.route("", methods=("GET", "POST"))
@login_required
def index() -> tuple[str, int] | Response:
    """List the redirects and the addresses that were not found, and add a redirect."""
    problem, status = None, 200
    if request.method == "POST":
        target = None if "gone" in request.form else request.form.get("target", "")
        try:
            path = redirects.add(request.form.get("path", ""), target, g.user)
        except (errors.Invalid, errors.Unavailable) as error:
            problem, status = error, form_status(error)
        else:
            flash(f"{path} now leads to {target}." if target else f"{path} is now gone for good.")
            return redirect(url_for("redirects.index"))
    page = render_template(
        "admin/redirects/index.html",
        redirects=redirects.list_all(),
        not_found=redirects.list_not_found(),
        problem=problem,
        path=request.values.get("path", ""),
        target=request.values.get("target", ""),
    )
    return page, status


@bp.route("/<int:id>/deletion", methods=("POST",))
@login_required
def delete(id: int) -> Response:
    """Delete a redirect."""
    redirects.delete(id, g.user)
    flash("Deleted the redirect.")
    return redirect(url_for("redirects.index"))


@bp.route("/dismissal", methods=("POST",))
@login_required
def dismiss() -> Response:
    """Remove an address from the list of those that were not found."""
    redirects.dismiss(request.form.get("path", ""), g.user)
    flash("Removed from the list.")
    return redirect(url_for("redirects.index"))
