"""Describe posts for search engines and link previews."""

import sqlite3
from typing import Any

from ..text.excerpts import strip_tags
from . import site_settings
from .template_dates import iso_time
from .template_dates import last_modified

MAX_DESCRIPTION_CHARS = 200
# This much HTML contains enough text for a description.
OPENING_HTML_CHARS = 5000


def meta_description(post: sqlite3.Row, html: str) -> str:
    """Return the post's summary or the beginning of its text, cut to one line."""
    opening = (
        html if len(html) < OPENING_HTML_CHARS else html[:OPENING_HTML_CHARS].rpartition("<")[0]
    )
    text = post["summary"] or " ".join(strip_tags(opening).split())
    if len(text) <= MAX_DESCRIPTION_CHARS:
        return text
    cut = text[: MAX_DESCRIPTION_CHARS - 2]
    return f"{cut.rpartition(' ')[0] or cut} …"


def linked_data(
    post: sqlite3.Row, authors: list[str], url: str, description: str, image: str | None
) -> dict[str, Any]:
    """Return a post as a schema.org `BlogPosting`, for JSON-LD."""
    data = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "mainEntityOfPage": url,
        "url": url,
        "headline": post["title"],
        "description": description,
        "image": image,
        "datePublished": iso_time(post["created"]),
        "dateModified": last_modified(post),
        "author": [{"@type": "Person", "name": name} for name in authors],
        "publisher": {"@type": "Organization", "name": site_settings.get("SITE_TITLE")},
        "inLanguage": post["language"] or site_settings.get("LANGUAGE"),
    }
    return {name: value for name, value in data.items() if value}
