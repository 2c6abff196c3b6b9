"""Micropub (W3C Recommendation of 2017), for programs such as iA Writer.

Programs send a token of the blog. Its scopes `write` and `publish` stand for Micropub's create,
update, delete, undelete and draft.
"""

import sqlite3
from collections.abc import Mapping
from typing import Any
from typing import NamedTuple
from urllib.parse import unquote
from urllib.parse import urlsplit

from flask import Blueprint
from flask import Response
from flask import current_app
from flask import g
from flask import jsonify
from flask import request
from flask import url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import BadRequest
from werkzeug.exceptions import HTTPException

from .. import errors
from ..db import transaction
from ..models import media
from ..models import post_fields
from ..models import post_filters
from ..models import posts
from ..models import tags
from ..models import trash
from ..web import security
from ..web import share_links
from ..web import site_settings
from ..web import urls
from ..web.form_parser import URL_ENCODED
from ..web.tokens import check_scope
from ..web.tokens import log_in
from . import bodies
from . import microformats
from .access import require_scopes_to_change
from .microformats import Properties

bp = Blueprint("micropub", __name__, url_prefix="/micropub")

DEFAULT_LIMIT, MAX_LIMIT = 20, 100
FILE_PROPERTIES = ("photo", "video", "audio")


class Command(NamedTuple):
    """A request of Micropub. `changes` are the operations of an update."""

    action: Any
    url: Any
    kind: Any
    properties: Properties
    changes: Mapping[str, Any]


@bp.before_request
def require_token() -> None:
    """Raise `Unauthorized` without a token, which may also be in the form (RFC 6750, 2.2)."""
    # Browsers ask without one whether a page of another site may send it.
    if request.method == "OPTIONS":
        return
    is_form = request.method == "POST" and request.mimetype == URL_ENCODED
    secrets = request.form.getlist("access_token") if is_form else []
    if len(secrets) + ("Authorization" in request.headers) > 1:
        raise BadRequest("Send the token once: in the header, or in the form.")
    if secrets:
        log_in(secrets[0])
    elif g.user is None:
        check_scope("read")


@bp.route("", methods=("POST",))
def write() -> Response:
    """Create, update, delete or undelete a post."""
    command = _read_command()
    action = ACTIONS.get(command.action) if isinstance(command.action, str) else None
    if action is None:
        raise errors.Invalid("The action has to be create, update, delete or undelete.")
    check_scope("write")
    return action(command)


def _read_command() -> Command:
    if request.is_json:
        found = bodies.parse_json(request.get_data())
        if not isinstance(found, dict) or not isinstance(found.get("properties", {}), dict):
            raise errors.Invalid("The body and its properties have to be objects.")
        properties = _without_empty_lists(found.get("properties", {}))
        action, kinds = found.get("action", "create"), microformats.as_list(found.get("type"))
        return Command(action, found.get("url"), (kinds or ["h-entry"])[0], properties, found)
    properties = {}
    for name, value in request.form.items(multi=True):
        is_html = name == "content[html]"
        values = properties.setdefault("content" if is_html else name.removesuffix("[]"), [])
        values.append({"html": value} if is_html else value)
    properties.pop("access_token", None)
    action, url, kind = (
        properties.pop(name, [default])[0]
        for name, default in (("action", "create"), ("url", None), ("h", "entry"))
    )
    # Updates need the lists of JSON.
    return Command(action, url, kind, properties, {})


def _without_empty_lists(given: Mapping[str, Any]) -> Properties:
    found = {name: microformats.as_list(value) for name, value in given.items()}
    return {name: values for name, values in found.items() if values}


def _create(command: Command) -> Response:
    properties = command.properties
    if command.kind not in ("entry", "h-entry"):
        raise errors.Invalid("This blog only has entries: leave h or the type out.")
    if not properties and not request.files:
        raise errors.Invalid("There is nothing to post.")
    status = microformats.read_status(properties)
    require_scopes_to_change(status)
    status = status or ("published" if "publish" in g.scopes else "draft")
    fields = {"title": "", **microformats.read_fields(properties)}
    content = microformats.read_content(properties.get("content", []))
    body = microformats.join(content, _read_photos(properties))
    fields["title"] = fields["title"] or microformats.make_title(body)
    post_id = posts.create(author_id=g.user["id"], user=g.user, body=body, status=status, **fields)
    return _respond(201, _location(posts.get_stored(post_id), is_new=True))


