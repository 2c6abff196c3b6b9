import pytest

from flaskr.site_export import frozen_paths
from flaskr.site_export.frozen_paths import Links
from flaskr.site_export.frozen_paths import Unfit


@pytest.mark.parametrize(
    ("url", "address", "name"),
    (
        ("/", "/", "index.html"),
        ("/post", "/post/", "post/index.html"),
        ("/2020/01/", "/2020/01/", "2020/01/index.html"),
        ("/post.md", "/post.md", "post.md"),
        ("/settings/site.webmanifest", "/settings/site.webmanifest", "settings/site.webmanifest"),
        ("/user/john.doe", "/user/john.doe/", "user/john.doe/index.html"),
        ("/user/john.doe/feed.xml", "/user/john.doe/feed.xml", "user/john.doe/feed.xml"),
        ("/user/Zo%C3%AB%20%C3%9C", "/user/Zo%C3%AB%20%C3%9C/", "user/Zoë Ü/index.html"),
        (
            "/tag/sea?before=2020-01-02T03:04:05~7",
            "/tag/sea/before~2020-01-02T030405~7/",
            "tag/sea/before~2020-01-02T030405~7/index.html",
        ),
        ("/series/x?after=7", "/series/x/after~7/", "series/x/after~7/index.html"),
    ),
)
def test_each_page_has_an_address_and_a_file(url, address, name):
    assert frozen_paths.address(url) == address
    assert frozen_paths.file_name(address) == name


@pytest.mark.parametrize(
    "url", ("/search?q=x", "/a/../b/", "/%2e%2e/b/", "/a%00b/", "/a%5Cb/", f"/{'x' * 300}/")
)
def test_url_that_cannot_be_a_file_is_refused(url):
    with pytest.raises(Unfit):
        frozen_paths.file_name(frozen_paths.address(url))


@pytest.mark.parametrize(
    ("url", "replaced"),
    (
        ("/post#end", "/post/#end"),
        ("#end", "#end"),
        ("https://blog.example/post", "/post/"),
        ("https://other.example/post", "https://other.example/post"),
        ("//other.example/post", "//other.example/post"),
        ("mailto:a@b.c", "mailto:a@b.c"),
        ("relative", "/relative/"),
        ("/search?q=x", "/search?q=x"),
        ("/?after=2020-01-02T00:00:00~7", "/newer/"),
    ),
)
def test_links_within_the_blog_lead_to_files(url, replaced):
    assert Links("https://blog.example", "", "/newer/").replace(url) == replaced


def test_links_keep_the_prefix_of_the_blog():
    links = Links("https://a.example", "/blog")
    assert [links.replace(url) for url in ("/blog/post", "/blog", "/post", "/blogger")] == [
        "/blog/post/",
        "/blog/",
        "/post",
        "/blogger",
    ]
    assert list(links.found) == ["/post", "/"]
