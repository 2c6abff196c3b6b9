from datetime import UTC
from datetime import datetime
from pathlib import Path

import pytest

from flaskr.importers import permalinks
from flaskr.importers.languages import Language
from flaskr.importers.sites import Site

ROOT = Path("/site")
FOLDER = Site(ROOT, UTC)
WRITTEN = datetime(2015, 6, 5, 7, 8, 9, tzinfo=UTC)


def jekyll(permalink, base=""):
    return Site(ROOT, UTC, "jekyll", config={"permalink": permalink}, base=base)


def place(fields, file, site, title="My post", language="", page=False):
    relative = site.relative(file)
    found = Language(language, relative, bool(language))
    return permalinks.Place(fields, file, relative, title, WRITTEN, found, page)


def list_paths(fields, file, site, written=WRITTEN):
    return permalinks.list_paths(place(fields, file, site)._replace(written=written), site)


@pytest.mark.parametrize(
    ("permalink", "expected"),
    (
        ("date", "/film/2015/06/05/My-post"),
        ("pretty", "/film/2015/06/05/My-post"),
        ("ordinal", "/film/2015/156/My-post"),
        ("weekdate", "/film/2015/W23/Fri/My-post"),
        ("none", "/film/My-post"),
        ("/:year-:i_month-:i_day/:slug/", "/2015-6-5/my-post"),
        (
            "/:short_year/:short_month/:hour:minute:second/:title:output_ext",
            "/15/Jun/070809/My-post",
        ),
        ("/blog/:unknown/:title", "/blog/:unknown/My-post"),
        ("/:yearmonth/:title", "/2015month/My-post"),
    ),
)
def test_jekyll_paths_follow_the_permalink_setting(permalink, expected):
    file = ROOT / "_posts" / "2015-06-05-My-post.md"
    found = list_paths({"categories": ["Film"]}, file, jekyll(permalink), WRITTEN)
    assert found == [expected]


@pytest.mark.parametrize(
    ("fields", "path", "expected"),
    (
        ({"slug": "other"}, "_posts/2015-06-05-a.md", ["/2015/06/05/other"]),
        ({"permalink": "/:title/"}, "_posts/2015-06-05-a.md", ["/a"]),
        ({"permalink": "none"}, "_posts/2015-06-05-a.md", ["/a"]),
        ({"category": "x"}, "Film/_posts/2015-06-05-a.md", ["/film/x/2015/06/05/a"]),
        ({}, "_drafts/a.md", []),
    ),
)
def test_a_jekyll_post_may_set_its_own_permalink(fields, path, expected):
    assert list_paths(fields, ROOT / path, jekyll("date"), WRITTEN) == expected


def test_a_jekyll_post_without_a_date_has_no_path():
    assert list_paths({}, ROOT / "_posts" / "a.md", jekyll("date"), None) == []


def test_paths_are_also_listed_below_the_base_url():
    found = list_paths({}, ROOT / "_posts" / "a.md", jekyll("none", "/blog"), WRITTEN)
    assert found == ["/a", "/blog/a"]


@pytest.mark.parametrize(
    ("path", "expected"),
    (
        ("blog/hello.md", ["/blog/hello"]),
        ("hello/index.md", ["/hello"]),
        ("Blog/Rust-1.12/index.md", ["/blog/rust-1.12", "/blog/rust-1-12"]),
        ("blog/2015-06-25-My Post.md", ["/blog/2015-06-25-my-post", "/blog/my-post"]),
        ("2015/06/hello.md", ["/2015/06/hello"]),
        ("index.md", ["/index"]),
    ),
)
def test_paths_follow_folders_and_files(path, expected):
    assert list_paths({}, ROOT / path, FOLDER, WRITTEN) == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    (
        ({"path": "2015/06/25/A"}, ["/2015/06/25/A"]),
        ({"url": "https://example.org/a/?b#c"}, ["/a"]),
        ({"permalink": "/a/b.html"}, ["/a/b"]),
        ({"slug": "c"}, ["/blog/c"]),
        ({"path": "/"}, []),
    ),
)
def test_paths_in_the_front_matter_are_kept(fields, expected):
    assert list_paths(fields, ROOT / "blog" / "post.md", FOLDER, WRITTEN) == expected


