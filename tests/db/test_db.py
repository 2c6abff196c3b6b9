import sqlite3
import stat
import threading
import time
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from flask import g
from flask import request

from flaskr import create_app
from flaskr import db
from flaskr import errors
from flaskr import migrations
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import transaction
from flaskr.page_cache.middleware import cacheable

ADD = "INSERT INTO post (title, body, author_id, created) VALUES (?, 'body', 1, ?) RETURNING id"


def count(db, table="post"):
    return db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def other_connection(app):
    return closing(sqlite3.connect(app.config["DATABASE"], timeout=0))


def test_a_context_has_one_connection_and_closes_it(app):
    with app.app_context():
        connection = get_db()
        assert connection is get_db()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_closing_without_a_connection_does_nothing(app):
    with app.app_context():
        db.close_db()
        assert "db" not in g


@pytest.fixture
def read(app, client):
    """Read with a reusable connection and return it."""
    used = []

    @app.route("/reading")
    @cacheable()
    def reading():
        used.append(get_db())
        if "write" in request.args:
            get_db().execute(ADD, ("half done", "2020-01-01 00:00:00"))
        if "missing" in request.args:
            raise errors.NotFound("There is no such thing.")
        return ""

    def read(query=""):
        client.get(f"/reading{query}")
        return used[-1]

    return read


def test_visitors_pages_reuse_one_connection(read):
    first = read()
    assert first is read()
    assert first.execute("SELECT 1").fetchone()[0] == 1


def test_logged_in_users_get_a_separate_connection(read, auth):
    auth.login()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        read().execute("SELECT 1")


@pytest.mark.parametrize("query", ("?missing", "?write"))
def test_a_connection_with_unfinished_work_is_closed(read, app, query):
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        read(query).execute("SELECT 1")
    assert count(read()) == 1


def test_a_replaced_database_file_is_read_at_once(read, app, tmp_path):
    copy = tmp_path / "copy.sqlite"
    with closing(sqlite3.connect(copy)) as other:
        read().backup(other)
        other.execute("UPDATE post SET title = 'Swapped'")
        other.commit()
    copy.replace(app.config["DATABASE"])
    assert read().execute("SELECT title FROM post").fetchone()[0] == "Swapped"


@pytest.mark.parametrize(
    "path",
    (
        "/",
        "/1",
        "/test-title",
        "/user/test",
        "/tag",
        "/archive",
        "/2018/",
        "/feed.xml",
        "/search?q=test",
    ),
)
def test_no_page_leaves_a_query_unfinished(app, client, path):
    # An unfinished query would keep an old snapshot for the next page.
    client.get(path)
    with other_connection(app) as other:
        other.execute("UPDATE post SET title = 'Newer'")
        other.commit()
        busy, *_ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    assert not busy


def test_plain_sql_can_commit_and_roll_back(app):
    with app.app_context():
        get_db().execute(ADD, ("kept", "2020-01-01 00:00:00")).fetchall()
        get_db().commit()
        get_db().execute(ADD, ("dropped", "2020-01-01 00:00:00")).fetchall()
        get_db().rollback()
        assert [row["title"] for row in get_db().execute("SELECT title FROM post")] == [
            "test title",
            "kept",
        ]


def test_only_its_owner_can_read_a_new_database(app):
    assert stat.S_IMODE(Path(app.config["DATABASE"]).stat().st_mode) == 0o600


def test_a_database_copied_into_the_instance_folder_becomes_private(app, instance_path):
    database = instance_path / "flaskr.sqlite"
    snapshot = instance_path / "flaskr-2026-01-01-000000-before-version-9.sqlite"
    others = instance_path / "config.py"
    for path in (snapshot, others):
        path.touch()
    with closing(sqlite3.connect(database)) as other:
        other.execute('INSERT INTO "user" (username, password) VALUES (?, ?)', ("x", "x"))
        other.commit()
        files = [database, instance_path / "flaskr.sqlite-wal", instance_path / "flaskr.sqlite-shm"]
        for path in (*files, snapshot, others):
            path.chmod(0o644)
        with app.app_context():
            init_db()
        modes = [stat.S_IMODE(path.stat().st_mode) for path in (*files, snapshot, others)]
    assert modes == [0o600] * 4 + [0o644]


