"""The feeds at the addresses where Hugo, Jekyll, Zola, WordPress and Ghost have theirs."""

from collections.abc import Callable
from contextlib import suppress
from urllib.parse import unquote

from flask import url_for

from .. import errors
from ..models import profiles
from ..models import series
from ..models import tags
from ..text import slugify

MAX_NAME_CHARS = 200
# The last parts of these addresses, with the format of the feed.
KINDS = {
    "atom": "atom",
    "atom.xml": "atom",
    "feed": "xml",
    "feed.atom": "atom",
    "feed.json": "json",
    "feed.xml": "xml",
    "index.json": "json",
    "index.rss": "xml",
    "index.xml": "xml",
    "rss": "xml",
    "rss.xml": "xml",
}
# Those of `/feed/rdf/` and the like.
KINDS_IN_FEED = KINDS | {"json": "json", "rdf": "xml", "rss2": "xml"}
FEED_FOLDERS = ("feed", "feeds", "rss")
# The folders of lists with a name, and those of all posts.
TAG_FOLDERS = ("tag", "tags", "category", "categories", "topic", "topics")
AUTHOR_FOLDERS = ("author", "authors", "user")
SECTIONS = ("blog", "post", "posts")


def find(path: str) -> str | None:
    """Return the URL of the feed that replaces the one at a path, if there is one."""
    *folders, last = [part for part in path.split("/") if part] or [""]
    in_feed = bool(folders) and folders[-1].lower() in FEED_FOLDERS
    kind = (KINDS_IN_FEED if in_feed else KINDS).get(last.lower())
    if kind is None:
        return None
    # Categories of WordPress contain others: `/category/parent/child/feed/`.
    url = _find_list(folders[:-1] if in_feed else folders, kind, is_file="." in last)
    return None if url is None or unquote(url).endswith(path) else url


def _find_list(folders: list[str], kind: str, *, is_file: bool) -> str | None:
    group, name = (folders[0].lower(), folders[-1]) if folders else ("", "")
    # `/tag/rss` is the page of a tag.
    is_whole = group in SECTIONS or (is_file and group in TAG_FOLDERS)
    if not folders or (len(folders) == 1 and is_whole):
        return url_for("feeds.newest", kind=kind)
    if len(folders) == 1 or len(name) > MAX_NAME_CHARS:
        return None
    with suppress(errors.NotFound):
        if group in TAG_FOLDERS:
            return url_for("feeds.of_tag", slug=_find_slug(tags.get_by_slug, name), kind=kind)
        if group == "series":
            return url_for("feeds.of_series", slug=_find_slug(series.get_by_slug, name), kind=kind)
        if group in AUTHOR_FOLDERS:
            return _author_feed(name, kind)
    return None


def _author_feed(name: str, kind: str) -> str:
    user = profiles.get_by_url_name(name)
    url_name = profiles.url_name(user["id"], user["username"])
    return url_for("feeds.of_author", name=url_name, kind=kind)


def _find_slug(get_by_slug: Callable[[str], object], name: str) -> str:
    """Return the slug that a name in an address has now. Raises `NotFound`."""
    slug = slugify(name)
    try:
        get_by_slug(slug)
    except errors.Moved as moved:
        return moved.slug
    return slug
