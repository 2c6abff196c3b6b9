"""Links that show an unpublished post to anyone who has the link.

A link works until the post is public, gets another date or is deleted. Nothing is stored for it.
"""

import hashlib
import sqlite3

from flask import current_app
from flask import url_for
from itsdangerous import Signer


def share_url(post: sqlite3.Row) -> str:
    """Return the path at which everybody with the link can read a post."""
    key = _signer().get_signature(_state(post)).decode()
    return url_for("blog.show_shared", id=post["id"], key=key)


def is_valid(post: sqlite3.Row, key: str) -> bool:
    """Return True if the key is that of the post's link."""
    return _signer().verify_signature(_state(post), key)


def _state(post: sqlite3.Row) -> str:
    return f"{post['id']} {post['stored_created']}"


def _signer() -> Signer:
    # The last key signs, and the others are still accepted.
    keys = [*current_app.config["SECRET_KEY_FALLBACKS"], current_app.config["SECRET_KEY"]]
    return Signer(keys, salt="share link", key_derivation="hmac", digest_method=hashlib.sha256)
