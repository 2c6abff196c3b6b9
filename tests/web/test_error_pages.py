import sqlite3
from contextlib import closing

import pytest
from flask import abort

from flaskr import create_app
from flaskr.db import get_db


@pytest.fixture
def broken(app):
    """Addresses where something goes wrong."""
    app.testing = False

    @app.route("/abort/<int:code>", methods=("GET", "POST"))
    def stop(code):
        abort(code)

    @app.route("/told")
    def told():
        abort(404, "The cat <b> ate it.")

    @app.route("/fault")
    def fault():
        raise RuntimeError("a secret")

    @app.route("/sql-fault")
    def sql_fault():
        get_db().execute("SELEKT 1")

    return app.test_client()


@pytest.mark.parametrize("code", (400, 403, 404, 405, 413, 418, 429, 500, 503))
def test_every_error_has_a_page_with_a_sentence_and_a_way_on(broken, code):
    response = broken.get(f"/abort/{code}")
    assert response.status_code == code
    assert '<p class="lead">' in response.text
    assert "Go to the front page" in response.text
    assert response.content_type == "text/html; charset=utf-8"


def test_what_an_abort_says_is_shown(broken):
    assert "The cat &lt;b&gt; ate it." in broken.get("/told").text


@pytest.mark.parametrize("path", ("/fault", "/sql-fault"))
def test_a_fault_of_ours_tells_no_secrets(broken, path, caplog):
    response = broken.get(path)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "Traceback" in caplog.text


def test_what_an_address_cannot_do_says_what_it_can(client):
    response = client.get("/1/delete")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_what_was_typed_is_given_back_whatever_went_wrong(broken):
    response = broken.post("/abort/500", data={"title": "Mine", "body": "\nlong <b>"})
    assert "Mine</textarea>" in response.text
    assert "\n\nlong &lt;b&gt;</textarea>" in response.text


def test_redirects_are_no_errors(app, client):
    app.add_url_rule("/away", view_func=lambda: abort(app.redirect("/hello")), endpoint="away")
    app.add_url_rule("/folder/", view_func=lambda: "", endpoint="folder")
    assert client.get("/away").location == "/hello"
    assert client.get("/folder").status_code == 308


@pytest.mark.parametrize("version", (0, 99))
def test_a_database_that_is_not_ready_says_what_to_do(app, client, version, caplog):
    with app.app_context():
        get_db().execute(f"PRAGMA user_version = {version}")
    for path in ("/", "/health", "/auth/login", "/nothing"):
        response = client.get(path)
        assert response.status_code == 503
        assert "flaskr" in response.text
    assert client.get("/hello").status_code == 200
    assert "GET /: The database" in caplog.text


def test_a_missing_database_says_what_to_do(tmp_path):
    for path in ("missing.sqlite", "no/folder.sqlite"):
        app = create_app({"TESTING": True, "DATABASE": str(tmp_path / path)})
        assert app.test_client().get("/").status_code == 503


def test_a_damaged_database_is_told_in_a_sentence(app, client):
    with open(app.config["DATABASE"], "r+b") as file:
        file.write(b"no database" * 400)
    response = client.get("/")
    assert (response.status_code, "damaged" in response.text) == (503, True)


def test_a_table_that_is_damaged_gives_the_text_back(app, client, auth):
    auth.login()
    with app.app_context():
        get_db().execute("PRAGMA writable_schema = ON")
        page = (
            get_db().execute("SELECT rootpage FROM sqlite_master WHERE name = 'post'").fetchone()[0]
        )
        size = get_db().execute("PRAGMA page_size").fetchone()[0]
        get_db().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(app.config["DATABASE"], "r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    assert "damaged" in client.get("/").text
    response = client.post("/create", data={"title": "Mine", "body": "typed"})
    assert response.status_code == 503
    assert "damaged" in response.text
    assert "typed</textarea>" in response.text


def test_a_busy_database_keeps_the_text_in_the_form(app, client, auth, monkeypatch):
    auth.login()
    monkeypatch.setattr("flaskr.db.sqlite.BUSY_TIMEOUT_SECONDS", 0)
    with closing(sqlite3.connect(app.config["DATABASE"])) as other:
        other.execute("BEGIN IMMEDIATE")
        for path in ("/create", "/1/update"):
            response = client.post(path, data={"title": "Mine", "body": "typed"})
            assert response.status_code == 503
            assert "busy with another change" in response.text
            assert "typed</textarea>" in response.text
            assert "Save" in response.text
    assert client.post("/create", data={"title": "Mine", "body": "typed"}).location == "/"


def test_an_address_from_before_is_not_asked_of_a_database_that_failed(app, client, monkeypatch):
    with app.app_context():
        get_db().execute("DROP TABLE old_address")
    assert client.get("/nothing").status_code == 404


def test_health_is_ok(client):
    assert client.get("/health").data == b"OK\n"


@pytest.mark.parametrize(
    ("accept", "kind"),
    (("application/json", "application/json"), ("*/*", "text/html"), ("text/html", "text/html")),
)
def test_a_script_gets_the_sentence_as_json(client, accept, kind):
    answer = client.get("/no/where", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, kind)
    if kind == "application/json":
        assert answer.json["error"].startswith("There is nothing at this address.")
