"""Cover images: the image at the top of a post, from the media library or another site."""

import re

from .. import db
from .. import errors
from .. import images
from .. import text

MAX_URL_CHARS = 2000
# Markdown adds the alt text and a title to the URL.
MAX_MARKDOWN_CHARS = 5000
MAX_SUGGESTIONS = 50
# The media library offers this to copy: ![alt text](url "title")
MARKDOWN = re.compile(
    r'!\[(?>(?:[^\\\[\]]|\\.|\[[^\[\]]*\])*)\]\(\s*+<?([^\s<>"]+)>?(?:\s+".*")?\s*+\)', re.DOTALL
)
EXTERNAL_URL = re.compile(r"https://[^\s<>\"'\\/?#]+(/[^\s<>\"'\\]*)?")


def normalize_url(value: str) -> str:
    """Return the URL to store for a cover given as a URL or as Markdown. Raises `Invalid`."""
    value = text.clean(value).strip()
    markdown = MARKDOWN.fullmatch(value) if len(value) <= MAX_MARKDOWN_CHARS else None
    url = markdown[1] if markdown else value
    if len(url) > MAX_URL_CHARS:
        raise errors.TooLong(f"Cover is too long: at most {MAX_URL_CHARS:,} characters.", "cover")
    if not url or _is_library_image(url) or EXTERNAL_URL.fullmatch(url):
        return url
    raise errors.Invalid(
        "Cover isn't an image in the media library. Copy a URL from there, or enter one that"
        " begins with https://.",
        "cover",
    )


def _is_library_image(url: str) -> bool:
    match = images.URL.fullmatch(url)
    if match is None:
        return False
    query = "SELECT 1 FROM media WHERE name = ? AND type LIKE 'image/%'"
    return db.one(query, match[1]) is not None


def suggestions() -> list[tuple[str, str]]:
    """Return the URLs and labels of the newest images in the media library."""
    rows = db.all(
        """
        SELECT name, original_name, alt
        FROM media
        WHERE type LIKE 'image/%'
        ORDER BY id DESC
        LIMIT ?
        """,
        MAX_SUGGESTIONS,
    )
    return [(f"/media/{row['name']}", row["alt"] or row["original_name"]) for row in rows]
