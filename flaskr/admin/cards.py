"""The page on which a writer has the title and picture of a link fetched for its card."""

from typing import TYPE_CHECKING

from flask import Blueprint
from flask import g
from flask import jsonify
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response

from .. import errors
from .. import images
from ..auth import login_required
from ..models import cards
from ..models import media
from ..text import page_metadata
from ..web import security
from ..web.error_pages import form_status
from ..web.error_pages import wants_json

if TYPE_CHECKING:
    from ..web import fetching

bp = Blueprint("cards", __name__, url_prefix="/media/cards")

MAX_PAGE_BYTES = 512 * 1024
MAX_IMAGE_BYTES = 3 * 1024 * 1024
FETCHES_PER_HOUR = 60


def _download(url: str, *, max_bytes: int) -> "fetching.Fetched":
    # It needs TLS, which takes time to load and is used for nothing else.
    from ..web import fetching

    return fetching.fetch(url, max_bytes=max_bytes)


@bp.route("", methods=("GET", "POST"))
@login_required
def new() -> tuple[str, int] | Response:
    """Ask for consent, then fetch the title and picture of a page and store them."""
    problem, found, status = None, None, 200
    if request.method == "POST":
        try:
            found = _fetch(cards.check_url(request.form.get("url", "")))
        except errors.Invalid as error:
            if wants_json():
                raise
            problem, status = error, form_status(error)
        else:
            if wants_json():
                return jsonify(found | {"picture": _picture_url(found["image"])})
    page = render_template(
        "admin/cards/new.html", problem=problem, found=found, url=request.values.get("url", "")
    )
    return page, status


def _picture_url(image: str) -> str:
    """Return the URL of a small variant of a picture in the library, or ''."""
    if not image:
        return ""
    medium = media.get(image.removeprefix("/media/"))
    return url_for("media.file", name=media.smallest_variant(medium))


def _fetch(url: str) -> dict[str, str]:
    security.throttle(f"card {g.user['id']}", limit=FETCHES_PER_HOUR, seconds=3600)
    description = _fetch_oembed(url) or _fetch_page(url)
    card = {"title": description.title, "site": description.site}
    card["image"] = _store_image(description.image)
    cards.store(url, **card, user=g.user)
    return card | {"url": url}


def _fetch_oembed(url: str) -> page_metadata.Description | None:
    """Return the description of a page from its site's oEmbed service, or None."""
    description_url = page_metadata.oembed_url(url)
    if not description_url:
        return None
    try:
        fetched = _download(description_url, max_bytes=MAX_PAGE_BYTES)
    except errors.Invalid:
        return None
    return page_metadata.from_json(fetched.content, url)


def _fetch_page(url: str) -> page_metadata.Description:
    fetched = _download(url, max_bytes=MAX_PAGE_BYTES)
    if fetched.type not in ("text/html", "application/xhtml+xml"):
        raise errors.Invalid("This address is not a web page. Leave it as a link.", "url")
    return page_metadata.from_html(fetched.content, fetched.url, fetched.charset)


def _store_image(url: str) -> str:
    """Store a page's picture in the media library and return its URL; without one, return ''."""
    if not url:
        return ""
    try:
        image = _download(url, max_bytes=MAX_IMAGE_BYTES + 1)
        prepared = images.prepare(image.content, max_bytes=MAX_IMAGE_BYTES)
    except (errors.Invalid, errors.TooLong):
        return ""
    # Other files, like drawings with scripts, must not be served from this host.
    if prepared.type not in images.FORMATS:
        return ""
    return f"/media/{media.add_prepared(prepared, 'card', g.user['id'])['name']}"
