"""Search of the published posts."""

import sqlite3

from flask import Blueprint
from flask import Response
from flask import jsonify
from flask import render_template
from flask import request

from .. import errors
from ..models import posts
from ..models import search
from ..page_cache.middleware import cacheable
from ..text import search_query
from ..text import snippets
from ..text import titles
from ..web import urls

bp = Blueprint("search", __name__)


@bp.route("/search")
@cacheable()
def index() -> str:
    """Show the search results, best first."""
    typed = search_query.clean_query(request.args.get("q", ""))
    results = search.find(typed, _page())
    return render_template(
        "public/search/index.html",
        typed=typed,
        results=results,
        hits={post["id"]: _highlight(post, results.terms) for post in results.posts},
        authors=posts.authors_of(post["id"] for post in results.posts),
        first=(results.page - 1) * search.PER_PAGE + 1,
        most=search.MAX_PAGES * search.PER_PAGE,
    )


def _page() -> int:
    page = request.args.get("page", "1")
    if len(page) > 3 or not (page.isascii() and page.isdigit()):
        raise errors.NotFound("There is no such page of results.")
    return int(page)


def _highlight(post: sqlite3.Row, terms: list[search_query.Term]) -> dict[str, list[snippets.Part]]:
    return {
        "title": snippets.highlight(titles.to_text(post["title"]) or "Untitled", terms),
        "text": snippets.extract(post["body"], terms),
    }


@bp.route("/search/suggestions")
@cacheable()
def suggestions() -> Response:
    """Return the titles that match an unfinished query, as JSON."""
    found = search.suggest(search_query.clean_query(request.args.get("q", "")))
    return jsonify(
        [{"title": titles.to_text(post["title"]), "url": urls.post_url(post)} for post in found]
    )
