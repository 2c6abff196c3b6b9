"""Previews of the editor's text, rendered without storing anything."""

import sqlite3
from typing import Any

from flask import Blueprint
from flask import g
from flask import render_template
from flask import request
from markupsafe import Markup

from .. import errors
from .. import text
from ..auth import login_required
from ..models import cover_images
from ..models import posts
from ..models import rendered_html
from ..models import responsive_images
from ..web import post_form
from ..web import site_settings

bp = Blueprint("previews", __name__, url_prefix="/preview")


@bp.route("", methods=("POST",))
@login_required
def preview() -> str:
    """Return the rendered title and body for the preview pane."""
    return render_template("admin/previews/_preview.html", rendered=_rendered(None), cover=_cover())


@bp.route("/page", methods=("POST",))
@login_required
def preview_page() -> str:
    """Show the rendered title and body above the form, for browsers without scripts."""
    post_id = request.args.get("post", type=int)
    post = posts.get_for_edit(post_id, g.user) if post_id else None
    values: dict[str, Any] = {"post": post} if post else {}
    return render_template(
        "admin/previews/page.html", rendered=_rendered(post), cover=_cover(), problem=None, **values
    )


def _cover() -> Markup | None:
    """Return the cover image, unless it is invalid: only saving reports that."""
    try:
        address = cover_images.normalize_url(post_form.read_cover())
    except errors.Invalid:
        return None
    return responsive_images.render_image(address) if address else None


def _rendered(post: sqlite3.Row | None) -> text.Rendered:
    style = site_settings.text_style(request.form.get("language", ""))
    body = request.form.get("body", "")
    return rendered_html.render_unstored(body, post["id"] if post else 0, style)
