"""The blog's icons, accent color, style rules and web app manifest."""

from flask import Blueprint
from flask import Response
from flask import jsonify
from flask import redirect
from flask import request
from flask import url_for
from werkzeug.wrappers import Response as AnyResponse

from .. import errors
from .. import images
from ..images import default_icon
from ..models import settings
from ..web import appearance
from ..web import site_settings

bp = Blueprint("branding", __name__)

YEAR_SECONDS = 60 * 60 * 24 * 365
DAY_SECONDS = 60 * 60 * 24
# The lightness is clamped, so that the accent keeps a contrast of at least 4.5 (WCAG 2.2, 1.4.3)
# on both backgrounds. Browsers without relative colors keep the default accent.
STYLE = """\
@supports (color: oklch(from red l c h)) {{
  :root {{
    --accent:
      var(--light, oklch(from {color} min(l, 0.485) c h))
      var(--dark, oklch(from {color} max(l, 0.72) c h));
    --on-accent: var(--light, #ffffff) var(--dark, #000000);
  }}
}}
"""


@bp.route("/settings/accent/<digits>.css")
def accent(digits: str) -> AnyResponse:
    """Return the style rules for the accent color that the URL names."""
    color = f"#{digits}"
    if not settings.COLOR.fullmatch(color):
        raise errors.NotFound("This is not a color.")
    return _cached(Response(STYLE.format(color=color), mimetype="text/css"), DAY_SECONDS)


@bp.route("/settings/css/<version>.css")
def custom_css(version: str) -> AnyResponse:
    """Return the owner's style rules. The URL contains their version, as that of an icon does."""
    response = Response(appearance.custom_css(), mimetype="text/css")
    return _cached_if_current(response, version == appearance.custom_css_version())


def _cached_if_current(response: Response, is_current: bool) -> AnyResponse:
    if not is_current:
        return _cached(response, 0)
    response.cache_control.immutable = True
    return _cached(response, YEAR_SECONDS)


def _cached(response: Response, seconds: int) -> AnyResponse:
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    response.add_etag()
    return response.make_conditional(request)


@bp.route("/settings/icon/<version>/<name>")
def icon(version: str, name: str) -> AnyResponse:
    """Return an icon. The URL contains its version, so that it can be cached forever."""
    kind = "image/x-icon" if name.endswith(".ico") else "image/png"
    response = Response(settings.get_icon(name), mimetype=kind)
    return _cached_if_current(response, version == site_settings.get(settings.ICON))


@bp.route("/favicon.ico")
def favicon() -> AnyResponse:
    """Return the icon for programs that do not read the page's links."""
    if not site_settings.get(settings.ICON):
        drawn = Response(default_icon.draw_favicon(), mimetype="image/x-icon")
        return _cached(drawn, DAY_SECONDS)
    return _cached(Response(settings.get_icon("favicon.ico"), mimetype="image/x-icon"), 0)


@bp.route("/apple-touch-icon.png")
@bp.route("/apple-touch-icon-precomposed.png")
def touch_icon() -> AnyResponse:
    """Redirect iPhones, which look here first, to the icon in its size, or draw one."""
    version = site_settings.get(settings.ICON)
    if not version:
        drawn = Response(default_icon.draw_touch_icon(), mimetype="image/png")
        return _cached(drawn, DAY_SECONDS)
    return redirect(url_for("branding.icon", version=version, name="180.png"))


@bp.route("/settings/site.webmanifest")
def manifest() -> AnyResponse:
    """Return the web app manifest, with which phones install the blog as an app."""
    version = site_settings.get(settings.ICON)
    icons = [
        {
            "src": url_for("branding.icon", version=version, name=f"{size}.png"),
            "sizes": f"{size}x{size}",
            "type": "image/png",
        }
        for size in images.ICON_SIZES
        if version
    ]
    response = jsonify(
        name=site_settings.get("SITE_TITLE"),
        description=site_settings.get("DESCRIPTION"),
        lang=site_settings.get("LANGUAGE"),
        start_url=url_for("index"),
        display="browser",
        icons=icons,
    )
    response.mimetype = "application/manifest+json"
    return _cached(response, 0)
