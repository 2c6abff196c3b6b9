"""Posts and pages: list, read, write, publish and delete them."""

import sqlite3
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from contextlib import nullcontext
from types import MappingProxyType
from typing import Any

from flask import g
from flask import url_for
from werkzeug.exceptions import BadRequest

from .. import errors
from ..db import transaction
from ..models import permissions
from ..models import post_fields
from ..models import post_filters
from ..models import post_lists
from ..models import posts
from ..models import profiles
from ..models import rendered_html
from ..models import revisions
from ..models import search
from ..models import series
from ..models import tags
from ..models import trash
from ..text import absolute_urls
from ..web import site_settings
from ..web import urls
from . import access
from . import idempotency
from . import responses
from . import table
from .table import AFTER
from .table import BEFORE
from .table import Field
from .table import Operation
from .table import Reply
from .table import Shape
from .times import format_time

MAX_LIMIT = 100
DEFAULT_LIMIT = 20
FIELDS = (
    Field("id", table.integer(1), is_read_only=True),
    Field("url", table.URL, "The address of the page.", is_read_only=True),
    Field("title", table.STRING, "Only drafts may have none.", is_required=True),
    Field("body", table.STRING, "Markdown. Lists have it with `include=body`.", is_required=True),
    Field("status", table.choice("draft", "published"), "A new post is a draft by default."),
    Field("created", table.TIME, "The date. A post with a future date is scheduled."),
    Field("updated", table.nullable(table.TIME), "The last change.", is_read_only=True),
    Field("slug", table.nullable(table.STRING), "The end of the address. Null: from the title."),
    Field("summary", table.STRING),
    Field("language", table.STRING, "A code such as pt-BR, or empty for the blog's language."),
    Field("cover", table.STRING, "The address of an image."),
    Field("tags", table.NAMES),
    Field("authors", table.NAMES, "User names, the main author first."),
    Field("series", table.STRING, "The name of a series, or empty."),
    Field("part", table.nullable(table.integer(0, 999_999)), "The number in the series."),
    Field(
        "revision",
        table.integer(),
        "The newest version, for authors.",
        is_read_only=True,
    ),
    Field("html", table.STRING, "The text as HTML, with `include=html`.", is_read_only=True),
)
MENU_POSITION = Field("menu_position", table.integer(0, 999_999), "The place in the menu.")
SHAPES = {"post": Shape("Post", FIELDS), "page": Shape("Page", (*FIELDS, MENU_POSITION))}
INCLUDED = Field("include", table.choices("body", "html"), "Long members to add: body, html.")
BASE = Field("base", table.integer(), "The revision that was edited: later changes are merged.")


FILTERS = (
    Field("status", table.choice(*post_filters.STATUSES), "All but published need the scope read."),
    Field("tag", table.STRING, "The end of the address of a tag."),
    Field("series", table.STRING, "The end of the address of a series."),
    Field("author", table.STRING, "A user name."),
    Field("q", table.STRING, "Words to search for, best matches first."),
    Field("page", table.integer(1, 10_000), "The page of the results of a search."),
    Field(
        "limit", table.integer(1, MAX_LIMIT), f"At most {MAX_LIMIT}, by default {DEFAULT_LIMIT}."
    ),
)
CREATED = {
    "body": {"title": "Tides", "body": "The *sea* at night.", "tags": ["sea"]},
    "headers": {"Idempotency-Key": "0f5a7c1e-29d4-4b4e-8c39-5a2f8f1d2b6a"},
}
REPLACED = {"body": {"title": "Tides", "body": "The *sea* by day."}}
CHANGED = {"body": {"summary": "About the sea"}}


def as_json(rows: Iterable[sqlite3.Row]) -> list[dict[str, Any]]:
    """Return posts as JSON, without the members that must be asked for."""
    rows = list(rows)
    ids = [row["id"] for row in rows]
    tags_of, authors_of = tags.for_posts(ids), posts.authors_of(ids)
    return [
        _post(row, tags_of[row["id"]], authors_of[row["id"]], series.for_post(row["id"]))
        for row in rows
    ]


def _post(
    row: sqlite3.Row,
    its_tags: list[sqlite3.Row],
    authors: list[sqlite3.Row],
    in_series: sqlite3.Row | None,
) -> dict[str, Any]:
    menu = {"menu_position": row["menu_position"]} if row["kind"] == "page" else {}
    return {
        "id": row["id"],
        "url": urls.make_absolute(urls.post_url(row)),
        "title": row["title"],
        "status": row["status"],
        "created": format_time(row["created"]),
        "updated": format_time(row["updated"]),
        "slug": row["slug"],
        "summary": row["summary"],
        "language": row["language"],
        "cover": row["cover"],
        "tags": [tag["name"] for tag in its_tags],
        "authors": [author["username"] for author in authors],
        "series": in_series["name"] if in_series else "",
        "part": in_series["part"] if in_series else None,
        **menu,
    }


