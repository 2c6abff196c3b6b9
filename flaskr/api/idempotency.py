"""Let a program repeat a request after an error of the network, without creating a second post.

The header `Idempotency-Key` works like the key of an editing form: `models/autosaves.py` remembers
which post a request became. The same key with another body is another request.
"""

import hashlib
import re

from flask import g
from flask import request
from werkzeug.exceptions import BadRequest

from ..models import autosaves

# The draft of the standard has the key in quotes.
KEY = re.compile(r'"?([A-Za-z0-9_-]{16,64})"?')


def find_post() -> int | None:
    """Return the id of the post that this request has created before. Raises `BadRequest`."""
    key = _key()
    return autosaves.find_post_id(g.user["id"], key) if key else None


def remember(post_id: int) -> None:
    """Remember the post that this request has created, for as long as autosaves are kept."""
    if key := _key():
        autosaves.link(g.user["id"], key, post_id)


def _key() -> str:
    sent = request.headers.get("Idempotency-Key", "")
    match = KEY.fullmatch(sent)
    if sent and match is None:
        raise BadRequest(
            "An Idempotency-Key has 16 to 64 letters, digits, hyphens and underscores, such as a"
            " UUID."
        )
    content = f"{match[1]} {request.path} ".encode() + request.get_data() if match else b""
    return hashlib.sha256(content).hexdigest() if content else ""
