"""Test the picture above the front page, which the owner chooses with the design."""

from io import BytesIO

import pytest

from flaskr.models import media
from flaskr.models import media_uses
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models import users
from flaskr.models.permissions import SYSTEM

from ..markup import Page


@pytest.fixture
def owner(app, writer):
    with app.app_context():
        users.set_role("test", "owner")
    return writer


@pytest.fixture
def picture(app, draw):
    """Store a wide picture as the header picture and return its row."""
    with app.app_context():
        content = draw("JPEG", (1300, 400))
        medium = media.add(content, name="a.jpg", user_id=1, max_bytes=10**6, alt="A bay")
        settings.change({"HEADER_PICTURE": f"/media/{medium['name']}"}, SYSTEM)
    return medium


def heroes(client, path="/"):
    return Page(client.get(path).text).select("main .hero img")


def test_readers_see_the_picture_above_the_front_page_only(client, picture, write):
    (image,) = heroes(client)
    assert image.get("src") == f"/media/{picture['name']}"
    assert (image.get("width"), image.get("height")) == ("1300", "400")
    assert f"/media/{picture['hash']}-800.webp 800w" in image.get("srcset")
    assert image.get("sizes") == "(min-width: 1240px) 1240px, 100vw"
    assert (image.get("alt"), image.get("loading")) == ("A bay", None)
    write("Second", day=2)
    for path in ("/1", "/search", "/auth/login", "/?before=2020-01-02+00:00:00,2"):
        assert heroes(client, path) == []


def test_description_may_differ_from_that_in_the_library(client, app, picture):
    with app.app_context():
        settings.change({"HEADER_ALT": 'The bay in "May" <b>'}, SYSTEM)
    assert heroes(client)[0].get("alt") == 'The bay in "May" <b>'


def test_look_without_room_does_not_show_the_picture(client, app, picture):
    with app.app_context():
        settings.change({"LOOK": "titles"}, SYSTEM)
    assert heroes(client) == []


def test_page_as_front_page_has_the_picture(client, app, picture, write):
    with app.app_context():
        page = posts.create(author_id=1, user=SYSTEM, title="Home", body="", kind="page")
        settings.change({"FRONT_PAGE": str(page)}, SYSTEM)
    assert len(heroes(client)) == 1
    assert heroes(client, "/posts/all") == []


def test_picture_that_was_deleted_is_left_out(client, app, picture):
    with app.app_context():
        assert media.newest(unused=True).media == []
        assert media_uses.find([picture], SYSTEM)[picture["id"]].in_setting
        media.delete(picture["id"], SYSTEM)
    assert heroes(client) == []


def test_picture_in_use_is_announced_before_it_is_deleted(owner, picture):
    assert "Used in the settings" in owner.get("/media").text
    page = owner.get(f"/media/{picture['name']}/deletion").text
    assert "The settings use it" in page


def test_drawing_has_one_size(client, app):
    content = b"<svg xmlns='http://www.w3.org/2000/svg' width='60' height='20'/>"
    with app.app_context():
        medium = media.add(content, name="a.svg", user_id=1, max_bytes=10**6)
        settings.change({"HEADER_PICTURE": f"/media/{medium['name']}"}, SYSTEM)
    (image,) = heroes(client)
    assert (image.get("width"), image.get("sizes")) == ("60", None)


def test_owner_uploads_a_picture(owner, draw):
    form = {"upload": (BytesIO(draw()), "a.png"), "header_alt": "Teal"}
    assert owner.post("/settings/design", data=form).status_code == 302
    (image,) = heroes(owner)
    assert image.get("alt") == "Teal"
    url = Page(owner.get("/settings/design").text).value("header_picture")
    assert url == image.get("src")
    owner.post("/settings/design", data={"header_picture": "", "header_alt": ""})
    assert heroes(owner) == []


def test_upload_is_kept_if_another_field_is_wrong(owner, draw):
    form = {"upload": (BytesIO(draw()), "a.png"), "custom_css": "@import url(a.css)"}
    page = Page(owner.post("/settings/design", data=form).text)
    assert page.texts("#custom_css-error")
    assert page.value("header_picture").startswith("/media/")


def test_file_that_is_no_picture_is_refused(owner):
    form = {"upload": (BytesIO(b"%PDF-1.4"), "a.pdf")}
    page = Page(owner.post("/settings/design", data=form).text)
    assert page.texts('#upload-error[role="alert"]')


@pytest.mark.parametrize(
    "url",
    (
        "https://example.org/a.png",
        "/media/../x.png",
        'x" onload="y',
        f"/media/{'0' * 32}.png",
        "\0x",
        "/media/" + "9" * 10**4,
    ),
)
def test_picture_must_be_in_the_library(owner, url):
    page = Page(owner.post("/settings/design", data={"header_picture": url}).text)
    assert page.texts("#header_picture-error")
    assert owner.post("/settings/design/preview", data={"header_picture": url}).status_code == 200


def test_preview_shows_a_picture_that_is_not_stored(owner, app, draw):
    with app.app_context():
        medium = media.add(draw(), name="a.png", user_id=1, max_bytes=10**6)
    form = {"look": "book", "header_picture": f"/media/{medium['name']}"}
    page = Page(owner.post("/settings/design/preview", data=form).text)
    assert len(page.select(".hero img")) == 1
    assert heroes(owner) == []


def test_locked_picture_stays(owner, app, picture, draw):
    app.config["HEADER_PICTURE"] = f"/media/{picture['name']}"
    page = Page(owner.get("/settings/design").text)
    assert page.select("#header_picture[disabled]")
    assert not page.select("#upload") + page.select("[data-cover]")
    owner.post("/settings/design", data={"upload": (BytesIO(draw()), "a.png")})
    with app.app_context():
        assert [row["id"] for row in media.newest().media] == [picture["id"]]
