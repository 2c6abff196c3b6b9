"""Rename series, on the page that lists their parts."""

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
from ..models import series
from ..web.error_pages import form_status

bp = Blueprint("series", __name__, url_prefix="/series")


@bp.route("/<slug>/name", methods=("POST",))
@login_required
def rename(slug: str) -> tuple[str, int] | Response:
    """Rename a series."""
    before = series.get_by_slug(slug, g.user)
    try:
        renamed = series.rename(before["id"], request.form.get("series", ""), g.user)
    except (errors.Invalid, errors.Unavailable) as error:
        page = render_template(
            "public/archives/series.html",
            series=before,
            page=series.page(before["id"]),
            problem=error,
        )
        return page, form_status(error)
    flash(f"Renamed {before['name']} to {renamed['name']}.")
    return redirect(url_for("archives.parts", slug=renamed["slug"]))
