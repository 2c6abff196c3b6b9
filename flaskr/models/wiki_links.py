"""Links by title and pictures by file name, as in Obsidian: what `[[Post]]` and `![[a.png]]` show.

Stored HTML has the names only, so a link works as soon as there is such a post.
"""

import html
import re
import sqlite3
from collections.abc import Mapping
from typing import TypeVar

from .. import db
from .. import text
from ..db import now
from . import conditions

POST = re.compile(r'<span data-post="([^"#]*)(#[^"]*)?">([^<]*)</span>')
FILE = re.compile(r'<span data-file="([^"|]*)\|(?:(\d+)(?:x(\d+))?)?">([^<]*)</span>')
# SQLite limits the number of values in a query.
MAX_NAMES = 500

Key = TypeVar("Key")


def add_links(texts: Mapping[Key, text.Rendered]) -> dict[Key, text.Rendered]:
    """Return the texts with links to posts and files in place of their names.

    A name that nothing has is shown as text.
    """
    found = "".join(one.html for one in texts.values() if "<span data-" in one.html)
    if not found:
        return dict(texts)
    posts = _find_posts({html.unescape(name) for name, _, _ in POST.findall(found)})
    files = _find_files({html.unescape(match[1]) for match in FILE.finditer(found)})

    def fill(fragment: str) -> str:
        fragment = POST.sub(lambda link: _render_link(link, posts), fragment)
        return FILE.sub(lambda file: _render_file(file, files), fragment)

    return {
        key: rendered._replace(
            html=fill(rendered.html),
            excerpt=None if rendered.excerpt is None else fill(rendered.excerpt),
        )
        for key, rendered in texts.items()
    }


def _find_posts(names: set[str]) -> dict[str, str]:
    """Return the path of the newest readable post with each name, by title or slug in any case."""
    known: dict[str, str] = {}
    wanted = sorted(names)[:MAX_NAMES]
    slugs = [slug for name in wanted for slug in (text.slugify(name), name.lower())]
    for column, values in (("slug", slugs), ("title", wanted)):
        rest = values if column == "slug" else [one for one in wanted if _fold(one) not in known]
        for row in _select_posts(column, rest):
            path = f"/{row['slug'] or row['id']}"
            known.setdefault(_fold(row["title"]), path)
            known.setdefault(str(row["slug"] or row["id"]), path)
    return known


def _select_posts(column: str, values: list[str]) -> list[sqlite3.Row]:
    if not values:
        return []
    return db.all(
        f"""
        SELECT id, slug, CAST(title AS TEXT) AS title
        FROM post
        WHERE {column} IN ({conditions.placeholders(values)}) AND {conditions.READABLE}
        ORDER BY created DESC, id DESC
        """,
        *values,
        now(),
    )


def _find_files(names: set[str]) -> dict[str, sqlite3.Row]:
    """Return the newest file of the media library with each name."""
    if not names:
        return {}
    wanted = sorted(names)[:MAX_NAMES]
    rows = db.all(
        f"""
        SELECT name, original_name, type, alt
        FROM media
        WHERE original_name IN ({conditions.placeholders(wanted)})
        ORDER BY id
        """,
        *wanted,
    )
    return {row["original_name"]: row for row in rows}


def _fold(name: str) -> str:
    return text.casefold_key(name)


def _render_link(link: re.Match[str], posts: Mapping[str, str]) -> str:
    name = _fold(html.unescape(link[1]))
    path = posts.get(name)
    return f'<a href="{path}{link[2] or ""}">{link[3]}</a>' if path else link[3]


def _render_file(file: re.Match[str], files: Mapping[str, sqlite3.Row]) -> str:
    medium = files.get(html.unescape(file[1]))
    if medium is None:
        return file[4]
    url = f"/media/{medium['name']}"
    kind = medium["type"].partition("/")[0]
    if kind == "image":
        label = medium["alt"] if file[4] == file[1] else html.unescape(file[4])
        size = f' width="{file[2]}"' if file[2] else ""
        size += f' height="{file[3]}"' if file[3] else ""
        return f'<img src="{url}" alt="{html.escape(label)}"{size} loading="lazy" decoding="async">'
    link = f'<a href="{url}">{file[4]}</a>'
    if kind in ("audio", "video"):
        return f'<{kind} src="{url}" preload="metadata" controls="">{link}</{kind}>'
    return link