def full_json(row: sqlite3.Row) -> dict[str, Any]:
    """Return a post as JSON, with its text."""
    (found,) = as_json([row])
    return {**found, "body": row["body"]}


def render(row: sqlite3.Row) -> str:
    """Return the HTML of a post with absolute URLs."""
    html = rendered_html.for_page(row, site_settings.text_style()).html
    return make_urls_absolute(html, urls.make_absolute(urls.post_url(row)))


def make_urls_absolute(html: str, page: str) -> str:
    """Return HTML that can be shown elsewhere."""
    root = urls.public_root()
    return absolute_urls.map_urls(html, lambda url: absolute_urls.absolutize_url(url, page, root))


def reply_with(
    row: sqlite3.Row, query: Mapping[str, Any] = MappingProxyType({}), *, location: str = ""
) -> Reply:
    """Return the reply that describes a post."""
    found = full_json(row)
    version = responses.digest(found)
    if permissions.may(access.reader(), "edit post", row):
        found["revision"] = revisions.newest_id(row["id"])
    return Reply(_select(found, row, query), version, location)


def _select(found: dict[str, Any], row: sqlite3.Row, query: Mapping[str, Any]) -> dict[str, Any]:
    """Add the members that the query includes, and leave out those that it does not select."""
    wanted = {*query.get("include", ()), *query.get("fields", ())}
    if "html" in wanted:
        found = {**found, "html": render(row)}
    if "body" in wanted:
        found = {**found, "body": row["body"]}
    if "fields" in query:
        return {name: value for name, value in found.items() if name in wanted}
    return found


def list_some(kind: str, query: dict[str, Any]) -> Reply:
    """List posts, newest first, or the results of a search, best first."""
    if query.get("q"):
        rows, links = _search(kind, query)
    else:
        page = post_filters.find(
            _read_filter(kind, query),
            access.reader(),
            before=query.get("before"),
            after=query.get("after"),
            per_page=query.get("limit", DEFAULT_LIMIT),
        )
        rows, links = page.posts, table.links(page)
    found = zip(as_json(rows), rows, strict=True)
    return Reply([_select(one, row, query) for one, row in found], links=links)


def _read_filter(kind: str, query: dict[str, Any]) -> post_filters.Filter:
    status = query.get("status", "published")
    if status != "published":
        access.check_scope("read")
    reader = access.reader()
    return post_filters.Filter(
        kind,
        status,
        _find_id(tags.get_by_slug, query.get("tag"), reader),
        _find_id(profiles.get_by_url_name, query.get("author"), reader),
        _find_id(series.get_by_slug, query.get("series"), reader),
    )


def _find_id(get: Callable[..., sqlite3.Row], name: str | None, reader: Any) -> int | None:
    """Return the id of the thing with this name now or formerly, if a name is given."""
    if name is None:
        return None
    try:
        return int(get(name, reader)["id"])
    except errors.Moved as moved:
        return int(get(moved.slug, reader)["id"])


def _search(kind: str, query: dict[str, Any]) -> tuple[list[sqlite3.Row], dict[str, Any]]:
    if query.keys() - {"q", "page", "fields", "include"}:
        raise BadRequest("A search can be combined only with page, fields and include.")
    number = query.get("page", 1)
    results = search.find(query["q"], number, site_settings.text_style(), suggests=False)
    links = {"prev": {"page": number - 1}} if number > 1 else {}
    links |= {"next": {"page": number + 1}} if results.has_next else {}
    return [row for row in results.posts if row["kind"] == kind], links


def show(kind: str, id: int, query: dict[str, Any]) -> Reply:
    """Return a post."""
    row = posts.get(id, access.reader())
    _require_kind(row, kind)
    return reply_with(row, query)


def _require_kind(row: sqlite3.Row, kind: str) -> None:
    if row["kind"] != kind:
        raise errors.NotFound(f"There is no such {kind}.")


