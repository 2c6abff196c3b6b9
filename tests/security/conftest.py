"""A blog with something of everything, all of it Ann's, and the people who ask for it."""

import os
import shutil
from datetime import timedelta
from urllib.parse import urlencode

import pytest

from flaskr import create_app
from flaskr.db import get_db
from flaskr.models import autosaves
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import series
from flaskr.models import sessions
from flaskr.models import tags
from flaskr.models import tokens
from flaskr.models import trash
from flaskr.models import undo
from flaskr.models import users
from flaskr.models.permissions import SYSTEM
from flaskr.web import social_cards

from .. import indieauth

ANN, BOB, OWNER = 1, 2, 3
# Stands in all that visitors and other authors must not see.
SECRET = "Grapefruit"
KEY = "k" * 20
OTHER_KEY = "o" * 20
ACTORS = ("visitor", "ended", "ann", "bob", "owner")


@pytest.fixture
def team_app(place_database):
    """A blog of Ann, Bob and the owner, which answers 500 to an error of its own."""
    place_database("new")
    app = create_app({"TESTING": True, "PROPAGATE_EXCEPTIONS": False, "PAGE_CACHE_MB": 4})
    with app.app_context():
        names = (("ann", "author"), ("bob", "author"), ("owner", "owner"))
        get_db().executemany(
            "INSERT INTO \"user\" (username, password, role) VALUES (?, '!', ?)", names
        )
        get_db().commit()
        users.backfill_keys()
    return app


@pytest.fixture
def places(team_app):
    """What stands for the names in a path, such as `{draft}`."""
    with team_app.app_context():
        found = {
            "published": write("Published", tags=["Sea"], series="Tides", created="2018-01-02"),
            "draft": write(f"{SECRET} draft", tags=["Hidden"], series="Hidden", status="draft"),
            "scheduled": write(f"{SECRET} scheduled", created="2999-01-01"),
            "page": write("Page", kind="page"),
            "page_draft": write(f"{SECRET} page", kind="page", status="draft"),
            "deleted": write("Deleted", body=SECRET),
            "deleted_draft": write(f"{SECRET} deleted", status="draft"),
        }
        first = posts.get_stored(found["published"])
        posts.update(first["id"], SYSTEM, title=SECRET, body=SECRET)
        posts.update(first["id"], SYSTEM, title=first["title"], body=first["body"])
        trash.put(found["deleted"], SYSTEM)
        trash.put(found["deleted_draft"], SYSTEM)
        media.add(b"%PDF-1.4", name="a.pdf", user_id=ANN, max_bytes=100, alt="A file")
        kept = {"title": SECRET, "body": SECRET}
        autosaves.save(ANN, KEY, kept)
        autosaves.save(ANN, OTHER_KEY, kept, post_id=found["draft"])
        found["revision"] = one("SELECT max(id) FROM revision WHERE title = ?", SECRET)
        newest = undo.snapshot(posts.get_stored(first["id"]))
        found["undo"] = undo.store(users.find(ANN), undo.STATE, [newest])
        tokens.create(users.find(ANN), name=SECRET, scopes=tokens.SCOPES)
        found["token"] = one("SELECT id FROM token")
        for name in ("published", "draft"):
            card = social_cards.find_card(posts.get_stored(found[name]))
            found[f"{name}_card"] = card.version
        found["tag"] = tags.get_by_slug("sea")["id"]
        found["file"] = one("SELECT name FROM media")
        assert series.get_by_slug("tides")
    grant = urlencode(indieauth.REQUEST)
    return found | {"key": KEY, "other_key": OTHER_KEY, "grant": grant}


def write(title, body="Words", **fields):
    if "created" in fields:
        fields["created"] += " 00:00:00"
    return posts.create(author_id=ANN, user=SYSTEM, title=title, body=body, **fields)


def one(query, *values):
    return get_db().execute(query, values).fetchone()[0]


@pytest.fixture
def client_of(team_app):
    """Makes the client of one of the `ACTORS`."""

    def client_of(actor):
        client = team_app.test_client()
        user_id = {"ended": ANN, "ann": ANN, "bob": BOB, "owner": OWNER}.get(actor)
        if user_id:
            with client.session_transaction() as session:
                session["user_id"] = user_id
        if actor == "ended":
            with team_app.app_context(), client.session_transaction() as session:
                session["token"] = sessions.start(ANN)
                sessions.end(session["token"])
                assert sessions.find_user(session["token"], lifetime=timedelta(1)) is None
        return client

    return client_of


@pytest.fixture
def reset(team_app, places, databases):
    """Bring the database back to what it was when the test began."""
    if databases:
        databases.save("begun")
        return lambda: databases.restore_blog("begun")
    database = team_app.config["DATABASE"]
    copy, spare = f"{database}.copy", f"{database}.spare"
    with team_app.app_context():
        get_db().execute("VACUUM INTO ?", (copy,))

    def reset():
        shutil.copy(copy, spare)
        for file in (f"{database}-wal", f"{database}-shm"):
            if os.path.exists(file):
                os.remove(file)
        os.replace(spare, database)

    return reset
