"""`flaskr move` copies the blog to the other engine."""

import sqlite3
from contextlib import closing

import pytest

from flaskr import create_app
from flaskr import db as database
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import postgres
from flaskr.db import tables


@pytest.fixture
def move(app):
    """Moves a blog, of a file by default, and returns the output."""

    def move(target, app=app, status=0):
        result = app.test_cli_runner().invoke(args=["move", target])
        assert result.exit_code == status, result.output
        postgres.close_idle()
        return result.output

    return move


def open_blog(database):
    return create_app({"TESTING": True, "DATABASE": database})


def read(path):
    """Return the rows of each table, in order."""
    with closing(sqlite3.connect(path)) as db:
        return {
            table.name: sorted(db.execute(table.select(with_orphans=True)), key=repr)
            for table in tables.read_tables(db)
        }


def test_blog_is_moved_to_postgres_and_back(move, app, url, write, instance_path):
    post = write("Second", body="A **word**", tags=["Sea"])
    output = move(url)
    assert "rows to PostgreSQL, and compared them." in output
    assert "set DATABASE or FLASKR_DATABASE to that URL on every machine" in output
    there = open_blog(url)
    with there.app_context():
        assert [*database.one("SELECT title, slug FROM post WHERE id = ?", post)] == [
            "Second",
            "second",
        ]
    assert "rows to " in move("back.sqlite", there)
    found = read(instance_path / "back.sqlite")
    assert found == read(app.config["DATABASE"])
    back = open_blog("back.sqlite").test_client()
    assert "Second" in back.get("/search?q=word").text
    assert "Second" in back.get("/tag/sea").text


def test_database_that_holds_a_blog_is_not_replaced(move, app, url, instance_path):
    with open_blog(url).app_context():
        init_db()
    move(url)
    assert "holds a blog already" in move(url, status=1)
    (instance_path / "there.sqlite").touch()
    assert "exists. Choose another name" in move("there.sqlite", open_blog(url), status=1)
    assert "Use flaskr backup" in move("other.sqlite", status=1)
    with open_blog(url).app_context():
        get_db().executescript("UPDATE schema_version SET version = 9999")
    assert "newer flaskr" in move(url, status=1)


def test_interrupted_move_is_run_again(move, app, url, monkeypatch, instance_path):
    there = open_blog(url)
    with closing(sqlite3.connect(app.config["DATABASE"])) as db, db:
        db.execute("INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 4711, 0)")

    def interrupt(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("flaskr.db.tables.set_sequence", interrupt)
        assert "Run the command again" in move(url, status=1)
    with there.app_context():
        assert get_db().version == 0
    assert "Note: Rows of coauthor that refer to missing ones were left out: 1." in move(url)
    with monkeypatch.context() as patch:
        patch.setattr("flaskr.db.tables.set_sequence", interrupt)
        move("back.sqlite", there, status=1)
    assert not (instance_path / "back.sqlite").exists()
    move("back.sqlite", there)


def test_blog_in_use_or_without_a_database_is_not_moved(move, app, url, empty_app):
    with closing(sqlite3.connect(app.config["DATABASE"])) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "being served" in move(url, status=1)
    move(url)
    with closing(postgres.Connection(url)) as other:
        other.execute("SELECT 1")
        assert "in use (1 connection)" in move("x.sqlite", open_blog(url), status=1)
    missing = open_blog("missing.sqlite")
    assert "There is no database." in move(url, missing, status=1)
