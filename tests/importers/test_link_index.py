from datetime import UTC
from pathlib import Path

import pytest

from flaskr.importers.link_index import Entry
from flaskr.importers.link_index import Index
from flaskr.importers.link_index import Origin
from flaskr.importers.links import Target
from flaskr.importers.locations import Locations
from flaskr.importers.sites import Site

FILES = (
    "img/Logo.png",
    "posts/a b.png",
    "posts/one/beside.pdf",
    "posts/two/beside.pdf",
    "deep/er/unique.csv",
    "x/same.png",
    "y/same.png",
    ".env",
    "package.json",
    ".git/x.png",
    "notes/50%.png",
)


@pytest.fixture
def index(tmp_path):
    site = Site(tmp_path, UTC, "jekyll", host="www.old.example", base="/blog")
    entries = [
        Entry(
            str(tmp_path / "posts/one.md"),
            "/one",
            ["/2020/one", "/old/one", "/?p=4"],
            "First",
            "## 1. Part two\n",
        ),
        Entry(str(tmp_path / "posts/two/index.de.md"), "/two", ["/2020/two"]),
        Entry(str(tmp_path / "film/_posts/2015-06-25-hero.md"), "/hero", ["/film/hero"]),
        Entry(str(tmp_path / "notes/My note.md"), "/my-note", []),
    ]
    for name in FILES:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return Index(site, entries, Locations(site, [], {"X": "x"}, {}))


def find(index, written, by_name=False, address="/2020/one"):
    origin = Origin(index.site.root / "posts/one.md", address)
    return index.find(Target(written, "", by_name), origin)


@pytest.mark.parametrize(
    ("written", "url"),
    (
        ("one.md", "/one"),
        ("ONE.md?x=1#Part two", "/one#1-part-two"),
        ("one.md#gone", "/one#gone"),
        ("#part-two", "#1-part-two"),
        ("one.html", "/one"),
        ("./one", "/one"),
        ("/posts/one.md", "/one"),
        ("/blog/posts/one.md", "/one"),
        ("@/posts/one.md", "/one"),
        ("two/", "/two"),
        ("two/index.md", "/two"),
        ("../notes/My%20note.md", "/my-note"),
        ("/2020/one/", "/one"),
        ("/blog/2020/ONE.html", "/one"),
        ("../two/", "/two"),
        ("two", "/two"),
        ("/old/one", "/one"),
        ("/?p=4", "/one"),
        ("https://old.example/blog/2020/one/#x", "/one#x"),
        ("//www.old.example/2020/one?y=1", "/one"),
        ("http://localhost:4000/2020/one", "/one"),
        ("https://www.old.example", "/"),
        ("/blog/", "/"),
        ("/tags/x/", "/tag/x"),
        ("{tag}x", "/tag/x"),
        ("x-post:2015-06-25-hero", "/hero"),
        ("x-post:film/2015-06-25-hero", "/hero"),
        ("x-post:one", "/one"),
        ("x-post:First", "/one"),
        ("x-post:/posts/one/", "/one"),
        ("x-post:hero", "/hero"),
        ("..", "/2020/"),
        ("{index}", "/"),
        ("/tags/X/page/2/", "/tag/x"),
    ),
)
def test_posts_are_found(index, written, url):
    found = find(index, written)
    assert found.url + found.fragment == url


@pytest.mark.parametrize(
    ("written", "file"),
    (
        ("/img/logo.png", "img/Logo.png"),
        ("/blog/img/Logo.png", "img/Logo.png"),
        ("https://old.example/blog/img/Logo.png", "img/Logo.png"),
        ("a%20b.png?v=2", "posts/a b.png"),
        ("beside.pdf", "posts/one/beside.pdf"),
        ("../notes/50%25.png", "notes/50%.png"),
        ("er/unique.csv", "deep/er/unique.csv"),
        ("unique.csv", "deep/er/unique.csv"),
        ("x/same.png", "x/same.png"),
        ("/2020/one/beside.pdf", "posts/one/beside.pdf"),
        ("../two/beside.pdf", "posts/two/beside.pdf"),
        ("/wp-content/uploads/2020/01/unique.csv", "deep/er/unique.csv"),
        ("/img/logo-300x200.png", "img/Logo.png"),
    ),
)
def test_files_are_found(index, written, file):
    assert find(index, written).file == str(index.site.root / file)


