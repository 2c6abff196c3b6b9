"""The media library and the uploaded files."""

import sqlite3
from typing import Any

from flask import Blueprint
from flask import current_app
from flask import flash
from flask import g
from flask import jsonify
from flask import redirect
from flask import render_template
from flask import request
from flask import send_file
from flask import url_for
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from .. import errors
from .. import images
from ..auth import login_required
from ..models import media
from ..models import media_storage
from ..models import media_uses
from ..page_cache.middleware import cacheable
from ..sizes import format_size
from ..web import security
from ..web.error_pages import drain_body
from ..web.error_pages import form_status
from ..web.error_pages import script_status
from ..web.error_pages import wants_json

bp = Blueprint("media", __name__, url_prefix="/media")

YEAR_SECONDS = 60 * 60 * 24 * 365
FILE_CSP = "default-src 'none'; sandbox"
LIST_ARGUMENTS = ("q", "unused", "before", "after")
MAX_LISTED_POSTS = 100


@bp.context_processor
def add_template_helpers() -> dict[str, Any]:
    """Return the functions that the templates of this blueprint call."""
    return {
        "is_image": media.is_image,
        "kind": lambda medium: medium["name"].rpartition(".")[2].replace("bin", "file").upper(),
        "thumbnail": media.smallest_variant,
        "markdown": lambda medium: media.markdown(medium, _stored_url(medium)),
    }


@bp.route("")
@login_required
def index() -> str:
    """List the media library, newest first."""
    return _render_library()


def _render_library(problem: errors.AppError | None = None, described: int = 0) -> str:
    page = media.newest(
        search=request.args.get("q", ""),
        unused="unused" in request.args,
        before=request.args.get("before"),
        after=request.args.get("after"),
    )
    return render_template(
        "admin/media/index.html",
        page=page,
        uses=media_uses.find(page.media, g.user),
        missing=media.find_missing(page.media),
        problem=problem,
        described=described,
        place=_list_arguments(),
    )


def _list_arguments() -> dict[str, Any]:
    """Return the search and page of the list, so that forms can return to it."""
    return {name: request.args[name] for name in LIST_ARGUMENTS if name in request.args}


@bp.route("/picker")
@login_required
def picker() -> dict[str, Any]:
    """Return a page of the library as JSON, for the editor's dialog."""
    page = media.newest(
        search=request.args.get("q", ""),
        pictures="pictures" in request.args,
        before=request.args.get("before"),
    )
    missing = media.find_missing(page.media)
    files = [_as_json(medium) for medium in page.media if medium["id"] not in missing]
    return {"media": files, "older": page.older}


@bp.route("", methods=("POST",))
def upload() -> tuple[str | Response, int] | Response:
    """Store uploads; a client that asks for JSON gets their Markdown."""
    uploads: list[sqlite3.Row] = []
    problems: list[tuple[str, errors.AppError]] = []
    if g.user is None and not wants_json():
        return redirect(url_for("auth.login"))
    try:
        files = _submitted_files()
    except errors.AppError as error:
        problems.append(("", error))
    else:
        for file in files:
            try:
                uploads.append(_store(file))
            except (errors.Invalid, errors.Unavailable) as error:
                problems.append((media.clean_name(file.filename or ""), error))
    return (_json_response if wants_json() else _page_response)(uploads, problems)


def _submitted_files() -> list[FileStorage]:
    if g.user is None:
        raise errors.Forbidden("You are logged out. Log in, then upload the file again.")
    max_bytes = security.MAX_FILES_PER_UPLOAD * current_app.config["MAX_UPLOAD"]
    request.max_content_length = security.max_upload_bytes(current_app)
    try:
        files = [file for file in request.files.getlist("files") if file.filename]
    except RequestEntityTooLarge:
        drain_body()
        raise errors.TooLong(
            f"These files are too large together: at most {format_size(max_bytes)}. Upload fewer at"
            " once.",
            "files",
        ) from None
    except OSError as error:
        raise media_storage.unavailable(error) from error
    if not files:
        raise errors.Invalid("Choose a file first.", "files")
    return files


def _store(file: FileStorage) -> sqlite3.Row:
    max_bytes = current_app.config["MAX_UPLOAD"]
    return media.add(
        file.stream.read(max_bytes + 1),
        name=file.filename or "",
        user_id=g.user["id"],
        max_bytes=max_bytes,
        alt=request.form.get("alt", ""),
    )


