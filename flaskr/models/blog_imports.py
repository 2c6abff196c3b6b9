"""Store the content of an exported blog: unchanged, with the same ids, if this blog is empty."""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from .. import db
from .. import errors
from .. import images
from .. import text
from ..db import transaction
from ..text import delta
from ..text import names
from . import authors
from . import media
from . import permissions
from . import post_fields
from . import posts
from . import profiles
from . import revisions
from . import settings
from . import slugs
from . import tags
from . import translations
from . import trash
from . import users
from .permissions import SYSTEM

MAX_NAME_CHARS = 200
COLUMNS = ("title", "body", "summary", "language", "kind", "cover", "menu_position", "part")
Row = Mapping[str, Any]


def is_empty() -> bool:
    """Return True if the blog has no posts, not even in the trash."""
    return db.one("SELECT 1 FROM post UNION ALL SELECT 1 FROM trash LIMIT 1") is None


def set_uuid(uuid: str) -> None:
    """Give the blog the id of another, so that feed readers know its posts again."""
    if len(uuid) == 32 and set(uuid) <= set("0123456789abcdef"):
        with transaction() as connection:
            connection.execute("UPDATE site SET uuid = ? WHERE id = 1", (uuid,))


def _free_id(table: str, wanted: object) -> int | None:
    """Return the id if no row has it, so that it can be inserted; None lets the database choose."""
    if not isinstance(wanted, int) or wanted <= 0:
        return None
    taken = db.one(f'SELECT 1 FROM "{table}" WHERE id = ?', wanted)
    return None if taken else wanted


def _insert(table: str, columns: Row) -> int:
    # PostgreSQL chooses an id only if the column is not named.
    columns = {name: value for name, value in columns.items() if (name, value) != ("id", None)}
    (row,) = db.all(
        f"""
        INSERT INTO "{table}" ({", ".join(columns)})
        VALUES ({", ".join("?" * len(columns))})
        RETURNING id
        """,
        *columns.values(),
    )
    return int(row["id"])


def find_or_create_user(row: Row) -> int:
    """Return the id of the user with this name. A new one cannot log in. Raises `Invalid`."""
    name = row["username"][:MAX_NAME_CHARS]
    known = users.find_by_name(name) if name else None
    if known is not None:
        return int(known["id"])
    if not name:
        raise errors.Invalid("A user without a name was left out.")
    with transaction():
        return _insert(
            "user",
            {
                "id": _free_id("user", row.get("id")),
                "username": name,
                "username_key": names.key(name) or None,
                "password": users.NO_PASSWORD,
                "role": row["role"] if row["role"] in permissions.ROLES else "author",
                "display_name": row["display_name"],
                "bio": row["bio"],
                "picture": row["picture"] if images.URL.fullmatch(row["picture"]) else "",
                "links": _safe_links(row["links"]),
            },
        )


def _safe_links(links: str) -> str:
    try:
        return profiles.check_links(links)
    except errors.Invalid:
        return ""


def add_name(table: str, row: Row) -> None:
    """Add a tag or series with its former slugs, unless there is one of its name."""
    key = text.casefold_key(row["name"])
    if not key or db.one(f"SELECT 1 FROM {table} WHERE name_key = ?", key):
        return
    with transaction():
        slug = row["slug"] or text.slugify(row["name"])
        id = _insert(
            table,
            {
                "id": _free_id(table, row["id"]),
                "name": row["name"],
                "name_key": key,
                "slug": slugs.make_unique(
                    slug,
                    lambda one: db.one(f"SELECT 1 FROM {table} WHERE slug = ?", one) is not None,
                ),
            },
        )
        for former in row["former_slugs"]:
            db.get_db().execute(
                f"""
                INSERT INTO former_{table} (slug, {table}_id)
                VALUES (?, ?)
                ON CONFLICT (slug) DO NOTHING
                """,
                (former, id),
            )


def add_medium(row: Row, prepared: images.Prepared, user_id: int | None) -> str:
    """Add a file to the media library and return its name."""

    def finish(added: db.Row) -> None:
        db.get_db().execute(
            """
            UPDATE media
            SET id = coalesce(?, id), created = coalesce(?, created), alt = ?, words = ?
            WHERE id = ?
            """,
            (
                _free_id("media", row["id"]),
                row["created"] or None,
                row["alt"],
                text.casefold_key(f"{added['original_name']} {row['alt']}"),
                added["id"],
            ),
        )

    name = row["original_name"] or row["name"]
    return str(media.add_prepared(prepared, name, user_id, finish=finish)["name"])


def has_medium(name: str) -> bool:
    """Return True if the media library has this file."""
    return db.one("SELECT 1 FROM media WHERE name = ?", name) is not None


def add_card(row: Row) -> None:
    """Store the contents of a link card, unless the blog has one for the URL."""
    with transaction() as connection:
        connection.execute(
            """
            INSERT INTO card (url, title, site, image)
            VALUES (?, ?, ?, ?)
            ON CONFLICT (url) DO NOTHING
            """,
            (row["url"], row["title"], row["site"], row["image"]),
        )


def add_redirects(rows: Iterable[Row]) -> None:
    """Add redirects, unless their paths have one."""
    with transaction() as connection:
        connection.executemany(
            "INSERT INTO redirect (path, target) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
            [(row["path"], row["target"] or None) for row in rows if row["path"].startswith("/")],
        )


