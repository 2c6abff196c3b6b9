import pytest

from flaskr.models import tags
from flaskr.models import users

from ..markup import Page


@pytest.fixture
def owner(app, client, auth):
    with app.app_context():
        users.set_role("test", "owner")
        tags.set_for_post(1, ["Flask", "Web <b>"])
    auth.login()
    return client


def test_owner_renames_merges_and_deletes_tags(owner):
    assert "Web &lt;b&gt;" in owner.get("/tags").text
    assert owner.post("/tags/2", data={"name": "Web"}).location == "/tags"
    assert "Renamed Web &lt;b&gt; to Web." in owner.get("/tags").text
    owner.post("/tags/2", data={"name": "flask"})
    assert "Merged Web into Flask." in owner.get("/tags").text
    owner.post("/tags/1/deletion")
    page = owner.get("/tags").text
    assert "Deleted the tag Flask." in page
    assert "Tags will appear here" in page


def test_missing_tag_name_is_reported_next_to_its_field(owner):
    page = Page(owner.post("/tags/1", data={"name": " "}).text)
    assert page.texts("#error-1") == ["Name is required."]
    (field,) = page.select('[aria-invalid="true"]')
    assert field.get("aria-describedby") == "error-1"


@pytest.mark.parametrize("path", ("/tags/99", "/tags/99/deletion"))
def test_missing_tag_is_not_found(owner, path):
    assert owner.post(path, data={"name": "x"}).status_code == 404


@pytest.mark.parametrize("path", ("/tags/1", "/tags/1/deletion"))
def test_only_the_owner_may_change_tags(owner, auth, client, path):
    auth.login("other", "other")
    assert client.get("/tags").status_code == 403
    assert client.post(path, data={"name": "x"}).status_code == 403
    auth.logout()
    assert client.get("/tags?x").headers["Location"] == "/auth/login?next=/tags?x"
    assert client.post(path).headers["Location"] == "/auth/login"
