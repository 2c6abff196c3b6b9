"""The page on which the owner makes the blog their own."""

from typing import Any
from zoneinfo import available_timezones

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
from ..models import permissions
from ..models import posts
from ..models import settings
from ..text import dates
from ..web import site_settings
from ..web import template_dates
from ..web.error_pages import form_status

bp = Blueprint("settings", __name__, url_prefix="/settings")

Problems = dict[str, errors.Invalid]


@bp.before_request
def require_permission() -> None:
    """Raise `Forbidden` for users who may not change settings."""
    if g.user:
        permissions.require(g.user, "change settings")


@bp.route("", methods=("GET", "POST"))
@login_required
def index() -> tuple[str, int] | Response:
    """Show what can be chosen, and store what was."""
    if request.method == "GET":
        return _page({}), 200
    typed = {
        name: request.form[name.lower()]
        for name in settings.CHECKS
        if name.lower() in request.form and name not in site_settings.locked()
    }
    places, misplaced = _places_in_menu()
    problems = settings.find_errors(typed) | misplaced
    icons, misshapen = _icons()
    problems |= misshapen
    if problems:
        return _page(_with_picture_lost(problems)), 200
    try:
        settings.change(typed, g.user, places, icons)
    except errors.Unavailable as error:
        return _page({"": errors.Invalid(error.message)}), form_status(error)
    flash("Saved. Browsers may show the icon until now for a while." if icons else "Saved.")
    return redirect(url_for("settings.index"))


def _places_in_menu() -> tuple[dict[int, int], Problems]:
    places: dict[int, int] = {}
    problems: Problems = {}
    for page in posts.menu_pages():
        field = f"menu-{page['id']}"
        typed = request.form.get(field, "").strip()
        if typed.isascii() and typed.isdecimal() and len(typed) <= 6:
            places[page["id"]] = int(typed)
        elif field in request.form:
            problems[field] = errors.Invalid("Place in the menu has to be a number.", field)
    return places, problems


def _icons() -> tuple[dict[str, bytes] | None, Problems]:
    """The blog's icons made of a picture that was chosen; empty for ours, None to keep them."""
    file: Any = request.files.get("icon")
    if not file:
        return {} if "no_icon" in request.form else None, {}
    content = file.read(images.MAX_ICON_BYTES + 1)
    if len(content) > images.MAX_ICON_BYTES:
        most = images.MAX_ICON_BYTES / 1024 / 1024
        return None, {"icon": errors.Invalid(f"The picture is too big: at most {most:.4g} MB.")}
    try:
        return images.make_icons(content), {}
    except errors.Invalid as error:
        return None, {"icon": error}


def _with_picture_lost(problems: Problems) -> Problems:
    """What is wrong, and that a browser does not send a chosen file twice."""
    if not request.files.get("icon"):
        return problems
    return {**problems, "icon": problems.get("icon", errors.Invalid("Choose the picture again."))}


def _page(problems: Problems) -> str:
    return render_template(
        "admin/settings/index.html",
        problems=problems,
        first_problem=next(iter(problems), None),
        value=_value,
        fixed=site_settings.locked(),
        zones=sorted(available_timezones()),
        formats={
            name: dates.format_date(template_dates.local_now(), name) for name in dates.FORMATS
        },
        overrides=current_app.extensions["flaskr.overrides"],
    )


def _value(name: str) -> str:
    """What stands in a field: what was typed, else what is in force."""
    field = name.lower()
    if field in request.form and name not in site_settings.locked():
        return request.form[field]
    if name == "FRONT_PAGE":
        page = site_settings.front_page()
        return str(page["id"]) if page is not None else ""
    return str(site_settings.get(name))
