"""The sitemap and robots.txt for search engines."""

from flask import Blueprint
from flask import Response
from flask import render_template
from flask import url_for

from ..models import sitemap
from ..page_cache.middleware import cacheable
from ..text import crawlers
from ..web import site_settings
from ..web import urls

bp = Blueprint("sitemap", __name__)


@bp.route("/robots.txt")
@cacheable()
def robots() -> Response:
    """Link to the sitemap, and tell crawlers what the owner decided."""
    text = crawlers.robots_txt(
        search=site_settings.get("SEARCH_ENGINES") == "allow",
        answers=site_settings.get("AI_ANSWERS") == "allow",
        training=site_settings.get("AI_TRAINING") == "allow",
        private=f"{url_for('index')}auth/",
        sitemap=urls.make_absolute(url_for("sitemap.index")),
    )
    return Response(text, mimetype="text/plain")


@bp.route("/sitemap.xml")
@cacheable()
def index() -> Response:
    """List the published posts and pages, or the parts of the sitemap if there are several."""
    numbers = sitemap.part_numbers()
    if len(numbers) > 1:
        return _xml("public/sitemap/parts.xml", numbers=numbers)
    return _xml(
        "public/sitemap/part.xml",
        posts=sitemap.posts_in_part(numbers[0]) if numbers else [],
        first=True,
    )


@bp.route("/sitemap-<int:number>.xml")
@cacheable()
def part(number: int) -> Response:
    """Return one part of the sitemap."""
    return _xml(
        "public/sitemap/part.xml",
        posts=sitemap.posts_in_part(number),
        first=number == sitemap.part_numbers()[0],
    )


def _xml(template: str, **values: object) -> Response:
    return Response(render_template(template, **values), mimetype="application/xml")