def _read_photos(properties: Properties) -> list[str]:
    """Return the Markdown of the photos, videos and sounds of a new post."""
    files = [
        file
        for name in FILE_PROPERTIES
        for file in (*request.files.getlist(name), *request.files.getlist(f"{name}[]"))
    ]
    alts = [
        microformats.read_text(alt, "mp-photo-alt") for alt in properties.get("mp-photo-alt", [])
    ]
    linked = microformats.read_photos(properties.get("photo", []), alts[len(files) :])
    if not files:
        return linked
    check_scope("media")
    if len(files) > security.MAX_FILES_PER_UPLOAD:
        raise errors.Invalid(f"Send at most {security.MAX_FILES_PER_UPLOAD} files at once.")
    alts += [""] * len(files)
    stored = [_store(file, alt) for file, alt in zip(files, alts, strict=False)]
    return [media.markdown(one, f"/media/{one['name']}") for one in stored] + linked


def _store(file: FileStorage, alt: str = "") -> sqlite3.Row:
    max_bytes = int(current_app.config["MAX_UPLOAD"])
    content = file.stream.read(max_bytes + 1)
    return media.add(
        content, name=file.filename or "", user_id=g.user["id"], max_bytes=max_bytes, alt=alt
    )


def _respond(status: int, location: str = "") -> Response:
    response = Response(status=status)
    if location:
        response.location = location
    return response


def _location(post: sqlite3.Row, *, is_new: bool = False) -> str:
    """Return the URL of a post.

    A program that may read it or has just sent it gets a URL that works before the post is public.
    """
    is_shared = (is_new or "read" in g.scopes) and not posts.is_visible(post)
    return urls.make_absolute(share_links.share_url(post) if is_shared else urls.post_url(post))


def _update(command: Command) -> Response:
    with transaction():
        post = posts.get_for_edit(_find_id(command.url), g.user)
        before = _describe(post)
        changed = microformats.change(before, command.changes)
        status = microformats.read_status(changed)
        require_scopes_to_change(post["status"], status)
        fields = {"title": post["title"], "body": post["body"], "status": status}
        fields |= microformats.read_fields(changed)
        if "slug" in fields:
            fields["address"] = post_fields.make_slug(fields.pop("slug"), post["id"])
        if changed.keys() & {"content", "photo"}:
            fields["body"] = microformats.change_body(post["body"], changed)
        posts.update(post["id"], g.user, **fields)
    location = _location(posts.get_stored(post["id"]))
    return _respond(204) if [location] == before["url"] else _respond(201, location)


def _describe(post: sqlite3.Row) -> Properties:
    names = [tag["name"] for tag in tags.for_post(post["id"])]
    return microformats.describe(post, names, _location(post))


def _find_id(url: Any) -> int:
    """Return the id of the post at a URL. Raises `NotFound`, `Gone`."""
    post_id, slug = _parse_url(url)
    if post_id is not None:
        return post_id
    try:
        return int(posts.get_by_slug(slug, g.user)["id"])
    except errors.Moved as moved:
        return int(posts.get_by_slug(moved.slug, g.user)["id"])


def _parse_url(url: Any) -> tuple[int | None, str]:
    """Return the id or the slug in the URL of a post. Raises `Invalid`, `NotFound`."""
    typed = microformats.read_text(url, "url")
    try:
        parts = urlsplit(typed)
        hosts = {request.host, urlsplit(urls.make_absolute("/")).netloc}
        if parts.netloc.lower() not in hosts:
            raise errors.NotFound("This URL is not on this blog.")
        path = unquote(parts.path).removeprefix(urls.public_root())
        endpoint, arguments = current_app.url_map.bind("localhost").match(path)
    except (ValueError, HTTPException):
        endpoint, arguments = "", {}
    front = site_settings.front_page() if endpoint in ("index", "blog.index") else None
    if endpoint in ("blog.show_by_id", "blog.show_shared"):
        return arguments["id"], ""
    if endpoint != "blog.show" and front is None:
        raise errors.NotFound("There is no post at this URL.")
    return (front["id"], "") if front is not None else (None, arguments["slug"])


