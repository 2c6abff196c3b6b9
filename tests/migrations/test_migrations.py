import hashlib
import re
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from flaskr import create_app
from flaskr import errors
from flaskr import migrations
from flaskr.db import get_db
from flaskr.db import init_db

TUTORIAL = """
CREATE TABLE user (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  username TEXT UNIQUE NOT NULL,
  password TEXT NOT NULL
);
CREATE TABLE post (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  author_id INTEGER NOT NULL,
  created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  title TEXT NOT NULL,
  body TEXT NOT NULL,
  FOREIGN KEY (author_id) REFERENCES user (id)
);
"""
CONTENT = """
INSERT INTO user (username, password) VALUES ('Ada', 'x'), ('ゆき', 'y');
INSERT INTO post (author_id, title, body, created) VALUES
  (1, 'Same', 'one', '2019-01-01 10:00:00'), (2, 'Same', 'two', '2019-02-01 10:00:00'),
  (99, 'An orphan', 'three', '2019-03-01 10:00:00'), (1, 'By hand', 'four', '2019-4-1');
CREATE TABLE theirs (note TEXT);
INSERT INTO theirs VALUES ('kept');
"""


@pytest.fixture
def database(tmp_path):
    """Return a database as the tutorial's app creates it."""
    path = tmp_path / "blog" / "flaskr.sqlite"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as db:
        db.executescript(TUTORIAL + CONTENT)
    return path


@pytest.fixture
def app(database):
    return create_app({"TESTING": True, "DATABASE": str(database)})


def dump(path):
    with closing(sqlite3.connect(path)) as db:
        return list(db.iterdump())


def shape(db):
    """Return a schema without the layout of its statements."""
    names = [
        (kind, name, " ".join(sql.split()) if kind == "trigger" else "")
        for kind, name, sql in db.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE name <> 'theirs' ORDER BY type, name"
        )
    ]
    details = {
        name: [
            # The order of indexes does not matter.
            sorted(
                tuple(row)[pragma == "index_list" :]
                for row in db.execute(f"PRAGMA {pragma}('{name}')")
            )
            for pragma in ("table_xinfo", "index_xinfo", "foreign_key_list", "index_list")
        ]
        for _, name, _ in names
    }
    return names, details


def test_the_tutorial_schema_and_all_migrations_make_the_current_schema(app, tmp_path):
    with app.app_context():
        init_db()
        upgraded = shape(get_db())
    with create_app({"DATABASE": str(tmp_path / "new.sqlite")}).app_context():
        init_db()
        assert shape(get_db()) == upgraded


def test_the_upgrade_keeps_every_user_and_post_of_the_tutorial(app):
    with app.app_context():
        init_db()
        posts = get_db().execute(
            "SELECT id, author_id, title, body, CAST(created AS TEXT) FROM post ORDER BY id"
        )
        assert [tuple(row) for row in posts] == [
            (1, 1, "Same", "one", "2019-01-01 10:00:00"),
            (2, 2, "Same", "two", "2019-02-01 10:00:00"),
            (3, 99, "An orphan", "three", "2019-03-01 10:00:00"),
            (4, 1, "By hand", "four", "2019-04-01 00:00:00"),
        ]
        users = get_db().execute('SELECT id, username, password, role FROM "user" ORDER BY id')
        assert [tuple(row) for row in users] == [
            (1, "Ada", "x", "author"),
            (2, "ゆき", "y", "author"),
        ]
        assert get_db().execute("SELECT note FROM theirs").fetchone()["note"] == "kept"


def test_the_upgrade_gives_slugs_and_keys_to_posts_and_users(app):
    with app.app_context():
        init_db()
        slugs = get_db().execute("SELECT slug FROM post ORDER BY id")
        assert [row["slug"] for row in slugs] == ["same", "same-2", "an-orphan", "by-hand"]
        keys = get_db().execute('SELECT username_key FROM "user" ORDER BY id')
        assert [row["username_key"] for row in keys] == ["ada", "ゆき"]


def test_the_front_page_shows_the_posts_of_the_tutorial(app):
    with app.app_context():
        init_db()
    page = app.test_client().get("/").text
    for words in ("by ゆき on 2019-02-01", "by Ada on 2019-04-01", "An orphan"):
        assert words in page


