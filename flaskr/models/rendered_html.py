"""The HTML of post bodies, cached by body hash and renderer version."""

import hashlib
import sqlite3
from collections.abc import Iterable

from .. import errors
from .. import text
from ..db import get_db
from ..db import transaction
from . import cards
from . import conditions
from . import responsive_images
from . import wiki_links


def for_page(post: sqlite3.Row, style: text.Style = text.AS_TYPED) -> text.Rendered:
    """Return the HTML of a post for its own page, where ids have no prefix.

    The language of the style is the blog's, and a post may have one of its own.
    """
    rendered = _without_ids([post], style)[post["id"]]
    return rendered._replace(html=text.without_placeholders(rendered.html, post["id"]))


def for_posts(
    posts: Iterable[sqlite3.Row], style: text.Style = text.AS_TYPED, *, wait: bool = False
) -> dict[int, text.Rendered]:
    """Return the HTML of each post by post id, for pages with several posts; see `for_page`.

    `wait` stores it even if another process is writing.
    """
    ready = _without_ids(posts, style, wait=wait)
    return {post_id: _with_post_id(rendered, post_id) for post_id, rendered in ready.items()}


def for_feed(posts: Iterable[sqlite3.Row], style: text.Style) -> dict[int, str]:
    """Return the HTML of each post by post id, with the ids of the post's own page."""
    ready = _without_ids(posts, style)
    return {post_id: text.with_plain_ids(rendered.html) for post_id, rendered in ready.items()}


def _without_ids(
    posts: Iterable[sqlite3.Row], style: text.Style, *, wait: bool = False
) -> dict[int, text.Rendered]:
    styles = {
        post["id"]: style._replace(language=post["language"] or style.language) for post in posts
    }
    hashes = {post["id"]: _hash(post["body"], styles[post["id"]]) for post in posts}
    known = _load(set(hashes.values()))
    missing = {
        hashes[post["id"]]: text.render(post["body"], styles[post["id"]])
        for post in posts
        if hashes[post["id"]] not in known
    }
    _store(missing, wait=wait)
    ready = _complete(known | missing)
    return {post_id: ready[body_hash] for post_id, body_hash in hashes.items()}


def render_unstored(
    body: str, post_id: int = 0, style: text.Style = text.AS_TYPED
) -> text.Rendered:
    """Return the HTML of a text that is not the body of a post, such as a preview."""
    rendered = {"": _with_post_id(text.render(body, style), post_id)}
    return _complete(rendered)[""]


def _complete(texts: dict[str, text.Rendered]) -> dict[str, text.Rendered]:
    """Return the texts with link cards, links to posts by name, and sizes of pictures."""
    return responsive_images.add_sizes(wiki_links.add_links(cards.add_cards(texts)))


def _hash(body: str, style: text.Style = text.AS_TYPED) -> str:
    """Return the cache key of a body: its hash, and the key of its style, if any."""
    key = hashlib.sha256(body.encode(errors="replace")).hexdigest()
    return f"{key}:{style.key}" if style.key else key


def _load(hashes: set[str]) -> dict[str, text.Rendered]:
    rows = get_db().execute(
        f"""
        SELECT body_hash, html, excerpt, minutes
        FROM rendered
        WHERE version = ? AND body_hash IN ({conditions.placeholders(hashes)})
        """,
        (text.RENDERER_VERSION, *hashes),
    )
    return {
        row["body_hash"]: text.Rendered(row["html"], row["excerpt"], row["minutes"]) for row in rows
    }


def _store(rendered: dict[str, text.Rendered], *, wait: bool) -> None:
    """Cache HTML, unless the database cannot be written now."""
    if not rendered:
        return
    try:
        with transaction(wait=wait) as db:
            db.executemany(
                """
                INSERT INTO rendered (body_hash, version, html, excerpt, minutes)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (body_hash, version) DO NOTHING
                """,
                [
                    (body_hash, text.RENDERER_VERSION, *parts)
                    for body_hash, parts in rendered.items()
                ],
            )
    except errors.Unavailable:
        return


def _with_post_id(rendered: text.Rendered, post_id: int) -> text.Rendered:
    excerpt = rendered.excerpt
    return rendered._replace(
        html=text.with_post_id(rendered.html, post_id),
        excerpt=text.with_post_id(excerpt, post_id) if excerpt is not None else None,
    )


def invalidate(body: str) -> None:
    """Delete the cached HTML of a body."""
    with transaction() as db:
        # A semicolon follows the colon that separates the style.
        db.execute(
            "DELETE FROM rendered WHERE body_hash >= ? AND body_hash < ?",
            (_hash(body), f"{_hash(body)};"),
        )


def delete_outdated() -> None:
    """Delete the HTML made by other versions of the renderer."""
    with transaction() as db:
        db.execute("DELETE FROM rendered WHERE version <> ?", (text.RENDERER_VERSION,))
