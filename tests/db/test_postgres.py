"""The blog on PostgreSQL. Its schema is compared with that of SQLite in test_schemas.py."""

import re
import sqlite3
import threading
from contextlib import closing
from datetime import datetime

import click
import psycopg
import pytest

from flaskr import create_app
from flaskr import db as database
from flaskr import errors
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import postgres
from flaskr.db import transaction
from flaskr.db.sqlite import EPOCH
from flaskr.models import posts
from flaskr.models.permissions import SYSTEM
from flaskr.page_cache.version import VersionWatcher


@pytest.fixture(scope="module")
def url(connect_to_postgresql, postgresql_folder):
    """The address of an empty database."""
    with connect_to_postgresql() as db:
        db.execute("CREATE DATABASE blog")
    yield f"postgresql://flaskr@/blog?host={postgresql_folder}"
    postgres.close_idle()


@pytest.fixture
def blog(url):
    """A blog without posts, with its application context."""
    app = create_app({"TESTING": True, "DATABASE": url})
    with app.app_context():
        init_db()
        get_db().executescript(
            """TRUNCATE "user", post, tag, former_slug, media_use RESTART IDENTITY CASCADE"""
        )
        yield app


@pytest.fixture
def other(url):
    """Another connection."""
    with closing(postgres.Connection(url)) as db:
        yield db


def add_user(name="Ada"):
    with transaction() as db:
        db.execute("""INSERT INTO "user" (username, password) VALUES (?, '!')""", (name,))


def names(db):
    return [row["username"] for row in db.execute("""SELECT username FROM "user" ORDER BY id""")]


def test_database_without_a_schema_is_not_ready(url):
    app = create_app({"TESTING": True, "DATABASE": url})
    with app.app_context(), pytest.raises(errors.Unavailable, match="init-db"):
        database.check_schema()


