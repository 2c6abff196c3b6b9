"""The page on which the owner chooses the blog's design, with previews of the newest posts."""

import contextlib
from collections.abc import Mapping

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
from ..models import looks
from ..models import post_lists
from ..models import settings
from ..web import list_page
from ..web import picture_uploads
from ..web import security
from ..web import site_settings
from ..web.error_pages import form_status

bp = Blueprint("design", __name__, url_prefix="/settings/design")
bp.before_request(permission_required("change settings"))

NAMES = ("LOOK", "ACCENT", "HEADER_PICTURE", "HEADER_ALT", "CUSTOM_CSS")
PREVIEWED_POSTS = 6


@bp.route("", methods=("GET", "POST"))
@login_required
def index() -> tuple[str, int] | Response:
    """Show and change the design."""
    if request.method == "GET":
        return _page({}, {}), 200
    typed = _read(request.form)
    try:
        typed |= _store_upload()
        if problems := settings.find_errors(typed):
            return _page(typed, problems), 200
        settings.change(typed, g.user)
    except errors.Invalid as error:
        return _page(typed, {error.field: error}), 200
    except errors.Unavailable as error:
        return _page(typed, {"": errors.Invalid(error.message)}), form_status(error)
    flash("Saved. Readers see the new design now.")
    return redirect(url_for("design.index"))


def _read(form: Mapping[str, str]) -> dict[str, str]:
    typed = {
        name: form[name.lower()]
        for name in NAMES
        if name.lower() in form and name not in site_settings.locked()
    }
    # A color field cannot be empty: it shows the color of the design if there is no other.
    is_unchanged = typed.get("ACCENT") == form.get("shown_accent")
    if "default_accent" in form or (is_unchanged and not site_settings.get("ACCENT")):
        typed.pop("ACCENT", None)
        return {**typed, "ACCENT": ""} if "ACCENT" not in site_settings.locked() else typed
    return typed


def _store_upload() -> dict[str, str]:
    if "HEADER_PICTURE" in site_settings.locked():
        return {}
    url = picture_uploads.store()
    return {"HEADER_PICTURE": url} if url else {}


def _page(typed: dict[str, str], problems: dict[str, errors.Invalid]) -> str:
    security.allow_frames()
    return render_template(
        "admin/design/index.html",
        problems=problems,
        first_problem=next(iter(problems), None),
        values={name: site_settings.get(name) for name in NAMES} | typed,
        locked=site_settings.locked(),
        looks=looks.LOOKS,
    )


@bp.route("/preview", methods=("GET", "POST"))
@login_required
def preview() -> str:
    """Show the newest posts in a design that is not stored, inside a frame of this blog."""
    security.allow_framing()
    values = {}
    # Links of other sites have a query, too, so it does not bring style rules.
    form = request.form or {"look": request.args.get("look", "")}
    for name, value in _read(form).items():
        # The form shows an error for an invalid value.
        with contextlib.suppress(errors.Invalid):
            values[name] = settings.check(name, value)
    site_settings.preview(values)
    # As visitors see it.
    g.user = None
    g.is_design_preview = True
    return list_page.render(post_lists.newest(per_page=PREVIEWED_POSTS), first_page=True)
