import io
import os
import shutil
import sqlite3
from contextlib import closing
from contextlib import suppress
from pathlib import Path

import pytest

from flaskr import create_app
from flaskr import errors
from flaskr import migrations
from flaskr.backups import Blog
from flaskr.backups import creation
from flaskr.backups import restoration
from flaskr.backups import scratch
from flaskr.data_folder import locks
from flaskr.data_folder import swapping
from flaskr.data_folder.swapping import JOURNAL
from flaskr.db import files
from flaskr.models import media
from flaskr.models.permissions import SYSTEM

from .conftest import content
from .conftest import forge
from .conftest import names

PAGES = ("/", "/second", "/test-title", "/feed.xml", "/archive", "/user/test", "/search?q=bold")


@pytest.fixture
def target(tmp_path):
    """An empty instance folder on another machine."""
    folder = tmp_path / "new"
    folder.mkdir()
    return Blog(folder, folder / "flaskr.sqlite", "0.6.0")


@pytest.fixture
def restore(open_app):
    return lambda blog, backup: restoration.restore(blog, backup, open_app)


def titles(database):
    with closing(sqlite3.connect(database)) as db:
        return [title for (title,) in db.execute("SELECT title FROM post ORDER BY id")]


def add_post(database, title):
    with closing(sqlite3.connect(database)) as db:
        db.execute("INSERT INTO post (author_id, title, body) VALUES (1, ?, '')", (title,))
        db.commit()


def media_files(folder):
    return {path.name: path.read_bytes() for path in (folder / "media").iterdir()}


def test_restored_blog_has_the_same_pages_log_ins_and_files(
    blog, make, target, restore, writer, open_app
):
    before = {path: writer.get(path).data for path in PAGES}
    cookie = writer.get_cookie("session").value
    done = restore(target, make(with_secrets=True))
    assert (done.old, done.upgraded_from, done.keeps_log_ins) == (None, None, True)
    client = open_app(target.instance).test_client()
    client.set_cookie("session", cookie)
    assert {path: client.get(path).data for path in PAGES} == before
    assert client.get("/settings").status_code == 200
    assert media_files(target.instance) == media_files(blog.instance)
    assert (target.instance / "config.py").read_text() == "SITE_TITLE = 'Mine'\n"
    assert (target.instance / "templates/blog/extra.html").read_text() == "extra"
    assert not list(target.instance.glob("unfinished*"))


def test_former_blog_is_kept_and_complete(blog, make, restore, open_app):
    backup = make()
    add_post(blog.database, "Newer")
    (blog.instance / "static").mkdir()
    key = (blog.instance / "secret_key").read_bytes()
    done = restore(blog, backup)
    assert titles(blog.database) == ["test title", "Second"]
    assert not (blog.instance / "static").exists()
    assert (blog.instance / "secret_key").read_bytes() == key
    assert titles(done.old / "flaskr.sqlite") == ["test title", "Second", "Newer"]
    assert b"Newer" in open_app(done.old).test_client().get("/").data
    assert media_files(done.old) == media_files(blog.instance)


def test_older_backup_is_upgraded(target, restore, tmp_path):
    old = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(old)) as db:
        db.executescript(
            """
            CREATE TABLE user (
                id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL,
                password TEXT NOT NULL
            );
            CREATE TABLE post (
                id INTEGER PRIMARY KEY AUTOINCREMENT, author_id INTEGER NOT NULL,
                created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, title TEXT NOT NULL,
                body TEXT NOT NULL, FOREIGN KEY (author_id) REFERENCES user (id)
            );
            INSERT INTO user VALUES (1, 'ada', 'x');
            INSERT INTO post (author_id, title, body) VALUES (1, 'Old', 'b');
            """
        )
    assert restore(target, forge({"flaskr.sqlite": old.read_bytes()})).upgraded_from == 0
    assert files.version(target.database) == migrations.latest()
    assert titles(target.database) == ["Old"]
    assert files.snapshots(target.database) == []


