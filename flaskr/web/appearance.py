"""The chosen design and the owner's style rules on a page."""

import hashlib
import sqlite3
from collections.abc import Iterable
from collections.abc import Mapping

from flask import g
from flask import request
from flask import url_for
from markupsafe import Markup

from .. import text
from ..models import looks
from ..models import post_lists
from ..models import responsive_images
from . import security
from . import site_settings

# The owner's rules apply to these only, so that no rule can hide the form that removes it.
READERS_BLUEPRINTS = ("archives", "search")
FRONT_ENDPOINTS = ("index", "blog.index", "design.preview")
READERS_ENDPOINTS = ("index", "blog.index", "blog.all_posts", "blog.show", "blog.show_by_id")


def look() -> looks.Look:
    """Return the design of the page."""
    return looks.LOOKS[site_settings.get("LOOK")]


def covers(
    posts: Iterable[sqlite3.Row], rendered: Mapping[int, text.Rendered] | None = None
) -> dict[int, Markup]:
    """Return the covers for a list of posts by post id, as far as the design shows them.

    With the posts' HTML, the design may use their first images in place of missing covers.
    """
    if not look().covers:
        return {}
    urls = {post["id"]: post["cover"] for post in posts}
    if look().first_images and rendered:
        for id, url in urls.items():
            urls[id] = url or responsive_images.find_first(rendered[id].html)
    shown = {id: url for id, url in urls.items() if url}
    return responsive_images.render_images(shown, are_lazy=True)


def header_picture() -> Markup | None:
    """Return the picture above the front page, if the owner chose one and the look shows it."""
    url = site_settings.get("HEADER_PICTURE")
    is_front = request.endpoint in FRONT_ENDPOINTS and not (
        request.args.keys() & set(post_lists.ARGUMENTS)
    )
    if not url or not is_front or not look().header:
        return None
    return responsive_images.render_header(url, site_settings.get("HEADER_ALT"))


def custom_css_url() -> str | None:
    """Return the URL of the owner's style rules, or None for a page without them."""
    is_for_readers = (
        request.blueprint in READERS_BLUEPRINTS or request.endpoint in READERS_ENDPOINTS
    )
    if not is_for_readers or not custom_css() or request.args.get("css") == "off":
        return None
    return url_for("branding.custom_css", version=custom_css_version())


def custom_css() -> str:
    """Return the owner's style rules."""
    return str(site_settings.get("CUSTOM_CSS"))


def preview_style() -> Markup | None:
    """Return a `<style>` element with the owner's rules on the preview of a design, else None."""
    if "is_design_preview" not in g:
        return None
    # The rules are checked, and contain no HTML.
    rules = Markup(custom_css())  # noqa: S704
    return Markup('<style nonce="{}">{}</style>').format(security.style_nonce(), rules)


def custom_css_version() -> str:
    """Return 16 hexadecimal digits that change with the owner's style rules."""
    return hashlib.sha256(custom_css().encode()).hexdigest()[:16]
