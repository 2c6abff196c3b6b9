import re

import pytest

from flaskr.db import get_db
from flaskr.models import redirects
from flaskr.models.permissions import SYSTEM


@pytest.fixture(autouse=True)
def owner(app, auth):
    with app.app_context():
        get_db().execute("UPDATE \"user\" SET role = 'owner' WHERE id = 1")
        get_db().commit()
        redirects.record_not_found("/lost")
        redirects.add("/moved", "/test-title", SYSTEM)
        redirects.add("/over", None, SYSTEM)
    auth.login()


def listed(app):
    with app.app_context():
        return {row["path"]: row["target"] for row in redirects.list_all()}


def test_redirects_and_missing_addresses_are_listed(client):
    page = client.get("/settings/redirects").text
    assert re.findall('<bdi class="title">([^<]*)', page) == ["/lost", "/over", "/moved"]
    assert "Gone for good" in page


@pytest.mark.parametrize(
    ("form", "target", "message"),
    (
        ({"target": "/x"}, "/x", "/lost now leads to /x."),
        ({"gone": "1", "target": "/x"}, None, "/lost is now gone for good."),
    ),
)
def test_a_missing_address_is_redirected_in_one_click(app, client, form, target, message):
    page = client.post("/settings/redirects", data={"path": "/lost", **form}, follow_redirects=True)
    assert message in page.text
    assert listed(app)["/lost"] == target


def test_an_invalid_redirect_is_explained_and_kept(client):
    page = client.post("/settings/redirects", data={"path": "/lost", "target": "evil<b>"}).text
    assert 'id="target-error"' in page
    assert 'value="evil&lt;b&gt;"' in page


def test_a_redirect_is_deleted(app, client):
    for id in (1, 2):
        assert client.post(f"/settings/redirects/{id}/deletion").location == "/settings/redirects"
    assert listed(app) == {}


def test_a_missing_address_is_dismissed(client):
    client.post("/settings/redirects/dismissal", data={"path": "/lost"})
    assert "/lost" not in client.get("/settings/redirects").text.split("Removed")[1]