def test_several_programs_may_create_the_schema_at_once(blog, other):
    other.executescript("DROP SCHEMA public CASCADE; CREATE SCHEMA public")

    def create():
        with blog.app_context():
            init_db()
            database.check_schema()

    threads = [threading.Thread(target=create) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (versions,) = other.execute("SELECT count(*) FROM schema_version").fetchone()
    assert versions == 1


def test_row_is_read_by_name_and_by_number(blog):
    row = database.one("SELECT ? AS one, '?' AS two", "1")
    assert (row["one"], row[1], row[-1], len(row), [*row]) == ("1", "?", "?", 2, ["1", "?"])
    assert dict(row) == {"one": "1", "two": "?"}
    assert row == database.one("SELECT '1' AS one, ? AS two -- why?", "?")


def test_values_are_those_of_sqlite(blog):
    row = database.one(
        """
        SELECT CAST('2020-01-02 03:04:05' AS TIMESTAMP), CAST('0044-03-15 BC' AS TIMESTAMP),
            sum(number), avg(number), CAST(? AS TEXT), ? + 1, coalesce(?, 0) = 0
        FROM (VALUES (CAST(-1 AS BIGINT)), (2)) AS numbers (number)
        """,
        "nul\0",
        True,
        None,
    )
    assert [*row] == [datetime(2020, 1, 2, 3, 4, 5), EPOCH, 1, 0.5, "nul\ufffd", 2, True]
    assert database.one("""SELECT 1 FROM "user" WHERE id = ?""", 10**30) is None


def test_transaction_commits_or_rolls_back_and_nests(blog, other):
    with transaction():
        add_user("Ada")
        with pytest.raises(ZeroDivisionError), transaction():
            add_user("Bob")
            raise ZeroDivisionError
        assert names(other) == []
    with pytest.raises(ZeroDivisionError), transaction():
        add_user("Eve")
        raise ZeroDivisionError
    assert names(get_db()) == names(other) == ["Ada"]


def test_plain_statements_commit_as_with_the_module_of_sqlite(blog, other):
    db = get_db()
    insert = """INSERT INTO "user" (username, password) VALUES (?, '!')"""
    db.executemany(insert, [("Ada",), ("Bob",)])
    assert (db.in_transaction, names(other)) == (True, [])
    db.commit()
    with db:
        db.execute(insert, ("Eve",))
    with pytest.raises(ZeroDivisionError), db:
        db.execute(insert, ("Mallory",))
        raise ZeroDivisionError
    assert (db.in_transaction, names(other)) == (False, ["Ada", "Bob", "Eve"])


def test_writers_take_turns(blog, other, monkeypatch):
    other.begin()
    with pytest.raises(errors.Unavailable, match="busy"), transaction(wait=False):
        pass
    get_db().execute("SET lock_timeout = '20ms'")
    with pytest.raises(errors.Unavailable, match="busy"):
        add_user()
    other.rollback()
    get_db().execute("RESET lock_timeout")
    with transaction(wait=False):
        add_user()
    assert names(other) == ["Ada"]


def test_failed_transaction_is_never_taken_for_committed(blog, other):
    with pytest.raises(sqlite3.OperationalError, match="rolled back"), transaction() as db:
        add_user()
        with pytest.raises(sqlite3.DataError):
            db.execute("SELECT 1 / 0")
    assert names(other) == []
    add_user()
    with pytest.raises(sqlite3.IntegrityError):
        add_user()
    with pytest.raises(sqlite3.ProgrammingError):
        get_db().execute("SELEKT")


def test_lost_connection_is_replaced(blog, other):
    # Twice: one connection is in use, and one is idle.
    for _ in range(2):
        query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'blog'"
        get_db().execute("SELECT 1")
        other.execute(f"{query} AND pid <> pg_backend_pid()")
        with pytest.raises(errors.Unavailable, match="cannot be reached"):
            add_user()
        database.close_db()
    add_user()
    with transaction():
        # Nothing of a lost transaction is kept.
        database.close_db()


def test_unreachable_database_is_reported_in_the_log(tmp_path, caplog):
    app = create_app({"TESTING": True, "DATABASE": f"postgresql://flaskr@/blog?host={tmp_path}"})
    response = app.test_client().get("/")
    assert (response.status_code, "not available" in response.text) == (503, True)
    assert "cannot be reached" in caplog.text


def test_missing_driver_is_reported_at_the_start(monkeypatch, url):
    monkeypatch.setattr("flaskr.config.find_spec", lambda name: None)
    with pytest.raises(click.ClickException, match=re.escape("flaskr[cluster]")):
        create_app({"DATABASE": url})


def test_few_idle_connections_are_kept(url, monkeypatch):
    monkeypatch.setattr(postgres, "MAX_IDLE", 1)
    postgres.close_idle()
    first, second = (postgres.Connection(url) for _ in range(2))
    pids = [db.execute("SELECT pg_backend_pid()").fetchone()[0] for db in (first, second)]
    for db in (first, first, second):
        db.close()
    again, new = (postgres.Connection(url) for _ in range(2))
    assert again.execute("SELECT pg_backend_pid()").fetchone()[0] == pids[0]
    assert new.execute("SELECT pg_backend_pid()").fetchone()[0] not in pids
    for db in (again, new):
        db.close()


@pytest.fixture
def watcher(url):
    watcher = VersionWatcher(url, use_wal_index=True)
    yield watcher
    watcher.close()


def test_version_changes_with_what_readers_see(blog, watcher):
    add_user()
    version, marker = watcher.current(), watcher.commit_marker()
    assert (watcher.current(), watcher.commit_marker()) == (version, marker)
    post = posts.create(author_id=1, user=SYSTEM, title="A", body="", status="draft")
    assert (watcher.current(), watcher.commit_marker() != marker) == (version, True)
    posts.update(post, SYSTEM, title="A", body="", status="published")
    published = watcher.current()
    assert published.token != version.token
    get_db().executescript("UPDATE post SET created = '2999-01-01'")
    assert watcher.current().valid_until > published.valid_from


def test_version_is_known_again_after_a_lost_connection(blog, watcher, other):
    version = watcher.current()
    other.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    )
    assert watcher.current() is None
    assert watcher.current() == version
    # The event loop must not wait for a network.
    assert (
        VersionWatcher(blog.config["DATABASE"], use_wal_index=True, timeout_seconds=0).current()
        is None
    )


def test_page_from_the_memory_of_another_machine_is_never_stale(blog, url, tmp_path):
    machines = [
        create_app({"TESTING": True, "DATABASE": url, "PAGE_CACHE_MB": 1}).test_client()
        for _ in range(2)
    ]
    add_user()
    post = posts.create(author_id=1, user=SYSTEM, title="Title", body="")
    for number in range(4):
        posts.update(post, SYSTEM, title=f"Title {number}", body="")
        for _ in range(2):
            assert [f"Title {number}" in machine.get("/").text for machine in machines] == [
                True
            ] * 2