def _delete(command: Command) -> Response:
    with transaction():
        post = posts.get_for_edit(_find_id(command.url), g.user)
        require_scopes_to_change(post["status"])
        trash.put(post["id"], g.user)
    return _respond(204)


def _undelete(command: Command) -> Response:
    post_id, slug = _parse_url(command.url)
    with transaction():
        post_id = trash.find_id(slug) if post_id is None else post_id
        trash.restore(post_id, g.user)
        require_scopes_to_change(posts.get(post_id, g.user)["status"])
    return _respond(204)


ACTIONS = {"create": _create, "update": _update, "delete": _delete, "undelete": _undelete}


@bp.route("")
def query() -> Response:
    """Return the capabilities of the blog, or posts."""
    # Some clients only find out whether their token works.
    asked = request.args.get("q") or "config"
    if asked == "source":
        check_scope("read")
        return jsonify(_source() if "url" in request.args else _list_sources())
    if asked == "category":
        check_scope("read")
        return jsonify({"categories": [tag["name"] for tag in tags.list_all()]})
    found = _config()
    if asked == "config":
        return jsonify(found)
    # Some clients ask for one member.
    if asked not in found or asked == "q":
        raise errors.Invalid(f"q has to be one of {', '.join(found['q'])}.")
    return jsonify({asked: found[asked]})


def _config() -> dict[str, Any]:
    return {
        "media-endpoint": urls.make_absolute(url_for("micropub.upload")),
        "syndicate-to": [],
        "post-types": [
            {"type": kind, "name": kind.capitalize()} for kind in ("article", "note", "photo")
        ],
        "visibility": ["public", "private"],
        "q": [
            "config",
            "source",
            "category",
            "syndicate-to",
            "media-endpoint",
            "post-types",
            "visibility",
        ],
    }


def _source() -> dict[str, Any]:
    found = _describe(posts.get_for_edit(_find_id(request.args["url"]), g.user))
    wanted = request.args.getlist("properties[]") or request.args.getlist("properties")
    if wanted:
        return {"properties": {name: found[name] for name in wanted if name in found}}
    return {"type": ["h-entry"], "properties": found}


def _list_sources() -> dict[str, Any]:
    limit = request.args.get("limit", DEFAULT_LIMIT, type=int)
    page = post_filters.find(
        post_filters.editable_by(g.user, "post", "any"),
        g.user,
        before=request.args.get("after"),
        per_page=max(1, min(limit, MAX_LIMIT)),
    )
    items = [{"type": ["h-entry"], "properties": _describe(post)} for post in page.posts]
    return {"items": items, "paging": {"after": page.older} if page.older else {}}


@bp.route("/media", methods=("POST",))
def upload() -> Response:
    """Store a file and return its URL."""
    check_scope("media")
    request.max_content_length = security.max_upload_bytes(current_app)
    file = request.files.get("file")
    if file is None:
        raise errors.Invalid("Send the file as the part named file.", "file")
    return _respond(201, _media_url(_store(file)))


def _media_url(medium: sqlite3.Row) -> str:
    return urls.make_absolute(url_for("media.file", name=medium["name"]))


@bp.route("/media")
def last_upload() -> Response:
    """Return the URL of the user's newest file."""
    check_scope("media")
    if request.args.get("q") != "last":
        raise errors.Invalid("q has to be last.")
    own = (medium for medium in media.newest().media if medium["user_id"] == g.user["id"])
    newest = next(own, None)
    return jsonify({"url": _media_url(newest)} if newest is not None else {})