def test_a_database_elsewhere_keeps_its_permissions(tmp_path):
    database = tmp_path / "shared.sqlite"
    database.touch()
    database.chmod(0o660)
    with create_app({"DATABASE": str(database)}).app_context():
        init_db()
    assert stat.S_IMODE(database.stat().st_mode) == 0o660


def test_init_db_does_not_change_an_existing_database(app):
    with app.app_context():
        assert init_db() is None
        assert (count(get_db()), count(get_db(), "user")) == (1, 2)


def test_init_db_on_an_empty_file_and_in_memory(tmp_path):
    (tmp_path / "empty").touch()
    for database in (str(tmp_path / "empty"), ":memory:"):
        with create_app({"DATABASE": database}).app_context():
            init_db()
            assert count(get_db()) == 0


def test_an_upgrade_commits_pending_changes(app):
    with create_app({"DATABASE": ":memory:"}).app_context():
        get_db().execute("CREATE TABLE theirs (x)")
        get_db().execute("INSERT INTO theirs VALUES (1)")
        init_db()
        get_db().rollback()
        assert count(get_db(), "theirs") == 1


def test_a_transaction_is_atomic(context):
    with transaction() as connection:
        connection.execute(ADD, ("kept", "2020-01-01 00:00:00")).fetchall()
    with pytest.raises(KeyError), transaction() as connection:
        connection.execute(ADD, ("dropped", "2020-01-01 00:00:00")).fetchall()
        raise KeyError
    with other_connection(context) as other:
        assert count(other) == 2


def test_a_transaction_rolled_back_by_sqlite_is_over(context):
    with pytest.raises(KeyError), transaction() as connection:
        connection.rollback()
        raise KeyError
    assert not get_db().in_transaction


def test_a_nested_transaction_is_part_of_the_outer_one(context):
    with transaction() as outer:
        outer.execute(ADD, ("outer", "2020-01-01 00:00:00")).fetchall()
        with transaction() as inner:
            inner.execute(ADD, ("inner", "2020-01-01 00:00:00")).fetchall()
        with pytest.raises(KeyError), transaction() as inner:
            inner.execute(ADD, ("dropped", "2020-01-01 00:00:00")).fetchall()
            raise KeyError
        with other_connection(context) as other:
            assert count(other) == 1
    assert count(get_db()) == 3


def test_a_transaction_inside_a_plain_sql_transaction_does_not_commit(context):
    get_db().execute(ADD, ("theirs", "2020-01-01 00:00:00")).fetchall()
    with transaction() as part:
        part.execute(ADD, ("ours", "2020-01-01 00:00:00")).fetchall()
    get_db().rollback()
    assert count(get_db()) == 1


def test_a_busy_database_is_reported(context, monkeypatch):
    get_db().execute("PRAGMA busy_timeout = 10")
    with other_connection(context) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(errors.Unavailable, match="busy"), transaction():
            pass
        with pytest.raises(errors.Unavailable, match="busy"), transaction(wait=False):
            pass
    with transaction(wait=False):
        pass


def test_a_full_disk_is_reported_and_rolled_back(context):
    get_db().execute(
        f"PRAGMA max_page_count = {get_db().execute('PRAGMA page_count').fetchone()[0]}"
    )
    with pytest.raises(errors.Unavailable, match="disk is full"), transaction() as connection:
        connection.execute(ADD, ("kept", "2020-01-01 00:00:00")).fetchall()
        connection.execute(
            "INSERT INTO post (title, body, author_id) VALUES ('long', zeroblob(1000000), 1)"
        )
    assert count(get_db()) == 1


