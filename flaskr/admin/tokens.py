"""The page on which users create tokens for programs, and revoke them."""

from flask import Blueprint
from flask import flash
from flask import g
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from .. import errors
from ..auth import PASSWORD_CHANGES
from ..auth import login_required
from ..models import tokens
from ..models import users
from ..web import security
from ..web.error_pages import form_status

bp = Blueprint("tokens", __name__, url_prefix="/account/tokens")

SCOPE_LABELS = {
    "read": "Read drafts, scheduled posts and earlier versions",
    "write": "Write and change drafts",
    "publish": "Publish, change and delete what readers see",
    "media": "Upload, describe and delete files",
    "settings": "Change the blog's settings",
}
LIFETIMES = {"30": "30 days", "90": "90 days", "365": "A year", "never": "Never"}


@bp.route("")
@login_required
def index() -> str:
    """List the user's tokens, with the form for another one."""
    return _page()


@bp.route("", methods=("POST",))
@login_required
def create() -> tuple[str, int] | Response:
    """Create a token and show its secret, this once."""
    try:
        secret = _create()
    except (errors.Invalid, errors.Unavailable) as error:
        return _page(error), form_status(error)
    return make_response(_page(secret=secret), {"Cache-Control": "no-store"})


def _create() -> str:
    security.throttle(f"password of {g.user['id']}", **PASSWORD_CHANGES)
    users.check_password(g.user["id"], request.form.get("password", ""))
    lifetime = request.form.get("lifetime", "")
    if lifetime not in LIFETIMES:
        raise errors.Invalid("Choose when the token expires.", "lifetime")
    return tokens.create(
        g.user,
        name=request.form.get("name", ""),
        scopes=request.form.getlist("scopes"),
        days=None if lifetime == "never" else int(lifetime),
    )


def _page(problem: errors.AppError | None = None, secret: str = "") -> str:
    return render_template(
        "admin/tokens/index.html",
        problem=problem,
        secret=secret,
        # After a success, the form is empty again.
        form=None if secret or problem is None else request.form,
        tokens=tokens.of_user(g.user["id"]),
        labels=SCOPE_LABELS,
        lifetimes=LIFETIMES,
    )


@bp.route("/<int:id>/revocation", methods=("POST",))
@login_required
def revoke(id: int) -> Response:
    """Revoke a token."""
    tokens.revoke(id, g.user)
    flash("Revoked. Programs can no longer use this token.")
    return redirect(url_for("tokens.index"))
