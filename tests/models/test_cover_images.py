import pytest

from flaskr import errors
from flaskr.models import cover_images
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import responsive_images
from flaskr.models import trash
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

MOST = 25 * 1024 * 1024

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture
def picture(draw):
    """A picture of the library that has a description."""
    content = draw("JPEG", (900, 600))
    return media.add(content, name="sea.jpg", user_id=1, max_bytes=MOST, alt="The <sea>")


def test_a_picture_of_the_library_is_a_cover_by_address_or_markdown(picture):
    address = f"/media/{picture['name']}"
    for typed in (f" {address} ", media.markdown(picture, address), f'![x]({address} "Title")'):
        assert cover_images.normalize_url(typed) == address
    assert cover_images.normalize_url(" ") == ""


@pytest.mark.parametrize("address", ("https://example.org", "https://example.org/a%20b.png?c=1#d"))
def test_a_picture_from_elsewhere_is_a_cover(address):
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
def test_what_shows_no_picture_is_no_cover(typed):
    with pytest.raises(errors.Invalid, match="Cover isn't an image") as caught:
        cover_images.normalize_url(typed)
    assert caught.value.field == "cover"


def test_a_file_that_is_no_picture_is_no_cover():
    medium = media.add(b"%PDF-1.7 ", name="a.pdf", user_id=1, max_bytes=MOST)
    with pytest.raises(errors.Invalid):
        cover_images.normalize_url(f"/media/{medium['name']}")
    assert cover_images.suggestions() == []


def test_a_very_long_address_is_too_long():
    with pytest.raises(errors.TooLong, match="at most 2,000 characters"):
        cover_images.normalize_url("https://example.org/" + "a" * 2000)


def test_the_newest_pictures_are_offered_by_what_they_show(picture, draw):
    newer = media.add(draw(), name="b.png", user_id=1, max_bytes=MOST)
    names = [name for _, name in cover_images.suggestions()]
    assert names == ["b.png", "The <sea>"]
    assert cover_images.normalize_url(cover_images.suggestions()[0][0]) == f"/media/{newer['name']}"


def test_a_cover_is_shown_with_its_size_and_what_it_shows(picture):
    shown = responsive_images.render_image(f"/media/{picture['name']}")
    assert 'alt="The &lt;sea&gt;" width="900" height="600"' in shown
    assert f"/media/{picture['hash']}-480.webp 480w" in shown
    assert (
        responsive_images.render_image('x"><script>')
        == '<img src="x&#34;&gt;&lt;script&gt;" alt="">'
    )


def test_a_cover_is_a_use_of_its_picture_and_goes_to_the_trash_with_its_post(picture):
    address = f"/media/{picture['name']}"
    post_id = posts.create(author_id=1, title="Sea", body="", cover=address)
    assert media.find_uses([picture], None)[picture["id"]].total == 1
    trash.put(post_id, SYSTEM)
    trash.restore(post_id, users.find(1))
    assert posts.get_stored(post_id)["cover"] == address
    posts.update(post_id, SYSTEM, title="Sea", body="")
    assert posts.get_stored(post_id)["cover"] == address
    posts.update(post_id, SYSTEM, title="Sea", body="", cover="")
    assert posts.get_stored(post_id)["cover"] == ""
    assert media.find_uses([picture], None)[picture["id"]].total == 0