def test_files_deleted_during_the_backup_are_not_restored(app, blog, upload, target, restore):
    medium = upload("red")
    chunks = creation.Backup(blog).chunks()
    parts = [next(chunks)]
    for part in chunks:
        parts.append(part)
        # The header of its first file.
        if medium["name"].encode() in part:
            with app.app_context(), suppress(errors.NotFound):
                media.delete(medium["id"], SYSTEM)
    backup = io.BytesIO(b"".join(parts))
    restore(target, backup)
    assert media_files(target.instance) == media_files(blog.instance)


def test_blog_that_is_served_is_not_replaced(blog, make, restore):
    backup = make()
    with (
        locks.hold(blog.instance / locks.SERVE_LOCK, shared=True),
        pytest.raises(errors.Conflict, match="is being served. Stop its server first"),
    ):
        restore(blog, backup)
    with closing(sqlite3.connect(blog.database)) as server:
        server.execute("SELECT * FROM post").fetchall()
        with pytest.raises(errors.Conflict, match="is being served"):
            restore(blog, backup)


def test_second_restore_at_once_is_refused(blog, make, restore):
    backup = make()
    with restoration.stopped(blog), pytest.raises(errors.Conflict, match="Another command is rest"):
        restore(blog, backup)


def test_damaged_backup_changes_nothing(blog, make, restore):
    backup = make().getvalue()
    with pytest.raises(errors.Invalid):
        restore(blog, io.BytesIO(backup[:-1]))
    with pytest.raises(errors.Invalid, match="has no database"):
        restore(blog, forge({}))
    assert titles(blog.database) == ["test title", "Second"]
    assert not list(blog.instance.glob("unfinished*"))
    assert not list(blog.instance.glob("replaced*"))


@pytest.mark.parametrize("byte_count", (10**18, 10**400), ids=("large", "absurd"))
def test_backup_needs_enough_space(target, restore, byte_count):
    backup = forge({}, info={"format": 1, "bytes": byte_count})
    with pytest.raises(errors.Unavailable, match=r"the disk has only [\d.,]+ [KMG]B left"):
        restore(target, backup)


