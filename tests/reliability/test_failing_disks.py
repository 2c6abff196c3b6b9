"""A disk that fails gets a sentence, leaves nothing half-written, and the next attempt succeeds."""

import io
import os
import re
import shutil
import sqlite3
import subprocess
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

import pytest

from flaskr import create_app

resource = pytest.importorskip("resource", reason="NOT TESTED with failing disks: no limits")

DATABASES = Path(__file__).parents[1] / "migrations" / "databases"
LIMIT_BYTES = 64 * 1024
TEXT = "Typed for an hour. " * 20_000
SENTENCE = re.compile(
    "the disk is full|disk has only|larger than this system allows|read-only|cannot be written"
    "|failed to",
    re.IGNORECASE,
)


@contextmanager
def full(folder):
    with (folder / "filler").open("wb", buffering=0) as filler:
        for size in (1024 * 1024, 4096):
            with suppress(OSError):
                while filler.write(bytes(size)):
                    pass
    try:
        yield
    finally:
        (folder / "filler").unlink()


@contextmanager
def limited(folder):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@contextmanager
def read_only(folder):
    mount("-o", "remount,ro", folder)
    try:
        yield
    finally:
        mount("-o", "remount,rw", folder)


def mount(*arguments):
    subprocess.run(["mount", *arguments], check=True, capture_output=True)  # noqa: S607  # on PATH


@pytest.fixture(params=(full, limited, read_only), ids=lambda fault: fault.__name__)
def disk(request, tmp_path):
    """Return a small disk, and a function that makes it fail in a `with` statement."""
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount("-t", "tmpfs", "-o", "size=40m", "none", folder)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("NOT TESTED with failing disks: only root can mount one.")
    yield folder, lambda: request.param(folder)
    subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607  # on PATH


@pytest.fixture
def blog(disk, filled_database, monkeypatch):
    """The instance folder of a blog on the disk."""
    folder = disk[0] / "blog"
    folder.mkdir()
    shutil.copy(filled_database, folder)
    monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(folder))
    return folder


@pytest.fixture
def app(blog):
    return create_app({"TESTING": True})


def state(folder):
    """Return the files of a folder, and the version and posts of its database."""
    with closing(sqlite3.connect(folder / "flaskr.sqlite")) as db:
        assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        posts = db.execute("SELECT id, title, body FROM post").fetchall()
        version = db.execute("PRAGMA user_version").fetchone()
    # Commands may leave empty locks, and what SQLite has beside a database.
    files = {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if not path.name.endswith((".lock", "-wal", "-shm", "days_seen", "backups.json"))
    }
    return files, version, posts


@pytest.fixture
def check(app, blog, disk):
    """Run a command while the disk fails, and again."""

    def run(*arguments):
        return app.test_cli_runner().invoke(args=[*map(str, arguments)])

    def check(*arguments):
        before = state(blog)
        with disk[1]():
            result = run(*arguments)
        assert result.exit_code
        assert isinstance(result.exception, SystemExit), result.exc_info
        assert SENTENCE.search(result.output), result.output
        assert state(blog) == before
        again = run(*arguments)
        assert again.exit_code == 0, again.output

    return check


def add_text(blog):
    """Make the blog larger than a limited file."""
    with closing(sqlite3.connect(blog / "flaskr.sqlite")) as db, db:
        db.execute("UPDATE post SET body = ?", (os.urandom(200_000).hex(),))


def test_backup_on_a_failing_disk_leaves_no_file(disk, blog, check):
    add_text(blog)
    check("backup", disk[0] / "a.tar.gz")
    assert {path.name for path in disk[0].iterdir()} == {"blog", "a.tar.gz"}


def test_restore_on_a_failing_disk_leaves_the_blog(app, blog, check, tmp_path):
    add_text(blog)
    made = app.test_cli_runner().invoke(args=["backup", str(tmp_path / "a.tar.gz")])
    assert made.exit_code == 0, made.output
    check("restore", tmp_path / "a.tar.gz")


def test_upgrade_on_a_failing_disk_leaves_the_old_database(blog, check):
    (blog / "flaskr.sqlite").unlink()
    with closing(sqlite3.connect(blog / "flaskr.sqlite")) as db:
        db.executescript((DATABASES / "0.6.0.sql").read_text(encoding="utf-8"))
    check("upgrade")


def test_import_on_a_failing_disk_stores_nothing(check, tmp_path):
    (tmp_path / "site").mkdir()
    for number in range(4):
        (tmp_path / "site" / f"{number}.md").write_text(f"# Post {number}\n\n{TEXT}{number}")
    check("import", tmp_path / "site")


@pytest.mark.parametrize("target", ("out", "out.zip"))
def test_export_on_a_failing_disk_is_explained(disk, blog, check, target):
    add_text(blog)
    check("export", disk[0] / target)


def test_freezing_on_a_failing_disk_is_explained(disk, blog, check):
    add_text(blog)
    check("freeze", disk[0] / "out", "--url", "https://blog.example")


def test_save_on_a_failing_disk_keeps_the_text_in_the_form(disk, app):
    client = app.test_client()
    client.post("/auth/login", data={"username": "test", "password": "test"})
    form = {"title": "Long", "body": TEXT}
    with disk[1]():
        refused = client.post("/create", data=form)
    assert refused.status_code == 503
    assert refused.text.count(TEXT.strip()) == 1
    assert client.post("/create", data=form).status_code == 302


def test_upload_on_a_failing_disk_leaves_no_file(disk, app, blog):
    client = app.test_client()
    client.post("/auth/login", data={"username": "test", "password": "test"})

    def upload():
        files = {"files": (io.BytesIO(b"a" * 200_000), "a.txt")}
        return client.post("/media", data=files, headers={"Accept": "application/json"})

    with disk[1]():
        refused = upload()
    assert refused.status_code in (400, 413, 503), refused.text
    assert not (blog / "media").is_dir() or not [*(blog / "media").iterdir()]
    assert upload().status_code == 201
