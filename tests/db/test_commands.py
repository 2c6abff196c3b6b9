"""The commands on PostgreSQL. Those that only use rules are tested on SQLite."""

import sqlite3
import tarfile
from contextlib import closing

import click
import pytest
from flask.cli import run_command

from flaskr import create_app
from flaskr import db as database
from flaskr import migrations
from flaskr.data_folder import locks
from flaskr.db import get_db
from flaskr.db import postgres
from flaskr.models import media
from flaskr.models import posts
from flaskr.models import users
from flaskr.models.permissions import SYSTEM


@pytest.fixture
def blog(postgres_app, draw):
    """A blog on PostgreSQL with an owner, a post and a picture."""
    with postgres_app.app_context():
        users.register("Ada", "correct horse", password_min_length=1, role="owner")
        posts.create(author_id=1, user=SYSTEM, title="First", body="**Bold**")
        media.add(draw(), name="a.png", user_id=1, max_bytes=10**6)
    return postgres_app


@pytest.fixture
def run(blog, url):
    """Runs a command and returns its output. Others use the blog through the environment."""

    def run(*command, status=0):
        postgres.close_idle()
        result = blog.test_cli_runner().invoke(args=command)
        assert result.exit_code == status, result.output
        return result.output

    return run


@pytest.fixture
def backup(run, tmp_path, monkeypatch, url):
    """The path of a backup of the blog, which is made for FLASKR_DATABASE."""
    monkeypatch.setenv("FLASKR_DATABASE", url)
    run("backup", str(tmp_path / "blog.tar.gz"))
    return str(tmp_path / "blog.tar.gz")


def titles():
    return [row["title"] for row in database.all("SELECT title FROM post ORDER BY id")]


def add_post(app, title):
    with app.app_context():
        posts.create(author_id=1, user=SYSTEM, title=title, body="")


def test_backup_of_postgres_is_verified_and_restored_into_a_file(
    run, backup, tmp_path, monkeypatch
):
    assert "1 post, 1 user, 1 file" in run("verify", backup)
    other = tmp_path / "other"
    monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(other))
    monkeypatch.setenv("FLASKR_DATABASE", "flaskr.sqlite")
    app = create_app({"TESTING": True})
    assert "Restored the blog" in app.test_cli_runner().invoke(args=["restore", backup]).output
    client = app.test_client()
    assert "First" in client.get("/search?q=bold").text
    with app.app_context():
        assert (titles(), database.is_postgres()) == (["First"], False)
        (name,) = database.one("SELECT name FROM media")
    assert client.get(f"/media/{name}").status_code == 200


def test_backup_is_restored_into_postgres_and_the_former_blog_is_kept(
    blog, run, backup, instance_path
):
    add_post(blog, "Second")
    with blog.app_context():
        users.change_password(1, "other horse", password_min_length=1)
    output = run("restore", backup)
    (old,) = instance_path.glob("replaced-*")
    assert f"The former files are in {old}." in output
    assert "former password again: Ada" in output
    with closing(sqlite3.connect(old / "flaskr.sqlite")) as db:
        assert db.execute("SELECT count(*) FROM post").fetchone() == (2,)
    with blog.app_context():
        assert titles() == ["First"]
    add_post(blog, "Third")


def test_file_is_restored_into_an_empty_postgres(run, backup, new_url, instance_path, monkeypatch):
    run("init-db", "--reset", "--yes")
    (snapshot,) = instance_path.glob("*-before-reset.sqlite")
    with closing(sqlite3.connect(snapshot)) as db, db:
        db.execute("INSERT INTO post (author_id, title, body) VALUES (4711, 'Lost', '')")
    url = new_url()
    monkeypatch.setenv("FLASKR_DATABASE", url)
    app = create_app({"TESTING": True})
    output = app.test_cli_runner().invoke(args=["restore", str(snapshot)]).output
    assert f"Restored the blog from {snapshot}." in output
    assert "Note: Posts whose author was missing belong to: someone-4711." in output
    with app.app_context():
        assert titles() == ["First", "Lost"]


def test_restore_is_refused_while_others_are_connected(blog, run, backup, url, instance_path):
    with closing(postgres.Connection(url)) as other:
        other.execute("SELECT 1")
        output = run("restore", backup, status=1)
    assert "The database is in use (1 connection). Stop the blog on every machine" in output
    with locks.hold(instance_path / locks.SERVE_LOCK, shared=True):
        assert "The blog is being served." in run("restore", backup, status=1)
    with blog.app_context():
        assert titles() == ["First"]


