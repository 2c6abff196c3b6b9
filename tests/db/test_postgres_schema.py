"""The schema on PostgreSQL is created, upgraded and created again."""

import shutil
import sqlite3
import subprocess
import threading
from contextlib import closing
from pathlib import Path

import pytest

from flaskr import create_app
from flaskr import db as database
from flaskr import errors
from flaskr import migrations
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import postgres
from flaskr.db import postgres_schema

# The first version that was released with PostgreSQL. A later migration needs the schema of this
# one in databases/postgresql-0023.sql, as `git show` prints it.
OLDEST = 23
OLD_SCHEMA = Path(__file__).parents[1] / "migrations" / "databases" / f"postgresql-{OLDEST:04}.sql"
USER = """INSERT INTO "user" (username, password) VALUES ('Ada', '!')"""


@pytest.fixture
def next_version(tmp_path, monkeypatch):
    """The number of a new migration, which is another one on PostgreSQL."""
    folder = tmp_path / "migrations"
    (folder / "postgres").mkdir(parents=True)
    for file in migrations.MIGRATIONS.glob("*.sql"):
        shutil.copy(file, folder)
    number = migrations.latest() + 1
    (folder / f"{number:04}_more.sql").write_text("ALTER TABLE post ADD COLUMN more BLOB;")
    own = "ALTER TABLE post ADD COLUMN more BYTEA;\nUPDATE content SET changed = utc_now();"
    (folder / "postgres" / f"{number:04}_more.sql").write_text(own)
    (folder / f"{number + 1:04}_same.sql").write_text("ALTER TABLE post ADD COLUMN same TEXT;")
    monkeypatch.setattr(migrations, "MIGRATIONS", folder)
    return number + 1


def run(app, *command):
    return app.test_cli_runner().invoke(args=command)


@pytest.mark.parametrize(
    ("options", "named"),
    (
        ("TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'en-US'", "locale en-US,"),
        ("TEMPLATE template0 LOCALE 'C'", "locale C,"),
        ("TEMPLATE template0 LOCALE 'C' ENCODING 'LATIN1'", "LATIN1"),
    ),
)
def test_database_in_another_order_is_refused(new_url, options, named):
    app = create_app({"TESTING": True, "DATABASE": new_url(options)})
    output = run(app, "init-db").output
    assert named in output
    assert "CREATE DATABASE blog TEMPLATE template0 LOCALE 'C.UTF-8' ENCODING 'UTF8'" in output
    with app.app_context(), pytest.raises(errors.Unavailable, match="init-db"):
        database.check_schema()


def test_schema_that_cannot_be_created_leaves_nothing(url):
    app = create_app({"TESTING": True, "DATABASE": url})
    with app.app_context():
        get_db().execute("CREATE TABLE tag (theirs TEXT)")
        with pytest.raises(errors.Conflict, match='"tag" already exists'):
            init_db()
        assert database.version() == 0


def test_reset_keeps_the_former_content_in_a_file(postgres_app, instance_path):
    with postgres_app.app_context():
        get_db().executescript(f"{USER}; CREATE TABLE theirs (note TEXT)")
    output = run(postgres_app, "init-db", "--reset", "--yes").output
    (snapshot,) = instance_path.glob("flaskr-*-before-reset.sqlite")
    assert f"Deleted everything. The previous database is in {snapshot}." in output
    with closing(sqlite3.connect(snapshot)) as db:
        assert db.execute("SELECT username FROM user").fetchall() == [("Ada",)]
        assert migrations.version(db) == migrations.latest()
    with postgres_app.app_context():
        database.check_schema()
        query = """SELECT (SELECT count(*) FROM "user"), (SELECT count(*) FROM theirs)"""
        assert [*database.one(query)] == [0, 0]


