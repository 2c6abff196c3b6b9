"""Write a blog as WordPress eXtended RSS 1.2, which WordPress and many other programs import.

The elements are those that the importer of WordPress reads:
https://github.com/WordPress/wordpress-importer
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from datetime import UTC
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape
from xml.sax.saxutils import quoteattr

from ..text import slugify
from ..text.absolute_urls import INVALID_XML

Row = Mapping[str, Any]
HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0"
  xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
  xmlns:content="http://purl.org/rss/1.0/modules/content/"
  xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
"""
END = "</channel>\n</rss>\n"
VERSION = "1.2"
STATUSES = {"draft": "draft", "scheduled": "future", "published": "publish"}
NO_TIME = "0000-00-00 00:00:00"


def head(site: Row) -> Iterator[str]:
    """Yield the beginning: the site, its authors and its tags."""
    yield HEAD
    yield _element("title", site["title"])
    yield _element("link", site["url"])
    yield _element("description", site["description"])
    yield _element("language", site["language"])
    yield _element("wp:wxr_version", VERSION)
    yield _element("wp:base_site_url", site["url"])
    yield _element("wp:base_blog_url", site["url"])
    for user in site["users"]:
        yield "<wp:author>\n"
        yield _element("wp:author_id", user["id"])
        yield _cdata("wp:author_login", user["username"])
        yield _cdata("wp:author_email", "")
        yield _cdata("wp:author_display_name", user["display_name"] or user["username"])
        yield _cdata("wp:author_first_name", "")
        yield _cdata("wp:author_last_name", "")
        yield "</wp:author>\n"
    for tag in site["tags"]:
        yield "<wp:tag>\n"
        yield _element("wp:term_id", tag["id"])
        yield _cdata("wp:tag_slug", tag["slug"])
        yield _cdata("wp:tag_name", tag["name"])
        yield "</wp:tag>\n"


def item(post: Row, site: Row) -> Iterator[str]:
    """Yield a post or page; `html` is its body, with absolute URLs."""
    slug = post["slug"] or slugify(post["title"])
    modified = post["updated"] or post["created"]
    yield from _open_item(post["id"], post["title"], f"{site['url']}/{quote(slug)}", post)
    yield _cdata("content:encoded", post["html"])
    yield _cdata("excerpt:encoded", post["summary"])
    yield _element("wp:post_id", post["id"])
    yield from _dates(post["created"], modified)
    yield _cdata("wp:comment_status", "closed")
    yield _cdata("wp:ping_status", "closed")
    yield _cdata("wp:post_name", slug)
    yield _cdata("wp:status", STATUSES[post["state"]])
    yield _element("wp:post_parent", 0)
    yield _element("wp:menu_order", post["menu_position"])
    yield _cdata("wp:post_type", post["kind"])
    yield _cdata("wp:post_password", "")
    yield _element("wp:is_sticky", 0)
    for name in post["tags"]:
        yield _category("post_tag", site["tag_slugs"].get(name) or slugify(name), name)
    # WordPress knows no series.
    if post["series"]:
        yield _category("category", slugify(post["series"]), post["series"])
    if post["cover_id"]:
        yield _meta("_thumbnail_id", str(post["cover_id"]))
    yield "</item>\n"


def attachment(medium: Row, site: Row) -> Iterator[str]:
    """Yield a file of the media library, which WordPress downloads from the blog."""
    url = f"{site['url']}/media/{medium['name']}"
    created = medium["created"] or NO_TIME
    person = {"authors": [medium["user"]], "created": created}
    yield from _open_item(medium["post_id"], medium["original_name"], url, person)
    yield _cdata("content:encoded", "")
    yield _cdata("excerpt:encoded", "")
    yield _element("wp:post_id", medium["post_id"])
    yield from _dates(created, created)
    yield _cdata("wp:post_name", slugify(medium["original_name"]))
    yield _cdata("wp:status", "inherit")
    yield _element("wp:post_parent", 0)
    yield _element("wp:menu_order", 0)
    yield _cdata("wp:post_type", "attachment")
    yield _cdata("wp:attachment_url", url)
    if medium["alt"]:
        yield _meta("_wp_attachment_image_alt", medium["alt"])
    yield "</item>\n"


def _open_item(id: int, title: str, url: str, post: Row) -> Iterator[str]:
    yield "<item>\n"
    yield _cdata("title", title)
    yield _element("link", url)
    yield _element("pubDate", _rfc822(post["created"]))
    yield _cdata("dc:creator", next(iter(post["authors"]), ""))
    yield f'<guid isPermaLink="false">{_escape(url)}</guid>\n'
    yield _element("description", "")


def _dates(created: str, modified: str) -> Iterator[str]:
    # Times are in UTC, so the local time is the same.
    yield _cdata("wp:post_date", created)
    yield _cdata("wp:post_date_gmt", created)
    yield _cdata("wp:post_modified", modified)
    yield _cdata("wp:post_modified_gmt", modified)


def _rfc822(moment: str) -> str:
    try:
        return format_datetime(datetime.fromisoformat(moment).replace(tzinfo=UTC))
    except ValueError:
        return ""


def _category(domain: str, slug: str, name: str) -> str:
    nicename = quoteattr(INVALID_XML.sub("\ufffd", slug))
    return f'<category domain="{domain}" nicename={nicename}>{_in_cdata(name)}</category>\n'


def _meta(key: str, value: str) -> str:
    inner = _cdata("wp:meta_key", key) + _cdata("wp:meta_value", value)
    return f"<wp:postmeta>\n{inner}</wp:postmeta>\n"


def _element(name: str, value: object) -> str:
    return f"<{name}>{_escape(value)}</{name}>\n"


def _cdata(name: str, value: str) -> str:
    return f"<{name}>{_in_cdata(value)}</{name}>\n"


def _escape(value: object) -> str:
    return escape(INVALID_XML.sub("\ufffd", str(value)))


def _in_cdata(value: str) -> str:
    # The mark that ends a section is split between two.
    safe = INVALID_XML.sub("\ufffd", value).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{safe}]]>"


def write(site: Row, posts: Iterable[Row], media: Iterable[Row]) -> Iterator[str]:
    """Yield the whole file, in parts."""
    yield from head(site)
    for medium in media:
        yield from attachment(medium, site)
    for post in posts:
        yield from item(post, site)
    yield END
