import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from flaskr import create_app
from flaskr import errors
from flaskr import migrations
from flaskr.backups import Blog
from flaskr.backups import undo
from flaskr.data_folder import locks
from flaskr.db import files
from flaskr.db import init_db

DATABASES = Path(__file__).parents[1] / "migrations" / "databases"


@pytest.fixture
def snapshot(blog):
    """The snapshot that an upgrade has taken, of an older version."""
    path = blog.database.with_name(
        f"flaskr-2026-01-01-000000-before-version-{migrations.latest()}.sqlite"
    )
    files.copy(blog.database, path)
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 17")
        db.execute("ALTER TABLE setting RENAME TO former_setting")
        db.commit()
    return path


def change(blog):
    with closing(sqlite3.connect(blog.database)) as db:
        db.executescript(
            """
            INSERT INTO post (author_id, title, body) VALUES (1, 'A', ''), (1, 'B', '');
            UPDATE post SET body = 'changed' WHERE id = 1;
            DELETE FROM media;
            """
        )


def test_undo_goes_back_and_keeps_the_upgraded_database(blog, snapshot):
    change(blog)
    assert undo.find_snapshot(blog) == snapshot
    assert undo.describe_changes(blog, snapshot) == [
        "2 posts added",
        "1 post changed",
        "1 file deleted",
    ]
    kept = undo.undo(blog, snapshot)
    assert files.version(blog.database) == 17
    assert undo.describe_changes(blog, snapshot) == []
    with closing(sqlite3.connect(kept)) as db:
        assert db.execute("SELECT count(*) FROM post").fetchone()[0] == 4


def take_another(blog, name):
    path = blog.database.with_name(f"flaskr-{name}-before-version-{migrations.latest()}.sqlite")
    files.copy(blog.database, path)
    return path


def test_undo_of_an_earlier_release_goes_to_the_snapshot_with_the_highest_ids(blog, snapshot):
    change(blog)
    newest = take_another(blog, "1970-01-01-000000")
    snapshot.rename(snapshot.with_name(snapshot.name.replace("2026", "2999")))
    change(blog)
    assert undo.find_snapshot(blog) == newest
    with closing(sqlite3.connect(blog.database)) as db:
        db.execute("DROP TABLE setting")
    assert undo.find_snapshot(blog) == newest


@pytest.fixture
def old_blog(instance_path):
    """A blog of an old release."""
    instance_path.mkdir()
    database = instance_path / "flaskr.sqlite"
    with closing(sqlite3.connect(database)) as db:
        db.executescript((DATABASES / "0.4.0.sql").read_text(encoding="utf-8"))
    return Blog(instance_path, database, "")


def upgrade():
    with create_app({"TESTING": True}).app_context():
        return init_db()


def test_undo_goes_to_the_snapshot_of_the_last_upgrade_whatever_the_clock_says(
    old_blog, monkeypatch
):
    class FastClock(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2999, 1, 1, tzinfo=tz)

    with monkeypatch.context() as patch:
        patch.setattr(migrations, "datetime", FastClock)
        first = upgrade().snapshot
    assert str(undo.find_snapshot(old_blog)) == first
    undo.undo(old_blog, undo.find_snapshot(old_blog))
    second = upgrade().snapshot
    assert second < first
    found = undo.find_snapshot(old_blog)
    assert str(found) == second
    assert undo.describe_changes(old_blog, found) == []
    found.unlink()
    with pytest.raises(errors.Conflict, match="There is no snapshot"):
        undo.find_snapshot(old_blog)


def test_undo_of_a_blog_that_is_served_is_refused(blog, snapshot):
    with (
        locks.hold(blog.instance / locks.SERVE_LOCK, shared=True),
        pytest.raises(errors.Conflict, match="is being served"),
    ):
        undo.undo(blog, snapshot)
    assert files.version(blog.database) == migrations.latest()


def test_undo_that_is_interrupted_leaves_the_upgraded_database(blog, snapshot, monkeypatch):
    class Interrupted(sqlite3.Connection):
        def backup(self, target, **_):
            super().backup(target, pages=2, progress=self.fail)

        def fail(self, *_):
            raise KeyboardInterrupt

    def open_read_only(database, **_):
        return sqlite3.connect(database, factory=Interrupted)

    change(blog)
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(undo.files, "open_read_only", open_read_only)
        undo.undo(blog, snapshot)
    assert files.find_problems(blog.database) == []
    assert files.version(blog.database) == migrations.latest()


def test_without_a_snapshot_nothing_can_be_undone(blog, snapshot):
    snapshot.rename(snapshot.with_name("flaskr-2026-before-version-9.sqlite"))
    with pytest.raises(errors.Conflict, match="There is no snapshot from before the upgrade"):
        undo.find_snapshot(blog)
    blog.database.unlink()
    with pytest.raises(errors.Conflict, match="There is no snapshot"):
        undo.find_snapshot(blog)


def test_damaged_snapshot_is_not_used(blog, snapshot):
    snapshot.write_bytes(snapshot.read_bytes()[:5000])
    with pytest.raises(errors.Conflict, match="is damaged"):
        undo.find_snapshot(blog)
