import sqlite3
from contextlib import closing

import pytest

from flaskr import errors
from flaskr import migrations
from flaskr.backups import undo
from flaskr.data_folder import locks
from flaskr.db import files


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
