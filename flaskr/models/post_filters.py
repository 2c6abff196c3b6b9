"""Lists of the posts that a user may read, with several filters at once, for programs.

Published posts with a tag, in a series or by an author are read from the same indexes as the pages
that list them.
"""

from typing import NamedTuple

from ..db import now
from . import conditions
from . import permissions
from . import post_lists
from .permissions import User
from .post_lists import Page
from .post_lists import Source

# The stored statuses of the posts of each status.
STORED = {
    "published": ("published",),
    "scheduled": ("published",),
    "draft": ("draft",),
    "any": ("published", "draft"),
}
STATUSES = tuple(STORED)
# The tables that link posts to tags and series, and their columns.
LINKS = {"tag_id": "post_tag", "series_id": "series_post"}
IS_BY_AUTHOR = """(
    post.author_id = ?
    OR EXISTS (SELECT 1 FROM coauthor WHERE post_id = post.id AND user_id = ?)
)"""


class Filter(NamedTuple):
    """Conditions on posts, of which `status` is one of `STATUSES`.

    `author_id` may be that of a co-author, unlike `main_author_id`.
    """

    kind: str = "post"
    status: str = "published"
    tag_id: int | None = None
    author_id: int | None = None
    series_id: int | None = None
    main_author_id: int | None = None


class Condition(NamedTuple):
    """A condition on the table `post` and its values."""

    sql: str
    values: list[str | int]


def editable_by(user: User, kind: str, status: str) -> Filter:
    """Return the filter for the posts that a user may edit."""
    author_id = None if permissions.may_all(user, "edit post") else user["id"]
    return Filter(kind, status, main_author_id=author_id)


def find(
    wanted: Filter,
    user: User | None,
    *,
    before: str | None = None,
    after: str | None = None,
    per_page: int = post_lists.PER_PAGE,
    skip: int = 0,
) -> Page:
    """Return a page of the posts that match and that the user may read; see `newest`."""
    return post_lists.page(
        *(source for status in STORED[wanted.status] for source in _sources(wanted, status, user)),
        before=before,
        after=after,
        until=now() if wanted.status == "published" else post_lists.LATEST_DATE,
        per_page=per_page,
        skip=skip,
    )


def _sources(wanted: Filter, status: str, user: User | None) -> list[Source]:
    """Return the sources of the matching posts with a stored status."""
    filters = _filters(wanted)
    others = [
        Condition("post.kind = ? AND post.status = ?", [wanted.kind, status]),
        *_limits(wanted, user),
    ]
    is_listed = wanted.kind == "post" and status == "published"
    name = next(iter(filters), None) if is_listed else None
    if name is None:
        return [_posts([*others, *filters.values()])]
    del filters[name]
    others += filters.values()
    value = getattr(wanted, name)
    if name in LINKS:
        return [_links(LINKS[name], name, value, others)]
    own = Condition("post.author_id = ?", [value])
    return [_posts([own, *others]), _links("coauthor", "user_id", value, others)]


def _filters(wanted: Filter) -> dict[str, Condition]:
    """Return the conditions on tag, series and author, by the name of the filter."""
    found = {
        name: Condition(
            f"EXISTS (SELECT 1 FROM {table} WHERE post_id = post.id AND {name} = ?)",
            [getattr(wanted, name)],
        )
        for name, table in LINKS.items()
        if getattr(wanted, name) is not None
    }
    if wanted.author_id is not None:
        found["author_id"] = Condition(IS_BY_AUTHOR, [wanted.author_id] * 2)
    return found


def _limits(wanted: Filter, user: User | None) -> list[Condition]:
    """Return the other conditions: those on the date, the user and the main author."""
    found = []
    if wanted.status == "scheduled":
        found.append(Condition("post.created > ?", [now()]))
    if wanted.status != "published" and not permissions.may_all(user, "read unpublished post"):
        user_id = user["id"] if user is not None else 0
        is_readable = f"(post.author_id = ? OR ({conditions.READABLE}))"
        found.append(Condition(is_readable, [user_id, now()]))
    if wanted.main_author_id is not None:
        found.append(Condition("post.author_id = ?", [wanted.main_author_id]))
    return found


def _posts(wanted: list[Condition]) -> Source:
    return Source("post", *_join(wanted))


def _links(table: str, column: str, value: int, wanted: list[Condition]) -> Source:
    source = post_lists.linked_posts(table, column, value)
    sql, values = _join(wanted)
    is_wanted = f"EXISTS (SELECT 1 FROM post WHERE post.id = post_id AND {sql})"
    return source._replace(
        conditions=f"{source.conditions} AND {is_wanted}", values=[*source.values, *values]
    )


def _join(wanted: list[Condition]) -> tuple[str, list[str | int]]:
    values = [value for condition in wanted for value in condition.values]
    return " AND ".join(condition.sql for condition in wanted), values