def test_a_programming_error_is_not_translated(context):
    with pytest.raises(sqlite3.OperationalError, match="syntax"), transaction() as connection:
        connection.execute("SELEKT 1")
    with pytest.raises(sqlite3.IntegrityError), transaction() as connection:
        connection.execute("INSERT INTO post (title, body, author_id) VALUES ('x', '', 99)")


@pytest.mark.parametrize(
    ("written", "stored"),
    (
        ("2018-01-01 00:00:00", "2018-01-01 00:00:00"),
        ("2018-1-1", "2018-01-01 00:00:00"),
        ("2018/1/5 10:11", "2018-01-05 10:11:00"),
        ("2018-1-1 9:05", "2018-01-01 00:00:00"),
        ("2018-12", "2018-12-01 00:00:00"),
        ("2018-01-01T10:00:00Z", "2018-01-01 10:00:00"),
        ("2018-01-01 10:00:00+02:00", "2018-01-01 08:00:00"),
        ("2018-01-01 10:00:00.123456", "2018-01-01 10:00:00"),
        ("2018-02-30 00:00:00", "2018-03-02 00:00:00"),
        ("2018", "2018-01-01 00:00:00"),
        (1514764800, "2018-01-01 00:00:00"),
        (1514764800.5, "2018-01-01 00:00:00"),
        (1514764800000, "2018-01-01 00:00:00"),
    ),
)
def test_a_date_written_by_plain_sql_is_normalized(context, written, stored):
    post_id = get_db().execute(ADD, ("by insert", written)).fetchone()["id"]
    get_db().execute("UPDATE post SET created = ? WHERE id = 1", (written,))
    rows = get_db().execute("SELECT CAST(created AS TEXT) FROM post WHERE id IN (1, ?)", (post_id,))
    assert [row[0] for row in rows] == [stored, stored]


@pytest.mark.parametrize("written", ("yesterday", "", b"\xff\x00", "2018-99-99 99:99:99", 10**15))
def test_an_unreadable_date_becomes_the_current_time(context, written):
    get_db().execute(ADD, ("by insert", written)).fetchall()
    row = get_db().execute(
        "SELECT created <= CURRENT_TIMESTAMP AS past, created FROM post WHERE id = 2"
    )
    found = row.fetchone()
    assert found["past"]
    assert found["created"].year >= 2026


@pytest.mark.parametrize(
    ("written", "read"),
    (
        (b"2018-01-01 10:00:00", datetime(2018, 1, 1, 10)),
        (b"2018-01-01T10:00:00+02:00", datetime(2018, 1, 1, 8)),
        (b"nonsense", datetime(1970, 1, 1)),
        (b"0001-01-01 00:00:00+05:00", datetime(1970, 1, 1)),
        (b"\xff", datetime(1970, 1, 1)),
    ),
)
def test_any_stored_time_is_read_as_naive_utc(written, read):
    assert db.sqlite.parse_timestamp(written) == read


def test_invalid_utf8_can_be_read(context):
    get_db().execute("UPDATE post SET title = CAST(x'61ff' AS TEXT)")
    assert get_db().execute("SELECT title FROM post").fetchone()["title"] == "a\ufffd"


def test_deleting_a_post_by_plain_sql_deletes_dependent_rows(context):
    get_db().executescript(
        "INSERT INTO tag (name, name_key, slug) VALUES ('a', 'a', 'a');"
        "INSERT INTO post_tag (post_id, tag_id) VALUES (1, 1);"
        "INSERT INTO coauthor (post_id, user_id, position) VALUES (1, 2, 1);"
        "INSERT INTO old_address VALUES ('/old', 1);"
    )
    get_db().execute("DELETE FROM post")
    for table in ("post_tag", "coauthor", "old_address"):
        assert count(get_db(), table) == 0


