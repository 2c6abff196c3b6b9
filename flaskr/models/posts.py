"""Posts: find, create, update, publish and unpublish them."""

import sqlite3
from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from .. import db
from .. import errors
from .. import text
from ..db import now
from ..db import one
from ..db import transaction
from . import authors as all_authors
from . import conditions
from . import conflicts
from . import deleted_posts
from . import permissions
from . import post_fields
from . import post_lists
from . import rendered_html
from . import revisions
from . import series as all_series
from . import tags as all_tags
from . import users
from .permissions import User


def get(post_id: int, user: User | None) -> sqlite3.Row:
    """Return the post if the user, or a visitor without an account, may read it.

    Raises `NotFound`.
    """
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
            raise errors.Moved(renamed["slug"] or str(renamed["id"]))
        if _is_gone(slug):
            raise errors.Gone("The post that was here has been deleted.")
    return _readable(post, user)


def _is_gone(slug: str) -> bool:
    """Return True if a public post with this slug has been deleted."""
    row = one(
        f"""
        SELECT {deleted_posts.COLUMNS}
        FROM former_slug
        LEFT JOIN post ON post.id = former_slug.post_id
        LEFT JOIN trash ON trash.post_id = former_slug.post_id
        WHERE former_slug.slug = ? AND post.id IS NULL
        """,
        slug,
    )
    # The slug of a post that has left the trash is stored only if the post was public.
    return row is not None and (row["post_id"] is None or deleted_posts.was_public(row))


def find_by_old_address(path: str) -> sqlite3.Row | None:
    """Return the visible post that had this path on the site it was imported from, if any."""
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
    """Return True if everyone may read the post now."""
    return bool(post["status"] == "published" and post["stored_created"] <= now())


def is_scheduled(post: sqlite3.Row) -> bool:
    """Return True if the post becomes visible at a future date."""
    return bool(post["status"] == "published" and post["stored_created"] > now())


def is_readable(post: sqlite3.Row, user: User | None) -> bool:
    """Return True if the user, or a visitor without an account, may read the post now."""
    return is_visible(post) or permissions.may(user, "read unpublished post", post)


def get_for_edit(post_id: int, user: User) -> sqlite3.Row:
    """Return the post if the user may edit it. Raises `NotFound`, `Forbidden`."""
    post = get(post_id, user)
    permissions.require(user, "edit post", post)
    return post


def authors(post_id: int) -> list[sqlite3.Row]:
    """Return the author and then the co-authors of a post, with their display names."""
    return authors_of([post_id])[post_id]


def authors_of(post_ids: Iterable[int]) -> dict[int, list[sqlite3.Row]]:
    """Return the `authors` of each post by post id."""
    found: dict[int, list[sqlite3.Row]] = {post_id: [] for post_id in post_ids}
    if not found:
        return found
    marks = conditions.placeholders(found)
    rows = db.all(
        f"""
        SELECT post.id AS post_id, "user".id, username,
            coalesce(nullif(display_name, ''), username) AS name, picture, links, 0 AS position
        FROM post
        JOIN "user" ON "user".id = author_id
        WHERE post.id IN ({marks})
        UNION ALL
        SELECT post_id, "user".id, username, coalesce(nullif(display_name, ''), username), picture,
            links, position
        FROM coauthor
        JOIN "user" ON "user".id = user_id
        WHERE post_id IN ({marks})
        ORDER BY position
        """,
        *found,
        *found,
    )
    for row in rows:
        found[row["post_id"]].append(row)
    return found


def has_written(user_id: int) -> bool:
    """Return True if the user is the author of a post."""
    return one("SELECT 1 FROM post WHERE author_id = ? LIMIT 1", user_id) is not None


def menu_pages() -> list[sqlite3.Row]:
    """Return the visible pages in menu order."""
    return db.all(
        f"""
        SELECT id, CAST(title AS TEXT) AS title, slug, menu_position
        FROM post
        WHERE kind = 'page' AND {conditions.READABLE}
        ORDER BY menu_position, title
        """,
        now(),
    )


