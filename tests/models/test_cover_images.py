import pytest

from flaskr import errors
from flaskr.models import cover_images
from flaskr.models import media
from flaskr.models import media_uses
from flaskr.models import posts
from flaskr.models import responsive_images
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

MOST = 25 * 1024 * 1024

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def picture(draw):
    """Add an image with alt text to the library."""
    content = draw("JPEG", (900, 600))
    return media.add(content, name="sea.jpg", user_id=1, max_bytes=MOST, alt="The <sea>")


def test_library_image_is_accepted_as_url_or_markdown(picture):
    address = f"/media/{picture['name']}"
    for typed in (f" {address} ", media.markdown(picture, address), f'![x]({address} "Title")'):
        assert cover_images.normalize_url(typed) == address
    assert cover_images.normalize_url(" ") == ""


@pytest.mark.parametrize("address", ("https://example.org", "https://example.org/a%20b.png?c=1#d"))
def test_external_image_is_accepted(address):
    assert cover_images.normalize_url(address) == address


@pytest.mark.parametrize(
    "typed",
    (
        "sea.jpg",
        "/media/" + "0" * 32 + ".jpg",
        "http://example.org/a.png",
        "javascript:alert(1)",
        'https://example.org/"onload=x',
        "https://user\\@example.org/",
        "https://example.org/a b.png",
        "//example.org/a.png",
        "x\0y",
    ),
)
def test_value_that_is_not_an_image_is_refused(typed):
    with pytest.raises(errors.Invalid, match="Cover isn't an image") as caught:
        cover_images.normalize_url(typed)
    assert caught.value.field == "cover"


def test_library_file_that_is_not_an_image_is_refused():
    medium = media.add(b"%PDF-1.7 ", name="a.pdf", user_id=1, max_bytes=MOST)
    with pytest.raises(errors.Invalid):
        cover_images.normalize_url(f"/media/{medium['name']}")
    assert cover_images.suggestions() == []


def test_overlong_url_is_refused():
    with pytest.raises(errors.TooLong, match="at most 2,000 characters"):
        cover_images.normalize_url("https://example.org/" + "a" * 2000)


def test_newest_images_are_suggested_by_alt_text(picture, draw):
    newer = media.add(draw(), name="b.png", user_id=1, max_bytes=MOST)
    names = [name for _, name in cover_images.suggestions()]
    assert names == ["b.png", "The <sea>"]
    assert cover_images.normalize_url(cover_images.suggestions()[0][0]) == f"/media/{newer['name']}"


def test_cover_is_rendered_with_size_and_alt_text(picture):
    shown = responsive_images.render_image(f"/media/{picture['name']}")
    assert 'alt="The &lt;sea&gt;" fetchpriority="high" width="900" height="600"' in shown
    assert f"/media/{picture['hash']}-480.webp 480w" in shown
    assert (
        responsive_images.render_image('x"><script>')
        == '<img src="x&#34;&gt;&lt;script&gt;" alt="" fetchpriority="high">'
    )


def test_cover_counts_as_a_use_of_its_image_and_survives_the_trash(picture):
    address = f"/media/{picture['name']}"
    post_id = posts.create(author_id=1, title="Sea", body="", cover=address)
    assert media_uses.find([picture], None)[picture["id"]].total == 1
    trash.put(post_id, SYSTEM)
    trash.restore(post_id, users.find(1))
    assert posts.get_stored(post_id)["cover"] == address
    posts.update(post_id, SYSTEM, title="Sea", body="")
    assert posts.get_stored(post_id)["cover"] == address
    posts.update(post_id, SYSTEM, title="Sea", body="", cover="")
    assert posts.get_stored(post_id)["cover"] == ""
    assert media_uses.find([picture], None)[picture["id"]].total == 0
