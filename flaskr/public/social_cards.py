"""The cards of posts without a picture, for link previews."""

from flask import Blueprint
from flask import Response
from flask import request
from werkzeug.wrappers import Response as AnyResponse

from .. import errors
from ..models import posts
from ..web import social_cards

bp = Blueprint("social_cards", __name__)

YEAR_SECONDS = 60 * 60 * 24 * 365


@bp.route("/social-card/<int:id>-<version>.png")
def show(id: int, version: str) -> AnyResponse:
    """Return the card of a visible post. Only its current version is drawn."""
    card = social_cards.find_card(posts.get(id, None))
    if card is None or card.version != version:
        raise errors.NotFound("There is no such image.")
    response = Response(card.draw(), mimetype="image/png")
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = YEAR_SECONDS
    response.add_etag()
    return response.make_conditional(request)
