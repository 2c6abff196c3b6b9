"""The page on which the owner changes the blog's settings."""

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
from ..auth import permission_required
from ..models import posts
from ..models import settings
from ..models import websub
from ..sizes import format_size
from ..text import crawlers
from ..text import dates
from ..web import site_settings
from ..web import template_dates
from ..web.error_pages import form_status

bp = Blueprint("settings", __name__, url_prefix="/settings")
bp.before_request(permission_required("change settings"))

Problems = dict[str, errors.Invalid]


@bp.route("", methods=("GET", "POST"))
@login_required
def index() -> tuple[str, int] | Response:
    """Show and change the settings."""
    if request.method == "GET":
        return _page({}), 200
    typed = {
        name: request.form[name.lower()]
        for name in settings.CHECKS
        if name.lower() in request.form and name not in site_settings.locked()
    }
    menu_order, menu_problems = _menu_order()
    icons, icon_problems = _icons()
    problems = settings.find_errors(typed) | menu_problems | icon_problems
    if problems:
        return _page(_ask_for_icon_again(problems)), 200
    try:
        settings.change(typed, g.user, menu_order, icons)
    except errors.Unavailable as error:
        return _page({"": errors.Invalid(error.message)}), form_status(error)
    flash("Saved. Browsers may show the old icon for a while." if icons else "Saved.")
    return redirect(url_for("settings.index"))


def _menu_order() -> tuple[dict[int, int], Problems]:
    order: dict[int, int] = {}
    problems: Problems = {}
    for page in posts.menu_pages():
        field = f"menu-{page['id']}"
        typed = request.form.get(field, "").strip()
        if typed.isascii() and typed.isdecimal() and len(typed) <= 6:
            order[page["id"]] = int(typed)
        elif field in request.form:
            problems[field] = errors.Invalid("Menu order must be a number.", field)
    return order, problems


def _icons() -> tuple[dict[str, bytes] | None, Problems]:
    """Return icons made from the uploaded image: empty to remove them, None to keep them."""
    file: Any = request.files.get("icon")
    if not file:
        return {} if "no_icon" in request.form else None, {}
    content = file.read(images.MAX_ICON_BYTES + 1)
    if len(content) > images.MAX_ICON_BYTES:
        message = f"The image is too large: at most {format_size(images.MAX_ICON_BYTES)}."
        return None, {"icon": errors.Invalid(message)}
    try:
        return images.make_icons(content), {}
    except errors.Invalid as error:
        return None, {"icon": error}


def _ask_for_icon_again(problems: Problems) -> Problems:
    # Browsers forget the chosen file when a form is shown again.
    if not request.files.get("icon"):
        return problems
    return {**problems, "icon": problems.get("icon", errors.Invalid("Choose the image again."))}


def _page(problems: Problems) -> str:
    return render_template(
        "admin/settings/index.html",
        problems=problems,
        first_problem=next(iter(problems), None),
        value=_value,
        locked=site_settings.locked(),
        zones=sorted(available_timezones()),
        formats=_date_formats(),
        crawlers_listed_on=crawlers.LISTED_ON,
        hub_error=websub.last_error(site_settings.get("WEBSUB_HUB")),
        overrides=current_app.extensions["flaskr.overrides"],
    )


def _date_formats() -> list[tuple[str, str]]:
    """Return the choices for dates, each with an example."""
    today = template_dates.local_now()
    examples = {name: dates.format_date(today, name) for name in dates.FORMATS}
    default = f"{examples[dates.DEFAULT_FORMAT]}, in the list of posts {examples[dates.ISO_FORMAT]}"
    return [("", default), *examples.items()]


def _value(name: str) -> str:
    """Return the value of a field: submitted, else effective."""
    field = name.lower()
    if field in request.form and name not in site_settings.locked():
        return request.form[field]
    if name == "FRONT_PAGE":
        page = site_settings.front_page()
        return str(page["id"]) if page is not None else ""
    return str(site_settings.get(name))
