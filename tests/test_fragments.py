import re
from pathlib import Path

import pytest
from jinja2 import meta
from jinja2 import nodes

import flaskr
from flaskr import create_app
from flaskr import fragments
from flaskr.models import posts
from flaskr.models import settings
from flaskr.models.permissions import SYSTEM

TEMPLATES = Path(flaskr.__file__).with_name("templates")
# All of these tell what every page knows, or work on what they are given.
KNOWN = {
    "g",
    "front_page",
    "is_owner",
    "list_url",
    "menu_links",
    "post_url",
    "site",
    "site_footer",
    "url_for",
}


def calls(env):
    """Every fragment that a template has, with the names of its values."""
    for path in TEMPLATES.rglob("*.html"):
        for call in env.parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if getattr(call.node, "name", "") == "fragment":
                yield call.args[0].value, {value.key for value in call.kwargs}


def asked(env, name):
    """The names that a template and what it includes ask for."""
    source = (TEMPLATES / name).read_text(encoding="utf-8")
    names = meta.find_undeclared_variables(env.parse(source))
    return names.union(*(asked(env, part) for part in re.findall(r"include '(.+?)'", source)))


def test_a_fragment_shows_nothing_but_its_values_and_what_every_page_knows(app):
    found = list(calls(app.jinja_env))
    assert len(found) >= 5
    for name, values in found:
        assert asked(app.jinja_env, name) - values <= KNOWN, name


@pytest.fixture
def kept(app):
    return app.extensions[fragments.KEPT]


def keys(kept, template):
    return [key for key in kept if key[0] == template]


def test_a_post_is_made_once_for_all_readers_until_it_changes(app, client, kept):
    assert client.get("/").text == client.get("/").text
    assert len(keys(kept, "blog/_post.html")) == 1
    with app.app_context():
        posts.update(1, SYSTEM, title="Another title", body="test")
    assert "Another title" in client.get("/").text
    assert len(keys(kept, "blog/_post.html")) == 2


def test_what_the_owner_chooses_is_seen_in_every_fragment(app, client):
    client.get("/")
    with app.app_context():
        settings.change(
            {"SITE_TITLE": "Renamed", "FOOTER": "At the foot", "TIMEZONE": "Asia/Tokyo"}, SYSTEM
        )
        posts.create(author_id=1, title="Nearby", body="", created="2018-01-01 23:00:00")
    page = client.get("/").text
    assert "Renamed</a>" in page
    assert "At the foot" in page
    assert "by test on 2018-01-02" in page


def test_what_one_person_sees_is_not_kept(client, auth, kept):
    auth.login()
    assert "/1/update" in client.get("/").text
    auth.logout()
    before = len(kept)
    assert "/1/update" not in client.get("/").text
    assert len(kept) > before


def test_a_long_fragment_is_made_each_time(app, client, kept):
    with app.app_context():
        posts.update(1, SYSTEM, title="Long", body="word " * fragments.LONGEST)
    assert "Long" in client.get("/").text
    assert not keys(kept, "blog/_post.html")


@pytest.mark.parametrize("folder", (True, False))
def test_templates_that_may_change_or_are_the_owners_are_made_each_time(
    app, instance_path, monkeypatch, folder
):
    if folder:
        (instance_path / "templates").mkdir()
    else:
        monkeypatch.setenv("FLASK_DEBUG", "1")
    again = create_app({"TESTING": True})
    assert again.extensions[fragments.KEPT] is None
    assert "test title" in again.test_client().get("/").text