@pytest.mark.parametrize("place", ("", "postgresql:///elsewhere"))
def test_backup_never_moves_the_blog_to_the_database_that_it_names(
    run, backup, instance_path, monkeypatch, place
):
    (instance_path / "config.py").write_text(f"DATABASE = {place!r}\n")
    run("backup", backup)
    monkeypatch.delenv("FLASKR_DATABASE")
    assert "Set FLASKR_DATABASE to the URL" in run("restore", backup, status=1)


def test_failed_restore_changes_neither_the_database_nor_files(
    blog, run, backup, instance_path, monkeypatch
):
    add_post(blog, "Second")

    def fail(*_):
        raise OSError(28, "full")

    monkeypatch.setattr("flaskr.data_folder.swapping.swap", fail)
    assert "disk is full" in run("restore", backup, status=1)
    with blog.app_context():
        assert titles() == ["First", "Second"]
    assert not [*instance_path.glob("replaced-*")]


def test_database_of_a_newer_version_is_neither_backed_up_nor_replaced(blog, run, backup, tmp_path):
    with blog.app_context():
        get_db().executescript("UPDATE schema_version SET version = 9999")
    assert "newer flaskr" in run("backup", str(tmp_path / "new.tar.gz"), status=1)
    assert "newer flaskr" in run("restore", backup, status=1)


def test_upgrade_says_how_to_go_back(blog, run, instance_path, monkeypatch, new_url):
    assert run("upgrade") == "The database is up to date.\n"
    assert "never been upgraded" in run("upgrade", "--undo", status=1)
    with blog.app_context(), database.transaction() as db:
        migrations.name_snapshot(db, "flaskr-1-before-version-2.sqlite")
    output = run("upgrade", "--undo", status=1)
    assert "in the instance folder of the machine that upgraded it" in output
    snapshot = instance_path / "flaskr-1-before-version-2.sqlite"
    snapshot.touch()
    output = run("upgrade", "--undo", status=1)
    assert f"is in {snapshot}. To go back" in output
    assert output.endswith(f"install the earlier release, and run: flaskr restore {snapshot}\n")
    app = create_app({"TESTING": True, "DATABASE": new_url()})
    output = app.test_cli_runner().invoke(args=["upgrade"]).output
    assert "Run flaskr init-db" in output


def test_doctor_examines_the_database(run, blog):
    output = run("doctor")
    assert "Files and permissions: no faults" in output
    assert "Database: no faults" in output
    with blog.app_context():
        get_db().executescript("UPDATE schema_version SET version = 1")
    assert "is not ready" in run("doctor", status=1)


def test_report_of_an_import_is_in_the_instance_folder(run, blog, tmp_path, instance_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "new.md").write_text("---\ntitle: New\n---\n[gone](gone.md)")
    assert "The whole report is in import-report.md, in the instance folder." in run(
        "import", str(site)
    )
    assert (instance_path / "import-report.md").is_file()
    client = blog.test_client()
    client.post("/auth/login", data={"username": "Ada", "password": "correct horse"})
    with client.get("/settings/import/report") as report:
        assert "gone" in report.text


def test_blog_is_exported_and_frozen(run, tmp_path):
    run("export", str(tmp_path / "export"))
    run("freeze", str(tmp_path / "static"), "--url", "https://example.org")
    assert "First" in (tmp_path / "static" / "index.html").read_text()
    assert [*(tmp_path / "export").rglob("*first*.md")]


def test_instance_folder_is_moved_without_the_database(run, instance_path, tmp_path):
    output = run("move-instance", str(tmp_path / "moved"))
    assert "The database stays in PostgreSQL." in output
    assert (tmp_path / "moved" / "media").is_dir()


def test_password_in_the_settings_is_not_in_a_backup(run, backup, instance_path, tmp_path):
    secret = "postgresql://ada:secret@db/blog"
    (instance_path / "config.py").write_text(f"DATABASE = {secret!r}\nSITE_TITLE = 'Mine'\n")
    run("backup", backup)
    with tarfile.open(backup) as archive:
        config = archive.extractfile("config.py").read()
    assert config == b"DATABASE = \"\"\nSITE_TITLE = 'Mine'\n"


def test_database_is_created_in_debug_mode(new_url, monkeypatch, caplog):
    monkeypatch.setenv("FLASK_DEBUG", "1")
    caplog.set_level("INFO")
    with click.Context(run_command):
        for app in [create_app({"DATABASE": url}) for url in [new_url()] * 2]:
            with app.app_context():
                database.check_schema()
    assert caplog.text.count("Created the database on PostgreSQL.") == 1