def test_connecting_is_not_tried_again_at_once_after_it_timed_out(monkeypatch):
    def connect(url, **options):
        tried.append(url)
        raise psycopg.errors.ConnectionTimeout

    tried = []
    monkeypatch.setattr(psycopg.Connection, "connect", connect)
    for seconds in (3600, 0):
        monkeypatch.setattr(postgres, "RETRY_SECONDS", seconds)
        for _ in range(2):
            with pytest.raises(sqlite3.OperationalError, match="cannot be reached"):
                postgres.Connection(f"postgresql://{seconds}.example/blog")
    assert [url[13:15] for url in tried] == ["36", "0.", "0."]


def test_blog_is_written_and_read(blog):
    client = blog.test_client()
    client.post("/auth/register", data={"username": "Ada", "password": "correct horse"})
    client.post("/auth/login", data={"username": "Ada", "password": "correct horse"})
    client.post("/create", data={"title": "Straße", "body": "Hello", "tags": "Sea"})
    for path in ("/", "/strasse", "/tag/sea", "/feed.xml", "/posts?q=STRASSE"):
        assert "Straße" in client.get(path).text, path
    database.tune_for_bulk_writes()


def test_rows_of_plain_sql_are_listed_and_tracked(blog):
    add_user()
    hash = "0123456789abcdef" * 2
    db = get_db()
    (version,) = db.execute("SELECT version FROM content").fetchone()
    with db:
        db.executescript(
            f"""
            INSERT INTO post (id, author_id, title, body, slug)
            VALUES (7, 1, 'Plain', '![](/media/{hash}.png)', 'plain'), (9, 1, 'Other', '', NULL);
            INSERT INTO post (author_id, title, body) VALUES (1, 'Next', '');
            INSERT INTO tag (name, name_key, slug) VALUES ('Sea', 'sea', 'sea');
            INSERT INTO post_tag (post_id, tag_id) VALUES (7, 1);
            UPDATE post SET slug = 'renamed', created = '2020-01-01' WHERE id = 7;
            """
        )
    assert version != db.execute("SELECT version FROM content").fetchone()[0]
    assert [row["id"] for row in db.execute("SELECT id FROM post ORDER BY id")] == [7, 9, 10]
    assert [*db.execute("SELECT listed FROM post_tag").fetchone()] == [datetime(2020, 1, 1)]
    assert [*db.execute("SELECT * FROM former_slug")] == [("plain", 7)]
    assert [*db.execute("SELECT * FROM media_use")] == [(hash, 7, 1)]
    db.executescript("DELETE FROM post WHERE id = 7")
    assert [*db.execute("SELECT slug FROM former_slug ORDER BY slug")] == [("plain",), ("renamed",)]
    assert [*db.execute("SELECT * FROM media_use")] == []


@pytest.mark.parametrize(
    ("code", "sentence"),
    (
        ("42501", "owner of its tables"),
        ("53200", "run out of memory"),
        ("53300", "too many connections"),
        ("54000", "too long"),
        ("58030", "disk failed"),
        ("XX001", "is damaged"),
        ("XX002", "REINDEX"),
    ),
)
def test_errors_of_the_server_are_explained(blog, code, sentence):
    with pytest.raises(errors.Unavailable, match=sentence), transaction() as db:
        db.execute(f"DO $$ BEGIN RAISE SQLSTATE '{code}'; END $$")


@pytest.mark.parametrize("command", ("init-db", "user list", "doctor"))
@pytest.mark.parametrize(
    ("wrong", "reason"),
    (
        ("postgresql://flaskr@/none?host={}", 'database "none" does not exist'),
        ("postgresql://flaskr@/blog?host={}/none", "No such file or directory"),
        ("postgresql://flaskr:secret%zz@/blog?host={}", "not a valid PostgreSQL address"),
        ("postgresql://flaskr@/blog?nonsense={}", "not a valid PostgreSQL address"),
    ),
)
def test_commands_say_why_the_database_cannot_be_reached(url, wrong, reason, command):
    folder = url.partition("host=")[2]
    app = create_app({"DATABASE": wrong.format(folder)})
    result = app.test_cli_runner().invoke(args=command.split())
    assert (result.exit_code, type(result.exception)) == (1, SystemExit)
    assert reason in result.output
    assert "secret" not in result.output
    assert "backup" not in result.output
