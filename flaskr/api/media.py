"""The media library: upload, describe and delete files."""

from typing import Any

from flask import current_app
from flask import g
from flask import request
from flask import url_for
from werkzeug.datastructures import FileStorage

from .. import errors
from ..models import media
from ..web import security
from ..web import urls
from . import access
from . import table
from .table import AFTER
from .table import BEFORE
from .table import Field
from .table import Operation
from .table import Reply
from .table import Shape
from .times import format_time

MULTIPART = "multipart/form-data"
WORDS = Field("q", table.STRING, "Words in names and descriptions.")
ALT = Field("alt", table.STRING, "A description for those who cannot see the image.")
FILE = Shape(
    "File",
    (
        Field("name", table.STRING, "The end of the address.", is_read_only=True),
        Field("url", table.URL, is_read_only=True),
        Field("markdown", table.STRING, "Shows the file in a post.", is_read_only=True),
        ALT,
        Field("file_name", table.STRING, "The name that it was uploaded with.", is_read_only=True),
        Field("type", table.STRING, "The media type.", is_read_only=True),
        Field("size", table.integer(), "In bytes.", is_read_only=True),
        Field("width", table.nullable(table.integer(1)), is_read_only=True),
        Field("height", table.nullable(table.integer(1)), is_read_only=True),
        Field("created", table.TIME, is_read_only=True),
    ),
)


def _as_json(medium: Any) -> dict[str, Any]:
    path = url_for("media.file", name=medium["name"])
    stored = path.removeprefix(request.script_root)
    same = ("name", "alt", "type", "size", "width", "height")
    return {
        **{name: medium[name] for name in same},
        "file_name": medium["original_name"],
        "url": urls.make_absolute(path),
        "markdown": media.markdown(medium, stored),
        "created": format_time(medium["created"]),
    }


def list_files(query: dict[str, Any]) -> Reply:
    """List the files in the library, newest first."""
    page = media.newest(
        search=query.get("q", ""), before=query.get("before"), after=query.get("after")
    )
    return Reply([_as_json(medium) for medium in page.media], links=table.links(page))


def show_file(name: str) -> Reply:
    """Return a file of the library."""
    return Reply(_as_json(media.get(name)))


def upload_file(query: dict[str, Any]) -> Reply:
    """Store a file: the body, or the part `file` of a form. Identical files are stored once."""
    request.max_content_length = security.max_upload_bytes(current_app)
    max_bytes = int(current_app.config["MAX_UPLOAD"])
    name, alt = query.get("name", ""), query.get("alt", "")
    if request.mimetype == MULTIPART:
        file = _submitted_file()
        name, alt = file.filename or name, request.form.get("alt", alt)
        content = file.stream.read(max_bytes + 1)
    else:
        content = request.stream.read(max_bytes + 1)
    if not content:
        raise errors.Invalid("The file is empty.", "file")
    medium: Any = media.add(content, name=name, user_id=g.user["id"], max_bytes=max_bytes, alt=alt)
    if access.reader() is None:
        # Somebody else may have stored the same file with another name and description.
        medium = {**medium, "original_name": media.clean_name(name), "alt": alt}
    return Reply(_as_json(medium), location=url_for("api.show_file", name=medium["name"]))


def _submitted_file() -> FileStorage:
    file = request.files.get("file")
    if file is None:
        raise errors.Invalid("Send the file as the part named file.", "file")
    return file


def describe_file(name: str, body: dict[str, Any]) -> Reply:
    """Change the description of a file."""
    medium = media.get_for_edit(name, g.user)
    media.set_alt(medium["id"], body.get("alt", medium["alt"]), g.user)
    return show_file(name)


def delete_file(name: str) -> Reply:
    """Delete a file."""
    media.delete(media.get(name)["id"], g.user)
    return Reply(None)


OPERATIONS = (
    Operation(
        "GET", "/media", list_files, "read", FILE, is_list=True, query=(WORDS, BEFORE, AFTER)
    ),
    Operation(
        "POST",
        "/media",
        upload_file,
        "media",
        FILE,
        answer_scope="media",
        status=201,
        query=(Field("name", table.STRING, "The name of the file."), ALT),
        is_upload=True,
        example={"query": {"name": "sea.png", "alt": "The sea"}},
    ),
    Operation("GET", "/media/{name}", show_file, "read", FILE),
    Operation(
        "PATCH",
        "/media/{name}",
        describe_file,
        "media",
        FILE,
        body=FILE,
        example={"body": {"alt": "The sea at night"}},
    ),
    Operation("DELETE", "/media/{name}", delete_file, "media"),
)