def set_settings(values: Mapping[str, str], ids: Mapping[int, int]) -> list[str]:
    """Store the settings that the owner has not changed, and return the names of invalid ones.

    `ids` are the new ids of posts by their old ones.
    """
    stored, refused = settings.stored_values(), []
    for name, value in values.items():
        if name == "FRONT_PAGE" and value.isascii() and value.isdecimal() and len(value) < 17:
            value = str(ids.get(int(value), value))
        try:
            checked = settings.check(name, value) if name in settings.CHECKS else None
        except errors.Invalid:
            checked = None
        if checked is None:
            refused.append(name)
        elif name not in stored:
            settings.store(name, str(checked))
    return refused


def create_post(post: Row, author_ids: list[int]) -> int:
    """Store a post as it was, with its id if that is free. Raises `Invalid`."""
    _check(post)
    with transaction():
        post_id = _insert(
            "post",
            {
                "id": _free_id("post", post["id"]),
                "slug": _free_slug(post["slug"]),
                **_columns(post, author_ids),
            },
        )
        _link(post_id, post, author_ids)
    return post_id


def replace_post(post_id: int, post: Row, author_ids: list[int]) -> None:
    """Replace a post by that of an export; the version before stays in its history."""
    _check(post)
    with transaction() as connection:
        revisions.record(posts.get_stored(post_id))
        columns = _columns(post, author_ids)
        connection.execute(
            f"UPDATE post SET {', '.join(f'{name} = ?' for name in columns)} WHERE id = ?",
            (*columns.values(), post_id),
        )
        _link(post_id, post, author_ids)
        revisions.record(posts.get_stored(post_id))


def _check(post: Row) -> None:
    if len(post["body"].encode()) > post_fields.MAX_BODY_BYTES:
        raise errors.TooLong("Its text is too long.", "body")
    post_fields.parse({"language": post["language"], "tags": post["tags"]})


def _columns(post: Row, author_ids: list[int]) -> dict[str, Any]:
    return {
        "author_id": author_ids[0],
        "created": post["created"],
        "updated": post["updated"] or None,
        "status": post["status"],
        "dated": int(post["dated"]),
        **{name: post[name] for name in COLUMNS if name != "part"},
    }


def _free_slug(slug: str) -> str | None:
    """Return the slug, numbered if it is taken. A post written by plain SQL has none."""
    if not slug:
        return None
    taken = slug in post_fields.RESERVED_SLUGS or db.one("SELECT 1 FROM post WHERE slug = ?", slug)
    return post_fields.make_slug(slug) if taken else slug


def _link(post_id: int, post: Row, author_ids: list[int]) -> None:
    authors.set_coauthors(post_id, author_ids[1:])
    tags.set_for_post(post_id, post["tags"])
    _put_into_series(post_id, post["series"], post["part"])
    translations.set_key(post_id, post["translation"])
    connection = db.get_db()
    connection.executemany(
        "INSERT INTO old_address (path, post_id) VALUES (?, ?) ON CONFLICT (path) DO NOTHING",
        [(path, post_id) for path in post["addresses"]],
    )
    connection.executemany(
        """
        INSERT INTO former_slug (slug, post_id)
        SELECT ?, ? WHERE NOT EXISTS (SELECT 1 FROM post WHERE slug = ?)
        ON CONFLICT (slug) DO NOTHING
        """,
        [(slug, post_id, slug) for slug in post["former_slugs"]],
    )


def _put_into_series(post_id: int, name: str, part: int | None) -> None:
    """Put a post into a series. Series without posts are kept: those of later posts are empty."""
    connection = db.get_db()
    connection.execute("DELETE FROM series_post WHERE post_id = ?", (post_id,))
    if name:
        add_name("series", {"id": None, "name": name, "slug": "", "former_slugs": []})
        connection.execute(
            """
            INSERT INTO series_post (post_id, series_id, part)
            SELECT ?, id, ? FROM series WHERE name_key = ?
            """,
            (post_id, part, text.casefold_key(name)),
        )


def put_into_trash(post: Row, author_ids: list[int]) -> int:
    """Store a post of the trash, and return its id. Raises `Invalid`."""
    with transaction() as connection:
        free = db.one("SELECT 1 FROM trash WHERE post_id = ?", post["id"] or 0) is None
        post_id = create_post({**post, "id": post["id"] if free else None}, author_ids)
        trash.put(post_id, SYSTEM)
        connection.execute(
            "UPDATE trash SET deleted = ? WHERE post_id = ?", (post["deleted"], post_id)
        )
    return post_id


def add_revisions(post_id: int, found: Iterable[Row]) -> None:
    """Store the earlier versions of a post, the oldest first, unless it has some already."""
    if revisions.newest_id(post_id):
        return
    before = ""
    with transaction():
        for number, revision in enumerate(found):
            step = number % revisions.MAX_DELTA_STEPS
            editor = users.find_by_name(revision["editor"]) if revision["editor"] else None
            _insert(
                "revision",
                {
                    "post_id": post_id,
                    "editor_id": editor["id"] if editor else None,
                    "created": revision["created"],
                    "title": revision["title"],
                    "step": step,
                    "delta": delta.pack(revision["body"], before if step else ""),
                    "autosave": revision["autosave"],
                },
            )
            before = revision["body"]


def set_icons(icons: Mapping[str, bytes]) -> None:
    """Store the blog's icon, unless it has one."""
    if icons and settings.ICON not in settings.stored_values():
        settings.set_icons(icons, SYSTEM)
