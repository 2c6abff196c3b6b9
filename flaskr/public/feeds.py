"""Full-text feeds of posts in RSS 2.0, Atom and JSON Feed, and the pages that explain them."""

from collections.abc import Callable
from collections.abc import Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from typing import Any
from typing import NamedTuple

from flask import Blueprint
from flask import Response
from flask import g
from flask import jsonify
from flask import render_template
from flask import request
from flask import url_for
from werkzeug.wrappers import Response as BaseResponse

from ..models import feed_ids
from ..models import feed_pages
from ..models import post_lists
from ..models import profiles
from ..models import series
from ..models import settings
from ..models import tags
from ..page_cache import version
from ..page_cache.middleware import cacheable
from ..text import absolute_urls
from ..web import frozen
from ..web import site_settings
from ..web import urls
from ..web import websub
from ..web.redirects import permanent_redirect
from . import feed_entries
from .feed_entries import Entry

bp = Blueprint("feeds", __name__)

TYPES = {
    "xml": "application/rss+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
KIND = f"feed.<any({', '.join(TYPES)}):kind>"
# Archives of older posts are named by the position of the post that they follow.
ARGUMENTS = {"before": post_lists.position_exists}


class PostList(NamedTuple):
    """A list of posts that has feeds."""

    id: str
    name: str
    description: str
    # The path of the page that lists the same posts.
    path: str
    read: feed_pages.Reader
    # The view of its feeds, with its arguments.
    endpoint: str
    arguments: dict[str, Any]

    def feed_url(self, kind: str, before: str | None = None) -> str:
        """Return the absolute URL of the feed, or of an archive."""
        path = url_for(self.endpoint, kind=kind, before=before, **self.arguments)
        return urls.make_absolute(path)


class Feed(NamedTuple):
    """A document of a feed, with absolute URLs."""

    id: str
    title: str
    description: str
    page_url: str
    # The documents with the newest posts, this one, the one with the next older posts, and the
    # archive with these.
    main_url: str
    own_url: str
    older_url: str | None
    archive_url: str | None
    icon: str | None
    # The WebSub hub that announces changes, or ''. Archives hardly ever change.
    hub: str
    entries: list[Entry]
    updated: datetime


@bp.route(f"/{KIND}")
@cacheable(ARGUMENTS)
def newest(kind: str) -> BaseResponse:
    """Return the feed of the whole blog."""
    return _feed_response(kind, _whole_blog())


@bp.route("/feeds")
@cacheable()
def about() -> str:
    """Explain the feed of the whole blog, and list those of tags."""
    return _explain(_whole_blog(), tags.list_public())


def _whole_blog() -> PostList:
    description = site_settings.get("DESCRIPTION") or site_settings.get("TAGLINE")
    return PostList(
        feed_ids.feed_id(), "", description, urls.list_url(), post_lists.newest, "feeds.newest", {}
    )


@bp.route(f"/tag/<slug>/{KIND}")
@cacheable(ARGUMENTS)
def of_tag(slug: str, kind: str) -> BaseResponse:
    """Return the feed of a tag."""
    return _feed_response(kind, _tag(slug))


@bp.route("/tag/<slug>/feeds")
@cacheable()
def about_tag(slug: str) -> str:
    """Explain the feed of a tag."""
    return _explain(_tag(slug))


def _tag(slug: str) -> PostList:
    tag = tags.get_by_slug(slug, g.user)
    return PostList(
        feed_ids.list_id("tag", tag["id"]),
        tag["name"],
        "",
        url_for("archives.tag", slug=slug),
        partial(post_lists.with_tag, tag["id"]),
        "feeds.of_tag",
        {"slug": slug},
    )


@bp.route(f"/series/<slug>/{KIND}")
@cacheable(ARGUMENTS)
def of_series(slug: str, kind: str) -> BaseResponse:
    """Return the feed of a series, the newest parts first."""
    return _feed_response(kind, _series(slug))


@bp.route("/series/<slug>/feeds")
@cacheable()
def about_series(slug: str) -> str:
    """Explain the feed of a series."""
    return _explain(_series(slug))


def _series(slug: str) -> PostList:
    row = series.get_by_slug(slug, g.user)
    return PostList(
        feed_ids.list_id("series", row["id"]),
        row["name"],
        "",
        url_for("archives.parts", slug=slug),
        partial(post_lists.in_series, row["id"]),
        "feeds.of_series",
        {"slug": slug},
    )


@bp.route(f"/user/<name>/{KIND}")
@cacheable(ARGUMENTS)
def of_author(name: str, kind: str) -> BaseResponse:
    """Return the feed of an author."""
    author = _author(name)
    if author.arguments["name"] != name:
        return permanent_redirect(url_for(author.endpoint, **author.arguments, kind=kind))
    return _feed_response(kind, author)


@bp.route("/user/<name>/feeds")
@cacheable()
def about_author(name: str) -> str | BaseResponse:
    """Explain the feed of an author."""
    author = _author(name)
    if author.arguments["name"] != name:
        return permanent_redirect(url_for("feeds.about_author", **author.arguments))
    return _explain(author)


def _author(name: str) -> PostList:
    user = profiles.get_by_url_name(name, g.user)
    return PostList(
        feed_ids.list_id("user", user["id"]),
        user["display_name"] or user["username"],
        "",
        urls.person_url(user["id"], user["username"]),
        partial(post_lists.by_author, user["id"]),
        "feeds.of_author",
        {"name": profiles.url_name(user["id"], user["username"])},
    )


def _explain(source: PostList, all_tags: object = ()) -> str:
    return render_template("public/feeds/about.html", source=source, tags=all_tags)


def _feed_response(kind: str, source: PostList) -> Response:
    feed = _read_feed(kind, source)
    response = SERIALIZERS[kind](feed)
    response.content_type = f"{TYPES[kind]}; charset=utf-8"
    if feed.hub:
        response.headers["Link"] = f'<{feed.hub}>; rel="hub", <{feed.own_url}>; rel="self"'
    return response


def _read_feed(kind: str, source: PostList) -> Feed:
    before = request.args.get("before")
    if before:
        page = feed_pages.archive(source.read, before)
    else:
        page = feed_pages.newest(source.read, site_settings.get("POSTS_PER_FEED"))
    if frozen.is_frozen():
        # A static file is the same with any query.
        page = page._replace(older=None, archive=None)
    entries = feed_entries.build(page.posts)
    title, icon = site_settings.get("SITE_TITLE"), site_settings.get(settings.ICON)
    return Feed(
        id=source.id,
        title=f"{source.name} - {title}" if source.name else title,
        description=source.description,
        page_url=urls.make_absolute(source.path),
        main_url=source.feed_url(kind),
        own_url=source.feed_url(kind, before),
        older_url=source.feed_url(kind, page.older) if page.older else None,
        archive_url=source.feed_url(kind, page.archive) if page.archive else None,
        icon=_icon_url(icon) if icon else None,
        hub="" if before else websub.hub(),
        entries=entries,
        updated=max((entry.updated for entry in entries), default=version.last_changed()),
    )


def _icon_url(icon: str) -> str:
    return urls.make_absolute(url_for("branding.icon", version=icon, name="192.png"))


def _as_xml(template: str, feed: Feed) -> Response:
    text = render_template(template, feed=feed, rfc822=format_datetime)
    return Response(absolute_urls.strip_invalid_xml(text))


def _as_rss(feed: Feed) -> Response:
    return _as_xml("public/feeds/rss.xml", feed)


def _as_atom(feed: Feed) -> Response:
    return _as_xml("public/feeds/atom.xml", feed)


def _as_json(feed: Feed) -> Response:
    optional = {
        "description": feed.description,
        "next_url": feed.older_url,
        "icon": feed.icon,
        "hubs": [{"type": "WebSub", "url": feed.hub}] if feed.hub else [],
    }
    return jsonify(
        version="https://jsonfeed.org/version/1.1",
        title=feed.title,
        home_page_url=feed.page_url,
        feed_url=feed.main_url,
        language=site_settings.get("LANGUAGE"),
        items=[_as_item(entry) for entry in feed.entries],
        **_without_empty(optional),
    )


def _as_item(entry: Entry) -> dict[str, Any]:
    files = [
        {"url": file.url, "mime_type": file.type, "size_in_bytes": file.bytes}
        for file in entry.audio
    ]
    optional: dict[str, Any] = {
        "title": entry.title,
        "summary": entry.summary,
        "image": entry.cover.url if entry.cover else None,
        "date_published": entry.published.isoformat(),
        "date_modified": entry.updated.isoformat(),
        "authors": [_without_empty(author._asdict()) for author in entry.authors],
        "tags": entry.tags,
        "language": entry.language,
        "attachments": [_without_empty(file) for file in files],
    }
    # JSON Feed requires content, even for an empty post.
    required = {"id": entry.id, "url": entry.url, "content_html": entry.html}
    return required | _without_empty(optional)


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


SERIALIZERS: dict[str, Callable[[Feed], Response]] = {
    "xml": _as_rss,
    "atom": _as_atom,
    "json": _as_json,
}
