"""Revisions, the trash, and previews."""

from typing import Any

from flask import g

from ..db import transaction
from ..models import posts
from ..models import rendered_html
from ..models import revisions
from ..models import trash
from ..models import version_history
from ..web import site_settings
from . import access
from . import table
from .posts import SHAPES
from .posts import make_urls_absolute
from .posts import reply_with
from .table import AFTER
from .table import BEFORE
from .table import Field
from .table import Operation
from .table import Reply
from .table import Shape
from .times import format_time

REVISION = Shape(
    "Revision",
    (
        Field("id", table.integer(1), is_read_only=True),
        Field("created", table.TIME, is_read_only=True),
        Field("title", table.STRING, is_read_only=True),
        Field("body", table.STRING, "Not in lists.", is_read_only=True),
        Field("editor", table.nullable(table.STRING), is_read_only=True),
    ),
)
DELETED = Shape(
    "DeletedPost",
    (
        Field("id", table.integer(1), is_read_only=True),
        Field("title", table.STRING, is_read_only=True),
        Field("deleted", table.TIME, is_read_only=True),
    ),
)
TEXT = Shape(
    "Text",
    (
        Field("body", table.STRING, "Markdown.", is_required=True),
        Field("language", table.STRING, "A code such as pt-BR."),
    ),
)
HTML = Shape("HTML", (Field("html", table.STRING, "Safe to show on any page."),))


def list_revisions(id: int, query: dict[str, Any]) -> Reply:
    """List the versions of a post, newest first."""
    posts.get_for_edit(id, g.user)
    page = version_history.list_page(id, query.get("before"))
    found = [
        {
            "id": entry.row["id"],
            "created": format_time(entry.row["created"]),
            "title": entry.row["title"],
            "editor": entry.row["editor"],
        }
        for entry in page.entries
    ]
    return Reply(found, links={"next": {"before": page.older}} if page.older else {})


def show_revision(id: int, revision_id: int) -> Reply:
    """Return a version of a post."""
    posts.get_for_edit(id, g.user)
    found = revisions.get(id, revision_id)
    details = revisions.get_details(id, found.id)
    return Reply(
        {
            "id": found.id,
            "created": format_time(details["created"]),
            "title": found.title,
            "body": found.body,
            "editor": details["editor"],
        }
    )


def list_trash(query: dict[str, Any]) -> Reply:
    """List deleted posts, last deleted first."""
    page = trash.for_writer(g.user, before=query.get("before"), after=query.get("after"))
    found = [
        {"id": row["post_id"], "title": row["title"], "deleted": format_time(row["deleted"])}
        for row in page.posts
    ]
    return Reply(found, links=table.links(page))


def restore(id: int) -> Reply:
    """Restore a post from the trash. If it was public, the token must be allowed to publish."""
    with transaction():
        trash.restore(id, g.user)
        post = posts.get(id, g.user)
        access.require_scopes_to_change(post["status"])
    return reply_with(post)


def preview(body: dict[str, Any]) -> Reply:
    """Render Markdown without storing it."""
    style = site_settings.text_style(body.get("language", ""))
    html = rendered_html.render_unstored(body["body"], 0, style).html
    return Reply({"html": make_urls_absolute(html, "")})


OPERATIONS = (
    Operation(
        "GET",
        "/posts/{id}/revisions",
        list_revisions,
        "read",
        REVISION,
        is_list=True,
        query=(Field("before", table.integer(1), "The id from a link to the next page."),),
    ),
    Operation("GET", "/posts/{id}/revisions/{revision_id}", show_revision, "read", REVISION),
    Operation("GET", "/trash", list_trash, "read", DELETED, is_list=True, query=(BEFORE, AFTER)),
    Operation("POST", "/trash/{id}/restoration", restore, "write", SHAPES["page"]),
    Operation(
        "POST",
        "/preview",
        preview,
        "read",
        HTML,
        body=TEXT,
        example={"body": {"body": "The *sea*"}},
    ),
)
