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
from ..models import search_texts
from ..models import stems
from ..page_cache.middleware import cacheable
from ..text import search_query
from ..text import snippets
from ..text import titles
from ..text.snippets import Part
from ..web import frozen
from ..web import search_indexing
from ..web import site_settings
from ..web import urls

bp = Blueprint("search", __name__)


@bp.route("/search")
@cacheable()
def index() -> str:
    """Show the search results, best first."""
    typed = search_query.clean_query(request.args.get("q", ""))
    style = site_settings.text_style()
    results = search.find(typed, _page(), style)
    # Static pages have an index of their own.
    if not frozen.is_frozen():
        search_indexing.start()
    texts = search_texts.get_texts(results.posts, style)
    return render_template(
        "public/search/index.html",
        typed=typed,
        results=results,
        hits={post["id"]: _highlight(post, texts, results.terms) for post in results.posts},
        authors=posts.authors_of(post["id"] for post in results.posts),
        first=(results.page - 1) * search.PER_PAGE + 1,
    )


def _page() -> int:
    page = request.args.get("page", "1")
    if len(page) > 3 or not (page.isascii() and page.isdigit()):
        raise errors.NotFound("There is no such page of results.")
    return int(page)


def _highlight(
    post: sqlite3.Row, texts: dict[int, str], terms: list[search_query.Term]
) -> dict[str, list[Part]]:
    return {
        "title": snippets.highlight(titles.to_text(post["title"]) or "Untitled", terms, stems.stem),
        "text": snippets.extract(texts[post["id"]], terms, stems.stem),
    }


@bp.route("/search/suggestions")
@cacheable()
def suggestions() -> Response:
    """Return the titles that match an unfinished query, as JSON."""
    found = search.suggest(search_query.clean_query(request.args.get("q", "")))
    return jsonify(
        [{"title": titles.to_text(post["title"]), "url": urls.post_url(post)} for post in found]
    )
