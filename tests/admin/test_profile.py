import pytest

from flaskr.models import users


@pytest.fixture
def writer(client, auth):
    auth.login()
    return client


def test_a_person_tells_readers_who_they_are(app, writer):
    assert 'href="/user/test"' in writer.get("/account").text
    data = {"display_name": "Ada", "bio": "Words\n</textarea>"}
    assert writer.post("/account", data=data).location == "/account"
    page = writer.get("/account").text
    for words in ("Saved.", 'value="Ada"', "&lt;/textarea&gt;"):
        assert words in page


def test_what_a_form_does_not_have_stays(app, writer):
    writer.post("/account", data={"display_name": "Ada", "bio": "Words"})
    writer.post("/account", data={"bio": "Other"})
    with app.app_context():
        assert tuple(users.find(1)[name] for name in ("display_name", "bio")) == ("Ada", "Other")


def test_what_is_wrong_is_told_beside_its_field_with_what_was_typed(writer):
    response = writer.post("/account", data={"display_name": "x" * 101, "bio": "<i>typed"})
    assert response.status_code == 200
    assert 'id="display_name-error"' in response.text
    assert "&lt;i&gt;typed" in response.text


def test_only_who_is_logged_in_has_an_account_page(client):
    assert client.get("/account").location == "/auth/login?next=/account"
    assert client.post("/account", data={"bio": "x"}).location == "/auth/login"


def test_a_person_finds_the_way_from_their_page_to_change_it(writer):
    assert 'href="/account">Edit your name and bio' in writer.get("/user/test").text
    assert "Edit your name and bio" not in writer.get("/user/other").text
