"""Test which picture of a post is chosen for link previews."""

import pytest

from flaskr.db import get_db
from flaskr.models import media
from flaskr.models import rendered_html
from flaskr.models import social_images
from flaskr.models.social_images import SocialImage


@pytest.fixture
def add(context, draw):
    """Add a picture to the media library and return its row."""

    def add(kind="PNG", size=(400, 300), **options):
        content = draw(kind, size, **options)
        return media.add(content, name="x", user_id=1, max_bytes=10**6, alt="Stored")

    return add


def find(body, cover=""):
    return social_images.find(cover, rendered_html.render_unstored(body).html)


def test_cover_comes_before_pictures_in_the_text(add):
    cover, other = add(size=(30, 20)), add()
    assert find(f"![](/media/{other['name']})", f"/media/{cover['name']}") == SocialImage(
        f"/media/{cover['name']}", "Stored", 30, 20
    )


def test_first_picture_is_found_with_its_size(add):
    first, second = (f"/media/{add(size=size)['name']}" for size in ((400, 300), (300, 400)))
    found = find(f"Text\n\n> ![A *boat* & co]({first})\n\n![]({second})")
    assert found == SocialImage(first, "A boat & co", 400, 300)


def test_small_pictures_are_left_out(add):
    large = f"/media/{add(size=(400, 300))['name']}"
    body = "".join(f"![](/media/{add(size=size)['name']})" for size in ((190, 400), (400, 20)))
    assert find(body) is None
    assert find(f"{body}![]({large}){{width=100}}") is None
    assert find(f"{body}![]({large})").url == large


def test_pictures_of_cards_are_left_out(add):
    name = add()["name"]
    card = f'<p class="card"><a href="/"><img src="/media/{name}" alt=""><b>x</b></a></p>'
    own = '<p><img src="https://a.example/b" alt=""></p>'
    assert social_images.find("", card + own + card).url == "https://a.example/b"
    assert social_images.find("", card) is None


@pytest.mark.parametrize(
    "url", ("https://a.example/b.jpg?c=1&d", "http://a.example/b", "/static/b.png")
)
def test_picture_elsewhere_has_no_known_size(context, url):
    assert find(f"![A]({url})") == SocialImage(url, "A")


@pytest.mark.parametrize(
    "url", ("https://a.example/b.SVG", f"/media/{'0' * 32}.png", "b.png", "//a.example/b", "/")
)
def test_pictures_that_networks_cannot_fetch_are_left_out(context, url):
    assert find(f"![]({url})") is None
    assert find("", url) is None


def test_large_or_unfit_picture_is_replaced_by_a_variant(add):
    medium = add("AVIF", (2000, 1000))
    found = find("", f"/media/{medium['name']}")
    assert found.url == f"/media/{medium['hash']}-{found.width}.webp"
    assert (found.width, found.height) in ((1600, 800), (1200, 600), (800, 400), (480, 240))


def test_picture_without_a_fit_variant_is_left_out(add):
    medium = add(size=(9, 9))
    get_db().execute("UPDATE media SET size = ?, widths = ''", (social_images.MAX_BYTES + 1,))
    assert find("", f"/media/{medium['name']}") is None


@pytest.mark.parametrize("url", ("//[", "http://[x/a.png", "https://e\u2100.example/a.png"))
def test_malformed_url_is_no_error(context, url):
    found = find(f'<img src="{url}">', url)
    assert found is None or found.url == url


def test_only_the_first_pictures_are_looked_at(context):
    bad = "![](https://a.example/b.svg)" * social_images.MAX_CANDIDATES
    assert find(f"{bad}![](https://a.example/c)") is None
