"""New posts: one of them or many, by the same rule."""

from collections.abc import Iterable
from collections.abc import Sequence
from typing import Any
from typing import NamedTuple

from ..db import insert_many
from ..db import now
from ..db import transaction
from . import cover_images
from . import post_fields
from . import series as all_series
from . import tags as all_tags
from .permissions import User


class NewPost(NamedTuple):
    """A new post that can be stored: its columns, and what is stored beside them."""

    author_id: int
    columns: dict[str, Any]
    address: str
    wanted_slug: str
    tags: Iterable[str]
    series: str
    part: int | None


class Stored(NamedTuple):
    """A post that was stored."""

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
    summary: str = "",
    created: str | None = None,
    tags: Iterable[str] = (),
    series: str = "",
    part: int | None = None,
    language: str = "",
    kind: str = "post",
    menu_position: int = 0,
    cover: str = "",
) -> NewPost:
    """A new post with its fields as they are stored. Raises `Invalid`.

    `created` is the date the post bears, as `YYYY-MM-DD HH:MM:SS` in UTC, by default that of its
    first publishing. The slug is made from the title by default, and numbered where another post
    has it; an `address` that a person chose is taken as it is, or refused with a proposal.
    """
    title, body = post_fields.parse_title_and_body(title, body, status)
    return NewPost(
        author_id,
        {
            "title": title,
            "body": body,
            "status": status,
            "summary": post_fields.parse_summary(summary),
            "created": created or now(),
            "dated": created is not None,
            "language": post_fields.parse_language(language),
            "kind": kind,
            "menu_position": menu_position,
            "cover": cover_images.address(cover),
        },
        address=address.strip(),
        wanted_slug=slug or title,
        tags=all_tags.checked(tags),
        series=all_series.checked_name(series),
        part=part,
    )


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
        all_tags.set_for_posts({one.id: post.tags for one, post in zip(stored, posts, strict=True)})
        for one, post in zip(stored, posts, strict=True):
            if post.series:
                all_series.set_for_post(one.id, post.series, post.part, user)
    return stored


def _slugs(posts: Sequence[NewPost]) -> list[str]:
    given: dict[str, None] = {}
    for post in posts:
        if post.address:
            given[post_fields.check_slug(post.address, taken=given)] = None
        else:
            given[post_fields.make_slug(post.wanted_slug, taken=given)] = None
    return list(given)
