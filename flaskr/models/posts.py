"""Posts: written, found, changed, published."""

import json
import sqlite3
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from .. import errors
from .. import text
from ..db import get_db
from ..db import now
from ..db import one
from ..db import transaction
from ..text import merge
from . import conditions
from . import cover_images
from . import permissions
from . import post_creation
from . import post_fields
from . import post_lists
from . import rendered_html
from . import revisions
from . import series as all_series
from . import tags as all_tags
from . import users
from .permissions import User


def get(post_id: int, user: User | None) -> sqlite3.Row:
    """The post of this id, if this person (None for a visitor) may read it. Raises `NotFound`."""
    return _readable(_find_where("post.id = ?", post_id), user)


def get_by_slug(slug: str, user: User | None) -> sqlite3.Row:
    """Return the post with this slug if the user may read it.

    Raises `Moved` for the former slug of a visible post, `Gone` for a deleted one, and `NotFound`.
    """
    post = _find_where("post.slug = ?", slug)
    if post is None:
        renamed = _find_where(
            "post.id = (SELECT post_id FROM former_slug WHERE former_slug.slug = ?)", slug
        )
        if renamed and is_visible(renamed):
            raise errors.Moved(renamed["slug"])
        if _is_gone(slug):
            raise errors.Gone("The post that was here has been deleted.")
    return _readable(post, user)


def _is_gone(slug: str) -> bool:
    """Return True if a post was public at this address and has been deleted."""
    row = one(
        """
        SELECT trash.post_id, CAST(deleted AS TEXT) AS deleted, content
        FROM former_slug
        LEFT JOIN post ON post.id = former_slug.post_id
        LEFT JOIN trash ON trash.post_id = former_slug.post_id
        WHERE former_slug.slug = ? AND post.id IS NULL
        """,
        slug,
    )
    # What is no longer in the trash has left an address only if it was public.
    return row is not None and (row["post_id"] is None or was_public(row))


def was_public(deleted: sqlite3.Row) -> bool:
    """Return True if everyone could read a post in the trash when it was deleted.

    A draft counts as private even if it was published earlier: its author unpublished it.
    """
    post = json.loads(deleted["content"])["post"]
    return bool(post["status"] == "published" and post["created"] <= deleted["deleted"])


def find_by_old_address(path: str) -> sqlite3.Row | None:
    """The visible post that was once read at this path of another site, or None."""
    return _if_visible(
        _find_where("post.id = (SELECT post_id FROM old_address WHERE path = ?)", path)
    )


def _if_visible(post: sqlite3.Row | None) -> sqlite3.Row | None:
    return post if post is not None and is_visible(post) else None


def _find_where(condition: str, value: str | int) -> sqlite3.Row | None:
    return one(f"{post_lists.SELECT} WHERE {condition}", value)


def _readable(post: sqlite3.Row | None, user: User | None) -> sqlite3.Row:
    if post is None or not is_readable(post, user):
        raise errors.NotFound("There is no such post.")
    return post


def is_visible(post: sqlite3.Row) -> bool:
    """Whether everyone may read the post now."""
    return bool(post["status"] == "published" and post["stored_created"] <= now())


def is_scheduled(post: sqlite3.Row) -> bool:
    """Whether the post will be visible at its date."""
    return bool(post["status"] == "published" and post["stored_created"] > now())


def is_readable(post: sqlite3.Row, user: User | None) -> bool:
    """Return True if the user, None for a visitor, may read the post now."""
    return is_visible(post) or permissions.may(user, "read unpublished post", post)


def get_for_edit(post_id: int, user: User) -> sqlite3.Row:
    """Return the post if the user may edit it. Raises `NotFound`, or `Forbidden` for others'."""
    post = get(post_id, user)
    permissions.require(user, "edit post", post)
    return post


def authors(post_id: int) -> list[sqlite3.Row]:
    """All who wrote a post, its author first, each with the name that readers see."""
    return authors_of([post_id])[post_id]


