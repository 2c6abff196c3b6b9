"""Creation of posts, one or many by the same rule."""

from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from ..db import insert_many
from ..db import now
from ..db import transaction
from . import post_fields
from . import series as all_series
from . import tags as all_tags
from .permissions import User


class NewPost(NamedTuple):
    """A validated post: its columns, its fields in other tables, and the slug asked for."""

    author_id: int
    columns: dict[str, Any]
    fields: Mapping[str, Any]
    address: str
    wanted_slug: str


class Stored(NamedTuple):
    """The id and slug of a post that was stored."""

    id: int
    slug: str


def validate(
    *,
    author_id: int,
    title: str,
    body: str,
    status: str = "published",
    slug: str | None = None,
    address: str = "",
    created: str | None = None,
    **fields: Any,
) -> NewPost:
    """Return a post that can be stored; `post_fields.FIELDS` has the other fields.

    `created` is the post's date as `YYYY-MM-DD HH:MM:SS` in UTC, by default that of its first
    publication. The slug is made from `slug` or the title and numbered if it is taken; an `address`
    typed by a person is used unchanged or refused with a proposal. Raises `Invalid`.
    """
    title, body = post_fields.parse_title_and_body(title, body, status)
    fields = post_fields.DEFAULTS | post_fields.parse(fields)
    columns = {
        "title": title,
        "body": body,
        "status": status,
        "created": created or now(),
        "dated": created is not None,
        **post_fields.select_columns(fields),
    }
    return NewPost(author_id, columns, fields, address.strip(), slug or title)


def store(posts: Sequence[NewPost], user: User | None = None) -> list[Stored]:
    """Store the posts for a user, and return ids and slugs in order. Raises `Conflict`."""
    if not posts:
        return []
    with transaction():
        slugs = _slugs(posts)
        ids = {
            row["slug"]: int(row["id"])
            for row in insert_many(
                "post",
                ["author_id", *posts[0].columns, "slug"],
                [
                    [post.author_id, *post.columns.values(), slug]
                    for post, slug in zip(posts, slugs, strict=True)
                ],
                returning="id, slug",
            )
        }
        stored = [Stored(ids[slug], slug) for slug in slugs]
        all_tags.set_for_posts(
            {one.id: post.fields["tags"] for one, post in zip(stored, posts, strict=True)}
        )
        for one, post in zip(stored, posts, strict=True):
            if post.fields["series"]:
                all_series.set_for_post(one.id, post.fields["series"], post.fields["part"], user)
    return stored


def _slugs(posts: Sequence[NewPost]) -> list[str]:
    given: dict[str, None] = {}
    for post in posts:
        if post.address:
            given[post_fields.check_slug(post.address, taken=given)] = None
        else:
            given[post_fields.make_slug(post.wanted_slug, taken=given)] = None
    return list(given)
