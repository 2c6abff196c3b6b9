"""The sitemap and robots.txt for search engines."""

import sqlite3

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
    """Link to the sitemap, and tell crawlers about the owner's decision."""
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
    """List the published posts, pages and lists, or the parts of a long sitemap."""
    numbers = sitemap.part_numbers()
    if len(numbers) > 1:
        return _xml("public/sitemap/parts.xml", numbers=numbers)
    return _part(sitemap.posts_in_part(numbers[0]) if numbers else [], is_first=True)


@bp.route("/sitemap-<int:number>.xml")
@cacheable()
def part(number: int) -> Response:
    """Return one part of the sitemap."""
    posts = sitemap.posts_in_part(number)
    return _part(posts, is_first=number == sitemap.part_numbers()[0])


def _part(posts: list[sqlite3.Row], *, is_first: bool) -> Response:
    lists = _list_paths() if is_first else []
    return _xml("public/sitemap/part.xml", posts=posts, lists=lists, first=is_first)


def _list_paths() -> list[str]:
    return [
        *(urls.person_url(person["id"], person["username"]) for person in sitemap.people()),
        *(url_for("archives.tag", slug=tag["slug"]) for tag in sitemap.tags()),
        *(url_for("archives.parts", slug=row["slug"]) for row in sitemap.series()),
    ]


def _xml(template: str, **values: object) -> Response:
    return Response(render_template(template, **values), mimetype="application/xml")
