from io import BytesIO

import pytest

from flaskr.models import media
from flaskr.models import users

from ..markup import Page


def test_profile_is_shown_to_readers(app, writer, browse):
    assert browse("/account").select('[href="/user/test"]')
    data = {"display_name": "Ada", "bio": "Words\n</textarea>"}
    assert writer.post("/account", data=data).location == "/account"
    page = browse("/account")
    for words in ("Saved.", 'value="Ada"', "&lt;/textarea&gt;"):
        assert words in page


def test_missing_fields_are_left_unchanged(app, writer):
    writer.post("/account", data={"display_name": "Ada", "bio": "Words"})
    writer.post("/account", data={"bio": "Other"})
    with app.app_context():
        assert tuple(users.find(1)[name] for name in ("display_name", "bio")) == ("Ada", "Other")


def test_error_is_shown_next_to_its_field_with_the_input(writer):
    response = writer.post("/account", data={"display_name": "x" * 101, "bio": "<i>typed"})
    assert response.status_code == 200
    page = Page(response.text)
    (field,) = page.select("#display_name")
    assert field.get("aria-describedby") == "display_name-error display_name-hint"
    assert page.texts("#display_name-error") == ["Name is too long: at most 100 characters."]
    assert page.texts("#bio") == ["<i>typed"]


def test_uploaded_picture_is_in_the_media_library(app, writer, draw, browse):
    data = {
        "upload": (BytesIO(draw(size=(300, 200))), "me.png"),
        "links": "Home https://a.example/",
    }
    assert writer.post("/account", data=data).status_code == 302
    with app.app_context():
        (medium,) = media.newest().media
    assert browse("/account").value("picture") == f"/media/{medium['name']}"


def test_uploaded_picture_is_kept_if_another_field_is_wrong(writer, draw):
    data = {"upload": (BytesIO(draw()), "me.png"), "links": "javascript:alert(1)"}
    page = Page(writer.post("/account", data=data).text)
    assert page.texts("#links-error")
    assert page.value("picture").startswith("/media/")
    assert page.value("links") == "javascript:alert(1)"


@pytest.mark.parametrize("content", (b"%PDF-1.4", b"", b"\x89PNG\r\n\x1a\n"))
def test_file_that_is_no_picture_is_refused(app, writer, content):
    data = {"upload": (BytesIO(content), "x.png")}
    page = Page(writer.post("/account", data=data).text)
    assert page.texts("#upload-error")
    with app.app_context():
        assert media.newest().media == []


@pytest.mark.parametrize("path", ("/user/test", "/1"))
def test_readers_see_picture_and_links_of_an_author(writer, draw, browse, path):
    links = "My page https://a.example/\nMail mailto:a@b.example"
    writer.post("/account", data={"upload": (BytesIO(draw()), "x"), "links": links})
    page = browse(path)
    assert [one.get("src")[:7] for one in page.select(".h-card img.u-photo")] == ["/media/"]
    found = page.select('.h-card a[rel="me"]')
    assert [(one.get("class"), one.get("href")) for one in found] == [
        ("u-url", "https://a.example/"),
        ("u-email", "mailto:a@b.example"),
    ]


def test_profile_page_requires_login(client):
    assert client.get("/account").location == "/auth/login?next=/account"
    assert client.post("/account", data={"bio": "x"}).location == "/auth/login"


def test_author_page_links_to_the_profile(writer, browse):
    assert browse("/user/test").texts('a[href="/account"].edit') == ["Edit your profile"]
    assert not browse("/user/other").select(".edit")
