import functools
import shutil
import sqlite3
from contextlib import closing
from contextlib import nullcontext
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from flask import has_app_context
from jinja2 import FileSystemBytecodeCache
from PIL import Image
from PIL import ImageFont
from werkzeug.routing import Rule
from werkzeug.security import generate_password_hash

from flaskr import create_app
from flaskr.data_folder import days_seen
from flaskr.data_folder import notices
from flaskr.db import get_db
from flaskr.db import init_db
from flaskr.db import postgres
from flaskr.images import fonts
from flaskr.images import social_cards
from flaskr.models import media_bucket
from flaskr.models import posts
from flaskr.models import users
from flaskr.models.permissions import SYSTEM
from flaskr.text import highlighting
from flaskr.web import static_files

from . import s3_service
from .markup import Page
from .postgresql import Databases
from .postgresql import Server

DATA = Path(__file__).with_name("data.sql").read_text(encoding="utf-8")


def pytest_addoption(parser):
    parser.addoption("--postgresql", action="store_true", help="run the tests on PostgreSQL")


@pytest.fixture(scope="session")
def postgresql_server():
    """A PostgreSQL that runs for these tests."""
    server = Server()
    server.start()
    yield server
    server.stop()
    server.delete()


@pytest.fixture(scope="session")
def postgresql_databases(request, tmp_path_factory):
    """The databases of the tests on PostgreSQL; None without `--postgresql`."""
    if not request.config.getoption("postgresql"):
        yield None
        return
    folder = tmp_path_factory.mktemp("template")

    def fill(url, state):
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("FLASKR_INSTANCE_PATH", str(folder))
            with create_app({"DATABASE": url}).app_context():
                init_db() if state == "new" else get_db().executescript(DATA)
        postgres.close_idle()

    databases = Databases(request.getfixturevalue("postgresql_server"))
    databases.make_template(fill)
    yield databases
    databases.close()


@pytest.fixture
def databases(request, postgresql_databases):
    """The databases of this test; None if it runs on SQLite, as tests of SQLite's own do."""
    is_sqlites = "plans" in request.fixturenames or request.node.get_closest_marker("sqlite_only")
    return None if is_sqlites else postgresql_databases


@pytest.fixture(autouse=True)
def instance_path(tmp_path, monkeypatch, databases):
    """Each test has an instance folder of its own, and an empty database if on PostgreSQL."""
    path = tmp_path / "instance"
    monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(path))
    if databases:
        monkeypatch.setenv("FLASKR_DATABASE", databases.empty())
    # What a command sets for the processes that it starts is taken back.
    monkeypatch.setenv(notices.PRINTED, "")
    yield path
    if databases:
        postgres.close_idle()


@pytest.fixture(scope="session")
def new_database(tmp_path_factory):
    """The file of a new database, made once and copied for each test."""
    path = tmp_path_factory.mktemp("new") / "flaskr.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLASKR_INSTANCE_PATH", str(path.parent))
        patch.delenv("FLASKR_DATABASE", raising=False)
        with create_app().app_context():
            init_db()
    return path


@pytest.fixture(scope="session")
def filled_database(new_database, tmp_path_factory):
    """The file of a database with two authors and a post, written by plain SQL."""
    path = tmp_path_factory.mktemp("filled") / "flaskr.sqlite"
    shutil.copy(new_database, path)
    with closing(sqlite3.connect(path)) as db:
        db.executescript(DATA)
    return path


@pytest.fixture(scope="session", autouse=True)
def templates_compiled_once(tmp_path_factory):
    """All the applications of the tests share what Jinja makes of the templates."""
    folder = tmp_path_factory.mktemp("templates")
    with pytest.MonkeyPatch.context() as patch:
        cache = FileSystemBytecodeCache(str(folder))
        patch.setattr(Flask, "jinja_options", {"bytecode_cache": cache})
        yield


@pytest.fixture(scope="session", autouse=True)
def routes_compiled_once():
    """All the applications of the tests share the code that Werkzeug makes of their routes."""
    # Werkzeug may rename this private method one day. Then it compiles them each time again.
    compile_route = getattr(Rule, "_compile_builder", None)
    compiled = {}

    def compile_once(rule, append_unknown=True):
        key = rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown
        if key not in compiled:
            compiled[key] = compile_route(rule, append_unknown)
        return compiled[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once, raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_font(tmp_path_factory):
    """The only font of the machine, for Latin letters. It comes with Pillow."""
    folder = tmp_path_factory.mktemp("fonts")
    file = folder / "Latin.ttf"
    file.write_bytes(ImageFont.load_default(20).path.getvalue())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fonts, "FOLDERS", (str(folder),))
        patch.setattr(fonts, "FC_MATCH", "no-such-program")
        yield file


@pytest.fixture(scope="session", autouse=True)
def static_files_hashed_once():
    """All the applications of the tests without static files of a theme share one hash."""
    package = Path(static_files.__file__).parents[1] / "static"
    hash_folders = static_files.hash_folders
    hash_package = functools.cache(lambda: hash_folders(package))

    def hash_once(*folders):
        existing = [folder for folder in folders if folder.exists()]
        return hash_package() if existing == [package] else hash_folders(*folders)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(static_files, "hash_folders", hash_once)
        yield


