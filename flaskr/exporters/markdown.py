"""Write posts as Markdown with YAML front matter that Hugo, Jekyll and Zola read.

Fields have the names of the three generators, and `extra` has those that they do not know.
`importers/exported_blogs.py` reads the files again.
"""

import re
from collections.abc import Mapping
from typing import Any

from ..text import slugify
from .yaml_text import Time
from .yaml_text import dump
from .yaml_text import dump_rows

Post = Mapping[str, Any]
UNFIT_FOR_FILE = re.compile(r"[\x00-\x1f\x7f\\?#]|/\.")
DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def path(post: Post) -> str:
    """Return the path of a post's file in the export, which no other post has."""
    name = file_name(post)
    if post["kind"] == "page":
        return f"content/{name}.md"
    if post["status"] == "draft":
        return f"content/_drafts/{name}.md"
    # Jekyll requires the date.
    day = post["created"][:10] if DAY.match(post["created"]) else "1970-01-01"
    return f"content/_posts/{day}-{name}.md"


def trash_path(post: Post) -> str:
    """Return the path of the file of a post in the trash."""
    return f"trash/{slugify(post['slug'])}~{post['id']}.md"


def revision_path(post_id: int, number: int) -> str:
    """Return the path of the file of a revision."""
    return f"revisions/{post_id}/{number:05}.md"


def file_name(post: Post) -> str:
    """Return the name of a post's file: its slug, or with its id if the slug is no file's name."""
    slug = post["slug"]
    # No slug contains a tilde, so this name is free.
    return slug if is_plain(slug) else f"{slugify(slug)}~{post['id']}"


def is_plain(slug: str) -> bool:
    """Return True for a slug as the blog makes them; plain SQL may store any text."""
    return bool(slug) and slugify(slug) == slug


def _is_alias(path: str) -> bool:
    """Return True if a generator can make a file at this path."""
    return path.startswith("/") and ".." not in path and not UNFIT_FOR_FILE.search(path)


def write_post(post: Post) -> bytes:
    """Return the file of a post."""
    slug = post["slug"] if is_plain(post["slug"]) else ""
    url = slug and f"/{slug}"
    aliases = sorted({*post["addresses"], *(f"/{former}" for former in post["former_slugs"])})
    return _document(
        {
            "title": post["title"],
            "date": Time(post["created"]),
            "updated": Time(post["updated"]),
            "lastmod": Time(post["updated"]),
            "render_with_liquid": False if "{{" in post["body"] or "{%" in post["body"] else None,
            "draft": post["status"] == "draft" or None,
            "slug": slug,
            "url": url,
            "permalink": url,
            "path": slug,
            "description": post["summary"],
            "lang": post["language"],
            "cover": post["cover"],
            "authors": post["authors"],
            "tags": post["tags"],
            "series": post["series"],
            "weight": post["menu_position"] or None,
            "aliases": list(filter(_is_alias, aliases)),
            "taxonomies": {"tags": post["tags"]},
            "extra": {
                "id": post["id"],
                "slug": "" if slug else post["slug"],
                "addresses": [path for path in aliases if not _is_alias(path)],
                "kind": "page" if post["kind"] == "page" else "",
                "dated": post["dated"] or None,
                "part": post["part"],
                "former_slugs": post["former_slugs"],
                "translation": post["translation"],
                "deleted": Time(post.get("deleted", "")),
            },
        },
        post["body"],
    )


def write_revision(revision: Mapping[str, Any]) -> bytes:
    """Return the file of an earlier version of a post."""
    fields = {
        "title": revision["title"],
        "date": Time(revision["created"]),
        "authors": [revision["editor"]] if revision["editor"] else [],
        "extra": {"post": revision["post_id"], "autosave": revision["autosave"] or None},
    }
    return _document(fields, revision["body"])


def _document(fields: Mapping[str, Any], body: str) -> bytes:
    # The line end after the body is not part of it.
    return f"---\n{dump(fields)}---\n{body}\n".encode()


def write_table(rows: list[dict[str, Any]]) -> bytes:
    """Return a file with a list of rows."""
    return dump_rows(rows).encode()


def write_fields(fields: Mapping[str, Any]) -> bytes:
    """Return a file with named values, which may be empty."""
    return dump(fields, empty=True).encode()
