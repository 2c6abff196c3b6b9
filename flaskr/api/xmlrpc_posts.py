"""Methods of XML-RPC for posts: those of MetaWeblog, Movable Type, Blogger and WordPress.

WordPress's also reach pages. Categories and keywords are both tags, and texts are Markdown, which
may contain HTML.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from typing import Any

from flask import g

from .. import errors
from ..db import transaction
from ..models import post_fields
from ..models import post_filters
from ..models import posts
from ..models import tags
from ..models import trash
from ..text import dates
from ..web import site_settings
from ..web import urls
from ..web.tokens import check_scope
from . import access
from .xmlrpc_values import Struct
from .xmlrpc_values import clean
from .xmlrpc_values import read_count
from .xmlrpc_values import read_id
from .xmlrpc_values import read_list
from .xmlrpc_values import read_scalar
from .xmlrpc_values import read_struct
from .xmlrpc_values import read_text
from .xmlrpc_values import write_local_time
from .xmlrpc_values import write_time

MAX_LISTED_POSTS = 100
MAX_SKIPPED_POSTS = 100_000
# The statuses of WordPress, and those of the blog that they stand for.
STATUSES = {
    "publish": "published",
    "future": "published",
    "draft": "draft",
    "pending": "draft",
    "private": "draft",
}
LISTED_STATUSES = {"publish": "published", "future": "scheduled", "draft": "draft"}
# The members of structs, and the fields of posts that they contain.
TEXTS = {
    "title": "title",
    "mt_excerpt": "summary",
    "wp_slug": "address",
    "post_title": "title",
    "post_excerpt": "summary",
    "post_name": "address",
    "post_content": "body",
}
CATEGORY, KEYWORD = "category", "post_tag"


def list_posts(_blog: Any, count: Any = 10) -> list[Struct]:
    """Return the newest posts that the user may edit."""
    return [_as_metaweblog(*found) for found in _find(read_count(count, MAX_LISTED_POSTS))]


def list_titles(_blog: Any, count: Any = 10) -> list[Struct]:
    """Return the newest posts without their texts."""
    names = ("postid", "userid", "title", "post_status", "dateCreated", "date_created_gmt")
    return [{name: post[name] for name in names} for post in list_posts(_blog, count)]


def list_some(_blog: Any, wanted: Any = None, fields: Any = None) -> list[Struct]:
    """Return posts or pages, newest first."""
    wanted = read_struct(wanted or {})
    status = read_scalar(wanted.get("post_status") or "any")
    kind = read_scalar(wanted.get("post_type") or "post")
    found = _find(
        read_count(wanted.get("number", 10), MAX_LISTED_POSTS),
        kind=kind,
        # Drafts stand for the other statuses of WordPress.
        status="any" if status == "any" else LISTED_STATUSES.get(status, "draft"),
        skip=read_count(wanted.get("offset", 0), MAX_SKIPPED_POSTS),
    )
    return [_select(_as_wordpress(*one), fields) for one in found]


def _find(
    count: int, *, kind: str = "post", status: str = "any", skip: int = 0
) -> list[tuple[Any, list[Any]]]:
    """Return posts that the user may edit, each with its tags."""
    check_scope("read")
    wanted = post_filters.editable_by(g.user, kind, status)
    return _with_tags(post_filters.find(wanted, g.user, per_page=count, skip=skip).posts[:count])


def _with_tags(rows: Iterable[Any]) -> list[tuple[Any, list[Any]]]:
    rows = list(rows)
    tags_of = tags.for_posts([row["id"] for row in rows])
    return [(row, tags_of[row["id"]]) for row in rows]


def _read(post_id: Any) -> tuple[Any, list[Any]]:
    check_scope("read")
    (found,) = _with_tags([posts.get_for_edit(read_id(post_id), g.user)])
    return found


def _as_metaweblog(post: Any, its_tags: list[Any]) -> Struct:
    url = urls.make_absolute(urls.post_url(post))
    return {
        "postid": str(post["id"]),
        "userid": str(post["author_id"]),
        "title": clean(post["title"]),
        "description": clean(post["body"]),
        "mt_excerpt": clean(post["summary"]),
        "mt_text_more": "",
        "mt_keywords": "",
        "categories": [clean(tag["name"]) for tag in its_tags],
        "wp_slug": clean(post["slug"] or ""),
        "link": url,
        "permaLink": url,
        "post_status": _status(post),
        "dateCreated": write_time(post["created"]),
        "date_created_gmt": write_time(post["created"], "UTC"),
    }


def _status(post: Any) -> str:
    if post["status"] == "draft":
        return "draft"
    return "future" if posts.is_scheduled(post) else "publish"


def _as_wordpress(post: Any, its_tags: list[Any]) -> Struct:
    url = urls.make_absolute(urls.post_url(post))
    changed = post["updated"] or post["created"]
    return {
        "post_id": str(post["id"]),
        "post_title": clean(post["title"]),
        "post_content": clean(post["body"]),
        "post_excerpt": clean(post["summary"]),
        "post_name": clean(post["slug"] or ""),
        "post_status": _status(post),
        "post_type": post["kind"],
        "post_author": str(post["author_id"]),
        "post_date": write_local_time(post["created"]),
        "post_date_gmt": write_time(post["created"], "UTC"),
        "post_modified": write_local_time(changed),
        "post_modified_gmt": write_time(changed, "UTC"),
        "post_format": "standard",
        "post_password": "",
        "post_parent": "0",
        "menu_order": post["menu_position"],
        "sticky": False,
        "comment_status": "closed",
        "ping_status": "closed",
        "post_thumbnail": {},
        "custom_fields": [],
        "enclosure": {},
        "terms": [as_term(tag) for tag in its_tags],
        "link": url,
        "guid": url,
    }


def as_term(tag: Any) -> Struct:
    """Return a tag as a term of WordPress."""
    return {
        "term_id": str(tag["id"]),
        "name": clean(tag["name"]),
        "slug": clean(tag["slug"]),
        "taxonomy": CATEGORY,
        "term_taxonomy_id": str(tag["id"]),
        "term_group": "0",
        "description": "",
        "parent": "0",
    }


def _select(post: Struct, fields: Any) -> Struct:
    """Return the wanted members of a post: all of them if no list or the whole post is wanted."""
    if fields is None or "post" in read_list(fields):
        return post
    return {name: value for name, value in post.items() if name in ("post_id", *fields)}


def get_post(post_id: Any) -> Struct:
    """Return a post."""
    return _as_metaweblog(*_read(post_id))


def get_any(_blog: Any, post_id: Any, fields: Any = None) -> Struct:
    """Return a post or page."""
    return _select(_as_wordpress(*_read(post_id)), fields)


def create_post(_blog: Any, content: Any, publish: Any = True) -> str:
    """Create a post and return its id."""
    return _create(content, "published" if publish else "draft")


def create_any(_blog: Any, content: Any) -> str:
    """Create a post or page, by default a draft, and return its id."""
    kind = read_scalar(read_struct(content).get("post_type") or "post")
    if kind not in post_fields.KINDS:
        raise errors.Invalid(f"post_type has to be {' or '.join(post_fields.KINDS)}.")
    return _create(content, "draft", kind=kind)


def _create(content: Any, status: str, **fields: Any) -> str:
    fields |= {"title": "", "body": "", **_read_fields(content, status, [])}
    _check_scopes(fields["status"])
    return str(posts.create(author_id=g.user["id"], user=g.user, **fields))


def _check_scopes(*statuses: str) -> None:
    check_scope("write")
    if "published" in statuses:
        check_scope("publish")


def edit_post(post_id: Any, content: Any, publish: Any = True) -> bool:
    """Change a post."""
    return _edit(post_id, content, "published" if publish else "draft")


def edit_any(_blog: Any, post_id: Any, content: Any) -> bool:
    """Change a post or page. Its status stays if none is given."""
    return _edit(post_id, content)


def _edit(post_id: Any, content: Any, status: str | None = None) -> bool:
    (row, its_tags) = _with_tags([posts.get_for_edit(read_id(post_id), g.user)])[0]
    names = [tag["name"] for tag in its_tags]
    fields = {
        "title": row["title"],
        "body": row["body"],
        **_read_fields(content, status or row["status"], names),
    }
    if fields.get("created") == row["stored_created"]:
        # Only another date counts as one that the author chose.
        del fields["created"]
    _check_scopes(row["status"], fields["status"])
    posts.update(row["id"], g.user, expected_status=access.expected_status(row), **fields)
    return True


def _read_fields(content: Any, status: str, current: list[str]) -> Struct:
    """Return the fields of a post that a struct has. `current` are the names of the post's tags."""
    content = read_struct(content)
    found: Struct = {
        field: read_text(content[name]) for name, field in TEXTS.items() if name in content
    }
    if "description" in content:
        parts = (content["description"], content.get("mt_text_more"))
        found["body"] = "\n\n".join(read_text(part) for part in parts if part)
    if (names := _read_tags(content, current)) is not None:
        found["tags"] = names
    if date := _read_date(content):
        found["created"] = date
    return {**found, "status": STATUSES.get(read_scalar(content.get("post_status")), status)}


