"""An import reads nothing outside the site, and accepts only images as images."""

import os

import pytest

from flaskr.db import get_db

SECRET = "SECRET"
OUT = "It is a link that leads out of the site."


@pytest.fixture
def outside(tmp_path, draw):
    """Create files next to the site that must not be imported: a post, an image, a text."""
    folder = tmp_path / "private"
    folder.mkdir()
    (folder / "diary.md").write_text(f"---\ntitle: {SECRET}\ndate: 2001-01-01\n---\n{SECRET}")
    (folder / "photo.png").write_bytes(draw(size=(9, 9)))
    (folder / "secret_key").write_text(SECRET)
    return folder


@pytest.fixture
def site(tmp_path):
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "good.md").write_text("# Good\n\nText")
    return folder


@pytest.fixture
def bring_in(empty_app):
    """Import a folder; return the status, the output, the posts, and the number of media."""

    def bring_in(folder):
        with empty_app.app_context():
            result = empty_app.test_cli_runner().invoke(args=["import", str(folder)])
            posts = get_db().execute("SELECT title, body, cover FROM post").fetchall()
            media = get_db().execute("SELECT count(*) FROM media").fetchone()[0]
        return result.exit_code, result.output, [tuple(post) for post in posts], media

    return bring_in


@pytest.mark.parametrize("target", ("diary.md", "secret_key"))
def test_a_link_to_a_post_outside_is_reported_and_not_followed(bring_in, site, outside, target):
    (site / "linked.md").symlink_to(outside / target)
    code, output, posts, _ = bring_in(site)
    assert code == 1
    assert f"linked.md: {OUT}" in output
    assert [title for title, *_ in posts] == ["Good"]


@pytest.mark.parametrize("relative", (False, True))
def test_a_link_to_a_folder_outside_is_reported_and_not_followed(bring_in, site, outside, relative):
    (site / "more").symlink_to(os.path.relpath(outside, site) if relative else outside)
    code, output, posts, _ = bring_in(site)
    assert (code, len(posts)) == (1, 1)
    assert f"more: {OUT}" in output


def test_circular_links_are_followed_once(bring_in, site):
    (site / "a").symlink_to(site / "b")
    (site / "b").symlink_to(site / "a")
    (site / "c.md").symlink_to(site / "c.md")
    (site / "up").symlink_to(site)
    code, output, posts, _ = bring_in(site)
    assert (code, len(posts)) == (1, 1)
    assert "c.md: It cannot be read" in output


def test_links_within_the_site_are_followed(bring_in, site):
    (site / "sub").mkdir()
    (site / "sub" / "real.txt").write_text("# Linked\n\nText")
    (site / "linked.md").symlink_to(site / "sub" / "real.txt")
    code, _, posts, _ = bring_in(site)
    assert (code, len(posts)) == (0, 2)


@pytest.mark.parametrize(
    "written",
    (
        "../private/photo.png",
        "%2e%2e/private/photo.png",
        "..%2Fprivate%2Fphoto.png",
        "/../private/photo.png",
        "sub/../../private/photo.png",
        "linked.png",
        "linked/photo.png",
        "/static/linked.png",
        "{outside}/photo.png",
        "file://{outside}/photo.png",
        "/{outside}/photo.png",
    ),
)
@pytest.mark.parametrize("form", ("![]({})", "<img src='{}'>", "---\ncover: '{}'\n---\n"))
def test_an_image_outside_the_site_is_not_imported(bring_in, site, outside, written, form):
    (site / "sub").mkdir()
    (site / "static").mkdir()
    (site / "linked").symlink_to(outside)
    (site / "linked.png").symlink_to(outside / "photo.png")
    (site / "static" / "linked.png").symlink_to("../../private/photo.png")
    (site / "post.md").write_text(form.format(written.format(outside=outside)) + "\n\nText")
    _, _, posts, media = bring_in(site)
    assert (len(posts), media) == (2, 0)
    assert not any("/media/" in f"{body} {cover}" for _, body, cover in posts)


def test_an_image_outside_the_site_is_reported(bring_in, site, outside):
    (site / "post.md").write_text("# Post\n\n![](../private/photo.png)")
    _, output, _, _ = bring_in(site)
    assert "The image “photo.png” was not imported. It is outside the site." in output


@pytest.mark.parametrize("content", (b"SECRET", b"%PDF-1.7", b"PK\3\4", b"<html>", b""))
def test_a_file_that_is_not_an_image_is_not_imported(bring_in, site, content):
    (site / "photo.png").write_bytes(content)
    (site / "post.md").write_text("# Post\n\n![](photo.png)")
    _, output, posts, media = bring_in(site)
    assert (len(posts), media) == (2, 0)
    assert "The image “photo.png” was not imported." in output


def test_an_image_of_the_site_is_imported_under_any_name(bring_in, tmp_path, draw):
    content = tmp_path / "hugo" / "content"
    (content.parent / "static").mkdir(parents=True)
    content.mkdir()
    (content.parent / "static" / "a.gif").write_bytes(draw("JPEG"))
    (content / "b.png").write_bytes(draw("WEBP"))
    (content / "post.md").write_text("# Post\n\n![](/a.gif) ![](b.png) ![](../static/a.gif)")
    code, _, posts, media = bring_in(content)
    assert (code, media) == (0, 2)
    assert posts[0][1].count("/media/") == 3


@pytest.mark.parametrize("name", ("pipe.md", "pipe.png", "_config.yml", "_config.yaml"))
def test_a_pipe_does_not_block_the_import(bring_in, site, name):
    (site / "_posts").mkdir()
    os.mkfifo(site / name)
    (site / "_posts" / "2001-01-01-post.md").write_text("# Post\n\n![](/pipe.png)")
    _, _, posts, media = bring_in(site)
    assert ([title for title, *_ in posts], media) == (["Post"], 0)


@pytest.mark.parametrize("target", ("/dev/zero", "/dev/stdin"))
def test_a_device_does_not_block_the_import(bring_in, site, target):
    for name in ("a.md", "b.png", "_config.yml"):
        (site / name).symlink_to(target)
    (site / "post.md").write_text("# Post\n\n![](b.png)")
    _, _, posts, media = bring_in(site)
    assert ({title for title, *_ in posts}, media) == ({"Good", "Post"}, 0)


@pytest.mark.parametrize(
    "link",
    (
        "[a](../private/diary.md)",
        "[a](/../private/diary.md)",
        "[a](@/../private/diary.md)",
        "[a](%2e%2e/private/diary.md)",
        "[a](linked.md)",
        "{{% link ../private/diary.md %}}",
        "{{% link {outside}/diary.md %}}",
        "{{% post_url ../../private/diary %}}",
    ),
)
def test_posts_outside_the_site_are_not_read_for_their_paths(bring_in, site, outside, link):
    (outside / "diary.md").write_text(f"---\nslug: {SECRET}\nurl: /{SECRET}/\n---\nText")
    (site / "linked.md").symlink_to(outside / "diary.md")
    (site / "post.md").write_text("# Post\n\n" + link.format(outside=outside))
    _, _, posts, _ = bring_in(site)
    assert SECRET.lower() not in str(posts).lower()


def test_a_huge_file_and_an_unreadable_folder_are_reported(bring_in, site):
    with (site / "huge.md").open("wb") as stream:
        stream.truncate(10**12)
    (site / "closed.md").symlink_to(site / "closed" / "a.md")
    code, output, posts, _ = bring_in(site)
    assert (code, len(posts)) == (1, 1)
    assert "huge.md: It is too large for a post" in output
    assert "a.md: It cannot be read" in output