@pytest.mark.parametrize(
    "written",
    ("gone.png", "same.png", "/.env", "/package.json", "/.git/x.png", "x-post:gone", "/gone/",
     "/one.md\0", "{static}/gone.png",),
)  # fmt: skip
def test_what_is_missing_or_private_is_not_found(index, written):
    found = find(index, written)
    assert (found.url, found.file) == ("", "")


@pytest.mark.parametrize(
    "written",
    (
        "",
        "#part",
        "https://x.example/a",
        "mailto:a@b.c",
        "//x.example/a",
        "http://[",
        "?x=1",
        "x-post:",
    ),
)
def test_other_targets_are_not_the_business_of_the_site(index, written):
    assert find(index, written) is None


def test_names_in_wiki_links_are_found_anywhere(index):
    assert find(index, "My Note", by_name=True).url == "/my-note"
    assert Path(find(index, "same.png", by_name=True).file).name == "same.png"
    assert find(index, "Gone", by_name=True).missing == "Gone"


def test_posts_without_an_old_address_have_links_too(index):
    assert find(index, "one.md", address="").url == "/one"


def test_posts_are_found_by_name_from_other_folders(index):
    origin = Origin(index.site.root / "notes" / "My note.md", "")
    assert index.find(Target("x-post:two"), origin).url == "/two"


def test_names_that_are_too_long_are_missing(index):
    assert find(index, "x" * 400 + ".png").file == ""
    assert find(index, "gone/", address="").missing == "gone/"


def test_search_for_files_ends(index, monkeypatch):
    monkeypatch.setattr("flaskr.importers.link_index.MAX_FILES", 1)
    assert find(index, "unique.csv").file == ""


def test_host_of_a_site_is_told_by_its_links(tmp_path):
    bodies = [f"[a](https://old.example/2020/{name})" for name in "abc"]
    bodies.append("[a](https://other.example/about)")
    entries = [
        Entry(str(tmp_path / f"{name}.md"), f"/{name}", [f"/2020/{name}"], body=" ".join(bodies))
        for name in "abc"
    ]
    site = Site(tmp_path, UTC)
    index = Index(site, entries, Locations(site, [], {}, {}))
    assert find(index, "https://old.example/2020/b/", address="").url == "/b"
    assert find(index, "https://other.example/2020/b/", address="") is None


@pytest.mark.parametrize(
    "written",
    (
        "/blog/img/logo.png",
        "@site/img/Logo.png",
        "@img/Logo.png",
        "~/img/Logo.png",
        "pathname:///img/Logo.png",
        "..\\img\\Logo.png",
    ),
)
def test_files_are_found_by_the_short_names_of_folders(index, written):
    assert find(index, written).file.endswith("img/Logo.png")


def test_names_with_accents_may_be_written_in_two_ways(index):
    (index.site.root / "posts/nfd-e\u0301.png").touch()
    assert find(index, "nfd-\xe9.png").file.endswith("posts/nfd-e\u0301.png")


def test_links_lead_to_sections_and_aliases(index):
    index.locations = Locations(index.site, ["/posts/x"], {}, {})
    assert find(index, "@/posts/_index.md").url == "/"
    assert find(index, "@/_index.md#top").url == "/"


def test_link_to_the_top_of_the_page_stays(index):
    assert find(index, "#") is None
    assert find(index, "Old/One", by_name=True).url == "/one"


@pytest.mark.parametrize("generator", ("pelican", "hugo"))
def test_posts_that_are_not_read_are_no_files(index, tmp_path, generator):
    (tmp_path / "two.rst").touch()
    index.site = index.site._replace(generator=generator)
    assert find(index, "two.rst").missing == "two.rst"