def _read_date(content: Mapping[str, Any]) -> str | None:
    # Editors send several dates. Some editors shift the others by the time zone of the computer.
    for name in ("date_created_gmt", "dateCreated", "post_date_gmt", "post_date"):
        if content.get(name):
            zone = site_settings.get("TIMEZONE") if name == "post_date" else "UTC"
            return dates.to_utc(read_scalar(content[name]), str(zone))
    return None


def _read_tags(content: Mapping[str, Any], current: list[str]) -> list[str] | None:
    """Return the names of a post's tags, or None if they stay. Keywords are added to them."""
    terms, names = (read_struct(content.get(key) or {}) for key in ("terms", "terms_names"))
    keywords = read_text(content.get("mt_keywords") or "").split(",")
    keywords += map(read_text, read_list(names.get(KEYWORD, [])))
    keywords += _names_of(terms.get(KEYWORD, []))
    if "categories" not in content and CATEGORY not in {*terms, *names}:
        found = [*current, *keywords]
        is_changed = any(name.strip() for name in keywords)
        return list(filter(str.strip, found)) if is_changed else None
    categories = [
        *map(read_text, read_list(content.get("categories") or [])),
        *map(read_text, read_list(names.get(CATEGORY, []))),
        *_names_of(terms.get(CATEGORY, [])),
    ]
    return [name for name in (*categories, *keywords) if name.strip()]


