"""Covers: the picture that a post begins with, of the library or from elsewhere."""

import re

from .. import errors
from .. import images
from .. import text
from ..db import get_db

LENGTH = 2000
# With what it shows and its title.
MARKDOWN_LENGTH = 5000
# What the library says of a picture, to paste: ![what it shows](address "title")
MARKDOWN = re.compile(
    r'!\[(?:[^\\\[\]]|\\.|\[[^\[\]]*\])*+\]\(\s*+<?([^\s<>"]+)>?(?:\s+".*")?\s*+\)', re.DOTALL
)
LIBRARY = re.compile(f"/media/({images.NAME})", re.ASCII)
ELSEWHERE = re.compile(r"https://[^\s<>\"'\\/?#]+(/[^\s<>\"'\\]*)?")
OFFERED = 50


def address(typed: str) -> str:
    """The address of a picture as it is stored; its Markdown will do. Raises `Invalid`."""
    typed = text.clean(typed).strip()
    markdown = MARKDOWN.fullmatch(typed) if len(typed) <= MARKDOWN_LENGTH else None
    found = markdown[1] if markdown else typed
    if len(found) > LENGTH:
        raise errors.TooLong(f"Cover is too long: at most {LENGTH:,} characters.", "cover")
    if not found or _is_known(found) or ELSEWHERE.fullmatch(found):
        return found
    raise errors.Invalid(
        "Cover is no picture of the library. Take its address from there, or one that begins"
        " with https://.",
        "cover",
    )


def _is_known(found: str) -> bool:
    match = LIBRARY.fullmatch(found)
    row = match and get_db().execute(
        "SELECT 1 FROM media WHERE name = ? AND type LIKE 'image/%'", (match[1],)
    )
    return row is not None and row.fetchone() is not None


def suggestions() -> list[tuple[str, str]]:
    """The newest pictures of the library to choose from: address, and what each is called."""
    rows = get_db().execute(
        "SELECT name, original_name, alt FROM media WHERE type LIKE 'image/%'"
        " ORDER BY id DESC LIMIT ?",
        (OFFERED,),
    )
    return [(f"/media/{row['name']}", row["alt"] or row["original_name"]) for row in rows]