def arrange_menu(positions: Mapping[int, int], user: User) -> None:
    """Set the menu positions of pages by page id. Raises `Forbidden`."""
    permissions.require(user, "arrange menu")
    with transaction() as connection:
        for post_id, position in positions.items():
            connection.execute(
                "UPDATE post SET menu_position = ?"
                " WHERE id = ? AND kind = 'page' AND menu_position <> ?",
                (position, post_id, position),
            )


def find_page(name: str) -> sqlite3.Row | None:
    """Return the visible page with this id or slug, if any."""
    is_number = name.isascii() and name.isdecimal()
    found = (
        _find_where("post.id = ?", int(name)) if is_number else _find_where("post.slug = ?", name)
    )
    page = found if found is not None and found["kind"] == "page" else None
    return _if_visible(page)


def create(
    *,
    author_id: int,
    user: User | None = None,
    title: str,
    body: str,
    status: str = "published",
    slug: str = "",
    address: str = "",
    created: str | None = None,
    **fields: Any,
) -> int:
    """Store a post and return its id. The acting user is the author by default.

    `created` is the post's date as `YYYY-MM-DD HH:MM:SS` in UTC, by default that of its first
    publication. The slug is made from `slug` or the title and numbered if it is taken; an `address`
    typed by a person is used unchanged or refused with a proposal. `post_fields.FIELDS` lists the
    other fields. Raises `Invalid`, `Forbidden`.
    """
    title, body = post_fields.parse_title_and_body(title, body, status)
    fields = post_fields.DEFAULTS | post_fields.parse(fields)
    acting = user if user is not None else users.find(author_id)
    permissions.require(acting, "create post", {"author_id": author_id})
    all_authors.require_first(acting, author_id, fields["authors"])
    post_fields.require_permissions(acting, post_fields.DEFAULTS, fields)
    conflicts.require_resolved(body, acting)
    with transaction():
        post_id = _insert(
            {
                "author_id": _first_author(fields, author_id),
                "title": title,
                "body": body,
                "status": status,
                "created": created or now(),
                "dated": created is not None,
                "slug": post_fields.choose_slug(address, slug or title, fields["language"]),
                **post_fields.select_columns(fields),
            }
        )
        _store_links(post_id, fields, acting)
    return post_id


def _first_author(fields: Mapping[str, Any], author_id: int) -> int:
    """Return the first of the authors that are given, else `author_id`."""
    return int(fields["authors"][0]) if fields.get("authors") else author_id


def _insert(columns: Mapping[str, Any]) -> int:
    (row,) = db.all(
        f"""
        INSERT INTO post ({", ".join(columns)})
        VALUES ({", ".join("?" * len(columns))})
        RETURNING id
        """,
        *columns.values(),
    )
    return int(row["id"])


def _store_links(post_id: int, fields: Mapping[str, Any], user: User | None) -> None:
    """Store the co-authors, tags and series of a post, those that are given."""
    if "authors" in fields:
        all_authors.set_coauthors(post_id, fields["authors"][1:])
    if "tags" in fields:
        all_tags.set_for_post(post_id, fields["tags"])
    if "series" in fields:
        all_series.set_for_post(post_id, fields["series"], fields.get("part"), user)


