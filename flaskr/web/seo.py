"""Describe posts for search engines and link previews."""

import sqlite3
from collections.abc import Iterable
from typing import Any

from ..models import profiles
from ..text import descriptions
from ..text import titles
from . import site_settings
from . import urls
from .template_dates import iso_time
from .template_dates import last_modified

MAX_DESCRIPTION_CHARS = 200


def meta_description(post: sqlite3.Row, html: str) -> str:
    """Return the post's summary or the beginning of its text, cut to one line."""
    return _shorten(post["summary"]) or opening(html)


def opening(html: str) -> str:
    """Return the beginning of the text of rendered HTML, cut to one line."""
    return _shorten(descriptions.describe(html, MAX_DESCRIPTION_CHARS + 1))


def _shorten(text: str) -> str:
    if len(text) <= MAX_DESCRIPTION_CHARS:
        return text
    cut = text[: MAX_DESCRIPTION_CHARS - 2]
    return f"{cut.rpartition(' ')[0] or cut} …"


def linked_data(
    post: sqlite3.Row, authors: list[sqlite3.Row], url: str, description: str, image: str | None
) -> dict[str, Any]:
    """Return a post as a schema.org `BlogPosting`, for JSON-LD."""
    data = {
        "@context": "https://schema.org",
        "@type": "BlogPosting",
        "mainEntityOfPage": url,
        "url": url,
        "headline": titles.to_text(post["title"]),
        "description": description,
        "image": image,
        "datePublished": iso_time(post["created"]),
        "dateModified": last_modified(post),
        "author": _people(authors) or [_named(post["author"])],
        "publisher": {"@type": "Organization", "name": site_settings.get("SITE_TITLE")},
        "inLanguage": post["language"] or site_settings.get("LANGUAGE"),
    }
    return {name: value for name, value in data.items() if value}


def _people(authors: list[sqlite3.Row]) -> list[dict[str, Any]]:
    portraits = portrait_urls(authors)
    return [_person(author, portraits.get(author["id"])) for author in authors]


def portrait_urls(people: Iterable[sqlite3.Row]) -> dict[int, str]:
    """Return the absolute URL of each person's picture, by the person's id."""
    found = profiles.find_portraits(people)
    return {id: urls.make_absolute(urls.prefix_link(url)) for id, url in found.items()}


def _person(author: sqlite3.Row, portrait: str | None) -> dict[str, Any]:
    path = urls.person_url(author["id"], author["username"])
    links = [link.url for link in profiles.read_links(author) if link.url.startswith("http")]
    data = {
        **_named(author["name"]),
        "url": urls.make_absolute(path),
        "image": portrait,
        "sameAs": links,
    }
    return {name: value for name, value in data.items() if value}


def _named(name: str) -> dict[str, str]:
    return {"@type": "Person", "name": name}
