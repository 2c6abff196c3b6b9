"""Tags, series and users."""

import sqlite3
from typing import Any

from flask import g
from flask import url_for

from ..models import permissions
from ..models import profiles
from ..models import series
from ..models import tags
from ..models import users
from ..web import urls
from . import access
from . import table
from .table import Field
from .table import Operation
from .table import Reply
from .table import Shape

NAME = Field("name", table.STRING, is_required=True)
SLUG = Field("slug", table.STRING, "The end of the address.", is_read_only=True)
URL = Field("url", table.URL, "The address of the page.", is_read_only=True)
COUNT = Field("posts", table.integer(), "The number of posts. Only in lists.", is_read_only=True)
TAG = Shape("Tag", (NAME, SLUG, URL, COUNT))
SERIES = Shape("Series", (NAME, SLUG, URL, COUNT))
USER = Shape(
    "User",
    (
        Field("id", table.integer(1), is_read_only=True),
        Field("username", table.STRING, is_read_only=True),
        Field("display_name", table.STRING, "Shown instead of the user name, unless empty."),
        Field("bio", table.STRING),
        Field(
            "role", table.STRING, "Only for the owner, and for the user's own.", is_read_only=True
        ),
        URL,
    ),
)
RENAMED = {"body": {"name": "Sea"}}


def _name_json(row: sqlite3.Row, endpoint: str) -> dict[str, Any]:
    url = urls.make_absolute(url_for(endpoint, slug=row["slug"]))
    count = {"posts": row["posts"]} if "posts" in row.keys() else {}  # noqa: SIM118  # rows
    return {"name": row["name"], "slug": row["slug"], "url": url, **count}


def _tag_json(row: sqlite3.Row) -> dict[str, Any]:
    return _name_json(row, "archives.tag")


def _series_json(row: sqlite3.Row) -> dict[str, Any]:
    return _name_json(row, "archives.parts")


def list_tags() -> Reply:
    """List the tags of published posts, or all tags for users."""
    rows = tags.list_all() if access.reader() else tags.list_public()
    return Reply([_tag_json(row) for row in rows])


def show_tag(slug: str) -> Reply:
    """Return a tag."""
    return Reply(_tag_json(tags.get_by_slug(slug, access.reader())))


def rename_tag(slug: str, body: dict[str, Any]) -> Reply:
    """Rename a tag, or merge it into the one that has the name already."""
    tag = tags.get_by_slug(slug, g.user)
    return Reply(_tag_json(tags.rename(tag["id"], body.get("name", tag["name"]), g.user)))


def delete_tag(slug: str) -> Reply:
    """Delete a tag; its posts stay."""
    tags.delete(tags.get_by_slug(slug, g.user)["id"], g.user)
    return Reply(None)


def list_series() -> Reply:
    """List the series with published parts, or all series for users."""
    return Reply([_series_json(row) for row in series.list_all(access.reader())])


def show_series(slug: str) -> Reply:
    """Return a series."""
    return Reply(_series_json(series.get_by_slug(slug, access.reader())))


def rename_series(slug: str, body: dict[str, Any]) -> Reply:
    """Rename a series."""
    found = series.get_by_slug(slug, g.user)
    return Reply(_series_json(series.rename(found["id"], body.get("name", found["name"]), g.user)))


def _user_json(row: sqlite3.Row) -> dict[str, Any]:
    sees_role = row["id"] == g.user["id"] or permissions.may(g.user, "change settings")
    members = ("id", "username", "display_name", "bio", *(("role",) if sees_role else ()))
    url = urls.make_absolute(urls.person_url(row["id"], row["username"]))
    return {**{name: row[name] for name in members}, "url": url}


def list_users() -> Reply:
    """List the users."""
    return Reply([_user_json(row) for row in profiles.list_all()])


def show_user(id: int) -> Reply:
    """Return a user."""
    return Reply(_user_json(profiles.get_by_url_name(str(id), g.user)))


def show_self() -> Reply:
    """Return the user of the token."""
    return Reply(_user_json(g.user))


def change_self(body: dict[str, Any]) -> Reply:
    """Change the user's own display name and bio."""
    current = {"display_name": g.user["display_name"], "bio": g.user["bio"]}
    profiles.update(g.user["id"], **{**current, **body})
    changed = users.find(g.user["id"])
    assert changed is not None, "the user is logged in"  # noqa: S101  # for the types
    return Reply(_user_json(changed))


OPERATIONS = (
    Operation("GET", "/tags", list_tags, returns=TAG, is_list=True, cached={}),
    Operation("GET", "/tags/{slug}", show_tag, returns=TAG, cached={}),
    Operation("PATCH", "/tags/{slug}", rename_tag, "settings", TAG, body=TAG, example=RENAMED),
    Operation("DELETE", "/tags/{slug}", delete_tag, "settings"),
    Operation("GET", "/series", list_series, returns=SERIES, is_list=True, cached={}),
    Operation("GET", "/series/{slug}", show_series, returns=SERIES, cached={}),
    Operation(
        "PATCH", "/series/{slug}", rename_series, "settings", SERIES, body=SERIES, example=RENAMED
    ),
    Operation("GET", "/users", list_users, "read", USER, is_list=True),
    Operation("GET", "/users/{id}", show_user, "read", USER),
    Operation("GET", "/users/me", show_self, "read", USER),
    Operation(
        "PATCH",
        "/users/me",
        change_self,
        "settings",
        USER,
        body=USER,
        example={"body": {"bio": "Writes about the sea."}},
    ),
)
