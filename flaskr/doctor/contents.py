"""Checks of the blog's content: database, media, posts and the links between them."""

import html
import re
import sqlite3
from collections.abc import Iterator
from collections.abc import Sized
from http import HTTPStatus
from pathlib import Path
from urllib.parse import SplitResult
from urllib.parse import urljoin
from urllib.parse import urlsplit

from flask import current_app

from .. import db
from .. import errors
from .. import text
from ..db import files
from ..models import consistency
from ..models import media
from ..models import media_storage
from ..models import rendered_html
from ..models import revisions
from ..web import proxies
from ..web import site_settings
from .findings import Finding
from .findings import Track

RESTORE = "Restore a backup or a snapshot with: flaskr restore FILE"
POSTS_AT_ONCE = 100
MAX_NAMED = 3
LINK = re.compile(r'\b(?:href|src|poster)="([^"<>]*)"')
# Pages that bots do not find are not listed on the page of addresses not found.
HEADERS = {"User-Agent": "flaskr doctor (a bot)"}


def check_database(track: Track) -> Iterator[Finding]:
    """Find damage in the database file, and an older schema."""
    try:
        db.check_schema()
    except errors.AppError as error:
        yield Finding("The database cannot be used.", " ".join([error.message, *db.advice(error)]))
        return
    if db.is_postgres():
        return
    database = Path(current_app.config["DATABASE"])
    for problem in files.find_problems(database):
        yield Finding(f"The database is damaged: {problem}.", RESTORE)
    if orphans := files.count_orphans(database):
        yield Finding(
            f"Rows of the database that refer to missing ones: {orphans}.",
            "The blog ignores them. Other programs that write to it may have left them.",
        )


def is_readable() -> bool:
    """Return True if the database has the current schema, perhaps with some damage."""
    try:
        db.check_schema()
    except (errors.AppError, sqlite3.DatabaseError):
        return False
    return True


def check_media(track: Track) -> Iterator[Finding]:
    """Find files of the media library that are missing, and files that do not belong to it."""
    try:
        yield from _check_media(track)
    except errors.Unavailable as error:
        yield Finding(error.message, "Check the setting MEDIA. See docs/several-machines.md.")


def _check_media(track: Track) -> Iterator[Finding]:
    place = media_storage.store().name
    leftovers = media.leftovers()
    names = set(media_storage.store().files()).difference(leftovers)
    for medium in track(consistency.media()):
        missing = set(media.file_names(medium)) - names
        names.difference_update(media.file_names(medium))
        if missing:
            yield Finding(
                f"{medium['original_name']} is missing: {', '.join(sorted(missing))}.",
                f"Copy it from a backup to {place}, or upload the file again.",
            )
    if names:
        yield Finding(
            f"{_count(names, 'file')} in {place} {_do(names)} not belong to the media"
            f" library, such as {min(names)}.",
            f"Upload them under Media if they are yours, then delete them from {place}.",
        )
    if leftovers:
        yield Finding(
            f"{_count(leftovers, 'file')} of killed uploads or deletions"
            f" {'is' if len(leftovers) == 1 else 'are'} left in {place}.",
            "Run: flaskr doctor --fix",
            media.tidy_up,
        )


def _count(things: Sized, noun: str) -> str:
    return f"{len(things)} {noun}{'' if len(things) == 1 else 's'}"


def _do(things: Sized) -> str:
    return "does" if len(things) == 1 else "do"


def check_search(track: Track) -> Iterator[Finding]:
    """Find posts that searches miss, and entries of the search index without a post."""
    if ids := consistency.wrongly_indexed():
        yield Finding(
            f"The search index is wrong for {_count(ids, 'post')}, such as number {ids[0]}.",
            "Run: flaskr doctor --fix",
            lambda: consistency.index_again(ids, site_settings.text_style()),
        )


def check_rendering(track: Track) -> Iterator[Finding]:
    """Find posts that are shown unformatted because their Markdown cannot be rendered."""
    for post in _posts(track, consistency.post_ids()):
        if fault := text.find_fault(post["body"]):
            yield Finding(
                f"Post {post['id']}, “{post['title']}”, is shown unformatted, because {fault}.",
                "Split the post, or report the fault with its text.",
            )


def check_versions(track: Track) -> Iterator[Finding]:
    """Find earlier versions of posts that cannot be read."""
    for post_id in track(consistency.post_ids()):
        if ids := revisions.find_damaged(post_id):
            number = _count(ids, "version")
            yield Finding(
                f"{number} of post {post_id} cannot be read, such as number {ids[0]}.",
                "The post itself is as it was saved. A backup may have the versions.",
            )


def _posts(track: Track, ids: list[int]) -> Iterator[sqlite3.Row]:
    for start in track(range(0, len(ids), POSTS_AT_ONCE)):
        yield from consistency.posts(ids[start : start + POSTS_AT_ONCE])


def check_links(track: Track) -> Iterator[Finding]:
    """Find links and files in published posts that lead nowhere within the blog."""
    root = urlsplit(current_app.config["SITE_URL"])
    titles_by_path: dict[str, list[str]] = {}
    for post in _posts(track, consistency.post_ids(only_visible=True)):
        for path in _local_paths(post, root):
            titles_by_path.setdefault(path, []).append(post["title"])
    client = current_app.test_client()
    base_url = _base_url(root)
    for path in track(sorted(titles_by_path)):
        with client.get(path, base_url=base_url, headers=HEADERS) as answer:
            is_found = answer.status_code < HTTPStatus.BAD_REQUEST
        if not is_found:
            titles = ", ".join(f"“{title}”" for title in titles_by_path[path][:MAX_NAMED])
            yield Finding(
                f"{path} is not found. Posts with this link: {titles}.",
                "Correct the link, or add a redirect under Settings.",
            )


def _local_paths(post: sqlite3.Row, root: SplitResult) -> set[str]:
    """Return the paths within the blog that a post links to."""
    page = f"/{post['slug'] or post['id']}"
    links = LINK.findall(rendered_html.for_page(post).html)
    return {_local_path(page, html.unescape(link), root) for link in links} - {page, ""}


def _local_path(page: str, link: str, root: SplitResult) -> str:
    """Return the path and query of a link within the blog, or '' if it leads elsewhere."""
    try:
        parts = urlsplit(urljoin(page, link))
    except ValueError:
        return ""
    if parts.netloc not in ("", root.netloc) or not parts.path.startswith("/"):
        return ""
    path = parts.path.removeprefix(root.path.rstrip("/")) if parts.netloc else parts.path
    return f"{path}?{parts.query}" if parts.query else path


def _base_url(root: SplitResult) -> str:
    """Return a URL with a host and prefix that the blog answers to."""
    names = [name.lstrip(".") for name in current_app.extensions[proxies.HOSTS]]
    host = root.netloc or (names[0] if names else "localhost")
    return f"{root.scheme or 'http'}://{host}{current_app.config['URL_PREFIX']}"