@pytest.fixture(autouse=True)
def quick_hashes(request, monkeypatch):
    """Passwords are hashed as quickly as can be, but where a test wants the `real_hashes`."""
    if "real_hashes" not in request.fixturenames:
        quick = functools.partial(generate_password_hash, method="scrypt:128:8:1")
        monkeypatch.setattr(users, "generate_password_hash", quick)
    users.dummy_hash.cache_clear()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """What a blog gives up after seconds has a minute, because the machine may be busy."""
    monkeypatch.setattr(users, "HASHING_TIMEOUT_SECONDS", 60)
    monkeypatch.setattr(highlighting, "MAX_SECONDS", 60)
    monkeypatch.setattr(fonts, "MAX_SECONDS", 60)
    monkeypatch.setattr(social_cards, "MAX_WAIT_SECONDS", 60)


@pytest.fixture
def real_hashes():
    """For a test that passwords are hashed as they are outside of tests."""


@pytest.fixture
def place_database(instance_path, new_database, filled_database, databases, monkeypatch):
    """Gives the test's blog a database, which is "new" or "filled"."""

    def place(state):
        instance_path.mkdir(exist_ok=True)
        if databases:
            monkeypatch.setenv("FLASKR_DATABASE", databases.blog(state))
        else:
            shutil.copy({"new": new_database, "filled": filled_database}[state], instance_path)

    return place


@pytest.fixture
def empty_app(place_database, request):
    """A blog that nobody has registered at, unless the test uses `app` too.

    Its media are in a bucket if the test names one.
    """
    place_database("filled" if "app" in request.fixturenames else "new")
    in_bucket = "bucket_address" in request.fixturenames
    media = {"MEDIA": request.getfixturevalue("bucket_address")} if in_bucket else {}
    return create_app({"TESTING": True, **media})


@pytest.fixture
def app(empty_app):
    """A blog with two authors and a post, written by plain SQL."""
    return empty_app


@pytest.fixture
def client(app):
    return app.test_client()


@pytest.fixture
def runner(app):
    return app.test_cli_runner()


class AuthActions:
    def __init__(self, client):
        self._client = client

    def login(self, username="test", password="test"):
        return self._client.post("/auth/login", data={"username": username, "password": password})

    def logout(self):
        return self._client.get("/auth/logout")


@pytest.fixture
def auth(client):
    return AuthActions(client)


@pytest.fixture
def context(app):
    """An application context, for tests of rules."""
    with app.app_context():
        yield app


@pytest.fixture
def writer(client, auth):
    """The client of the first author, who is logged in."""
    auth.login()
    return client


@pytest.fixture
def browse(client):
    """Gets a page and returns its HTML, with its elements."""
    return lambda path, **options: Page(client.get(path, **options).text)


@pytest.fixture
def write(app):
    """Writes a post by the first author and returns its id; `day` is in January 2020."""

    def write(title="A title", body="text", day=None, **fields):
        if day:
            fields["created"] = f"2020-01-{day:02} 00:00:00"
        values = {"author_id": 1, "user": SYSTEM, "title": title, "body": body, **fields}
        with nullcontext() if has_app_context() else app.app_context():
            return posts.create(**values)

    return write


@pytest.fixture
def used_daily(instance_path):
    """The blog was used on each of the last hundred days."""
    instance_path.mkdir(exist_ok=True)
    today = datetime.now(UTC)
    days = [f"{today - timedelta(days=ago):%Y-%m-%d}\n" for ago in range(100)]
    (instance_path / days_seen.FILE).write_text("".join(days))


@pytest.fixture
def draw():
    """Makes a picture's file; with several colours, one that moves."""

    def draw(kind="PNG", size=(60, 40), *, colours=("teal",), mode="RGB", **options):
        first, *others = [Image.new("RGB", size, colour).convert(mode) for colour in colours]
        if others:
            options = {"save_all": True, "append_images": others, "duration": 90, **options}
        out = BytesIO()
        first.save(out, kind, **options)
        return out.getvalue()

    return draw


@pytest.fixture(scope="session")
def started_s3():
    """The service that all tests of buckets share."""
    service = s3_service.start()
    yield service
    service.stop()


@pytest.fixture
def s3(started_s3, monkeypatch):
    """A service that speaks S3, which may take its time."""
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "REQUEST_SECONDS", "UPLOAD_SECONDS"):
        monkeypatch.setattr(media_bucket, name, 300)
    monkeypatch.setattr(media_bucket, "RETRY_SECONDS", 300)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", s3_service.KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", s3_service.SECRET)
    started_s3.reset()
    return started_s3


@pytest.fixture
def bucket_address(s3):
    """The address of a bucket. The blog of a test that uses it keeps its media there."""
    return s3.make_bucket()


@pytest.fixture
def plans(context):
    """Tells how SQLite goes about each query that a function asks."""

    def plans(read):
        asked = []
        db = get_db()
        db.set_trace_callback(asked.append)
        read()
        db.set_trace_callback(None)
        return [
            " ".join(row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {query}"))
            for query in asked
        ]

    return plans
