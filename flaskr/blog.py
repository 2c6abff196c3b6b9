"""The posts: reading them, and writing them."""

import sqlite3

from flask import Blueprint
from flask import flash
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from . import errors
from . import forms
from . import pages
from .auth import login_required
from .cache import public
from .error_pages import status_with_form
from .models import lists
from .models import posts
from .models import renderings
from .models import revisions
from .models import tags
from .models import trash
from .models import unsaved
from .models import users

bp = Blueprint("blog", __name__)


@bp.route("/")
@public("before", "after")
def index() -> str | Response:
    """Show the newest posts, ten at a time."""
    before, after = request.args.get("before"), request.args.get("after")
    page = lists.newest(before=before, after=after)
    if after and page.newer is None:
        return redirect(url_for("index"))
    return render_template(
        "blog/index.html",
        page=page,
        rendered=renderings.of_posts(page.posts),
        first_page=not before and not after,
        is_new_blog=not page.posts and not users.anyone(),
    )


@bp.route("/<slug>")
@public()
def show(slug: str) -> str | Response:
    """Show one post."""
    return _post_page(posts.get_by_slug(slug, g.user))


def _post_page(post: sqlite3.Row) -> str:
    return render_template(
        "blog/show.html",
        post=post,
        rendered=renderings.of_posts([post])[post["id"]],
        authors=posts.authors(post["id"]) or [post["username"]],
        tags=tags.of_post(post["id"]),
    )


@bp.route("/<int:id>")
@public()
def show_by_id(id: int) -> str | Response:
    """Send to the post's own address, or show it while it has none."""
    post = posts.get(id, g.user)
    if post["slug"] is None:
        return _post_page(post)
    response = redirect(pages.post_url(post))
    response.headers["Cache-Control"] = "no-cache"
    return response


@bp.route("/create", methods=("GET", "POST"))
@login_required
def create() -> tuple[str, int] | Response:
    """Write a new post."""
    problem, status = None, 200
    if request.method == "POST":
        try:
            posts.create(author_id=g.user["id"], **forms.fields())
        except (errors.Invalid, errors.Unavailable) as error:
            problem, status = error, status_with_form(error)
        else:
            unsaved.drop(g.user["id"], request.form.get("key", ""))
            return redirect(url_for("blog.index"))

    return render_template("blog/create.html", problem=problem), status


@bp.route("/<int:id>/update", methods=("GET", "POST"))
@login_required
def update(id: int) -> tuple[str, int] | Response:
    """Change a post of one's own."""
    post = posts.get_for_edit(id, g.user)
    problem, status = None, 200
    if request.method == "POST":
        try:
            posts.update(id, editor_id=g.user["id"], **forms.fields(post))
        except (errors.Invalid, errors.Unavailable) as error:
            problem, status = error, status_with_form(error)
        else:
            unsaved.drop(g.user["id"], request.form.get("key", ""))
            return _after_saving(post)
    else:
        revisions.catch_up(post)

    return render_template("blog/update.html", post=post, problem=problem), status


def _after_saving(post: sqlite3.Row) -> Response:
    if post["status"] == "draft":
        flash("Saved.")
        return redirect(url_for("blog.update", id=post["id"]))
    return redirect(url_for("blog.index"))


@bp.route("/<int:id>/delete", methods=("POST",))
@login_required
def delete(id: int) -> Response:
    """Delete a post of one's own: it lies in the trash for a while."""
    posts.get_for_edit(id, g.user)
    trash.put(id)
    flash(str(id), "undo")
    return redirect(url_for("blog.index"))
