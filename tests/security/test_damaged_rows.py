"""A damaged value in the database causes no server error, and loses no words that are left."""

import json

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.db import is_postgres
from flaskr.models import authorization_codes
from flaskr.models import autosaves
from flaskr.models import exported_blogs
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import trash
from flaskr.models import undo
from flaskr.models import users
from flaskr.models import websub
from flaskr.models.permissions import SYSTEM

from .. import indieauth
from .conftest import ANN
from .conftest import KEY
from .conftest import OTHER_KEY
from .conftest import SECRET
from .conftest import one
from .conftest import write
from .test_nasty_values import fill
from .test_nasty_values import routes

# The columns whose values flaskr parses.
COLUMNS = (
    ("unsaved", "fields"),
    ("trash", "content"),
    ("undo", "change"),
    ("revision", "delta"),
    ("setting", "value"),
    ("media", "widths"),
    ("site", "uuid"),
)
# PostgreSQL has other types for these.
SQLITE_COLUMNS = (
    ("media", "created"),
    ("token", "created"),
    ("content", "changed"),
    ("post", "updated"),
    ("post", "dated"),
)
DAMAGED = {
    "empty": "",
    "words": "Grapefruit",
    "list": "[]",
    "null": "null",
    "half": '{"title": "Grape',
    "numbers": "12x 640",
    "other names": '{"pots": {}, "titel": "Grapefruit"}',
}


def damage(table, column, value):
    get_db().execute(f'UPDATE "{table}" SET {column} = ?', (value,))
    get_db().commit()


def damage_all(value):
    for table, column in [*COLUMNS, *([] if is_postgres() else SQLITE_COLUMNS)]:
        damage(table, column, value)


@pytest.fixture
def illustrated(team_app, draw):
    """A post that shows an image with variants, which is also its cover."""
    with team_app.app_context():
        medium = media.add(draw(size=(1200, 900)), name="a.png", user_id=ANN, max_bytes=10**6)
        url = f"/media/{medium['name']}"
        write("Illustrated", body=f"![A sea]({url})", cover=url)


@pytest.mark.parametrize("value", DAMAGED.values(), ids=DAMAGED)
def test_no_damaged_value_causes_an_error(team_app, client_of, places, illustrated, reset, value):
    with team_app.app_context():
        damage_all(value)
    failed = []
    for method, rule in routes(team_app):
        paths = [fill(rule, places)]
        if rule == "/<slug>":
            paths += ["/illustrated"]
        if rule == "/undo/<key>":
            paths = [f"/undo/{places['undo']}"]
        elif rule.startswith("/trash/"):
            paths = [rule.replace("<int:id>", str(places["deleted"]))]
        elif rule == "/<int:id>/update":
            paths += [f"{paths[0]}?unsaved={OTHER_KEY}"]
        for path in paths:
            response = client_of("owner").open(path, method=method, data={"title": "T"})
            response.close()
            if response.status_code >= 500:
                failed.append((method, path))
        if method != "GET":
            reset()
            with team_app.app_context():
                damage_all(value)
    assert failed == []


@pytest.fixture
def cut(team_app, places):
    """Cuts the end off what is stored in a column."""
    with team_app.app_context():

        def cut(table, column):
            get_db().execute(
                f"UPDATE {table} SET {column} = substr({column}, 1, length({column}) - 2)"
            )
            get_db().commit()

        yield cut


def test_damaged_autosave_shows_what_is_left_of_it(cut, client_of):
    autosaves.save(ANN, KEY, {"title": "Tides", "body": 'The "sea"\r\nand the sky'})
    cut("unsaved", "fields")
    row = autosaves.get(ANN, KEY)
    fields = autosaves.load_fields(row)
    assert fields["title"] == "Tides"
    assert 'The "sea"\nand the sky' in fields["body"]
    assert "and the sky" in client_of("ann").get(f"/create?unsaved={KEY}").text


def test_damaged_post_in_the_trash_is_restored_as_a_draft(cut, places):
    cut("trash", "content")
    (exported, _) = exported_blogs.read_trash()
    assert (exported["title"], exported["authors"]) == ("Deleted", ["ann"])
    assert exported["body"] == SECRET
    trash.restore(places["deleted"], SYSTEM)
    post = posts.get_stored(places["deleted"])
    assert (post["title"], post["status"], post["author_id"]) == ("Deleted", "draft", ANN)
    assert post["body"] == SECRET


@pytest.mark.parametrize("name", ("status", "kind"))
def test_post_in_the_trash_with_an_unknown_value_is_restored_as_a_draft(team_app, places, name):
    with team_app.app_context():
        content = json.loads(one("SELECT content FROM trash WHERE title = 'Deleted'"))
        content["post"][name] = "dpaft"
        damage("trash", "content", json.dumps(content))
        trash.restore(places["deleted"], SYSTEM)
        post = posts.get_stored(places["deleted"])
        assert (post["status"], post["kind"], post["body"]) == ("draft", "post", SECRET)


def test_address_of_a_damaged_post_in_the_trash_is_not_found(cut, client_of):
    assert client_of("visitor").get("/deleted").status_code == 410
    cut("trash", "content")
    assert client_of("visitor").get("/deleted").status_code == 404


def test_damaged_change_cannot_be_undone(cut, places):
    cut("undo", "change")
    with pytest.raises(errors.NotFound, match="can no longer be undone"):
        undo.apply(places["undo"], users.find(ANN))


@pytest.mark.parametrize("value", ("[", "[]", "3"))
def test_damaged_code_is_no_code(team_app, places, value):
    with team_app.app_context():
        grant = authorization_codes.Grant(
            indieauth.CLIENT_ID, indieauth.REDIRECT_URI, indieauth.CHALLENGE, [], [], "app", 1
        )
        code = authorization_codes.issue(users.find(ANN), grant)
        damage("authorization_code", "grant_json", value)
        assert not authorization_codes.redeem(
            code,
            client_id=grant.client_id,
            redirect_uri=grant.redirect_uri,
            verifier=indieauth.VERIFIER,
            for_token=False,
        )


@pytest.mark.parametrize("value", ("", "[]", '{"1": 2}', '{"1": ["", "", "ab"]}', '{"a": 1}'))
def test_hub_is_told_again_of_everything_if_its_state_is_damaged(team_app, places, value):
    with team_app.app_context():
        hub = "https://hub.example/"
        assert websub.find_change(hub) is None
        assert websub.find_change(hub) is None
        damage("websub", "announced", value)
        assert websub.WHOLE_BLOG in websub.find_change(hub).lists
