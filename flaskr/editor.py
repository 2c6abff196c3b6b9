"""The editor's preview: a text as readers will get it, stored nowhere."""

import sqlite3
from typing import Any

from flask import Blueprint
from flask import g
from flask import render_template
from flask import request
from markupsafe import Markup

from . import errors
from . import forms
from . import text
from .auth import login_required
from .models import covers
from .models import pictures
from .models import posts

bp = Blueprint("editor", __name__, url_prefix="/preview")


@bp.route("", methods=("POST",))
@login_required
def preview() -> str:
    """The title and body as HTML, for scripts to show beside the form."""
    return render_template("editor/_preview.html", rendered=_rendered(None), cover=_cover())


@bp.route("/page", methods=("POST",))
@login_required
def preview_page() -> str:
    """The title and body as readers will get them, with the form below to go on."""
    post_id = request.args.get("post", type=int)
    post = posts.get_for_edit(post_id, g.user) if post_id else None
    values: dict[str, Any] = {"post": post} if post else {}
    return render_template(
        "editor/page.html", rendered=_rendered(post), cover=_cover(), problem=None, **values
    )


def _cover() -> Markup | None:
    """The picture as far as it can be shown; saving says what is wrong with it."""
    try:
        address = covers.address(forms.cover())
    except errors.Invalid:
        return None
    return pictures.image(address) if address else None


def _rendered(post: sqlite3.Row | None) -> text.Rendered:
    rendered = text.render(request.form.get("body", ""))
    placed = rendered._replace(html=text.placed(rendered.html, post["id"] if post else 0))
    return pictures.sized({"preview": placed})["preview"]
