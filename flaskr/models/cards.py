"""Cards: previews of links alone on their line, fetched once when an author asks for one."""

import html
import re
import sqlite3
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import urlsplit

from .. import db
from .. import errors
from .. import text
from ..db import transaction
from . import conditions
from . import media_storage
from . import permissions
from .permissions import User

MAX_URL_CHARS = 2000
MAX_CARDS = 50
# Rendered HTML only: a paragraph that is nothing but a link.
LINK = re.compile(r'<p><a href="(https?://[^"]{1,2000})" rel="noopener">[^<]*</a></p>')

Key = TypeVar("Key")


def check_url(url: str) -> str:
    """Return the validated URL of a page. Raises `Invalid`."""
    url = text.clean(url).strip()
    try:
        is_url = urlsplit(url).scheme in ("http", "https") and bool(urlsplit(url).hostname)
    except ValueError:
        is_url = False
    if not is_url or re.search(r"[\s\x00-\x1f<>\"]", url):
        raise errors.Invalid("Enter an address that begins with https://.", "url")
    # Letters that are no ASCII become several characters.
    url = str(text.parser().normalizeLink(url[: MAX_URL_CHARS + 1]))
    if len(url) > MAX_URL_CHARS:
        raise errors.TooLong(
            f"This address is too long: at most {MAX_URL_CHARS:,} characters.", "url"
        )
    return url


def store(url: str, *, title: str, site: str, image: str, user: User) -> None:
    """Store the contents of the card of a URL. Raises `Forbidden`."""
    permissions.require(user, "open unpublished list")
    with transaction() as connection:
        connection.execute(
            """
            INSERT INTO card (url, title, site, image)
            VALUES (?, ?, ?, ?)
            ON CONFLICT (url) DO UPDATE
            SET title = excluded.title, site = excluded.site, image = excluded.image
            """,
            (url, text.clean(title), text.clean(site), image),
        )


def add_cards(texts: Mapping[Key, text.Rendered]) -> dict[Key, text.Rendered]:
    """Return the texts with cards in place of the links that have one."""
    urls = {
        html.unescape(url)
        for rendered in texts.values()
        for url in LINK.findall(rendered.html)[:MAX_CARDS]
    }
    if not urls:
        return dict(texts)
    cards = _find(urls)

    def fill(fragment: str) -> str:
        return LINK.sub(lambda link: _render(link, cards), fragment, count=MAX_CARDS)

    return {
        key: rendered._replace(
            html=fill(rendered.html),
            excerpt=None if rendered.excerpt is None else fill(rendered.excerpt),
        )
        for key, rendered in texts.items()
    }


def _find(urls: set[str]) -> dict[str, sqlite3.Row]:
    rows = db.all(
        f"""
        SELECT url, title, site, image
        FROM card
        WHERE url IN ({conditions.placeholders(urls)})
        """,
        *urls,
    )
    return {row["url"]: row for row in rows}


def _render(link: re.Match[str], cards: Mapping[str, sqlite3.Row]) -> str:
    card = cards.get(html.unescape(link[1]))
    if card is None:
        return link[0]
    name = card["image"].removeprefix("/media/")
    picture = ""
    if name and media_storage.seems_present(name):
        picture = f'<img src="{html.escape(card["image"])}" alt="" loading="lazy" decoding="async">'
    return (
        f'<p class="card"><a href="{link[1]}" rel="noopener">{picture}'
        f"<strong>{html.escape(card['title'])}</strong> "
        f"<span>{html.escape(card['site'])}</span></a></p>"
    )