def authors_of(post_ids: Iterable[int]) -> dict[int, list[sqlite3.Row]]:
    """All who wrote each of some posts, as `authors` has them."""
    found: dict[int, list[sqlite3.Row]] = {post_id: [] for post_id in post_ids}
    marks = ", ".join("?" * len(found))
    rows = get_db().execute(
        'SELECT post.id AS post_id, "user".id, username,'
        " coalesce(nullif(display_name, ''), username) AS name, 0 AS place"
        f' FROM post JOIN "user" ON "user".id = author_id WHERE post.id IN ({marks})'
        ' UNION ALL SELECT post_id, "user".id, username,'
        " coalesce(nullif(display_name, ''), username), position"
        f' FROM coauthor JOIN "user" ON "user".id = user_id WHERE post_id IN ({marks})'
        " ORDER BY place",
        (*found, *found),
    )
    for row in rows:
        found[row["post_id"]].append(row)
    return found


def has_written(user_id: int) -> bool:
    """Whether there is any post of this person."""
    row = get_db().execute("SELECT 1 FROM post WHERE author_id = ? LIMIT 1", (user_id,))
    return row.fetchone() is not None


def menu_pages() -> list[sqlite3.Row]:
    """The visible pages, in the order their owner gave them."""
    return (
        get_db()
        .execute(
            "SELECT id, title, slug, menu_position FROM post"
            f" WHERE kind = 'page' AND {conditions.READABLE}"
            " ORDER BY menu_position, title",
            (now(),),
        )
        .fetchall()
    )


def arrange_menu(positions: Mapping[int, int], user: User) -> None:
    """Give pages their positions in the menu, by their ids. Raises `Forbidden`."""
    permissions.require(user, "arrange menu")
    with transaction() as db:
        for post_id, position in positions.items():
            db.execute(
                "UPDATE post SET menu_position = ?"
                " WHERE id = ? AND kind = 'page' AND menu_position <> ?",
                (position, post_id, position),
            )


def find_page(name: str) -> sqlite3.Row | None:
    """The visible page of this number or address, or None."""
    is_number = name.isascii() and name.isdecimal()
    found = (
        _find_where("post.id = ?", int(name)) if is_number else _find_where("post.slug = ?", name)
    )
    page = found if found is not None and found["kind"] == "page" else None
    return _if_visible(page)


def create(*, author_id: int, user: User | None = None, **post: Any) -> int:
    """Store a post and return its id; `new_posts.checked` names its fields.

    The author is the acting user unless another is given. Raises `Invalid`, `Forbidden`.
    """
    checked = post_creation.validate(author_id=author_id, **post)
    acting = user if user is not None else users.find(author_id)
    permissions.require(acting, "create post", {"author_id": author_id})
    if checked.columns["kind"] == "page" or checked.columns["menu_position"]:
        permissions.require(acting, "arrange menu")
    return post_creation.store([checked], acting)[0].id


def update(
    post_id: int,
    user: User,
    *,
    title: str,
    body: str,
    status: str | None = None,
    address: str | None = None,
    summary: str | None = None,
    created: str | None = None,
    tags: Iterable[str] | None = None,
    series: str | None = None,
    part: int | None = None,
    language: str | None = None,
    kind: str | None = None,
    menu_position: int | None = None,
    cover: str | None = None,
    base: int | None = None,
) -> None:
    """Store new text; what is not given stays as it is.

    Raises `Invalid`, `NotFound`, `Forbidden`.

    `base` is the revision that the change began from: what others saved since is merged with it,
    or, where both changed the same place, `Clash` is raised. Without it the text is replaced.
    """
    tags = None if tags is None else all_tags.checked(tags)
    with transaction():
        # What it says until now is kept, whoever wrote it and however.
        before = _get_for_update(post_id, user, status, kind, menu_position)
        revisions.record(before)
    if base is not None:
        # Comparing takes long at times: others may write meanwhile.
        title, body = _merged(before, base, title, text.clean(body))
    with transaction():
        post = _get_for_update(post_id, user, status, kind, menu_position)
        if base is not None and (post["title"], post["body"]) != (before["title"], before["body"]):
            raise errors.Conflict("Somebody else saved this post at the same moment. Save again.")
        status = status or str(post["status"])
        title, body = post_fields.parse_title_and_body(title, body, status)
        _store(
            post,
            title=title,
            body=body,
            status=status,
            slug=_slug(post, address, title),
            created=created or _date(post, status),
            dated=int(created is not None or post["dated"] or _is_unpublished(post, status)),
            summary=None if summary is None else post_fields.parse_summary(summary),
            language=None if language is None else post_fields.parse_language(language),
            kind=kind,
            menu_position=menu_position,
            cover=None if cover is None else cover_images.address(cover),
        )
        if tags is not None:
            all_tags.set_for_post(post_id, tags)
        if series is not None:
            all_series.set_for_post(post_id, series, part, user)
        revisions.record(get_stored(post_id), user["id"])