def _names_of(ids: Any) -> list[str]:
    """Return the names of tags by their ids. Raises `Invalid`."""
    known = {str(tag["id"]): tag["name"] for tag in list_tags()} if read_list(ids) else {}
    unknown = [one for one in map(read_scalar, ids) if one not in known]
    if unknown:
        raise errors.Invalid(f"There is no category with the id {unknown[0][:20]}.", "tags")
    return [known[read_scalar(one)] for one in ids]


def list_tags() -> list[Any]:
    """Return the tags that the token may read."""
    return tags.list_all() if "read" in g.scopes else tags.list_public()


def delete_post(_application: Any, post_id: Any, _publish: Any = True) -> bool:
    """Move a post or page to the trash."""
    with transaction():
        post = posts.get_for_edit(read_id(post_id), g.user)
        _check_scopes(post["status"])
        trash.put(post["id"], g.user)
    return True


def publish_post(post_id: Any) -> bool:
    """Publish a post."""
    return _edit(post_id, {}, "published")


def get_categories(post_id: Any) -> list[Struct]:
    """Return the tags of a post, the first of which is its main category."""
    _, its_tags = _read(post_id)
    return [
        {
            "categoryId": str(tag["id"]),
            "categoryName": clean(tag["name"]),
            "isPrimary": position == 0,
        }
        for position, tag in enumerate(its_tags)
    ]


def set_categories(post_id: Any, categories: Any) -> bool:
    """Replace the tags of a post, the main category first."""
    structs = sorted(
        map(read_struct, read_list(categories)), key=lambda one: not one.get("isPrimary")
    )
    ids = [one.get("categoryId") for one in structs]
    return _edit(post_id, {"terms": {CATEGORY: ids}})
