import pytest

from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import series
from flaskr.models import tags
from flaskr.models.permissions import SYSTEM


@pytest.fixture(autouse=True)
def renamed(app):
    """Rename a post, its tag and its series from `old` to `new`."""
    with app.app_context():
        post_id = posts.create(author_id=1, title="Old", body="", tags=["old"], series="old")
        posts.update(post_id, SYSTEM, title="Old", body="", address="new")
        tags.rename(tags.get_by_slug("old")["id"], "new", SYSTEM)
        series.rename(series.get_by_slug("old")["id"], "new", SYSTEM)


@pytest.mark.parametrize("path", ("/{}", "/tag/{}", "/tag/{}/feed.xml", "/series/{}", "/{}?a=1"))
def test_former_slug_redirects_to_the_same_page(client, path):
    response = client.get(path.format("old"))
    assert (response.status_code, response.location) == (301, path.format("new"))
    assert response.headers["Cache-Control"] == "no-cache"
    assert client.get(response.location).status_code == 200


def test_redirect_of_a_form_keeps_its_method(app, client, auth):
    auth.login()
    response = client.post("/series/old/name", data={"series": "newer"})
    assert (response.status_code, response.location) == (308, "/series/new/name")


def test_former_slug_of_a_draft_is_not_found(app, client):
    with app.app_context():
        get_db().execute("UPDATE post SET status = 'draft'")
        get_db().commit()
    for path in ("/old", "/tag/old", "/series/old"):
        assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ("/2001/01/post.html", "/tag/imported", "/imported/"))
def test_imported_url_redirects_to_its_post(app, client, path):
    with app.app_context():
        get_db().executemany(
            "INSERT INTO old_address SELECT ?, id FROM post WHERE slug = 'new'",
            [("/2001/01/post",), ("/tag/imported",), ("/imported",)],
        )
        get_db().commit()
    response = client.get(path)
    assert (response.status_code, response.location) == (301, "/new")
    assert response.headers["Cache-Control"] == "no-cache"
