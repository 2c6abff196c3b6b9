"""The library of pictures and other files, and the files themselves."""

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
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from .. import errors
from .. import images
from ..auth import login_required
from ..models import media
from ..models import media_storage
from ..page_cache.middleware import cacheable
from ..web import security
from ..web.error_pages import STATUSES
from ..web.error_pages import drain_body
from ..web.error_pages import form_status
from ..web.error_pages import wants_json

bp = Blueprint("media", __name__, url_prefix="/media")

A_YEAR = 60 * 60 * 24 * 365
POLICY = "default-src 'none'; sandbox"
PLACES = ("q", "unused", "before", "after")
POSTS_THAT_BREAK = 100


@bp.context_processor
def words() -> dict[str, Any]:
    """What the templates ask about a medium."""
    return {
        "is_picture": media.is_picture,
        "kind": lambda medium: medium["name"].rpartition(".")[2].replace("bin", "file").upper(),
        "thumbnail": media.smallest_variant,
        "markdown": lambda medium: media.markdown(medium, _stored_url(medium)),
    }


@bp.route("")
@login_required
def index() -> str:
    """Show the library, the newest media first."""
    return _library()


def _library(problem: errors.AppError | None = None, described: int = 0) -> str:
    page = media.newest(
        search=request.args.get("q", ""),
        unused="unused" in request.args,
        before=request.args.get("before"),
        after=request.args.get("after"),
    )
    return render_template(
        "admin/media/index.html",
        page=page,
        uses=media.find_uses(page.media, g.user),
        missing=media.find_missing(page.media),
        problem=problem,
        described=described,
        place=_place(),
    )


def _place() -> dict[str, Any]:
    """The part of the library that the page shows, for forms to come back to."""
    return {name: request.args[name] for name in PLACES if name in request.args}


@bp.route("", methods=("POST",))
def upload() -> tuple[str | Response, int] | Response:
    """Keep files; a client that asks for JSON gets what to put into a post."""
    kept: list[sqlite3.Row] = []
    problems: list[tuple[str, errors.AppError]] = []
    if g.user is None and not wants_json():
        return redirect(url_for("auth.login"))
    try:
        files = _files()
    except errors.AppError as error:
        problems.append(("", error))
    else:
        for file in files:
            try:
                kept.append(_keep(file))
            except (errors.Invalid, errors.Unavailable) as error:
                problems.append((media.clean_name(file.filename or ""), error))
    return (_answer_in_json if wants_json() else _answer)(kept, problems)


def _files() -> list[FileStorage]:
    if g.user is None:
        raise errors.Forbidden("You are no longer logged in. Log in, then upload it again.")
    most = security.MAX_FILES_PER_UPLOAD * current_app.config["MAX_UPLOAD"]
    request.max_content_length = security.max_upload_bytes(current_app)
    try:
        files = [file for file in request.files.getlist("files") if file.filename]
    except RequestEntityTooLarge:
        drain_body()
        size = f"{most / 1024 / 1024:.4g} MB"
        raise errors.TooLong(
            f"Too much at once: at most {size}. Upload fewer files.", "files"
        ) from None
    except OSError as error:
        raise media_storage.unavailable(error) from error
    if not files:
        raise errors.Invalid("Choose a file first.", "files")
    return files


def _keep(file: FileStorage) -> sqlite3.Row:
    most = current_app.config["MAX_UPLOAD"]
    return media.add(
        file.stream.read(most + 1),
        name=file.filename or "",
        user_id=g.user["id"],
        max_bytes=most,
        alt=request.form.get("alt", ""),
    )


def _answer_in_json(
    kept: list[sqlite3.Row], problems: list[tuple[str, errors.AppError]]
) -> tuple[Response, int]:
    refused = [{"name": name, "error": error.message} for name, error in problems]
    if kept:
        if "flash" in request.form:
            _flash(kept)
        return jsonify(media=[_as_json(medium) for medium in kept], refused=refused), 201
    form_status(problems[0][1])
    status = 401 if g.user is None else STATUSES[type(problems[0][1])]
    return jsonify(error=_sentence(problems), logged_in=g.user is not None), status


def _as_json(medium: sqlite3.Row) -> dict[str, Any]:
    url = _stored_url(medium)
    return {
        "name": medium["original_name"],
        "url": url,
        "markdown": media.markdown(medium, url),
        "alt": medium["alt"],
        "width": medium["width"],
        "height": medium["height"],
    }


def _stored_url(medium: sqlite3.Row) -> str:
    """Return the address of a medium for texts, which stays good when the blog moves."""
    return url_for("media.file", name=medium["name"]).removeprefix(request.script_root)


def _sentence(problems: list[tuple[str, errors.AppError]]) -> str:
    return " ".join(
        f"{name}: {error.message}" if name else error.message for name, error in problems
    )


def _flash(kept: list[sqlite3.Row]) -> None:
    flash("Uploaded 1 file." if len(kept) == 1 else f"Uploaded {len(kept)} files.")


def _answer(
    kept: list[sqlite3.Row], problems: list[tuple[str, errors.AppError]]
) -> tuple[str, int] | Response:
    if kept:
        _flash(kept)
    if not problems:
        return redirect(url_for("media.index"))
    status = max(form_status(error) for _, error in problems)
    return _library(errors.Invalid(_sentence(problems), "files")), status


@bp.route("/<name>")
@cacheable()
def file(name: str) -> Response:
    """Serve a file to anyone; what could be a page of its own is only ever a download."""
    medium = media.get(name)
    if not media_storage.exists(name):
        raise errors.NotFound("This file is gone.")
    shown = medium["type"] in images.FORMATS
    response = send_file(
        media_storage.path(name),
        mimetype=medium["type"] if name == medium["name"] else "image/webp",
        as_attachment=not shown,
        download_name=media.download_name(medium, name),
        etag=name,
        max_age=A_YEAR,
    )
    response.cache_control.immutable = True
    response.headers["Content-Security-Policy"] = POLICY
    return response


@bp.route("/<name>", methods=("POST",))
@login_required
def describe(name: str) -> tuple[str, int] | Response:
    """Change what a medium shows, in words."""
    medium = media.get_for_edit(name, g.user)
    try:
        media.set_alt(medium["id"], request.form.get("alt", ""), g.user)
    except (errors.Invalid, errors.Unavailable) as error:
        return _library(error, described=medium["id"]), form_status(error)
    flash("Saved.")
    return redirect(url_for("media.index", **_place(), _anchor=f"file-{medium['id']}"))


@bp.route("/<name>/deletion", methods=("GET", "POST"))
@login_required
def deletion(name: str) -> str | Response:
    """Ask, and then delete a medium."""
    medium = media.get_for_edit(name, g.user)
    if request.method == "POST":
        media.delete(medium["id"], g.user)
        flash(f"Deleted {medium['original_name']}.")
        return redirect(url_for("media.index", **_place()))
    uses = media.find_uses([medium], g.user, limit=POSTS_THAT_BREAK)[medium["id"]]
    return render_template("admin/media/deletion.html", medium=medium, uses=uses, place=_place())
