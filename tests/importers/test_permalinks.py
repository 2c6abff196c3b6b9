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
