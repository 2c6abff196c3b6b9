"""A picture uploaded with a form that asks for one, such as that of a profile."""

from typing import Any

from flask import current_app
from flask import g
from flask import request

from .. import errors
from .. import images
from ..models import media

FIELD = "upload"


def store() -> str:
    """Store an uploaded picture in the media library and return its URL, if there is one.

    Raises `Invalid`, `Unavailable`.
    """
    file: Any = request.files.get(FIELD)
    if not file:
        return ""
    max_bytes = current_app.config["MAX_UPLOAD"]
    content = file.stream.read(max_bytes + 1)
    try:
        if images.sniff(content) not in images.FORMATS:
            raise errors.Invalid("Choose an image: PNG, JPEG, WebP, GIF or AVIF.")
        medium = media.add(
            content, name=file.filename or "", user_id=g.user["id"], max_bytes=max_bytes
        )
    except errors.Invalid as error:
        raise errors.Invalid(error.message, FIELD) from error
    return f"/media/{medium['name']}"
