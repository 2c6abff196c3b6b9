from datetime import UTC

import pytest

from flaskr.importers import post_kinds
from flaskr.importers.front_matter import Parts
from flaskr.importers.sites import Site


def reason(site, name, fields, body="Text", is_marked=True):
    try:
        post_kinds.check(fields, Parts(fields, body, (), is_marked), site.root / name, site)
    except post_kinds.NotAPost as error:
        return error.message
    return ""


@pytest.mark.parametrize(
    ("generator", "name", "fields", "expected"),
    (
        ("folder", "AGENTS.md", {}, "a document of the project"),
        ("folder", "README.de.md", {"title": "A"}, "a document of the project"),
        ("folder", "README.md", {"date": "2020-01-01"}, ""),
        ("folder", "src/SUMMARY.md", {}, "a document of the project"),
        ("hugo", "search.md", {"title": "Search"}, "a page that lists posts"),
        ("hugo", "x.md", {"layout": "archives"}, "a page that lists posts"),
        ("eleventy", "x.md", {"layout": "layouts/home.njk"}, "a page that lists posts"),
        ("hugo", "archive.md", {"title": "A", "date": "2020-01-01"}, ""),
        ("eleventy", "posts/x.md", {"layout": "blog", "date": "2020-01-01"}, ""),
        ("eleventy", "about.md", {"layout": "home"}, ""),
        ("eleventy", "x.md", {"pagination": {"data": "tags"}}, "a page that lists posts"),
        ("obsidian", "x.md", {"excalidraw-plugin": "parsed"}, "a drawing"),
        ("jekyll", "_posts/2020-01-01-archive.md", {"title": "Archive"}, ""),
        ("folder", "x.md", {"redirect_to": "/y"}, "a redirect"),
    ),
)
def test_documents_that_are_no_posts_are_told(tmp_path, generator, name, fields, expected):
    assert reason(Site(tmp_path, UTC, generator), name, fields) == expected


def test_pages_that_the_generator_fills_are_told(tmp_path):
    site = Site(tmp_path, UTC, "jekyll")
    body = "{% for post in site.posts %}{{ post.title }}{% endfor %}"
    assert reason(site, "x.md", {}, body) == "a page that the generator fills"
    assert reason(site, "x.md", {}, f"{body} {'word ' * 100}") == ""
    assert reason(site, "x.md", {"date": "2020-01-01"}, f"Text {body}") == ""
    assert reason(site, "x.md", {"date": "2020-01-01", "layout": "tags"}, body) != ""
    assert reason(site, "x.md", {}, is_marked=False) == "no front matter"
    assert reason(Site(tmp_path, UTC), "index.md", {"title": "A"}, "") == "the front page"


@pytest.mark.parametrize(
    ("generator", "name", "fields", "is_dated", "expected"),
    (
        ("folder", "a.md", {"layout": "page"}, True, True),
        ("folder", "pages/a.md", {}, False, True),
        ("folder", "pages/a.md", {}, True, False),
        ("astro", "src/pages/a.md", {}, False, True),
        ("jekyll", "a.md", {}, True, True),
        ("jekyll", "_recipes/a.md", {}, False, False),
        ("hugo", "a.md", {}, False, True),
        ("hugo", "a/index.md", {}, False, True),
        ("hugo", "posts/a.md", {}, False, False),
        ("hugo", "a.md", {}, True, False),
        ("folder", "a.md", {}, False, False),
        ("folder", "notes/about.md", {}, False, True),
    ),
)
def test_pages_are_told_from_posts(tmp_path, generator, name, fields, is_dated, expected):
    site = Site(tmp_path, UTC, generator)
    assert post_kinds.is_page(fields, tmp_path / name, site, is_dated=is_dated) is expected


def test_dated_pages_next_to_posts_are_pages(tmp_path):
    site = Site(tmp_path, UTC)
    file = tmp_path / "out/pages/about/index.md"
    assert not post_kinds.is_page({}, file, site, is_dated=True)
    (tmp_path / "out/posts").mkdir(parents=True)
    assert post_kinds.is_page({}, file, site, is_dated=True)


def test_collections_of_data_are_told(tmp_path):
    site = Site(tmp_path, UTC, "astro", (tmp_path / "src/content",))
    assert post_kinds.find_data_collection(tmp_path / "src/content/authors/a.md", site) == "authors"
    assert post_kinds.find_data_collection(tmp_path / "src/content/blog/a.md", site) == ""
