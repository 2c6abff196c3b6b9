from pathlib import Path

import pytest

from flaskr.importers import links

ROOT = Path("/site")
FILE = ROOT / "blog" / "post.md"
ADDRESSES = {
    "/site/blog/other.md": "/blog/other",
    "/site/top.md": "/top",
    "/site/a b.md": "/a-b",
    "/site/_posts/2015-06-25-name.md": "/2015/06/25/name",
}


def address_of(file):
    return ADDRESSES.get(str(file), "")


@pytest.mark.parametrize(
    ("body", "expected"),
    (
        ("[a](@/blog/other.md#end)", "[a](/blog/other#end)"),
        ("[a](other.md 'title')", "[a](/blog/other 'title')"),
        ("[a](<other.md>)", "[a](</blog/other>)"),
        ("[a](/top.md)", "[a](/top)"),
        ("[a](/a%20b.md)", "[a](/a-b)"),
        ("[a]: other.md", "[a]: /blog/other"),
        ('<a href="other.md">a</a>', '<a href="/blog/other">a</a>'),
        ("[a]({% post_url 2015-06-25-name %})", "[a](/2015/06/25/name)"),
        ("[a]({% link _posts/2015-06-25-name.md %})", "[a](/2015/06/25/name)"),
        ("[a]({% post_url 1999-01-01-gone %})", "[a]({% post_url 1999-01-01-gone %})"),
        ("[a](missing.md) `[a](other.md)`", "[a](missing.md) `[a](other.md)`"),
        ("[a](https://example.org/other.md)", "[a](https://example.org/other.md)"),
        ("[a](b)", "[a](b)"),
    ),
)
def test_links_to_files_become_links_to_posts(body, expected):
    assert links.rewrite_post_links(body, FILE, ROOT, address_of) == (expected, [])


def test_a_broken_internal_link_is_reported():
    body = "[a](@/gone.md)"
    assert links.rewrite_post_links(body, FILE, ROOT, address_of) == (body, ["@/gone.md"])


def test_the_images_of_a_post_are_found(tmp_path):
    root = tmp_path / "content"
    for name in ("content/a b.png", "content/c.SVG", "static/d.jpg", "content/e.gif"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    body = (
        "![](a%20b.png) ![][c] <img src=/d.jpg> `![](e.gif)` ![](gone.png)\n"
        f"![](https://example.org/e.gif) ![](a%20b.png) ![](%00.png) ![]({'x' * 400}.png)\n\n"
        "[c]: c.SVG 'title'\n"
    )
    found = links.find_images(body, root / "post.md", root)
    assert found == [str(root / "a b.png"), str(tmp_path / "static" / "d.jpg"), str(root / "c.SVG")]


@pytest.mark.parametrize(
    ("body", "rewritten"),
    (
        ("![A cat](cat.png)", "![A cat](/m/A cat)"),
        ('![A \\] cat](cat.png "title")', '![A \\] cat](/m/ "title")'),
        ("[full size](cat.png)", "[full size](/m/)"),
        ("[cat]: cat.png", "[cat]: /m/"),
        ('<img src="./cat.png" alt="x">', '<img src="/m/" alt="x">'),
        ("![A](cat%2Epng)", "![A](cat%2Epng)"),
        ("![A](dog.png)", "![A](dog.png)"),
        ("![A](https://x.example/cat.png)", "![A](https://x.example/cat.png)"),
        ("`![A](cat.png)`", "`![A](cat.png)`"),
        ("nothing", "nothing"),
    ),
)
def test_image_links_are_rewritten(tmp_path, body, rewritten):
    (tmp_path / "cat.png").touch()
    file = tmp_path / "post.md"
    assert links.rewrite_image_links(body, file, tmp_path, lambda _, alt: f"/m/{alt}") == rewritten
