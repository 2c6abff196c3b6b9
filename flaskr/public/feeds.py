"""Full-text feeds of the newest posts: RSS 2.0, Atom and JSON Feed."""

import sqlite3
from collections.abc import Callable
from datetime import UTC
from datetime import datetime
from email.utils import format_datetime
from typing import NamedTuple

from flask import Blueprint
from flask import Response
from flask import g
from flask import jsonify
from flask import render_template
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from ..models import feed_ids
from ..models import post_lists
from ..models import posts
from ..models import profiles
from ..models import rendered_html
from ..models import responsive_images
from ..models import tags
from ..page_cache import version
from ..page_cache.middleware import cacheable
from ..text import absolute_urls
from ..web import seo
from ..web import site_settings
from ..web import urls
from ..web.redirects import permanent_redirect

bp = Blueprint("feeds", __name__)

TYPES = {
    "xml": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}


class Feed(NamedTuple):
    """A feed and its posts."""

    id: str
    title: str
    description: str
    # The page that lists the same posts.
    url: str
    posts: list[sqlite3.Row]


class Entry(NamedTuple):
    """A post in a feed."""

    id: str
    url: str
    title: str
    authors: list[str]
    html: str
    # Plain text: the summary, or the beginning of the body.
    description: str
    summary: str
    language: str
    image: str | None
    tags: list[str]
    published: datetime
    updated: datetime


@bp.route("/feed.<any(xml, atom, json):kind>")
@cacheable()
def newest(kind: str) -> BaseResponse:
    """Return the feed of the whole blog."""
    title, description = (
        site_settings.get("SITE_TITLE"),
        site_settings.get("DESCRIPTION") or site_settings.get("TAGLINE"),
    )
    url = urls.make_absolute(urls.list_url())
    return _feed_response(
        kind, Feed(feed_ids.feed_id(), title, description, url, post_lists.newest().posts)
    )


@bp.route("/tag/<slug>/feed.<any(xml, atom, json):kind>")
@cacheable()
def of_tag(slug: str, kind: str) -> BaseResponse:
    """Return the feed of a tag."""
    tag = tags.get_by_slug(slug, g.user)
    id, path = feed_ids.list_id("tag", tag["id"]), url_for("archives.tag", slug=slug)
    return _feed_response(
        kind, _partial_feed(id, tag["name"], path, post_lists.with_tag(tag["id"]))
    )


@bp.route("/user/<name>/feed.<any(xml, atom, json):kind>")
@cacheable()
def of_author(name: str, kind: str) -> BaseResponse:
    """Return the feed of an author."""
    user = profiles.get_by_url_name(name, g.user)
    canonical_name = profiles.url_name(user["id"], user["username"])
    if canonical_name != name:
        return permanent_redirect(url_for("feeds.of_author", name=canonical_name, kind=kind))
    id, path = feed_ids.list_id("user", user["id"]), url_for("archives.person", name=name)
    title = user["display_name"] or user["username"]
    return _feed_response(kind, _partial_feed(id, title, path, post_lists.by_author(user["id"])))


def _partial_feed(id: str, title: str, path: str, page: post_lists.Page) -> Feed:
    return Feed(
        id,
        f"{title} - {site_settings.get('SITE_TITLE')}",
        "",
        urls.make_absolute(path),
        page.posts,
    )


def _feed_response(kind: str, feed: Feed) -> Response:
    entries = _entries(feed.posts)
    updated = max((entry.updated for entry in entries), default=version.last_changed())
    response = SERIALIZERS[kind](feed, entries, updated)
    response.content_type = f"{TYPES[kind]}; charset=utf-8"
    return response


def _entries(found: list[sqlite3.Row]) -> list[Entry]:
    rendered = rendered_html.for_posts(found, site_settings.text_style())
    ids = feed_ids.post_ids(found)
    authors = posts.authors_of(ids)
    tagged = tags.for_posts(ids)
    return [
        _entry(
            post,
            ids[post["id"]],
            rendered[post["id"]].html,
            authors[post["id"]],
            tagged[post["id"]],
        )
        for post in found
    ]


def _entry(
    post: sqlite3.Row, id: str, html: str, authors: list[sqlite3.Row], tagged: list[sqlite3.Row]
) -> Entry:
    url = urls.make_absolute(urls.post_url(post))
    published = post["created"].replace(tzinfo=UTC)
    updated = max(post["created"], post["updated"] or post["created"]).replace(tzinfo=UTC)
    return Entry(
        id=id,
        url=url,
        title=post["title"] or "Untitled",
        authors=[person["name"] for person in authors] or [post["author"]],
        html=absolute_urls.absolutize_urls(_cover(post) + html, url, urls.public_root()),
        description=seo.meta_description(post, html),
        summary=post["summary"],
        language=post["language"],
        image=urls.make_absolute(urls.prefix_link(post["cover"])) if post["cover"] else None,
        tags=[tag["name"] for tag in tagged],
        published=published,
        updated=updated,
    )


def _cover(post: sqlite3.Row) -> str:
    return f"<p>{responsive_images.render_image(post['cover'])}</p>\n" if post["cover"] else ""


def _as_xml(template: str, feed: Feed, entries: list[Entry], updated: datetime) -> Response:
    text = render_template(
        template,
        feed=feed,
        entries=entries,
        updated=updated,
        own_url=urls.current_url(),
        rfc822=format_datetime,
    )
    return Response(absolute_urls.strip_invalid_xml(text))


def _as_rss(feed: Feed, entries: list[Entry], updated: datetime) -> Response:
    return _as_xml("public/feeds/rss.xml", feed, entries, updated)


def _as_atom(feed: Feed, entries: list[Entry], updated: datetime) -> Response:
    return _as_xml("public/feeds/atom.xml", feed, entries, updated)


def _as_json(feed: Feed, entries: list[Entry], updated: datetime) -> Response:
    optional = {"description": feed.description} if feed.description else {}
    return jsonify(
        version="https://jsonfeed.org/version/1.1",
        title=feed.title,
        **optional,
        home_page_url=feed.url,
        feed_url=urls.current_url(),
        language=site_settings.get("LANGUAGE"),
        items=[_item(entry) for entry in entries],
    )


def _item(entry: Entry) -> dict[str, object]:
    item: dict[str, object] = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.html,
        "summary": entry.summary,
        "image": entry.image,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "authors": [{"name": name} for name in entry.authors],
        "tags": entry.tags,
        "language": entry.language,
    }
    # JSON Feed requires content, even for an empty post.
    return {name: value for name, value in item.items() if value or name == "content_html"}


SERIALIZERS: dict[str, Callable[[Feed, list[Entry], datetime], Response]] = {
    "xml": _as_rss,
    "atom": _as_atom,
    "json": _as_json,
}
