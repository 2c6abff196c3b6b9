import sqlite3

import pytest
from flask import abort

from flaskr import create_app
from flaskr.db import get_db
from flaskr.db import is_postgres
from flaskr.db import postgres
from flaskr.db import sqlite
from flaskr.web.error_pages import MESSAGES

from ..databases import another_writer
from ..databases import damaged_files
from ..markup import Page

FOR_VISITORS = MESSAGES[503]


@pytest.fixture
def broken(app):
    """Add URLs that raise errors."""
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
def test_error_page_has_a_message_and_a_link(broken, code):
    response = broken.get(f"/abort/{code}")
    assert response.status_code == code
    (message,) = Page(response.text).texts("p.lead")
    assert message
    assert "Go to the front page" in response.text
    assert response.content_type == "text/html; charset=utf-8"


def test_message_of_abort_is_shown(broken):
    assert "The cat &lt;b&gt; ate it." in broken.get("/told").text


@pytest.mark.parametrize("path", ("/fault", "/sql-fault"))
def test_internal_error_reveals_no_details(broken, path, caplog):
    response = broken.get(path)
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert "Traceback" in caplog.text


def test_method_not_allowed_lists_allowed_methods(client):
    response = client.get("/1/delete")
    assert response.status_code == 405
    assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_error_page_gives_submitted_text_back(broken):
    response = broken.post("/abort/500", data={"title": "Mine", "body": "\nlong <b>"})
    assert [typed.text for typed in Page(response.text).select("textarea")] == [
        "\nMine",
        "\n\nlong <b>",
    ]


def test_redirects_are_not_treated_as_errors(app, client):
    app.add_url_rule("/away", view_func=lambda: abort(app.redirect("/hello")), endpoint="away")
    app.add_url_rule("/folder/", view_func=lambda: "", endpoint="folder")
    assert client.get("/away").location == "/hello"
    assert client.get("/folder").status_code == 308


def set_version(app, version):
    with app.app_context():
        if is_postgres():
            get_db().executescript(f"UPDATE schema_version SET version = {version}")
        else:
            get_db().execute(f"PRAGMA user_version = {version}")


@pytest.mark.parametrize("version", (0, 99))
def test_uninitialized_database_is_explained_in_the_log(app, client, version, caplog):
    set_version(app, version)
    for path in ("/", "/health", "/auth/login", "/nothing"):
        response = client.get(path)
        assert (response.status_code, Page(response.text).texts("p.lead")) == (503, [FOR_VISITORS])
    assert client.get("/hello").status_code == 200
    assert "GET /: The database" in caplog.text


def test_developer_sees_why_the_database_cannot_be_used(app, client):
    app.debug = True
    set_version(app, 0)
    assert "Run: flask" in client.get("/").text


@damaged_files
@pytest.mark.parametrize("path", ("missing.sqlite", "no/folder.sqlite"))
def test_missing_database_is_explained_in_the_log(tmp_path, path, caplog):
    app = create_app({"TESTING": True, "DATABASE": str(tmp_path / path)})
    response = app.test_client().get("/")
    assert (response.status_code, FOR_VISITORS in response.text) == (503, True)
    assert "GET /: The database" in caplog.text


@damaged_files
def test_damaged_database_is_explained_to_a_user_and_in_the_log(app, client, auth, caplog):
    auth.login()
    with open(app.config["DATABASE"], "r+b") as file:
        file.write(b"no database" * 400)
    assert "damaged" in client.get("/").text
    assert "damaged" in client.get("/", headers={"Accept": "application/json"}).json["error"]
    caplog.clear()
    for path in ("/", "/auth/login", "/media/a.png", "/api/v1/posts", "/auth/userinfo"):
        response = app.test_client().get(path)
        assert (response.status_code, FOR_VISITORS in response.text) == (503, True)
        assert f"GET {path}: The database file is damaged." in caplog.text


def test_no_room_for_the_file_that_connections_share_means_a_full_disk():
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    assert sqlite.error_message(error) == sqlite.ERROR_MESSAGES[sqlite3.SQLITE_FULL]


@pytest.mark.parametrize("code", sorted(sqlite.ERROR_MESSAGES))
def test_fault_of_the_database_is_not_explained_to_visitors(app, client, auth, monkeypatch, code):
    def fail():
        error = sqlite3.OperationalError("secret")
        error.sqlite_errorcode = code
        raise error

    monkeypatch.setitem(app.view_functions, "auth.login", fail)
    assert Page(client.get("/auth/login").text).texts("p.lead") == [FOR_VISITORS]
    with client.session_transaction() as session:
        session["user_id"] = 1
    assert Page(client.get("/auth/login").text).texts("p.lead") == [sqlite.ERROR_MESSAGES[code]]


@damaged_files
def test_damaged_table_error_gives_the_text_back(app, client, auth):
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


def test_busy_database_keeps_the_text_in_the_form(app, client, auth, monkeypatch):
    auth.login()
    monkeypatch.setattr("flaskr.db.sqlite.BUSY_TIMEOUT_SECONDS", 0)
    monkeypatch.setattr("flaskr.db.postgres.LOCK_TIMEOUT_SECONDS", 0.01)
    postgres.close_idle()
    with another_writer(app):
        for path in ("/create", "/1/update"):
            response = client.post(path, data={"title": "Mine", "body": "typed"})
            assert response.status_code == 503
            assert "busy with another change" in response.text
            assert "typed</textarea>" in response.text
            assert "data-publish" in response.text
    assert client.post("/create", data={"title": "Mine", "body": "typed"}).location == "/"


def test_former_urls_are_not_looked_up_after_a_database_error(app, client, monkeypatch):
    with app.app_context():
        get_db().execute("DROP TABLE old_address")
    assert client.get("/nothing").status_code == 404


def test_health_check_returns_ok(client):
    assert client.get("/health").data == b"OK\n"


@pytest.mark.parametrize(
    ("accept", "kind"),
    (("application/json", "application/json"), ("*/*", "text/html"), ("text/html", "text/html")),
)
def test_script_gets_the_message_as_json(client, accept, kind):
    answer = client.get("/no/where", headers={"Accept": accept})
    assert (answer.status_code, answer.mimetype) == (404, kind)
    if kind == "application/json":
        assert answer.json["error"].startswith("There is no page at this address.")
