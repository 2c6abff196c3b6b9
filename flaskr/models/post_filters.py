"""Lists of the posts that a user may read, with several filters at once, for programs."""

from typing import NamedTuple

from ..db import now
from . import conditions
from . import permissions
from . import post_lists
from .permissions import User
from .post_lists import Page
from .post_lists import Source

STATUSES = ("published", "scheduled", "draft", "any")
# The conditions of each status. Those of one list together read an index in the list's order.
BY_STATUS = {
    "published": (conditions.READABLE,),
    "scheduled": ("post.status = 'published' AND post.created > ?",),
    "draft": ("post.status = 'draft'",),
    "any": ("post.status = 'published'", "post.status = 'draft'"),
}
HAS_TAG = "EXISTS (SELECT 1 FROM post_tag WHERE post_id = post.id AND tag_id = ?)"
IN_SERIES = "EXISTS (SELECT 1 FROM series_post WHERE post_id = post.id AND series_id = ?)"
IS_BY_AUTHOR = """(
    post.author_id = ?
    OR EXISTS (SELECT 1 FROM coauthor WHERE post_id = post.id AND user_id = ?)
)"""


class Filter(NamedTuple):
    """Conditions on posts, of which `status` is one of `STATUSES`."""

    kind: str = "post"
    status: str = "published"
    tag_id: int | None = None
    author_id: int | None = None
    series_id: int | None = None


def find(
    wanted: Filter,
    user: User | None,
    *,
    before: str | None = None,
    after: str | None = None,
    per_page: int = post_lists.PER_PAGE,
) -> Page:
    """Return a page of the posts that match and that the user may read; see `newest`."""
    where, values = _conditions(wanted, user)
    times = [now()] if wanted.status in ("published", "scheduled") else []
    sources = [
        Source(
            "post", " AND ".join(["post.kind = ?", status, *where]), [wanted.kind, *times, *values]
        )
        for status in BY_STATUS[wanted.status]
    ]
    return post_lists.page(*sources, before=before, after=after, per_page=per_page)


def _conditions(wanted: Filter, user: User | None) -> tuple[list[str], list[str | int]]:
    """Return the conditions besides kind and status, and their values."""
    where: list[str] = []
    values: list[str | int] = []
    if wanted.status != "published" and not permissions.may_all(user, "read unpublished post"):
        where.append(f"(post.author_id = ? OR ({conditions.READABLE}))")
        values += [user["id"] if user is not None else 0, now()]
    for condition, value in (
        (HAS_TAG, wanted.tag_id),
        (IN_SERIES, wanted.series_id),
        (IS_BY_AUTHOR, wanted.author_id),
    ):
        if value is not None:
            where.append(condition)
            values += [value] * condition.count("?")
    return where, values