def test_the_path_of_a_file_outside_the_site_is_its_name():
    assert list_paths({}, Path("/other/a.md"), FOLDER, WRITTEN) == ["/a"]


def paths(generator, name, fields=None, *, config=None, language="", folder="", **options):
    content = ROOT / folder if folder else ROOT
    site = Site(ROOT, UTC, generator, (content,), config or {}, language="en", **options)
    found = place(fields or {}, content / name, site, "My post", language, options.get("page"))
    return permalinks.list_paths(found, site)


@pytest.mark.parametrize(
    ("generator", "name", "fields", "config", "expected"),
    (
        ("hugo", "posts/a.md", {}, {"permalinks": {"posts": "/:year/:slug/"}}, "/2015/my-post"),
        ("hugo", "posts/a.md", {}, {"permalinks": {"page": {"posts": "/:filename/"}}}, "/a"),
        ("hugo", "a/b/c/x.md", {}, {"permalinks": {"a": "/:sections[1:]/:slug"}}, "/b/c/my-post"),
        ("hugo", "a/b/x.md", {}, {"permalinks": {"a": "/:sections[0]/:slug"}}, "/a/my-post"),
        ("hugo", "a/b/x.md", {}, {"permalinks": {"a": "/:sections[x]/:slug"}}, "/my-post"),
        ("hugo", "a/b/x.md", {}, {"permalinks": {"a": "/:sections[x:y]/:slug"}}, "/my-post"),
        ("hugo", "a/b/x.md", {}, {"permalinks": {"a": "/:sections[last]/:slug"}}, "/b/my-post"),
        ("hugo", "posts/a.md", {"url": "/:year/own/"}, {}, "/2015/own"),
        ("hugo", "posts/a.md", {"url": "/own.html"}, {}, "/own"),
        ("zola", "Blog/2015-06-05-My Post.md", {}, {}, "/blog/my-post"),
        ("hugo", "posts/2015-06-05-a.md", {}, {"permalinks": {"posts": "/:year/:filename/"}},
         "/2015/2015-06-05-a"),
        ("hugo", "posts/2015-06-05-a.md", {}, {"permalinks": {"posts": "/:year/:filename/"},
         "frontmatter": {"date": [":filename", ":default"]}}, "/2015/a"),
        ("zola", "blog/2015-06-05-My Post.md", {}, {"slugify": {"paths": "safe"}}, "/blog/My_Post"),
        ("zola", "2015-06-05-a.md", {}, {"slugify": {"paths_keep_dates": True}}, "/2015-06-05-a"),
        ("hexo", "_posts/2015-06-05-a.md", {}, {}, "/2015/06/05/2015-06-05-a"),
        ("hexo", "_posts/2015-06-05-a.md", {}, {"new_post_name": ":year-:month-:day-:title.md"},
         "/2015/06/05/a"),
        ("jekyll", "_recipes/hot/soup.md", {},
         {"collections": {"recipes": {"permalink": "/f/:path/"}}}, "/f/hot/soup"),
        ("hexo", "_posts/sub/a.md", {}, {}, "/2015/06/05/sub/a"),
        ("hexo", "_posts/a.md", {"abbrlink": "x1"}, {"permalink": "p/:abbrlink/"}, "/p/x1"),
        ("eleventy", "posts/a.md", {"permalink": "/b/{{ page.fileSlug }}/"}, {}, "/b/a"),
        ("eleventy", "posts/a.md", {"permalink": "/{{ title | slugify }}.html"}, {}, "/my-post"),
        ("eleventy", "posts/a.md", {"permalink": "/{{ page.date | date: 'yyyy/MM' }}/a/"}, {},
         "/2015/06/a"),
        ("pelican", "a.md", {}, {}, "/my-post"),
        ("pelican", "a.md", {}, {"article_url": "{date:%Y}/{category}/{slug}/"},
         "/2015/misc/my-post"),
        ("pelican", "a.md", {"save_as": "own.html"}, {}, "/own"),
        ("jekyll", "_recipes/soup.md", {}, {"collections": {"recipes": {"permalink": "/f/:name/"}}},
         "/f/soup"),
    ),
)  # fmt: skip
def test_paths_follow_the_rules_of_each_generator(generator, name, fields, config, expected):
    assert paths(generator, name, fields, config=config)[0] == expected


