"""Lists of posts by tag, author, date and series."""

from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from typing import Any

from flask import Blueprint
from flask import g
from flask import redirect
from flask import render_template
from flask import request
from werkzeug.wrappers import Response

from .. import errors
from .. import text
from ..models import archives
from ..models import post_lists
from ..models import posts
from ..models import profiles
from ..models import series
from ..models import tags
from ..page_cache.middleware import cacheable
from ..text import dates
from ..web import appearance
from ..web import site_settings
from ..web import template_dates
from ..web import urls
from ..web.redirects import permanent_redirect

bp = Blueprint("archives", __name__)

POSTS_PER_PAGE = 30


@bp.route("/tag")
@cacheable()
def all_tags() -> str:
    """List the tags of published posts."""
    return render_template(
        "public/archives/tags.html", tags=tags.list_public(), many=tags.MAX_COUNT
    )


@bp.route("/tag/<slug>")
@cacheable(post_lists.ARGUMENTS)
def tag(slug: str) -> str | Response:
    """List the posts that have a tag."""
    row = tags.get_by_slug(slug, g.user)
    return _list(
        "public/archives/tag.html", lambda **at: post_lists.with_tag(row["id"], **at), tag=row
    )


def _list(
    template: str, read: Callable[..., post_lists.Page], if_empty: str = "", **values: Any
) -> str | Response:
    """Return a page of a list. Raises `NotFound` with `if_empty` if the whole list is empty."""
    before, after = request.args.get("before"), request.args.get("after")
    page = read(before=before, after=after, per_page=POSTS_PER_PAGE)
    if after and page.newer is None:
        return redirect(urls.current_path())
    if if_empty and not page.posts and not before and not after:
        raise errors.NotFound(if_empty)
    authors = posts.authors_of(post["id"] for post in page.posts)
    covers = appearance.covers(page.posts)
    return render_template(template, page=page, authors=authors, covers=covers, **values)


@bp.route("/user/<name>")
@cacheable(post_lists.ARGUMENTS)
def person(name: str) -> str | Response:
    """Show an author's bio and posts."""
    user = profiles.get_by_url_name(name, g.user)
    if profiles.url_name(user["id"], user["username"]) != name:
        return permanent_redirect(urls.person_url(user["id"], user["username"]))
    return _list(
        "public/archives/person.html",
        lambda **at: post_lists.by_author(user["id"], **at),
        person=user,
        address=name,
        rendered=_rendered(user["bio"]),
    )


# Highlighting code in a bio is slow, and visitors may request many pages of one author.
@lru_cache(maxsize=64)
def _rendered(bio: str) -> str:
    return text.with_post_id(text.render(bio).html, 0)


@bp.route("/archive")
@cacheable()
def all_months() -> str:
    """List the years and months that have posts."""
    months = archives.months(site_settings.get("TIMEZONE"))
    by_year = {year: list(group) for year, group in groupby(months, lambda month: month.year)}
    years = [(year, sum(month.posts for month in group), group) for year, group in by_year.items()]
    return render_template("public/archives/archive.html", years=years)


@bp.route("/<int:year>/")
@cacheable(post_lists.ARGUMENTS)
def year(year: int) -> str | Response:
    """List the posts from a year."""
    return _dated(year)


@bp.route("/<int:year>/<int:month>/")
@cacheable(post_lists.ARGUMENTS)
def month(year: int, month: int) -> str | Response:
    """List the posts from a month."""
    return _dated(year, month)


def _dated(year: int, month: int | None = None) -> str | Response:
    start, end = dates.day_bounds(site_settings.get("TIMEZONE"), year, month)
    url = urls.date_url(year, month)
    if request.script_root + request.path != url:
        return permanent_redirect(url)
    when = f"{template_dates.month_name(month)} {year}" if month else str(year)
    return _list(
        "public/archives/dated.html",
        lambda **at: post_lists.between(start, end, **at),
        if_empty=f"There are no posts from {when}.",
        when=when,
        year=year if month else None,
    )


@bp.route("/series/<slug>")
@cacheable()
def parts(slug: str) -> str | Response:
    """List the parts of a series in order."""
    row = series.get_by_slug(slug, g.user)
    page = series.page(row["id"], after=request.args.get("after", type=int))
    return render_template("public/archives/series.html", series=row, page=page, problem=None)