def _json_response(
    uploads: list[sqlite3.Row], problems: list[tuple[str, errors.AppError]]
) -> tuple[Response, int]:
    refused = [{"name": name, "error": error.message} for name, error in problems]
    if uploads:
        if "flash" in request.form:
            _flash_count(uploads)
        return jsonify(media=[_as_json(medium) for medium in uploads], refused=refused), 201
    status = script_status(problems[0][1])
    is_logged_in = g.user is not None
    answer = jsonify(error=_join_messages(problems), logged_in=is_logged_in)
    return answer, status if is_logged_in else 401


def _as_json(medium: sqlite3.Row) -> dict[str, Any]:
    url = _stored_url(medium)
    return {
        "name": medium["original_name"],
        "url": url,
        "markdown": media.markdown(medium, url),
        "alt": medium["alt"],
        "width": medium["width"],
        "height": medium["height"],
        "kind": medium["type"].partition("/")[0],
        "thumbnail": url_for("media.file", name=media.smallest_variant(medium))
        if media.is_image(medium)
        else None,
    }


def _stored_url(medium: sqlite3.Row) -> str:
    """Return the URL of a file for post bodies: without the path prefix, which may change."""
    return url_for("media.file", name=medium["name"]).removeprefix(request.script_root)


def _join_messages(problems: list[tuple[str, errors.AppError]]) -> str:
    return " ".join(
        f"{name}: {error.message}" if name else error.message for name, error in problems
    )


def _flash_count(uploads: list[sqlite3.Row]) -> None:
    flash("Uploaded 1 file." if len(uploads) == 1 else f"Uploaded {len(uploads)} files.")


def _page_response(
    uploads: list[sqlite3.Row], problems: list[tuple[str, errors.AppError]]
) -> tuple[str, int] | Response:
    if uploads:
        _flash_count(uploads)
    if not problems:
        return redirect(url_for("media.index"))
    status = max(form_status(error) for _, error in problems)
    return _render_library(errors.Invalid(_join_messages(problems), "files")), status


@bp.route("/<name>")
@cacheable()
def file(name: str) -> Response:
    """Serve a file to anyone. Files other than images are only offered as downloads."""
    medium = media.get(name)
    opened = media_storage.open_file(name)
    response = send_file(
        opened.file,
        mimetype=medium["type"] if name == medium["name"] else "image/webp",
        as_attachment=medium["type"] not in images.FORMATS,
        download_name=media.download_name(medium, name),
        conditional=False,
        etag=name,
        last_modified=opened.modified,
        max_age=YEAR_SECONDS,
    )
    response.content_length = opened.size
    response.cache_control.immutable = True
    response.headers["Content-Security-Policy"] = FILE_CSP
    try:
        return response.make_conditional(
            request.environ, accept_ranges=True, complete_length=opened.size
        )
    except RequestedRangeNotSatisfiable:
        opened.file.close()
        raise


@bp.route("/<name>", methods=("POST",))
@login_required
def describe(name: str) -> tuple[str, int] | Response:
    """Change the alt text of an image or the notes on a file."""
    medium = media.get_for_edit(name, g.user)
    try:
        media.set_alt(medium["id"], request.form.get("alt", ""), g.user)
    except (errors.Invalid, errors.Unavailable) as error:
        return _render_library(error, described=medium["id"]), form_status(error)
    flash("Saved.")
    return redirect(url_for("media.index", **_list_arguments(), _anchor=f"file-{medium['id']}"))


@bp.route("/<name>/deletion", methods=("GET", "POST"))
@login_required
def deletion(name: str) -> str | Response:
    """Delete a file after a confirmation."""
    medium = media.get_for_edit(name, g.user)
    if request.method == "POST":
        media.delete(medium["id"], g.user)
        flash(f"Deleted {medium['original_name']}.")
        return redirect(url_for("media.index", **_list_arguments()))
    uses = media_uses.find([medium], g.user, limit=MAX_LISTED_POSTS)[medium["id"]]
    return render_template(
        "admin/media/deletion.html", medium=medium, uses=uses, place=_list_arguments()
    )
