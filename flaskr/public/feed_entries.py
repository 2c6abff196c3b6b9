"""The entries of feeds: posts with everything that a feed says about them."""

import mimetypes
import re
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

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


def build(found: list[sqlite3.Row]) -> list[Entry]:
    """Return the entries for posts, in the same order."""
    rendered = rendered_html.for_feed(found, site_settings.text_style())
    ids = feed_ids.post_ids(found)
    authors = posts.authors_of(ids)
    tagged = tags.for_posts(ids)
    portraits = seo.portrait_urls(chain.from_iterable(authors.values()))
    audio = {id: feed_html.find_audio(html) for id, html in rendered.items()}
    covers = {post["id"]: post["cover"] for post in found if post["cover"]}
    elements = responsive_images.render_images(covers)
    library = feed_files.find([*covers.values(), *chain.from_iterable(audio.values())])
    return [
        _build_entry(
            post,
            ids[post["id"]],
            f"<p>{elements[post['id']]}</p>\n" if post["cover"] else "",
            rendered[post["id"]],
            [_author(person, portraits.get(person["id"])) for person in authors[post["id"]]],
            [tag["name"] for tag in tagged[post["id"]]],
            {url: library.get(url) for url in audio[post["id"]]},
            library.get(post["cover"]),
        )
        for post in found
    ]


def _author(person: sqlite3.Row, portrait: str | None) -> Author:
    url = urls.person_url(person["id"], person["username"])
    return Author(person["name"], urls.make_absolute(url), portrait)


def _build_entry(
    post: sqlite3.Row,
    id: str,
    cover_html: str,
    html: str,
    authors: list[Author],
    names: list[str],
    audio: Mapping[str, sqlite3.Row | None],
    cover: sqlite3.Row | None,
) -> Entry:
    url = urls.make_absolute(urls.post_url(post))
    published = post["created"].replace(tzinfo=UTC)
    updated = max(post["created"], post["updated"] or post["created"]).replace(tzinfo=UTC)
    return Entry(
        id=id,
        url=url,
        title=titles.to_text(post["title"]) or "Untitled",
        authors=authors or [Author(post["author"], None)],
        html=_content(post, cover_html, html, url),
        description=seo.meta_description(post, html),
        summary=post["summary"],
        language=post["language"],
        cover=_file(post["cover"], url, cover) if post["cover"] else None,
        audio=[_file(source, url, row, AUDIO_TYPE) for source, row in audio.items()],
        tags=names,
        published=published,
        updated=updated,
    )


def _content(post: sqlite3.Row, cover_html: str, html: str, url: str) -> str:
    content = _adapt(cover_html + html, url, urls.public_root())
    leftwards = feed_html.is_right_to_left(post["language"], html)
    return feed_html.wrap(content, post["language"], is_right_to_left=leftwards)


# Posts stand in the feeds of their tags, too, and each feed comes in three formats: this takes a
# fifth off the time of freezing a blog.
@lru_cache(maxsize=128)
def _adapt(html: str, url: str, root: str) -> str:
    return absolute_urls.absolutize_urls(feed_html.adapt(html), url, root)


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
