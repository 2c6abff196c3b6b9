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


def test_profile_page_requires_login(client):
    assert client.get("/account").location == "/auth/login?next=/account"
    assert client.post("/account", data={"bio": "x"}).location == "/auth/login"


def test_author_page_links_to_the_profile(writer, browse):
    assert browse("/user/test").texts('a[href="/account"].edit') == ["Edit your name and bio"]
    assert not browse("/user/other").select(".edit")
