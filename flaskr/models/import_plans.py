"""Plan the slugs and old addresses of all posts of an import, before any of them is stored."""

from collections.abc import Mapping
from typing import NamedTuple

from .. import db
from . import post_fields
from . import slugs


class Wish(NamedTuple):
    """The text to make a slug of, and the old addresses of a post, the main one first.

    `language` is the language of the post, or empty. If two posts would get the same slug, the one
    with the lower `rank` gets it. `former` is the previous path of a file that was moved. A post
    that `is_kept` is not stored again, and stays at its slug.
    """

    source: str
    slug: str
    addresses: list[str]
    rank: int = 0
    former: str = ""
    language: str = ""
    is_kept: bool = False


class Plan(NamedTuple):
    """The slug of a file's post, and the old addresses that lead to it."""

    slug: str
    addresses: list[str]


def plan(wishes: list[Wish]) -> dict[str, Plan]:
    """Return the plan of each file, in which no address and no slug is given out twice.

    No slug equals an old address of another post, which would then show the wrong one.
    """
    named = (wish._replace(slug=slugs.from_title(wish.slug, wish.language)) for wish in wishes)
    ranked = sorted(named, key=lambda wish: wish.rank)
    owners: dict[str, str] = {}
    for is_main in (True, False):
        for wish in ranked:
            for address in wish.addresses[:1] if is_main else wish.addresses[1:]:
                owners.setdefault(address, wish.source)
    planned = _plan_slugs(ranked, owners)
    return {
        wish.source: Plan(
            planned[wish.source],
            [one for one in wish.addresses if owners[one] == wish.source],
        )
        for wish in wishes
    }


def _plan_slugs(ranked: list[Wish], owners: Mapping[str, str]) -> dict[str, str]:
    stored = known_slugs()
    kept = {wish.source for wish in ranked if wish.is_kept}
    known = {
        wish.source: slug
        for wish in ranked
        if (slug := stored.get(wish.source) or stored.get(wish.former))
    }
    free = {slug for source, slug in known.items() if source not in kept}
    taken = _taken_slugs() - free
    planned: dict[str, str] = {}
    # Posts on the blog keep their slugs, then those that had them as an address are served.
    ordered = sorted(
        ranked,
        key=lambda wish: (wish.source not in known, owners.get(f"/{wish.slug}") != wish.source),
    )
    for wish in ordered:
        slug = known.get(wish.source, "")
        if slug and wish.is_kept:
            planned[wish.source] = slug
            continue
        if slug in taken or not is_numbered(slug, wish.slug):

            def is_taken(one: str, source: str = wish.source) -> bool:
                return one in taken or owners.get(f"/{one}", source) != source

            slug = slugs.make_unique(wish.slug, is_taken)
        taken.add(slug)
        planned[wish.source] = slug
    return planned


def known_slugs() -> dict[str, str]:
    """Return the slugs of the posts of imported files."""
    rows = db.all(
        """
        SELECT path, slug
        FROM import_source
        JOIN post ON post.id = post_id
        WHERE slug IS NOT NULL
        """
    )
    return {row["path"]: row["slug"] for row in rows}


def known_statuses() -> dict[str, str]:
    """Return `draft`, `page` or `post` for each imported file with a post on the blog."""
    rows = db.all(
        """
        SELECT path, CASE WHEN status = 'draft' THEN 'draft' ELSE kind END AS state
        FROM import_source
        JOIN post ON post.id = post_id
        """
    )
    return {row["path"]: row["state"] for row in rows}


def _taken_slugs() -> set[str]:
    rows = db.all(
        """
        SELECT slug FROM post WHERE slug IS NOT NULL
        UNION
        SELECT slug FROM former_slug
        """
    )
    return {row["slug"] for row in rows} | post_fields.RESERVED_SLUGS


def is_numbered(slug: str, wanted: str) -> bool:
    """Return True if the slug is the wanted one, or that with a number."""
    unnumbered, _, number = slug.rpartition("-")
    return slug == wanted or (unnumbered == wanted and number.isdigit())
