"""Exports for other systems: WXR for WordPress, and JSON for Ghost."""

import re
import time
from collections.abc import Iterator
from typing import Any

from ..exporters import ghost
from ..exporters import wxr
from ..models import exported_blogs
from ..models import posts
from ..models import rendered_html
from ..text import absolute_urls
from ..text.excerpts import TAG
from ..web import site_settings
from .entries import Entry
from .entries import Progress
from .entries import media

GHOST_FILE = "ghost.json"
MEDIA = "/media/"
# The narrower variants of pictures stay behind: other systems make their own.
VARIANTS = re.compile(r' (?:srcset|sizes)="[^"]*"')


def site(values: dict[str, Any], url: str) -> dict[str, Any]:
    """Return the blog's title, people, tags and so on. `url` is its address.

    `values` are the settings in effect.
    """
    tags = exported_blogs.read_tags()
    return {
        "title": values["SITE_TITLE"],
        "description": values["DESCRIPTION"] or values["TAGLINE"],
        "language": values["LANGUAGE"],
        "url": url.rstrip("/"),
        "users": exported_blogs.read_users(),
        "roles": exported_blogs.read_roles(),
        "tags": tags,
        "tag_slugs": {tag["name"]: tag["slug"] for tag in tags},
    }


def write_wxr(about: dict[str, Any], progress: Progress) -> Iterator[bytes]:
    """Yield a WXR file in parts."""
    media = _media_with_ids()
    cover_ids = {f"{MEDIA}{row['name']}": row["post_id"] for row in media}
    found = _posts(about, progress, cover_ids)
    for part in wxr.write(about, found, media):
        yield part.encode()


def _media_with_ids() -> list[dict[str, Any]]:
    # In WordPress, files are posts with ids of their own.
    start = exported_blogs.last_post_id()
    rows = exported_blogs.read_media()
    return [{**row, "post_id": start + number} for number, row in enumerate(rows, 1)]


def write_ghost(about: dict[str, Any], progress: Progress) -> Iterator[bytes]:
    """Yield Ghost's JSON in parts."""
    # Links to files lead to their folders in the zip, and are not absolute.
    found = _posts({**about, "url": ""}, progress, {})
    for part in ghost.write(about, found, int(time.time() * 1000)):
        yield part.encode()


def ghost_entries(about: dict[str, Any], progress: Progress) -> Iterator[Entry]:
    """Yield the files of a zip for Ghost: the JSON and the media library."""
    yield Entry(GHOST_FILE, write_ghost(about, progress))
    for entry in media("", progress):
        yield entry._replace(name=ghost.media_path(entry.name.lstrip("/")))


def _posts(
    about: dict[str, Any], progress: Progress, cover_ids: dict[str, int]
) -> Iterator[dict[str, Any]]:
    total = exported_blogs.count_posts()
    for number, post in enumerate(exported_blogs.read_posts(), 1):
        stored = posts.get_stored(post["id"])
        html = rendered_html.for_page(stored, site_settings.text_style()).html
        html = TAG.sub(lambda tag: VARIANTS.sub("", tag[0]), html)
        if about["url"]:
            url = f"{about['url']}/{post['slug']}"
            html = absolute_urls.absolutize_urls(html, url, "")
        state = "scheduled" if posts.is_scheduled(stored) else post["status"]
        yield {**post, "html": html, "state": state, "cover_id": cover_ids.get(post["cover"], 0)}
        progress("Posts", number, total)
