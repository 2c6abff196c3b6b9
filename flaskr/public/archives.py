"""The ways through the posts: by tag, person, year, month and series."""

import sqlite3
from collections.abc import Callable
from functools import lru_cache
from itertools import groupby
from typing import Any

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
from ..models import archives
from ..models import post_lists
from ..models import profiles
from ..models import series
from ..models import tags
from ..page_cache.middleware import cacheable
from ..text import dates
from ..web import site_settings
from ..web import template_dates
from ..web import urls
from ..web.error_pages import form_status
from ..web.redirects import permanent_redirect

bp = Blueprint("archives", __name__)

PER_PAGE = 30


@bp.route("/tag")
@cacheable()
def all_tags() -> str:
    """List the tags that readers can follow."""
    return render_template(
        "public/archives/tags.html", tags=tags.list_public(), many=tags.MAX_COUNT
    )


@bp.route("/tag/<slug>")
@cacheable("before", "after")
def tag(slug: str) -> str | Response:
    """List the posts that have a tag."""
    row = tags.get_by_slug(slug, g.user)
    return _list(
        "public/archives/tag.html", lambda **at: post_lists.with_tag(row["id"], **at), tag=row
    )


def _list(
    template: str, read: Callable[..., post_lists.Page], must: str = "", **values: Any
) -> str | Response:
    """A page of a list; `must` says what is missing where nothing at all is in it."""
    before, after = request.args.get("before"), request.args.get("after")
    page = read(before=before, after=after, per_page=PER_PAGE)
    if after and page.newer is None:
        return redirect(request.script_root + request.path)
    if must and not page.posts and not before and not after:
        raise errors.NotFound(must)
    return render_template(template, page=page, **values)


@bp.route("/user/<name>")
@cacheable("before", "after")
def person(name: str) -> str | Response:
    """Show who somebody is, and list their posts."""
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


# A visitor can ask for many pages of the same person, and code takes time to highlight.
@lru_cache(maxsize=64)
def _rendered(bio: str) -> str:
    return text.with_post_id(text.render(bio).html, 0)


@bp.route("/archive")
@cacheable()
def all_months() -> str:
    """List the years and months in which there are posts."""
    months = archives.months(site_settings.get("TIMEZONE"))
    years = [
        (year, sum(month.posts for month in found), found)
        for year, found in (
            (year, list(group)) for year, group in groupby(months, lambda month: month.year)
        )
    ]
    return render_template("public/archives/archive.html", years=years)


@bp.route("/<int:year>/")
@cacheable("before", "after")
def year(year: int) -> str | Response:
    """List the posts of a year."""
    return _dated(year)


@bp.route("/<int:year>/<int:month>/")
@cacheable("before", "after")
def month(year: int, month: int) -> str | Response:
    """List the posts of a month."""
    return _dated(year, month)


def _dated(year: int, month: int | None = None) -> str | Response:
    start, end = dates.day_bounds(site_settings.get("TIMEZONE"), year, month)
    address = urls.date_url(year, month)
    if request.script_root + request.path != address:
        return permanent_redirect(address)
    when = f"{template_dates.month_name(month)} {year}" if month else str(year)
    return _list(
        "public/archives/dated.html",
        lambda **at: post_lists.between(start, end, **at),
        must=f"There are no posts from {when}.",
        when=when,
        year=year if month else None,
    )


@bp.route("/series/<slug>")
@cacheable()
def parts(slug: str) -> str | Response:
    """List the parts of a series in their order."""
    row = series.get_by_slug(slug, g.user)
    return _parts(row)


def _parts(row: sqlite3.Row, problem: errors.AppError | None = None) -> str:
    page = series.page(row["id"], after=request.args.get("after", type=int))
    return render_template("public/archives/series.html", series=row, page=page, problem=problem)


@bp.route("/series/<slug>/name", methods=("POST",))
@login_required
def rename_series(slug: str) -> tuple[str, int] | Response:
    """Give a series another name."""
    row = series.get_by_slug(slug, g.user)
    try:
        renamed = series.rename(row["id"], request.form.get("series", ""), g.user)
    except (errors.Invalid, errors.Unavailable) as error:
        return _parts(row, error), form_status(error)
    flash(f"Renamed {row['name']} to {renamed['name']}.")
    return redirect(url_for("archives.parts", slug=renamed["slug"]))
