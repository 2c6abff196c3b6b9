"""All posts and pages as a stream, which takes the same memory at any length."""

import json
from collections.abc import Iterator
from typing import Any

from flask import stream_with_context
from werkzeug.wrappers import Response

from ..models import post_filters
from . import access
from .posts import SHAPES
from .posts import as_json
from .table import Operation

MEDIA_TYPE = "application/x-ndjson"
POSTS_PER_BATCH = 100
# Each of these lists is read from an index.
STATUSES = ("published", "scheduled", "draft")


def export() -> Response:
    """Return all posts and pages that the user may read, each in a line of JSON."""
    return Response(stream_with_context(_lines(access.reader())), mimetype=MEDIA_TYPE)


def _lines(user: Any) -> Iterator[str]:
    for kind in SHAPES:
        for status in STATUSES:
            for post in _posts(post_filters.Filter(kind, status), user):
                yield json.dumps({"kind": kind, **post}, ensure_ascii=False) + "\n"


def _posts(wanted: post_filters.Filter, user: Any) -> Iterator[dict[str, Any]]:
    before = None
    while True:
        page = post_filters.find(wanted, user, before=before, per_page=POSTS_PER_BATCH)
        for found, row in zip(as_json(page.posts), page.posts, strict=True):
            yield {**found, "body": row["body"]}
        if page.older is None:
            return
        before = page.older


OPERATIONS = (Operation("GET", "/export", export, "read", media_type=MEDIA_TYPE),)
