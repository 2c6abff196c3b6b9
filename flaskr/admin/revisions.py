"""The version history of a post: list, show, compare and restore revisions."""

import sqlite3
from typing import NamedTuple

from flask import Blueprint
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from .. import errors
from .. import text
from ..auth import login_required
from ..models import autosaves
from ..models import posts
from ..models import rendered_html
from ..models import revisions
from ..models import undo
from ..models import version_history
from ..text import diff
from ..web import site_settings
from ..web.flashes import flash_with_undo

bp = Blueprint("revisions", __name__)

CURRENT = "current"
VIEWS = {"changes": "Changes", "page": "Page", "text": "Text"}


@bp.route("/<int:id>/revisions")
@login_required
def index(id: int) -> str:
    """List the revisions of a post."""
    post = posts.get_for_edit(id, g.user)
    page = version_history.list_page(id, request.args.get("before", type=int))
    return render_template(
        "admin/revisions/index.html",
        post=post,
        page=page,
        current_id=_current_id(post),
        unpublished=_unpublished_changes(post),
    )


def _current_id(post: sqlite3.Row) -> int:
    """Return the id of the newest revision if it is the text of the post, otherwise 0."""
    newest = revisions.newest_id(post["id"])
    found = revisions.find(post["id"], newest) if newest else None
    return newest if found and revisions.is_current(post, found) else 0


def _unpublished_changes(post: sqlite3.Row) -> sqlite3.Row | None:
    """Return the user's autosave of a published post if it is newer than the post."""
    rows = autosaves.for_post(g.user["id"], post["id"]) if posts.is_visible(post) else []
    return rows[0] if rows and rows[0]["kept"] > (post["updated"] or post["created"]) else None


class Comparison(NamedTuple):
    """The older and the newer of two versions, and the parts of their comparison."""

    old: revisions.Revision
    new: revisions.Revision
    parts: list[diff.Part]


@bp.route("/<int:id>/revisions/<int:revision_id>")
@login_required
def show(id: int, revision_id: int) -> str:
    """Show a revision: its changes from another one, its page, or its text."""
    post = posts.get_for_edit(id, g.user)
    revision = revisions.get(id, revision_id)
    view = request.args.get("view", "changes")
    if view not in VIEWS:
        raise errors.NotFound("There is no such view of a version.")
    return render_template(
        "admin/revisions/show.html",
        post=post,
        revision=revision,
        details=revisions.get_details(id, revision.id),
        is_current=revisions.is_current(post, revision),
        views=VIEWS,
        view=view,
        others=revisions.list_newest(id),
        comparison=_compare(post, revision) if view == "changes" else None,
        rendered=_render(post, revision) if view == "page" else None,
    )


def _render(post: sqlite3.Row, revision: revisions.Revision) -> text.Rendered:
    style = site_settings.text_style(post["language"] or "")
    return rendered_html.render_unstored(revision.body, post["id"], style)


def _compare(post: sqlite3.Row, revision: revisions.Revision) -> Comparison:
    """Compare a revision with the one in the URL, by default with the one before it.

    The oldest one is compared with the current text by default.
    """
    other = _find_other(post["id"], revision, request.args.get("with", ""))
    if other is None:
        old, new = revision, revisions.Revision(0, post["title"], post["body"])
    else:
        old, new = sorted((other, revision), key=lambda one: one.id)
    return Comparison(old, new, diff.compare(old.body, new.body))


def _find_other(
    post_id: int, revision: revisions.Revision, wanted: str
) -> revisions.Revision | None:
    """Return the revision to compare with, or None for the current text. Raises `NotFound`."""
    if not wanted:
        return revisions.previous(post_id, revision.id)
    if wanted == CURRENT:
        return None
    if not (wanted.isascii() and wanted.isdecimal() and len(wanted) < 20):
        raise errors.NotFound("There is no such revision.")
    return revisions.get(post_id, int(wanted))


@bp.route("/<int:id>/revisions/<int:revision_id>/restoration", methods=("POST",))
@login_required
def restore(id: int, revision_id: int) -> Response:
    """Restore a revision. The current text remains in the version history."""
    post = posts.get_for_edit(id, g.user)
    revision = revisions.get(id, revision_id)
    before = undo.snapshot(post)
    try:
        posts.update(id, g.user, title=revision.title, body=revision.body)
    except errors.Invalid as error:
        flash(error.message, "error")
        return redirect(url_for("revisions.show", id=id, revision_id=revision_id))
    key = undo.store(g.user, undo.TEXT, [before])
    message = "Version restored. The text from before is in the version history."
    flash_with_undo(message, url_for("undo.apply", key=key))
    return redirect(url_for("blog.update", id=id))
