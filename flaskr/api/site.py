"""The name of the site, the settings and the redirects."""

from typing import Any

from flask import g
from flask import url_for

from .. import errors
from ..models import permissions
from ..models import redirects
from ..models import settings
from ..web import site_settings
from ..web import urls
from . import table
from .table import Field
from .table import Operation
from .table import Reply
from .table import Shape
from .times import format_time

PUBLIC = ("SITE_TITLE", "TAGLINE", "DESCRIPTION", "LANGUAGE", "TIMEZONE")


def _field(name: str) -> Field:
    number = table.integer(1, settings.MAX_LISTED_POSTS)
    return Field(name.lower(), number if name in settings.NUMBERS else table.STRING)


SITE = Shape("Site", (*map(_field, PUBLIC), Field("url", table.URL)))
SETTINGS = Shape(
    "Settings",
    (
        *map(_field, settings.CHECKS),
        Field("locked", table.NAMES, "Settings that cannot be changed here.", is_read_only=True),
    ),
)
REDIRECT = Shape(
    "Redirect",
    (
        Field("id", table.integer(1), is_read_only=True),
        Field("path", table.STRING, "The path of the old address.", is_required=True),
        Field(
            "target",
            table.nullable(table.STRING),
            "A path or URL. Null: the page is gone for good.",
            is_required=True,
        ),
        Field("created", table.TIME, is_read_only=True),
    ),
)


def show_site() -> Reply:
    """Return the name, description, language and time zone of the blog."""
    found = {name.lower(): site_settings.get(name) for name in PUBLIC}
    return Reply({**found, "url": urls.make_absolute(url_for("index"))})


def show_settings() -> Reply:
    """Return the settings that the owner can change in the browser."""
    permissions.require(g.user, "change settings")
    found = {name.lower(): site_settings.get(name) for name in settings.CHECKS}
    return Reply({**found, "locked": [name.lower() for name in site_settings.locked()]})


def change_settings(body: dict[str, Any]) -> Reply:
    """Change settings."""
    values = {name.upper(): str(value) for name, value in body.items()}
    for name, source in site_settings.locked().items():
        if name in values:
            raise errors.Conflict(f"This is set {source}.", name.lower())
    site_settings.change(values, g.user)
    return show_settings()


def list_redirects() -> Reply:
    """List the redirects that the owner has made, the newest first."""
    permissions.require(g.user, "change redirects")
    return Reply(
        [{**dict(row), "created": format_time(row["created"])} for row in redirects.list_all()]
    )


def add_redirect(body: dict[str, Any]) -> Reply:
    """Redirect an old address, or report that it is gone."""
    path = redirects.add(body["path"], body["target"], g.user)
    (found,) = (one for one in list_redirects().data if one["path"] == path)
    return Reply(found)


def delete_redirect(id: int) -> Reply:
    """Delete a redirect."""
    redirects.delete(id, g.user)
    return Reply(None)


OPERATIONS = (
    Operation("GET", "/site", show_site, returns=SITE, cached={}),
    Operation("GET", "/settings", show_settings, "settings", SETTINGS),
    Operation(
        "PATCH",
        "/settings",
        change_settings,
        "settings",
        SETTINGS,
        answer_scope="settings",
        body=SETTINGS,
        example={"body": {"tagline": "Notes from the coast"}},
    ),
    Operation("GET", "/redirects", list_redirects, "settings", REDIRECT, is_list=True),
    Operation(
        "POST",
        "/redirects",
        add_redirect,
        "settings",
        REDIRECT,
        answer_scope="settings",
        body=REDIRECT,
        status=201,
        example={"body": {"path": "/old", "target": "/about"}},
    ),
    Operation("DELETE", "/redirects/{id}", delete_redirect, "settings"),
)
