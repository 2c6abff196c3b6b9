"""Pages that say what went wrong, in a sentence, with a way on and with what was typed."""

import json
import sqlite3
from contextlib import suppress

from flask import Flask
from flask import current_app
from flask import g
from flask import render_template
from flask import request
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from .. import db
from .. import errors
from . import redirects

STATUSES: dict[type[errors.AppError], int] = {
    errors.NotFound: 404,
    errors.Gone: 410,
    errors.Forbidden: 403,
    errors.Invalid: 422,
    errors.TooLong: 413,
    errors.Conflict: 409,
    errors.EditConflict: 409,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
}
MAX_DRAIN_BYTES = 64 * 1024 * 1024
SENTENCES = {
    400: "The browser sent something that cannot be understood. Go back and try again.",
    403: "This is not yours to see or change.",
    404: "There is nothing at this address. It may have moved, or never been here.",
    405: "This address does not work that way.",
    413: "That is too much to send at once. Go back: what you wrote is still in your browser."
    " Make it shorter, or make it two posts.",
    429: "Too many tries. Wait a little, then try again.",
    500: "Something went wrong here. It has been noted. Try again in a moment.",
    503: "The blog cannot answer now. Try again in a moment.",
}
TITLES = {
    403: "Not allowed",
    404: "Not found",
    410: "Deleted",
    413: "Too long",
    429: "Too many tries",
    500: "Something went wrong",
    503: "Not available",
}


def form_status(error: errors.AppError) -> int:
    """The status for a form shown once more with its error: 200 as Flask's tutorial has it, but
    for what no other words would mend."""
    status = STATUSES[type(error)]
    _note(error, status)
    return 200 if type(error) in (errors.Invalid, errors.Conflict) else status


def _note(error: errors.AppError, status: int) -> None:
    if status == 503:
        current_app.logger.error("%s %s: %s", request.method, request.path, error.message)


def show_app_error(error: errors.AppError) -> Response:
    """The page for what a rule refused."""
    status = STATUSES[type(error)]
    _note(error, status)
    if status == 404 and (moved := redirects.find_imported()):
        return moved
    response = _page(status, error.message)
    if isinstance(error, errors.TooManyRequests):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def show_http_error(error: HTTPException) -> Response:
    """The page for what Werkzeug refused or a view aborted with."""
    assert error.code is not None, "Flask shows no page for what has none"  # noqa: S101  # for the types
    if error.code == 404 and (moved := redirects.find_imported()):
        return moved
    if error.code == 413:
        drain_body()
    told = error.description if error.description != type(error).description else None
    page = _page(error.code, told or SENTENCES.get(error.code) or error.description or "")
    page.headers.extend(
        (name, value) for name, value in error.get_headers() if name != "Content-Type"
    )
    return page


def drain_body() -> None:
    """Take in what is left of a request that is refused."""
    # A browser whose form is not read to its end shows a broken connection, not this page.
    stream = request.environ["wsgi.input"]
    left = MAX_DRAIN_BYTES
    # The server may have taken in, and dropped, what was too long.
    with suppress(RequestEntityTooLarge):
        while left > 0 and (chunk := stream.read(64 * 1024)):
            left -= len(chunk)


def show_database_error(error: sqlite3.DatabaseError) -> Response:
    """The page for a database that cannot answer; any other fault of ours goes on to be a 500."""
    sentence = db.error_message(error)
    if sentence is None:
        raise error
    return show_app_error(errors.Unavailable(sentence))


def wants_json() -> bool:
    """Return whether the client, such as a script of ours, prefers JSON to a page."""
    kinds = ("text/html", "application/json")
    return request.accept_mimetypes.best_match(kinds) == "application/json"


def _page(status: int, sentence: str) -> Response:
    if wants_json():
        return Response(json.dumps({"error": sentence}), status, mimetype="application/json")
    page = render_template(
        "error.html",
        title=TITLES.get(status, "That did not work"),
        sentence=sentence,
        typed=_submitted_text(),
        # Who is logged in and what they may do was not asked yet, or cannot be asked.
        bare=status >= 500 or "user" not in g,
    )
    return Response(page, status, mimetype="text/html")


def _submitted_text() -> dict[str, str]:
    """What a person wrote in the form that failed, to be given back."""
    try:
        fields = request.form
    except HTTPException:
        return {}
    return {name: fields[name] for name in ("title", "body") if fields.get(name)}


def init_app(app: Flask) -> None:
    """Show these pages whenever something goes wrong."""
    app.register_error_handler(errors.AppError, show_app_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(sqlite3.DatabaseError, show_database_error)
