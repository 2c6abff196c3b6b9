"""Pages to read, write and delete posts."""

import sqlite3

from flask import Blueprint
from flask import flash
from flask import g
from flask import make_response
from flask import redirect
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from . import errors
from .auth import login_required
from .models import drafts
from .models import post_lists
from .models import posts
from .models import related_posts
from .models import rendered_html
from .models import responsive_images
from .models import revisions
from .models import series
from .models import tags
from .models import trash
from .page_cache.middleware import cacheable
from .web import list_page
from .web import post_form
from .web import post_markdown
from .web import redirects
from .web import share_links
from .web import site_settings
from .web import urls
from .web.error_pages import form_status
from .web.flashes import flash_with_undo

bp = Blueprint("blog", __name__)


@bp.route("/")
@cacheable(post_lists.ARGUMENTS)
def index() -> str | Response:
    """Show the newest posts, or the page that the owner chose as front page."""
    if request.args and (moved := redirects.find_from_query()):
        return moved
    front = site_settings.front_page()
    if front is None:
        return _list()
    if _page_arguments():
        return redirect(urls.list_url(**_page_arguments()))
    return _post_page(front)


@bp.route("/posts/all")
@cacheable(post_lists.ARGUMENTS)
def all_posts() -> str | Response:
    """Show the newest posts if a page is the front page."""
    if site_settings.front_page() is None:
        return redirect(urls.list_url(**_page_arguments()))
    return _list()


def _page_arguments() -> dict[str, str]:
    return {name: request.args[name] for name in post_lists.ARGUMENTS if name in request.args}


def _list() -> str | Response:
    before, after = request.args.get("before"), request.args.get("after")
    page = post_lists.newest(
        before=before, after=after, per_page=site_settings.get("POSTS_PER_PAGE")
    )
    if after and page.newer is None:
        return redirect(urls.list_url())
    return list_page.render(page, first_page=not before and not after)


@bp.route("/<slug>")
@cacheable()
def show(slug: str) -> Response:
    """Show a post."""
    post = posts.get_by_slug(slug, g.user)
    if urls.post_url(post) == url_for("index"):
        return _redirect_to_post(post)
    is_markdown = post_markdown.is_preferred()
    response = post_markdown.respond(post) if is_markdown else make_response(_post_page(post))
    response.vary.add("Accept")
    return response


def _redirect_to_post(post: sqlite3.Row) -> Response:
    response = redirect(urls.post_url(post))
    response.headers["Cache-Control"] = "no-cache"
    return response


def _post_page(post: sqlite3.Row) -> str:
    rendered = rendered_html.for_page(post, site_settings.text_style())
    in_series = series.for_post(post["id"])
    part = series.find_part(in_series["id"], post["id"]) if in_series else None
    return render_template(
        "blog/show.html",
        post=post,
        rendered=rendered,
        contents=rendered.contents(),
        authors=posts.authors(post["id"]),
        tags=tags.for_post(post["id"]),
        series=in_series,
        part=part,
        onward=related_posts.find_onward(post, part),
        cover=responsive_images.render_image(post["cover"]) if post["cover"] else None,
    )


@bp.route("/<int:id>")
@cacheable()
def show_by_id(id: int) -> str | Response:
    """Redirect to the post's URL, or show the post if it has no slug."""
    post = posts.get(id, g.user)
    if post["slug"] is None:
        return _post_page(post)
    return _redirect_to_post(post)


@bp.route("/preview/<int:id>/<key>")
def show_shared(id: int, key: str) -> Response:
    """Show a post that is not public yet to everybody with its link."""
    post = posts.get_stored(id)
    if posts.is_visible(post):
        return _redirect_to_post(post)
    if not share_links.is_valid(post, key):
        raise errors.NotFound("There is no such post.")
    response = make_response(_post_page(post))
    response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
    return response


@bp.route("/create", methods=("GET", "POST"))
@login_required
def create() -> tuple[str, int] | Response:
    """Create a post."""
    problem, status = None, 200
    if request.method == "POST":
        try:
            fields = post_form.read_fields()
            drafts.submit(g.user, post_form.read_form(), status="published", **fields)
        except (errors.Invalid, errors.Unavailable) as error:
            problem, status = error, form_status(error)
        else:
            return redirect(url_for("blog.index"))

    return render_template("blog/create.html", problem=problem), status


@bp.route("/<int:id>/update", methods=("GET", "POST"))
@login_required
def update(id: int) -> tuple[str, int] | Response:
    """Edit a post."""
    post = posts.get_for_edit(id, g.user)
    problem, status = None, 200
    if request.method == "POST":
        form = post_form.read_form(id)
        try:
            posts.update(id, g.user, form=form.key, **post_form.read_fields(post))
        except (errors.Invalid, errors.Unavailable) as error:
            problem, status = error, form_status(error)
        else:
            drafts.finish(g.user, form)
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
    """Move a post to the trash."""
    trash.put(id, g.user)
    flash_with_undo("Moved to the trash.", url_for("posts.restore", id=id))
    return redirect(url_for("blog.index"))
