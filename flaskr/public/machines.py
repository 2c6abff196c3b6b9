"""Pages for programs: posts as Markdown, and llms.txt."""

from flask import Blueprint
from flask import g
from flask import render_template
from werkzeug.wrappers import Response

from ..models import post_lists
from ..models import posts
from ..page_cache.middleware import cacheable
from ..web import post_markdown

bp = Blueprint("machines", __name__)

MAX_POSTS = 100


@bp.route("/<slug>.md")
@cacheable()
def markdown(slug: str) -> Response:
    """Return a post's Markdown."""
    return post_markdown.respond(posts.get_by_slug(slug, g.user))


@bp.route("/llms.txt")
@cacheable()
def llms() -> Response:
    """List the pages and the newest posts in the format of https://llmstxt.org."""
    text = render_template(
        "public/machines/llms.txt", posts=post_lists.newest(per_page=MAX_POSTS).posts
    )
    return Response(text, mimetype="text/plain")
