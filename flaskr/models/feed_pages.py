"""The documents of a feed: its newest posts, and archives of older ones (RFC 5005, section 4).

A returning reader follows the links to archives back to a post that it knows. An archive is
named by the position of a post, begins after it, and ends with the next post whose id is a
multiple of `ARCHIVE_POSTS`. New posts therefore change neither the addresses of archives nor their
posts, and no post is left out between two documents.
"""

import sqlite3
from itertools import accumulate
from typing import NamedTuple
from typing import Protocol

from . import post_lists

ARCHIVE_POSTS = 20
# In lists where such ids are rare, as those of tags, archives end after this many posts.
MAX_ARCHIVE_POSTS = 2 * ARCHIVE_POSTS
# A document with very long posts has fewer of them.
MAX_BODY_CHARS = 4_000_000


class Reader(Protocol):
    """Reads a page of a list, as the functions of `post_lists` do."""

    def __call__(self, *, before: str | None = None, per_page: int) -> post_lists.Page:
        """Return the posts before a position, or the newest."""


class FeedPage(NamedTuple):
    """The posts of a document, and the positions before which older ones are found."""

    posts: list[sqlite3.Row]
    # The first post that is not in this document follows this one.
    older: str | None
    # The archive with that post follows this one. It may have posts of this document too.
    archive: str | None


def newest(read: Reader, max_posts: int) -> FeedPage:
    """Return the newest posts of a list."""
    page = read(per_page=max_posts)
    posts = _limit_size(page.posts)
    if page.older is None and len(posts) == len(page.posts):
        return FeedPage(posts, None, None)
    edges = [post for post in posts if _ends_archive(post)]
    # Without an edge, the address of the archive changes with each new post.
    return FeedPage(posts, _position(posts[-1]), _position((edges or posts)[-1]))


def archive(read: Reader, before: str) -> FeedPage:
    """Return the archive after the post with this position. Raises `NotFound`."""
    page = read(before=before, per_page=MAX_ARCHIVE_POSTS)
    edges = [number for number, post in enumerate(page.posts, 1) if _ends_archive(post)]
    posts = _limit_size(page.posts[: edges[0]] if edges else page.posts)
    has_older = page.older is not None or len(posts) < len(page.posts)
    older = _position(posts[-1]) if has_older else None
    return FeedPage(posts, older, older)


def _limit_size(posts: list[sqlite3.Row]) -> list[sqlite3.Row]:
    """Return the first posts, at least one, whose bodies are not too long together."""
    sizes = accumulate(len(post["body"]) for post in posts)
    return posts[: max(1, sum(size <= MAX_BODY_CHARS for size in sizes))]


def _ends_archive(post: sqlite3.Row) -> bool:
    return int(post["id"]) % ARCHIVE_POSTS == 0


def _position(post: sqlite3.Row) -> str:
    return post_lists.position(post["stored_created"], post["id"])