def test_snapshot_that_cannot_be_written_stops_the_reset(postgres_app, monkeypatch, instance_path):
    def fail(*_):
        raise OSError(28, "full")

    with postgres_app.app_context():
        get_db().executescript(USER)
    monkeypatch.setattr("flaskr.data_folder.swapping.sync_folder", fail)
    assert "The disk is full" in run(postgres_app, "init-db", "--reset", "--yes").output
    with postgres_app.app_context():
        assert database.one("""SELECT count(*) FROM "user" """)[0] == 1
    assert not [*instance_path.glob("*.part")]


def test_one_of_several_machines_upgrades_and_keeps_a_snapshot(
    postgres_app, instance_path, next_version
):
    with postgres_app.app_context():
        get_db().executescript(USER)
    done = []

    def upgrade():
        with postgres_app.app_context():
            done.append(init_db())

    threads = [threading.Thread(target=upgrade) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (upgraded,) = filter(None, done)
    (snapshot,) = instance_path.glob(f"flaskr-*-before-version-{next_version}.sqlite")
    assert upgraded == migrations.Upgrade(next_version - 2, next_version, str(snapshot))
    with closing(sqlite3.connect(snapshot)) as db:
        assert migrations.version(db) == next_version - 2
        assert db.execute("SELECT username FROM user").fetchall() == [("Ada",)]
    with postgres_app.app_context():
        database.check_schema()
        assert database.all("SELECT more, same FROM post") == []


def test_pages_say_that_the_blog_is_being_upgraded(postgres_app, url, next_version):
    client = postgres_app.test_client()
    with client.session_transaction() as session:
        session["user_id"] = 1
    assert "is not ready" in client.get("/").text
    with closing(postgres.Connection(url)) as other:
        other.execute("SELECT pg_advisory_lock(?)", (postgres_schema.UPGRADES,))
        answer = client.get("/")
        other.execute("SELECT pg_advisory_unlock(?)", (postgres_schema.UPGRADES,))
    assert (answer.status_code, "is being upgraded" in answer.text) == (503, True)


@pytest.mark.parametrize(
    ("statement", "error", "sentence"),
    (
        ("ALTER TABLE post ADD COLUMN title TEXT", errors.Conflict, '"title" of relation "post"'),
        ("SELECT pg_terminate_backend(pg_backend_pid())", errors.Unavailable, "be reached"),
    ),
)
def test_failed_upgrade_changes_nothing(postgres_app, next_version, statement, error, sentence):
    file = migrations.MIGRATIONS / f"{next_version:04}_same.sql"
    file.write_text(f"{statement};")
    with postgres_app.app_context(), pytest.raises(error, match=sentence):
        init_db()
    with postgres_app.app_context():
        assert database.version() == next_version - 2
        with pytest.raises(sqlite3.DatabaseError):
            database.all("SELECT more FROM post")


def test_database_of_a_newer_version_is_refused(postgres_app):
    with postgres_app.app_context():
        get_db().executescript("UPDATE schema_version SET version = 9999")
        with pytest.raises(errors.Conflict, match="created by a newer flaskr"):
            init_db()


def test_oldest_schema_and_all_migrations_make_the_current_schema(postgres_app, new_url, dump):
    old = new_url()
    schema = OLD_SCHEMA if migrations.latest() > OLDEST else postgres_schema.SCHEMA
    with closing(postgres.Connection(old)) as db:
        db.executescript(schema.read_text(encoding="utf-8"))
        db.executescript(f"INSERT INTO schema_version (version) VALUES ({OLDEST})")
    with create_app({"TESTING": True, "DATABASE": old}).app_context():
        init_db()
    assert dump(old) == dump(postgres_app.config["DATABASE"])


@pytest.fixture
def dump(find_postgresql_program):
    """Returns the lines of a schema, sorted: new columns are the last ones of a table."""

    def dump(url):
        command = [find_postgresql_program("pg_dump"), "--schema-only", url]
        output = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # ours
        return sorted(line.rstrip(",") for line in output.splitlines() if not line.startswith("\\"))

    return dump
