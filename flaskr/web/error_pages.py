"""Error pages, which explain the error and give submitted text back."""

import json
import sqlite3
from contextlib import suppress

from flask import Flask
from flask import current_app
from flask import g
from flask import render_template
from flask import request
from flask import session
from werkzeug.exceptions import HTTPException
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.wrappers import Response

from .. import db
from .. import errors
from . import devices
from . import problems
from . import redirects

STATUSES: dict[type[errors.AppError], int] = {
    errors.NotFound: 404,
    errors.Gone: 410,
    errors.Forbidden: 403,
    errors.InsufficientScope: 403,
    errors.Invalid: 422,
    errors.TooLong: 413,
    errors.Conflict: 409,
    errors.EditConflict: 409,
    errors.TooManyRequests: 429,
    errors.Unavailable: 503,
    errors.Damaged: 503,
}
MAX_DRAIN_BYTES = 64 * 1024 * 1024
MESSAGES = {
    400: "Your browser sent a request that this blog does not understand. Go back and try again.",
    403: "You do not have permission to see or change this.",
    404: "There is no page at this address. It may have moved, or the link may be wrong.",
    405: "You cannot open this address directly. Go back and try again.",
    413: "This is too much to send at once. Go back: your text is still in your browser. Shorten it"
    " or split it into two posts.",
    429: "Too many attempts. Wait a little, then try again.",
    500: "Something went wrong. The error has been logged. Try again in a moment.",
    503: "This blog is not available right now. Please come back a little later.",
}
TITLES = {
    401: "Token needed",
    403: "Not allowed",
    404: "Not found",
    410: "Deleted",
    413: "Too long",
    429: "Please wait",
    500: "Something went wrong",
    503: "Not available",
}


def form_status(error: errors.AppError) -> int:
    """Return the status for a form that is shown again with an error.

    It is 200 as in the tutorial, except for errors that other input would not avoid.
    """
    return 200 if type(error) in (errors.Invalid, errors.Conflict) else script_status(error)


def script_status(error: errors.AppError) -> int:
    """Return the status for a script. Errors of the disk and the database are logged."""
    if isinstance(error, errors.Unavailable):
        _log(error)
    return STATUSES[type(error)]


def _log(error: errors.AppError) -> None:
    message = " ".join(filter(None, (error.message, db.find_reason(error))))
    current_app.logger.error("%s %s: %s", request.method, request.path, message)


def show_app_error(error: errors.AppError) -> Response:
    """Show the page for an exception that a rule raised."""
    status = STATUSES[type(error)]
    error = hide_cause(error)
    if answer := problems.respond_to_error(error, status):
        return answer
    if status in (404, 410):
        return _show_missing(status, error.message)
    response = _page(status, error.message)
    if isinstance(error, errors.TooManyRequests):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def hide_cause(error: errors.AppError) -> errors.AppError:
    """Log an error of the disk or the database, and return one without its cause for visitors."""
    if not isinstance(error, errors.Unavailable):
        return error
    _log(error)
    if current_app.debug or g.get("user"):
        return error
    # The user cannot be loaded from a damaged database.
    if session.get("user_id") or devices.former_user_id(current_app, request):
        return error
    return errors.Unavailable(MESSAGES[503])


def show_http_error(error: HTTPException) -> Response:
    """Show the page for an exception from Werkzeug or `abort`."""
    assert error.code is not None, "Flask handles the others itself"  # noqa: S101  # for the types
    if error.code == 413:
        drain_body()
    headers = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    custom = error.description if error.description != type(error).description else None
    if answer := problems.respond(error.code, custom, headers):
        return answer
    message = custom or MESSAGES.get(error.code)
    if error.code == 404:
        return _show_missing(404, message or "")
    page = _page(error.code, message or error.description or "")
    page.headers.extend(headers)
    return page


def _show_missing(status: int, message: str) -> Response:
    """Redirect to where the page is now, or show that it was not found or is gone."""
    try:
        if moved := redirects.find_redirect():
            return moved
    except errors.Gone as gone:
        status, message = 410, gone.message
    if status == 404:
        redirects.record_not_found()
        # The address may be of anything that ever was on the blog, not only of a post.
        if request.endpoint == "blog.show":
            message = MESSAGES[404]
    return _page(status, message)


def drain_body() -> None:
    """Read the rest of a rejected request."""
    # Without this, browsers report a broken connection instead of showing the error page.
    stream = request.environ["wsgi.input"]
    left = MAX_DRAIN_BYTES
    # The server may already have read and dropped a body that was too long.
    with suppress(RequestEntityTooLarge):
        while left > 0 and (chunk := stream.read(64 * 1024)):
            left -= len(chunk)


def show_database_error(error: sqlite3.DatabaseError) -> Response:
    """Show the page for an unavailable database, or raise an unknown error again."""
    message = db.error_message(error)
    if message is None:
        raise error
    return show_app_error(errors.Unavailable(message))


def wants_json() -> bool:
    """Return True if the client, such as one of the blog's scripts, prefers JSON to HTML."""
    kinds = ("text/html", "application/json")
    return request.accept_mimetypes.best_match(kinds) == "application/json"


def _page(status: int, message: str) -> Response:
    if wants_json():
        return Response(json.dumps({"error": message}), status, mimetype="application/json")
    page = render_template(
        "error.html",
        title=TITLES.get(status, "This did not work"),
        sentence=message,
        is_cause_hidden=message == MESSAGES[503],
        typed=_submitted_text(),
        # The user is not loaded yet, or cannot be loaded.
        bare=status >= 500 or "user" not in g,
    )
    return Response(page, status, mimetype="text/html")


def _submitted_text() -> dict[str, str]:
    """Return the title and body of the rejected form, so that the user can copy them."""
    try:
        fields = request.form
    except HTTPException:
        return {}
    return {name: fields[name] for name in ("title", "body") if fields.get(name)}


def init_app(app: Flask) -> None:
    """Register the error handlers."""
    app.register_error_handler(errors.AppError, show_app_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(sqlite3.DatabaseError, show_database_error)