def test_check_schema_says_what_to_do(tmp_path):
    app = create_app({"DATABASE": str(tmp_path / "new.sqlite")})
    with app.app_context():
        with pytest.raises(errors.Unavailable, match="init-db"):
            db.check_schema()
        get_db().execute("PRAGMA user_version = 99")
        with pytest.raises(errors.Unavailable, match="newer flaskr"):
            db.check_schema()
        with pytest.raises(errors.Conflict, match="newer flaskr"):
            init_db()


@pytest.mark.parametrize("content", (b"This is no database, however long it is." * 100,))
def test_a_file_that_is_not_a_database_is_reported(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with create_app({"DATABASE": str(tmp_path / "file")}).app_context():
        with pytest.raises(errors.Unavailable, match="damaged"):
            db.check_schema()
        with pytest.raises(errors.Unavailable, match="damaged"):
            init_db()


def test_a_missing_database_folder_is_reported(tmp_path):
    app = create_app({"DATABASE": str(tmp_path / "no" / "file")})
    with app.app_context(), pytest.raises(errors.Unavailable, match="cannot be opened"):
        init_db()


def test_init_db_prints_a_confirmation(runner):
    assert runner.invoke(args=["init-db"]).output == "Initialized the database.\n"


def test_init_db_calls_the_function(runner, monkeypatch):
    calls = []
    monkeypatch.setattr("flaskr.db.init_db", lambda: calls.append(1))
    assert "Initialized the database." in runner.invoke(args=["init-db"]).output
    assert calls == [1]


def test_a_failed_init_db_prints_the_reason(app, runner):
    with app.app_context():
        get_db().execute("PRAGMA user_version = 99")
    result = runner.invoke(args=["init-db"])
    assert (result.exit_code, "newer flaskr" in result.output) == (1, True)


def test_reset_asks_for_confirmation(app, runner):
    result = runner.invoke(args=["init-db", "--reset"], input="n\n")
    assert "This deletes 2 users and 1 post. Continue?" in result.output
    assert result.exit_code == 1
    with app.app_context():
        assert count(get_db()) == 1


def test_reset_empties_the_blog_and_takes_a_snapshot(app, runner):
    with app.app_context():
        get_db().execute("CREATE TABLE theirs (x)")
    result = runner.invoke(args=["init-db", "--reset", "--yes"])
    snapshot = result.output.split(" in ")[1].split(".\n")[0]
    with closing(sqlite3.connect(snapshot)) as old:
        assert (count(old), count(old, "user")) == (1, 2)
    with app.app_context():
        assert (count(get_db()), count(get_db(), "user"), count(get_db(), "theirs")) == (0, 0, 0)
        assert migrations.version(get_db()) == migrations.latest()
        get_db().execute('INSERT INTO "user" (username, password) VALUES (?, ?)', ("a", "b"))
        assert get_db().execute(ADD, ("first", "2020-01-01 00:00:00")).fetchone()["id"] == 1


def test_concurrent_writers_all_succeed(app):
    def write():
        with app.app_context():
            for _ in range(10):
                with transaction() as connection:
                    number = count(connection)
                    connection.execute(ADD, (f"post {number}", "2020-01-01")).fetchall()

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert count(get_db()) == 41


def test_connection_from_before_a_request_is_closed_with_its_context(app, client):
    with app.app_context():
        connection = get_db()
        assert client.get("/").status_code == 200
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        connection.execute("SELECT 1")


def test_threads_write_one_after_the_other(app):
    written = []

    def write(number):
        with app.app_context(), transaction() as connection:
            connection.execute("UPDATE post SET title = ?", (number,))
            time.sleep(0.01)
            written.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [0, 1, 2, 3]


def test_thread_does_not_wait_for_another_for_ever(app, monkeypatch):
    monkeypatch.setattr(db.sqlite, "BUSY_TIMEOUT_SECONDS", 0.02)
    problems = []

    def write():
        with app.app_context(), pytest.raises(errors.Unavailable, match="busy"), transaction():
            pass
        problems.append("busy")

    with app.app_context(), transaction():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert problems == ["busy"]