def create(kind: str, body: dict[str, Any]) -> Reply:
    """Create a post. It is a draft by default."""
    access.require_scopes_to_change(body.get("status", "draft"))
    with transaction():
        post_id = idempotency.find_post()
        if post_id is None:
            post_id = posts.create(
                author_id=g.user["id"],
                user=g.user,
                kind=kind,
                **{"status": "draft", **_rename(body)},
            )
            idempotency.remember(post_id)
    location = url_for(f"api.show_{kind}", id=post_id)
    return reply_with(posts.get(post_id, g.user), location=location)


def _rename(body: dict[str, Any]) -> dict[str, Any]:
    """Return fields under the names that the rules have for them."""
    fields = dict(body)
    if "slug" in fields:
        fields["address"] = fields.pop("slug") or ""
    # Another spelling renames the series, which visitors see even if the post is a draft.
    if "series" in fields and "settings" not in g.scopes:
        fields["series"] = series.find_spelling(fields["series"])
    return fields


def replace(kind: str, id: int, query: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Replace a post. Fields that are left out get their defaults."""
    defaults = {
        field.name: post_fields.DEFAULTS[field.name]
        for field in SHAPES[kind].writable()
        # The authors stay unless others are named.
        if field.name in post_fields.DEFAULTS and field.name != "authors"
    }
    return _update(kind, id, query, {**defaults, **body})


def change(kind: str, id: int, query: dict[str, Any], body: dict[str, Any]) -> Reply:
    """Change some fields of a post (RFC 7396)."""
    return _update(kind, id, query, body)


def _update(kind: str, id: int, query: dict[str, Any], changes: dict[str, Any]) -> Reply:
    # With a condition, the check and the change are one transaction.
    with transaction() if responses.is_conditional() else nullcontext():
        row = _get_for_change(kind, id, changes.get("status"))
        fields = {"title": row["title"], "body": row["body"], **_rename(changes)}
        if "series" in changes or "part" in changes:
            fields |= _read_series(row, fields)
        if fields.get("created") == row["stored_created"]:
            # Only another date counts as one that the author chose.
            del fields["created"]
        expected = access.expected_status(row)
        posts.update(id, g.user, base=query.get("base"), expected_status=expected, **fields)
    return reply_with(posts.get(id, g.user))


def _get_for_change(kind: str, id: int, new_status: str | None = None) -> sqlite3.Row:
    """Return a post that the token and its user may change, in the version of the request."""
    row = posts.get_for_edit(id, g.user)
    _require_kind(row, kind)
    access.require_scopes_to_change(row["status"], new_status)
    if responses.is_conditional():
        responses.check_version(responses.digest(full_json(row)))
    return row


def _read_series(row: sqlite3.Row, changes: dict[str, Any]) -> dict[str, Any]:
    """Return the series and the part, which are stored together."""
    before = series.for_post(row["id"])
    current = {"series": before["name"], "part": before["part"]} if before else {}
    found = {"series": "", "part": None, **current, **changes}
    return {"series": found["series"] or "", "part": found["part"]}


def delete(kind: str, id: int) -> Reply:
    """Move a post to the trash."""
    with transaction():
        _get_for_change(kind, id)
        trash.put(id, g.user)
    return Reply(None)


def publish(kind: str, id: int) -> Reply:
    """Publish a post, now or on its date."""
    return _update(kind, id, {}, {"status": "published"})


def unpublish(kind: str, id: int) -> Reply:
    """Make a post a draft again."""
    return _update(kind, id, {}, {"status": "draft"})


def operations(kind: str) -> tuple[Operation, ...]:
    """Return the operations on posts or pages."""
    shape, many = SHAPES[kind], f"/{kind}s"
    one, publication = f"{many}/{{id}}", f"{many}/{{id}}/publication"
    names = table.choices(*(field.name for field in shape.fields))
    selection = (Field("fields", names, "Only these members."), INCLUDED)
    found = (
        Operation(
            "GET",
            many,
            list_some,
            returns=shape,
            is_list=True,
            query=(*FILTERS, BEFORE, AFTER, *selection),
            cached=post_lists.ARGUMENTS,
            example={"query": {"limit": 2}},
        ),
        Operation("POST", many, create, "write", shape, status=201, body=shape, example=CREATED),
        Operation("GET", one, show, returns=shape, query=selection, cached={}),
        Operation("PUT", one, replace, "write", shape, body=shape, query=(BASE,), example=REPLACED),
        Operation("PATCH", one, change, "write", shape, body=shape, query=(BASE,), example=CHANGED),
        Operation("DELETE", one, delete, "write"),
        Operation("POST", publication, publish, "publish", shape),
        Operation("DELETE", publication, unpublish, "publish", shape),
    )
    return tuple(operation._replace(kind=kind) for operation in found)
