import pytest

from flaskr.text import old_locations

FOLDERS = {"/notes": "/", "/label": "/tag", "/arch": "/archive", "/deep/er": "/", "/gone": None}
LOOKUPS = old_locations.Lookups(
    {"rivers": "/tag/rivers", "c++": "/tag/c"}.get,
    {"ada": "/user/Ada"}.get,
    {"walks": "/series/walks"}.get,
    FOLDERS.get,
)


@pytest.mark.parametrize(
    ("path", "target"),
    (
        ("/page/2", "/"),
        ("/page2", "/"),
        ("/p/2", "/"),
        ("/index2", "/"),
        ("/blog/page/2", "/"),
        ("/blog/seite/2", "/"),
        ("/posts/3", "/"),
        ("/tags/rivers", "/tag/rivers"),
        ("/tags/rivers/page/2", "/tag/rivers"),
        ("/tags/rivers/2", "/tag/rivers"),
        ("/tag/rivers2", "/tag/rivers"),
        ("/tags/c++/index.xml", "/tag/c/feed.xml"),
        ("/categories/nature/rivers", "/tag/rivers"),
        ("/label/rivers", "/tag/rivers"),
        ("/notes/tags/rivers/rss.xml", "/tag/rivers/feed.xml"),
        ("/notes", "/"),
        ("/notes/feed/atom", "/feed.atom"),
        ("/deep/er/page/4", "/"),
        ("/author/ada/feed", "/user/ada/feed.xml"),
        ("/notes/series/walks", "/series/walks"),
        ("/arch/2019/8", "/2019/08/"),
        ("/archives/2019/08/page/2", "/2019/08/"),
        ("/2019/08/03", "/2019/08/"),
        ("/blog/2019", "/2019/"),
        ("/sitemap.xml", "/sitemap.xml"),
        ("/feeds/all.atom.xml", "/feed.atom"),
        ("/feeds/rivers.rss.xml", "/tag/rivers/feed.xml"),
    ),
)
def test_lists_of_other_programs_are_found(path, target):
    assert old_locations.find(path, LOOKUPS) == target.replace("/user/ada", "/user/Ada")


@pytest.mark.parametrize(
    "path",
    (
        "/unheard", "/tags/unheard", "/x/page/2", "/author/ada/x", "/author/bob", "/gone/x",
        "/series/walks/x", "/blog/unheard", "/x/feed.xml",
        "/" + "a/" * 20, "/" + "x" * 400, "/42", "/feeds/x.json",
    ),
)  # fmt: skip
def test_other_paths_are_no_lists(path):
    assert old_locations.find(path, LOOKUPS) is None


def test_root_is_the_front_page():
    assert old_locations.find("/", LOOKUPS) == "/"
