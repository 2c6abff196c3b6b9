from datetime import UTC
from pathlib import Path

import pytest

from flaskr.importers.locations import Locations
from flaskr.importers.sites import Site

CONFIG = {
    "tag_dir": "t",
    "archive_dir": "arch",
    "pagination_dir": "seite",
    "category_url": "section/{slug}.html",
    "author_url": "by/{slug}.html",
    "tag_map": {"Flüsse": "rivers", "Gone": "gone"},
    "taxonomies": {"place": "places", "tag": "tags", "series": "series"},
}
ADDRESSES = ["/notes/essays/deep/a", "/2020/01/b", "/essays/c", "/t"]


@pytest.fixture
def locations():
    site = Site(Path("/site"), UTC, config=CONFIG, base="/notes", languages=("de",))
    return Locations(
        site,
        ADDRESSES,
        {"Flüsse": "flusse", "C++": "c"},
        {"Ada B.": "Ada B."},
        {"Long Walks": "long-walks"},
    )


def test_only_folders_of_this_site_need_redirects(locations):
    assert locations.redirects == {
        "/notes": "/",
        "/de": "/",
        "/places": "/tag",
        "/arch": "/archive",
        "/seite": "/",
        "/section": "/tag",
        "/t/rivers": "/tag/flusse",
        "/by/ada-b": "/user/Ada%20B.",
        "/essays": "/",
        "/essays/deep": "/",
    }


def test_lists_of_hugo_may_have_addresses_of_their_own():
    config = {"permalinks": {"section": {"posts": "/writing/"}, "term": {"tags": "/t/:slug/"}}}
    site = Site(Path("/site"), UTC, "hugo", config=config)
    assert Locations(site, [], {}, {}).redirects == {"/writing": "/", "/t": "/tag"}


@pytest.mark.parametrize(
    ("path", "target"),
    (
        ("/tags/Flüsse", "/tag/flusse"),
        ("/places/c++/page/2", "/tag/c"),
        ("/Section/flusse/index.xml", "/tag/flusse/feed.xml"),
        ("/authors/ada-b", "/user/Ada%20B."),
        ("/series/long-walks", "/series/long-walks"),
        ("/seite/3", "/"),
        ("/tags/unheard", ""),
        ("/authors/bob", ""),
        ("/series/unheard", ""),
    ),
)
def test_links_to_lists_are_found(locations, path, target):
    assert locations.find(path) == target