def test_init_db_prints_the_versions_and_the_snapshot(app, database):
    before = dump(database)
    output = app.test_cli_runner().invoke(args=["init-db"]).output
    assert f"Upgraded the database from version 0 to {migrations.latest()}." in output
    assert output.endswith("Initialized the database.\n")
    (snapshot,) = database.parent.glob(f"*-before-version-{migrations.latest()}.sqlite")
    assert str(snapshot) in output
    assert dump(snapshot) == before
    assert stat.S_IMODE(snapshot.stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("theirs", "named"),
    (
        ("CREATE TABLE tag (x)", "tag"),
        ("CREATE VIEW Session AS SELECT 1", "session"),
        ("ALTER TABLE post ADD COLUMN slug TEXT", "slug"),
        ("CREATE INDEX post_newest ON post (title)", "post_newest"),
        ("DROP TABLE post", "post"),
    ),
)
def test_a_name_clash_is_reported_and_changes_nothing(app, database, theirs, named):
    with closing(sqlite3.connect(database)) as db:
        db.execute(theirs)
    before = dump(database)
    with app.app_context(), pytest.raises(errors.Conflict, match=rf"(?i)\b{named}\b"):
        init_db()
    assert dump(database) == before


@pytest.mark.parametrize("file", sorted(migrations.MIGRATIONS.glob("*.sql")), ids=lambda f: f.name)
def test_a_migration_that_fails_at_its_end_changes_nothing(
    app, database, file, tmp_path, monkeypatch
):
    broken = tmp_path / "migrations"
    broken.mkdir()
    for other in migrations.MIGRATIONS.glob("*.sql"):
        if other.name <= file.name:
            (broken / other.name).write_text(other.read_text())
    with (broken / file.name).open("a") as script:
        script.write("\nCREATE TABLE post (twice);\n")
    monkeypatch.setattr(migrations, "MIGRATIONS", broken)
    before = dump(database)
    with app.app_context(), pytest.raises(errors.Conflict, match="table post already exists"):
        init_db()
    assert dump(database) == before


def test_a_snapshot_that_cannot_be_written_stops_the_upgrade(app, database, monkeypatch):
    before = dump(database)
    monkeypatch.setattr(
        migrations.Path, "replace", lambda *_: (_ for _ in ()).throw(OSError(28, "full"))
    )
    with app.app_context(), pytest.raises(errors.Unavailable, match="The disk is full"):
        init_db()
    assert dump(database) == before
    assert [file.suffix for file in database.parent.iterdir()] == [".sqlite"]


def count_statements():
    files = sorted(migrations.MIGRATIONS.glob("*.sql"))
    return sum(len([*migrations.statements(file.read_text())]) for file in files)


@pytest.mark.parametrize("place", range(0, count_statements(), 25))
def test_kill_at_a_statement_leaves_the_old_database(app, database, tmp_path, monkeypatch, place):
    copy, left = tmp_path / "killed", [place]
    statements = migrations.statements

    def kill(script):
        """Copy the files as a kill at this moment leaves them, then fail."""
        for statement in statements(script):
            if not left[0]:
                shutil.copytree(database.parent, copy, dirs_exist_ok=True)
                yield "SELECT no_such_column"
            left[0] -= 1
            yield statement

    before = dump(database)
    with monkeypatch.context() as patch, app.app_context():
        patch.setattr(migrations, "statements", kill)
        with pytest.raises(errors.Conflict, match="no_such_column"):
            init_db()
    assert dump(database) == dump(copy / database.name) == before
    with app.app_context():
        init_db()
        assert migrations.version(get_db()) == migrations.latest()


def test_half_written_snapshot_of_a_killed_process_is_deleted(app, database):
    left = database.with_name("flaskr-2026-before-version-1.sqlite.part")
    left.touch()
    with app.app_context():
        init_db()
    assert not left.exists()


def test_a_full_disk_stops_the_upgrade(app, database):
    before = dump(database)
    with app.app_context():
        pages = get_db().execute("PRAGMA page_count").fetchone()[0]
        get_db().execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(errors.Unavailable, match="disk is full"):
            init_db()
    assert dump(database) == before


def test_an_upgrade_by_another_process_is_detected(app):
    with app.app_context():
        init_db()
        assert migrations.upgrade(get_db(), {}) is None


