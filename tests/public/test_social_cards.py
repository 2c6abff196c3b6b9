"""Test the pictures of posts for link previews, and what pages tell about them."""

import json
from urllib.parse import urlsplit

import pytest

from flaskr.models import media
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models.permissions import SYSTEM

CARD = "/social-card/1-0123456789abcdef.png"


@pytest.fixture
def change(app):
    """Change settings, as the owner does."""

    def change(**values):
        with app.app_context():
            settings.change(values, SYSTEM)

    return change


@pytest.fixture
def preview(browse):
    """Return what a page tells networks about its picture, without `og:image` in the names."""

    def preview(path="/1"):
        page = browse(path, follow_redirects=True)
        found = {
            one.get("property").removeprefix("og:image").lstrip(":"): one.get("content")
            for one in page.select("meta[property]")
            if one.get("property").startswith("og:image")
        }
        (data,) = page.select('script[type="application/ld+json"]')
        assert json.loads(data.text).get("image") == found.get("")
        (kind,) = page.select('meta[name="twitter:card"]')
        assert kind.get("content") == ("summary_large_image" if found else "summary")
        return found

    return preview


def path(found):
    parts = urlsplit(found[""])
    assert parts.netloc == "localhost"
    return parts.path


def test_post_without_pictures_has_a_card(write, preview, client):
    write("A `card` & more")
    found = preview("/a-card-more")
    assert (found["width"], found["height"]) == ("1200", "630")
    assert found["alt"] == "A card & more"
    response = client.get(path(found))
    assert (response.status_code, response.mimetype) == (200, "image/png")
    assert "immutable" in response.headers["Cache-Control"]


def test_picture_in_the_text_is_used(app, write, preview, draw):
    with app.app_context():
        medium = media.add(draw(size=(300, 250)), name="a.png", user_id=1, max_bytes=10**6)
    write("Boats", f"![A boat](/media/{medium['name']})")
    expected = {"width": "300", "height": "250", "alt": "A boat"}
    expected[""] = f"http://localhost/media/{medium['name']}"
    assert preview("/boats") == expected


def test_card_has_a_new_address_when_it_changes(app, write, preview, client, change):
    write("First")
    seen = [path(preview("/first"))]
    for values in ({"SITE_TITLE": "Other"}, {"ACCENT": "#ffd23f"}):
        change(**values)
        seen.append(path(preview("/first")))
    with app.app_context():
        posts.update(2, SYSTEM, title="Second", body="")
    seen.append(path(preview("/first")))
    assert len(set(seen)) == 4
    assert [client.get(one).status_code for one in seen] == [404, 404, 404, 200]


@pytest.mark.parametrize("title", ("日本", "नमस्ते", "\u200b", "👋"))
def test_title_that_no_font_can_show_has_no_picture(write, preview, title):
    write(title, slug="it")
    assert preview("/it") == {}


def test_emoji_are_left_out_of_the_card(write, preview, client):
    write("Happy 👋", slug="happy")
    assert client.get(path(preview("/happy"))).status_code == 200


def test_blog_name_that_no_font_can_show_is_left_out(write, preview, client, change):
    change(SITE_TITLE="日本")
    write("Happy")
    assert client.get(path(preview("/happy"))).status_code == 200


def test_letters_tell_the_language(app, write, monkeypatch):
    from flaskr.images import fonts
    from flaskr.web import social_cards

    monkeypatch.setattr(fonts, "find", lambda text, language: fonts.Face(language, 0))
    found = {}
    with app.app_context():
        for title, language in (("日本の", "en"), ("한국", ""), ("日本", "zh-TW"), ("A", "")):
            card = social_cards.find_card(posts.get_stored(write(title, language=language)))
            found[title] = card.title.language
    assert found == {"日本の": "ja", "한국": "ko", "日本": "zh-TW", "A": "en"}


def test_stacks_of_accents_are_cut(app, write, monkeypatch):
    from flaskr.images import fonts
    from flaskr.web import social_cards

    monkeypatch.setattr(fonts, "find", lambda text, language: fonts.Face(language, 0))
    title = "x" + 20 * "\u0316" + "y\u0302\u0301"
    with app.app_context():
        card = social_cards.find_card(posts.get_stored(write(title)))
    assert "".join(card.title.pieces) == "x\u0316\u0316\u0316y\u0302\u0301"


def test_owner_switches_cards_off(write, preview, client, change):
    write("A title")
    card = path(preview("/a-title"))
    change(SOCIAL_CARDS="off")
    assert preview("/a-title") == {}
    assert client.get(card).status_code == 404


@pytest.mark.parametrize("url", (CARD, CARD.replace("1-", f"{10**30}-"), "/social-card/1-%00.png"))
def test_other_addresses_draw_nothing(app, client, url):
    assert client.get(url).status_code == 404


def test_card_is_not_sent_again(write, preview, client):
    write("A title")
    card = path(preview("/a-title"))
    etag = client.get(card).headers["ETag"]
    assert client.get(card, headers={"If-None-Match": etag}).status_code == 304