def update(
    post_id: int,
    user: User,
    *,
    title: str,
    body: str,
    status: str | None = None,
    address: str | None = None,
    created: str | None = None,
    base: int | None = None,
    form: str = "",
    autosave: bool = False,
    expected_status: str | None = None,
    **fields: Any,
) -> int:
    """Store a new version of a post and return the id of its revision.

    Fields that are not given stay as they are. `address` is the slug as typed: if it is empty, the
    slug is made from the title. `base` is the id of the revision that was edited: later changes of
    others are merged, or `EditConflict` is raised if both changed the same passage. Without it the
    text is replaced. Earlier versions of the form with the key `form` are not merged. The other
    fields are listed in `post_fields.FIELDS`. Raises `Invalid`, `NotFound`, `Forbidden`.
    """
    fields = post_fields.parse(fields)
    with transaction():
        before = _get_for_update(post_id, user, status, fields)
        # The text may come from plain SQL, of which there is no revision yet.
        revisions.record(before)
        revisions.pin(post_id, form)
    if base is not None:
        # Merging can take seconds, in which others must be able to write.
        title, body = conflicts.merge(before, base, user, title, text.clean(body), form)
    with transaction():
        post = _get_for_update(post_id, user, status, fields)
        if expected_status not in (None, post["status"]):
            raise errors.Conflict("The post was published or unpublished meanwhile. Save again.")
        if base is not None:
            _require_same_text(post, before)
        status = status or str(post["status"])
        title, body = post_fields.parse_title_and_body(title, body, status)
        if body != post["body"] or status != post["status"]:
            conflicts.require_resolved(body, user)
        _store_changes(
            post,
            {
                "author_id": _first_author(fields, post["author_id"]),
                "title": title,
                "body": body,
                "status": status,
                "slug": _choose_slug(post, address, title, fields),
                "created": created or _choose_date(post, status),
                "dated": int(
                    created is not None or bool(post["dated"]) or _is_unpublished(post, status)
                ),
                **post_fields.select_columns(fields),
            },
        )
        _store_links(post_id, fields, user)
        revisions.record(get_stored(post_id), user["id"], form=form, autosave=autosave)
        return revisions.newest_id(post_id)


def _get_for_update(
    post_id: int, user: User, status: str | None, fields: Mapping[str, Any]
) -> sqlite3.Row:
    """Return the post if the user may make these changes. Raises `NotFound`, `Forbidden`.

    Publishing a page adds it to the menu, so it takes the permission to arrange the menu;
    unpublishing a page does not.
    """
    post = get_for_edit(post_id, user)
    if post["status"] == "draft" and status == "published" and post["kind"] == "page":
        permissions.require(user, "arrange menu")
    post_fields.require_permissions(user, post, fields)
    all_authors.require_first(user, post["author_id"], fields.get("authors", ()))
    return post


def _require_same_text(post: sqlite3.Row, before: sqlite3.Row) -> None:
    """Raise `Conflict` if the text of a post has changed since it was merged."""
    if (post["title"], post["body"]) != (before["title"], before["body"]):
        raise errors.Conflict("Somebody else saved this post at the same moment. Save again.")


def _store_changes(post: sqlite3.Row, columns: Mapping[str, Any]) -> None:
    """Write the columns that differ, and the time of the change."""
    old = {**dict(post), "created": post["stored_created"]}
    changed = {name: value for name, value in columns.items() if value != old[name]}
    if not changed:
        return
    with transaction() as connection:
        connection.execute(
            f"UPDATE post SET {', '.join(f'{name} = ?' for name in changed)}, updated = ?"
            " WHERE id = ?",
            (*changed.values(), now(), post["id"]),
        )
        if "body" in changed:
            rendered_html.invalidate(post["body"])


def get_stored(post_id: int) -> sqlite3.Row:
    """Return the post without checking permissions. Raises `NotFound`."""
    post = _find_where("post.id = ?", post_id)
    if post is None:
        raise errors.NotFound("There is no such post.")
    return post


def _choose_date(post: sqlite3.Row, status: str) -> str:
    """Return the date of a post: the time of its first publication, unless one was chosen."""
    is_first = status == "published" and post["status"] == "draft" and not post["dated"]
    return now() if is_first else str(post["stored_created"])


def _is_unpublished(post: sqlite3.Row, status: str) -> bool:
    """Return True if this change unpublishes the post, which keeps its date."""
    return bool(post["status"] == "published" and status == "draft")


def _choose_slug(post: sqlite3.Row, address: str | None, title: str, fields: Any) -> str:
    language = fields.get("language", post["language"])
    if address is not None and address.strip() not in ("", post["slug"]):
        return post_fields.check_slug(address, post["id"], language)
    if post["slug"] is None or address == "" or _follows_title(post, address):
        return post_fields.make_slug(title, post["id"], language)
    return str(post["slug"])


def _follows_title(post: sqlite3.Row, address: str | None) -> bool:
    """Return True if the slug of a draft comes from its title, which may be half typed."""
    if post["status"] == "draft" and post["title"] and address is not None and not post["dated"]:
        return bool(post["slug"] == post_fields.remake_slug(post))
    return post["status"] == "draft" and not post["title"]