def test_full_disk_is_a_sentence(blog, make, restore, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    backup = make()
    monkeypatch.setattr(restoration, "write_member", fail)
    with pytest.raises(errors.Unavailable, match="The disk is full"):
        restore(blog, backup)
    assert titles(blog.database) == ["test title", "Second"]


def with_config(make, text):
    backup = make()
    return forge(
        {
            "config.py": text.encode(),
            "flaskr.sqlite": content(backup, "flaskr.sqlite"),
        },
        manifest={"missing": [name.removeprefix("media/") for name in _media(backup)]},
    )


def _media(backup):
    return [name for name in names(backup) if name.startswith("media/")]


def test_database_is_put_where_the_restored_settings_look_for_it(make, target, restore, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    database = elsewhere / "blog.sqlite"
    shutil.copy(Path(os.environ["FLASKR_INSTANCE_PATH"], "flaskr.sqlite"), database)
    add_post(database, "Former")
    restore(target, with_config(make, f"DATABASE = {str(database)!r}"))
    assert titles(database) == ["test title", "Second"]
    (former,) = elsewhere.glob("blog-*-before-restore.sqlite")
    assert titles(former) == ["test title", "Second", "Former"]


def test_former_database_elsewhere_moves_away(blog, make, restore, tmp_path):
    elsewhere = tmp_path / "old.sqlite"
    blog.database.rename(elsewhere)
    moved = blog._replace(database=elsewhere)
    backup = io.BytesIO(b"".join(creation.Backup(moved).chunks()))
    restore(moved, backup)
    assert titles(blog.instance / "flaskr.sqlite") == ["test title", "Second"]
    assert not elsewhere.exists()


@pytest.mark.parametrize(
    ("config", "message"),
    (
        ("DATABASE = '/nowhere/at/all.sqlite'", "keeps the database in /nowhere/at, which does"),
        ("DATABASE = ", "The backup's .*config.py, line 1 has an error"),
    ),
)
def test_settings_that_do_not_work_here_are_reported(make, target, restore, config, message):
    with pytest.raises(errors.Conflict, match=message):
        restore(target, with_config(make, config))
    assert not target.database.exists()


class Killed(BaseException):
    """Like the end of a process by SIGKILL: no code of the blog handles it."""


def crash_at(number, monkeypatch):
    """Let the rename with this number end the process."""
    renames, rename = [], os.rename

    def count(*arguments):
        renames.append(arguments)
        if len(renames) == number:
            raise Killed
        rename(*arguments)

    monkeypatch.setattr(swapping.os, "rename", count)
    return renames


def scratch_is_kept(blog):
    scratch.delete_abandoned(blog.instance)
    return any(blog.instance.glob(f"{scratch.PREFIX}*"))


@pytest.mark.parametrize("number", range(1, 9))
def test_crash_while_files_are_replaced_is_completed_at_the_next_start(
    blog, make, restore, monkeypatch, number
):
    backup = make()
    add_post(blog.database, "Newer")
    with monkeypatch.context() as patch:
        crash_at(number, patch)
        try:
            restore(blog, backup)
        except Killed:
            assert (blog.instance / JOURNAL).exists()
            assert scratch_is_kept(blog)
    create_app()
    assert not (blog.instance / JOURNAL).exists()
    assert titles(blog.database) == ["test title", "Second"]
    (old,) = blog.instance.glob("replaced-*")
    assert titles(old / "flaskr.sqlite") == ["test title", "Second", "Newer"]
    assert media_files(old) == media_files(blog.instance)
    creation.write(blog, blog.instance.parent)
    assert not list(blog.instance.glob("unfinished*"))


def test_crash_before_the_files_are_replaced_leaves_the_former_blog(
    blog, make, restore, monkeypatch
):
    def fail(*_):
        raise Killed

    backup = make()
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(swapping.os, "fsync", fail)
        restore(blog, backup)
    create_app()
    assert titles(blog.database) == ["test title", "Second"]


@pytest.mark.parametrize("number", range(1, 8))
def test_rename_error_puts_everything_back(blog, make, restore, monkeypatch, number):
    renames, rename = [], os.rename

    def fail_once(*arguments):
        renames.append(arguments)
        if len(renames) == number:
            raise OSError(16, "Device or resource busy")
        rename(*arguments)

    backup = make()
    before = sorted(path.name for path in blog.instance.iterdir())
    add_post(blog.database, "Newer")
    monkeypatch.setattr(swapping.os, "rename", fail_once)
    with pytest.raises(errors.Unavailable, match="resource busy"):
        restore(blog, backup)
    assert titles(blog.database) == ["test title", "Second", "Newer"]
    after = {path.name for path in blog.instance.iterdir()}
    assert after - set(before) <= {"serve.lock", "restore.lock", "restore.unfinished.part"}
    assert not (blog.instance / JOURNAL).exists()


def test_swap_that_cannot_be_completed_is_explained(instance_path):
    instance_path.mkdir()
    (instance_path / JOURNAL).write_text("no json")
    with pytest.raises(Exception, match="was interrupted and cannot be completed"):
        create_app()


def test_snapshot_replaces_only_the_database(blog, open_app, tmp_path):
    snapshot = tmp_path / "flaskr-before.sqlite"
    files.copy(blog.database, snapshot)
    add_post(blog.database, "Newer")
    (blog.instance / "config.py").write_text("SITE_TITLE = 'Changed'")
    done = restoration.restore_snapshot(blog, snapshot, open_app)
    assert titles(blog.database) == ["test title", "Second"]
    assert titles(done.old / "flaskr.sqlite")[-1] == "Newer"
    assert "Changed" in (blog.instance / "config.py").read_text()
    assert media_files(blog.instance)


def test_damaged_snapshot_is_refused(blog, open_app, tmp_path):
    snapshot = tmp_path / "flaskr-before.sqlite"
    snapshot.write_bytes(files.HEADER * 9)
    with pytest.raises((errors.Invalid, errors.Unavailable), match="damaged"):
        restoration.restore_snapshot(blog, snapshot, open_app)
    assert titles(blog.database) == ["test title", "Second"]


def test_empty_snapshot_is_refused(blog, open_app, tmp_path):
    snapshot = tmp_path / "flaskr-before.sqlite"
    with closing(sqlite3.connect(snapshot)) as db:
        db.execute("VACUUM")
    with pytest.raises(errors.Invalid, match="it is empty"):
        restoration.restore_snapshot(blog, snapshot, open_app)