@pytest.mark.parametrize(
    ("generator", "expected"),
    (
        ("hugo", ["/de/posts/a"]),
        ("zola", ["/de/posts/a"]),
        ("folder", ["/de/posts/a", "/posts/de/a", "/posts/a"]),
        ("pelican", ["/my-post-de", "/my-post"]),
    ),
)
def test_languages_are_in_the_path(generator, expected):
    assert paths(generator, "posts/a.md", language="de") == expected


def test_an_own_path_has_the_language_too():
    found = paths("hugo", "posts/a.md", {"url": "/own/"}, language="de")
    assert found == ["/own", "/de/own"]


def test_a_hexo_post_without_a_date_has_no_path():
    site = Site(ROOT, UTC, "hexo")
    found = place({}, ROOT / "_posts/a.md", site)._replace(written=None)
    assert permalinks.list_paths(found, site) == []


def test_a_given_pattern_comes_first():
    found = paths("folder", "posts/a.md", {"author": "Ada"}, permalink="/:author/:weekday/{slug}")
    assert found == ["/Ada/5/my-post", "/posts/a"]


def test_aliases_are_relative_in_hugo_and_never_of_other_sites():
    site = Site(ROOT, UTC, "hugo", host="www.old.example", base="/notes")
    fields = {
        "aliases": [
            "b",
            "../up",
            "/c.html",
            "https://old.example/d/",
            "https://other.example/e",
            "/?p=7",
        ],
        "guid": "http://old.example/?p=9",
    }
    found = permalinks.list_aliases(place(fields, ROOT / "posts/a.md", site), site)
    assert found == [
        "/posts/b", "/b", "/up", "/c", "/d", "/?p=7", "/?p=9", "/notes/posts/b",
        "/notes/b", "/notes/up", "/notes/c", "/notes/d",
    ]  # fmt: skip


def test_routes_of_astro_are_read(tmp_path):
    pages = tmp_path / "src" / "pages"
    (pages / "blog").mkdir(parents=True)
    (pages / "blog" / "[...slug].astro").write_text('getCollection("posts")')
    (pages / "[slug].astro").write_text("getCollection('posts')")
    (pages / "blog" / "[page].astro").write_text("getCollection('posts')")
    (pages / "[tag].astro").write_text("getCollection('others')")
    (pages / "notes" / "[...slug]").mkdir(parents=True)
    (pages / "notes" / "[...slug]" / "index.astro").write_text("getCollection('log')")
    content = tmp_path / "src" / "content"
    site = Site(tmp_path, UTC, "astro", (content, pages, tmp_path / "src" / "blog"))
    found = permalinks.list_paths(place({}, content / "posts" / "en" / "A.md", site), site)
    assert found == ["/en/a", "/blog/en/a", "/posts/en/a", "/posts/a"]
    assert permalinks.list_paths(place({}, pages / "x.md", site), site) == ["/x"]
    found = permalinks.list_paths(place({}, content / "log" / "x.md", site), site)
    assert found == ["/notes/x", "/log/x"]
    assert permalinks.list_paths(place({}, tmp_path / "src/blog/x.md", site), site) == ["/blog/x"]


def test_numbers_of_wordpress_lead_to_posts():
    found = permalinks.list_aliases(place({"wordpress_id": "42"}, ROOT / "a.md", FOLDER), FOLDER)
    assert found == ["/?p=42", "/?page_id=42"]


def test_slugs_and_languages_are_in_the_paths_of_astro():
    found = paths("astro", "blog/a.md", {"postslug": "own"}, folder="src/content", language="de")
    assert found == ["/de/blog/own", "/blog/de/own", "/blog/own"]