def test_a_database_in_memory_is_upgraded_without_a_snapshot():
    with create_app({"DATABASE": ":memory:"}).app_context():
        get_db().executescript(TUTORIAL)
        assert init_db() == migrations.Upgrade(0, migrations.latest(), "")


def test_one_of_several_processes_upgrades_and_the_others_wait(database):
    program = (
        "import flaskr, flaskr.db as db\n"
        f"app = flaskr.create_app({{'DATABASE': {str(database)!r}}})\n"
        "with app.app_context(): print(bool(db.init_db()))\n"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)  # noqa: S603  # ours
        for _ in range(3)
    ]
    output = sorted(process.communicate()[0] for process in processes)
    assert output == ["False\n", "False\n", "True\n"]
    assert len(list(database.parent.glob("*-before-version-*.sqlite"))) == 1


def test_statements_does_not_split_a_trigger():
    script = migrations.SCHEMA.read_text()
    triggers = [one for one in migrations.statements(script) if "CREATE TRIGGER" in one]
    assert len(triggers) == script.count("CREATE TRIGGER")
    assert all(one.rstrip().endswith("END;") for one in triggers)


RELEASES = sorted(Path(__file__).with_name("databases").glob("*.sql"))
# The content version is random, HTML is rendered again, and version 12 removed `listed`.
MADE_ANEW = {"content", "rendered", "listed"}
# The upgrade fills these columns.
FILLED = {"post": "slug", "user": "username_key"}


@pytest.fixture(params=RELEASES, ids=lambda file: file.stem)
def release(request, database):
    """Return the last database of a version, filled by databases/make.py."""
    database.unlink()
    with closing(sqlite3.connect(database)) as db:
        db.executescript(request.param.read_text(encoding="utf-8"))
    return database


def statement_parts(sql):
    """Return a statement as a sorted list of its words and definitions."""
    sql = re.sub(r"--.*", "", sql).replace('"', "")
    head, _, definitions = sql.partition("(")
    parts = re.split(r",(?![^()]*\))", definitions.rpartition(")")[0])
    return [head.split(), *sorted(" ".join(part.split()) for part in parts)]


def statements_of(db):
    return {
        (kind, name): statement_parts(sql) if kind == "table" else " ".join(sql.split())
        for kind, name, sql in db.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL"
            " AND name NOT LIKE 'theirs%' AND name <> 'sqlite_sequence'"
        )
    }


def rows_by_table(db, tables=None):
    """Return the rows of each table as sets of columns with values."""
    names = tables or {
        name: [
            row[1]
            for row in db.execute(f'PRAGMA table_info("{name}")')
            if row[1] != FILLED.get(name)
        ]
        for (name,) in db.execute(
            "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'"
        )
        if name not in MADE_ANEW
    }
    return names, {
        name: sorted(db.execute(f'SELECT {", ".join(columns)} FROM "{name}"').fetchall(), key=repr)
        for name, columns in names.items()
        if name != "sqlite_master" and name != "sqlite_schema"
    }


def test_the_last_database_of_each_version_gets_the_current_schema(app, release, new_database):
    with app.app_context():
        init_db()
    with closing(sqlite3.connect(release)) as db, closing(sqlite3.connect(new_database)) as new:
        assert statements_of(db) == statements_of(new)
        assert migrations.version(db) == migrations.latest()


def test_the_last_database_of_each_version_keeps_all_its_rows(app, release):
    with closing(sqlite3.connect(release)) as db:
        tables, before = rows_by_table(db)
    with app.app_context():
        init_db()
    with closing(sqlite3.connect(release)) as db:
        db.execute("DELETE FROM setting WHERE name = ?", (migrations.SNAPSHOT,))
        after = rows_by_table(db, tables)[1]
    assert after == before
    assert len(before["post"]) == 8
    assert before["theirs"] == [("An unknown table", "2018-1-1")]


def test_the_last_database_of_each_version_shows_its_posts(app, release):
    with app.app_context():
        init_db()
    client = app.test_client()
    page = client.get("/").text
    for words in ("by Ada", "First", "二番目", "An orphan", "A date by hand", "A picture"):
        assert words in page
    assert "Draft" not in page
    assert "Later" not in page
    assert client.get("/first-of-all").status_code == 200
    assert "二番目" in client.get("/tag/baking").text
    assert "二番目" in client.get("/search?q=春が来").text


