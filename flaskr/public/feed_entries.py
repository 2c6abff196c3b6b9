"""The entries of feeds: posts with everything that a feed says about them."""

import mimetypes
import re
import sqlite3
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from cachetools import LRUCache
from flask import g
from markupsafe import Markup
from werkzeug.urls import iri_to_uri

from ..models import feed_files
from ..models import feed_ids
from ..models import posts
from ..models import rendered_html
from ..models import responsive_images
from ..models import tags
from ..text import absolute_urls
from ..text import feed_html
from ..text import titles
from ..web import seo
from ..web import site_settings
from ..web import urls

AUDIO_TYPE = "audio/mpeg"
MAX_KNOWN_ENTRIES = 128


class Author(NamedTuple):
    """An author with the URL of their page, which deleted authors do not have."""

    name: str
    url: str | None
    avatar: str | None = None


class File(NamedTuple):
    """A recording or cover. The size is 0 if it is unknown."""

    url: str
    type: str | None
    bytes: int
    width: int | None
    height: int | None


class Entry(NamedTuple):
    """A post in a feed."""

    id: str
    url: str
    title: str
    authors: list[Author]
    html: str
    # Plain text: the summary, or the beginning of the body.
    description: str
    summary: str
    language: str
    cover: File | None
    audio: list[File]
    tags: list[str]
    published: datetime
    updated: datetime


class Details(NamedTuple):
    """Data about the posts of a feed besides their rows, by post id, and files by their URL."""

    ids: dict[int, str]
    html: dict[int, str]
    authors: dict[int, list[Author]]
    tags: dict[int, list[sqlite3.Row]]
    covers: dict[int, Markup]
    audio: dict[int, list[str]]
    files: dict[str, sqlite3.Row]


def build(found: list[sqlite3.Row]) -> list[Entry]:
    """Return the entries for posts, in the same order."""
    # A blog is frozen in one context, where posts stand in the feeds of their tags, too, and each
    # feed comes in three formats: this takes a fifth off the time.
    known: LRUCache[int, Entry] = g.setdefault("feed_entries", LRUCache(MAX_KNOWN_ENTRIES))
    missing = [post for post in found if post["id"] not in known]
    entries = {post["id"]: known[post["id"]] for post in found if post["id"] in known}
    if missing:
        details = _read_details(missing)
        entries |= {post["id"]: _build_entry(post, details) for post in missing}
        known.update(entries)
    return [entries[post["id"]] for post in found]


def _read_details(found: list[sqlite3.Row]) -> Details:
    """Read the data of all posts with a few queries."""
    ids = feed_ids.post_ids(found)
    html = rendered_html.for_feed(found, site_settings.text_style())
    covers = {post["id"]: post["cover"] for post in found if post["cover"]}
    audio = {id: feed_html.find_audio(text) for id, text in html.items()}
    return Details(
        ids=ids,
        html=html,
        authors=_find_authors(ids),
        tags=tags.for_posts(ids),
        covers=responsive_images.render_images(covers),
        audio=audio,
        files=feed_files.find([*covers.values(), *chain.from_iterable(audio.values())]),
    )


def _find_authors(ids: Iterable[int]) -> dict[int, list[Author]]:
    people = posts.authors_of(ids)
    portraits = seo.portrait_urls(chain.from_iterable(people.values()))
    return {
        id: [_author(person, portraits.get(person["id"])) for person in authors]
        for id, authors in people.items()
    }


def _author(person: sqlite3.Row, portrait: str | None) -> Author:
    url = urls.person_url(person["id"], person["username"])
    return Author(person["name"], urls.make_absolute(url), portrait)


def _build_entry(post: sqlite3.Row, details: Details) -> Entry:
    id, files = post["id"], details.files
    url = urls.make_absolute(urls.post_url(post))
    published = post["created"].replace(tzinfo=UTC)
    updated = max(post["created"], post["updated"] or post["created"]).replace(tzinfo=UTC)
    return Entry(
        id=details.ids[id],
        url=url,
        title=titles.to_text(post["title"]) or "Untitled",
        authors=details.authors[id] or [Author(post["author"], None)],
        html=_content(post, url, details),
        description=seo.meta_description(post, details.html[id]),
        summary=post["summary"],
        language=post["language"],
        cover=_file(post["cover"], url, files.get(post["cover"])) if post["cover"] else None,
        audio=[_file(source, url, files.get(source), AUDIO_TYPE) for source in details.audio[id]],
        tags=[tag["name"] for tag in details.tags[id]],
        published=published,
        updated=updated,
    )


def _content(post: sqlite3.Row, url: str, details: Details) -> str:
    html, cover = details.html[post["id"]], details.covers.get(post["id"])
    content = feed_html.adapt(f"<p>{cover}</p>\n{html}" if cover else html)
    content = absolute_urls.absolutize_urls(content, url, urls.public_root())
    leftwards = feed_html.is_right_to_left(post["language"], html)
    return feed_html.wrap(content, post["language"], is_right_to_left=leftwards)


def _file(source: str, page: str, row: sqlite3.Row | None, default_type: str | None = None) -> File:
    url = absolute_urls.absolutize_url(source, page, urls.public_root())
    with suppress(ValueError):
        url = iri_to_uri(url)
    if row is not None:
        return File(url, row["type"], row["size"], row["width"], row["height"])
    name = re.split("[?#]", url, maxsplit=1)[0].rpartition("/")[2]
    guessed = mimetypes.guess_type(name)[0]
    kind = (default_type or "image/").partition("/")[0]
    is_plausible = guessed is not None and guessed.startswith(f"{kind}/")
    return File(url, guessed if is_plausible else default_type, 0, None, None)