def _get_for_update(
    post_id: int, user: User, status: str | None, kind: str | None, menu_position: int | None
) -> sqlite3.Row:
    """Return the post if the user may make these changes to it.

    To put a page into the menu or to move it there takes a right of its own; to unpublish one does
    not. Raises `NotFound`, `Forbidden`.
    """
    post = get_for_edit(post_id, user)
    is_published = post["status"] == "draft" and status == "published" and post["kind"] == "page"
    is_moved = menu_position is not None and menu_position != post["menu_position"]
    if is_published or is_moved or kind not in (None, post["kind"]):
        permissions.require(user, "arrange menu")
    return post


def _merged(post: sqlite3.Row, base: int, title: str, body: str) -> tuple[str, str]:
    newest = revisions.newest_id(post["id"])
    if base == newest:
        return title, body
    began = revisions.get(post["id"], base)
    merged = merge.merge(began.body, body, post["body"])
    titles_clash = len({began.title, title, post["title"]}) == 3
    if merged.conflict or titles_clash:
        raise errors.EditConflict(
            "Somebody else saved this post while you wrote. Where both of you changed the same"
            " place, both versions stand below, marked. The title there is"
            f" “{post['title']}”. Choose, then save again.",
            merged.text,
            newest,
        )
    return (post["title"] if title == began.title else title), merged.text


def _store(post: sqlite3.Row, **new: str | int | None) -> None:
    """Write what is given and differs, and note the time; None is not given."""
    old = {**dict(post), "created": post["stored_created"]}
    changed = {
        name: value for name, value in new.items() if value is not None and value != old[name]
    }
    if not changed:
        return
    with transaction() as db:
        db.execute(
            f"UPDATE post SET {', '.join(f'{name} = ?' for name in changed)}, updated = ?"
            " WHERE id = ?",
            (*changed.values(), now(), post["id"]),
        )
        if "body" in changed:
            rendered_html.invalidate(post["body"])


def get_stored(post_id: int) -> sqlite3.Row:
    """The post of this id, whoever may read it. Raises `NotFound`."""
    post = _find_where("post.id = ?", post_id)
    if post is None:
        raise errors.NotFound("There is no such post.")
    return post


def _date(post: sqlite3.Row, status: str) -> str:
    """The date that a post bears: when it is first published, unless one was chosen."""
    first = status == "published" and post["status"] == "draft" and not post["dated"]
    return now() if first else str(post["stored_created"])


def _is_unpublished(post: sqlite3.Row, status: str) -> bool:
    """Whether it was public until now: then it keeps its date for when it is so again."""
    return bool(post["status"] == "published" and status == "draft")


def _slug(post: sqlite3.Row, address: str | None, title: str) -> str:
    if address is not None and address.strip() not in ("", post["slug"]):
        return post_fields.check_slug(address, post["id"])
    untitled = post["status"] == "draft" and not post["title"]
    if post["slug"] is None or untitled or address == "":
        return post_fields.make_slug(title, post["id"])
    return str(post["slug"])


def backfill_slugs() -> None:
    """Give posts that plain SQL wrote the address that their title makes."""
    rows = get_db().execute("SELECT id, title FROM post WHERE slug IS NULL ORDER BY id").fetchall()
    if not rows:
        return
    with transaction() as db:
        for row in rows:
            db.execute(
                "UPDATE post SET slug = ? WHERE id = ?",
                (post_fields.make_slug(row["title"]), row["id"]),
            )