@pytest.mark.parametrize(
    "applied",
    ((1, 2), (1, 2, 5), (1, 2, 4, 3), (1, 2, 3, 4, 5, 7), (1, 2, 3, 4, 5, 8)),
    ids=str,
)
def test_a_database_with_migrations_in_another_order_is_upgraded(
    app, database, applied, new_database
):
    files = sorted(migrations.MIGRATIONS.glob("*.sql"))
    with closing(sqlite3.connect(database)) as db:
        for number in applied:
            db.executescript(files[number - 1].read_text(encoding="utf-8"))
        db.execute(f"PRAGMA user_version = {len(applied)}")
    with app.app_context():
        init_db()
    with closing(sqlite3.connect(database)) as db, closing(sqlite3.connect(new_database)) as new:
        assert statements_of(db) == statements_of(new)


@pytest.mark.parametrize(
    ("change", "named"),
    (
        ("CREATE TABLE media (hash TEXT)", "media"),
        ("CREATE TABLE setting (theirs TEXT)", "setting"),
        ("CREATE TRIGGER post_slug_delete AFTER DELETE ON tag BEGIN SELECT 1; END", "post_slug"),
        ("ALTER TABLE post ADD COLUMN language TEXT", "language"),
        ("CREATE VIEW post_media AS SELECT 1", "post_media"),
    ),
)
def test_an_unknown_schema_is_refused_and_not_changed(app, database, change, named):
    with closing(sqlite3.connect(database)) as db:
        db.executescript((migrations.MIGRATIONS / "0001_from_the_tutorial.sql").read_text())
        db.executescript(f"{change}; PRAGMA user_version = 1")
    before = dump(database)
    with app.app_context(), pytest.raises(errors.Conflict, match=named) as refused:
        init_db()
    assert "run init-db in a new instance folder and copy the rows" in refused.value.message
    assert dump(database) == before
    (snapshot,) = database.parent.glob("*-before-version-*.sqlite")
    assert dump(snapshot) == before


@pytest.mark.parametrize(
    ("change", "named"),
    (
        ("DROP TRIGGER post_slug_delete", "trigger post_slug_delete"),
        ("DROP VIEW post_media; CREATE VIEW post_media AS SELECT 1", "view post_media"),
        ("DROP TABLE former_slug; CREATE TABLE former_slug (slug TEXT)", "table former_slug"),
    ),
)
def test_a_manually_changed_release_is_refused(app, database, change, named):
    database.unlink()
    with closing(sqlite3.connect(database)) as db:
        db.executescript(RELEASES[-1].read_text(encoding="utf-8"))
        db.executescript(change)
    before = dump(database)
    with app.app_context(), pytest.raises(errors.Conflict, match=named):
        init_db()
    assert dump(database) == before


def test_a_missing_or_changed_trigger_is_created_again(app):
    with app.app_context():
        init_db()
        wanted = shape(get_db())
        get_db().executescript(
            "DROP TRIGGER content_tag_insert; DROP TRIGGER tag_search_update;"
            "CREATE TRIGGER tag_search_update AFTER UPDATE ON tag BEGIN SELECT 1; END"
        )
        assert init_db() is None
        assert shape(get_db()) == wanted


LANDED = Path(__file__).with_name("databases") / "migrations.sha256"


@pytest.mark.parametrize("line", LANDED.read_text().splitlines(), ids=lambda line: line[66:])
def test_released_migrations_are_immutable(line):
    expected, name = line.split()
    content = (migrations.MIGRATIONS / name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == expected


def test_a_virtual_table_of_an_unknown_module_is_ignored(app, database):
    with closing(sqlite3.connect(database)) as db:
        db.executescript((migrations.MIGRATIONS / "0001_from_the_tutorial.sql").read_text())
        db.executescript(
            "PRAGMA writable_schema = ON;"
            "INSERT INTO sqlite_master VALUES ('table', 'map', 'map', 0,"
            " 'CREATE VIRTUAL TABLE map USING nobodys (x)');"
            "PRAGMA writable_schema = OFF; PRAGMA user_version = 1;"
        )
    with app.app_context():
        assert init_db().before == 1
