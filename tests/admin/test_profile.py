from flaskr.models import users


def test_profile_is_shown_to_readers(app, writer):
    assert 'href="/user/test"' in writer.get("/account").text
    data = {"display_name": "Ada", "bio": "Words\n</textarea>"}
    assert writer.post("/account", data=data).location == "/account"
    page = writer.get("/account").text
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
    assert 'id="display_name-error"' in response.text
    assert "&lt;i&gt;typed" in response.text


def test_profile_page_requires_login(client):
    assert client.get("/account").location == "/auth/login?next=/account"
    assert client.post("/account", data={"bio": "x"}).location == "/auth/login"


def test_author_page_links_to_the_profile(writer):
    assert 'href="/account">Edit your name and bio' in writer.get("/user/test").text
    assert "Edit your name and bio" not in writer.get("/user/other").text
