import os
import shutil
import sqlite3
from contextlib import closing

import pytest

from flaskr.data_folder import locks
from flaskr.db import files
from flaskr.db import init_db


def read(database):
    with closing(sqlite3.connect(database)) as db:
        return db.execute("SELECT count(*) FROM post").fetchone()[0]


def write_much(database, count, size=2000):
    with closing(sqlite3.connect(database)) as db:
        db.executemany(
            "INSERT INTO post (author_id, title, body) VALUES (1, 'x', ?)",
            [(f"{number} " * size,) for number in range(count)],
        )
        db.commit()


@pytest.fixture
def database(app, instance_path):
    return instance_path / "flaskr.sqlite"


@pytest.fixture
def killed(database, tmp_path):
    """Leaves the database and its `-wal` as a server does that is killed while it writes."""

    def kill():
        with closing(sqlite3.connect(database)) as server:
            server.execute("PRAGMA wal_autocheckpoint = 0")
            server.executescript("DELETE FROM post; VACUUM; PRAGMA wal_checkpoint(TRUNCATE);")
            write_much(database, 20)
            for end in ("", "-wal"):
                shutil.copy(f"{database}{end}", tmp_path)
        for end in ("", "-wal"):
            shutil.copy(tmp_path / f"flaskr.sqlite{end}", f"{database}{end}")

    return kill


def test_database_copied_beside_the_wal_of_another_is_repaired(app, database, killed, tmp_path):
    copy_beside_wal(database, killed, tmp_path)
    assert files.find_problems(database)
    with app.app_context():
        init_db()
    assert files.find_problems(database) == []
    assert read(database) == 301
    assert len(list(database.parent.glob("*-foreign-wal"))) == 1


def copy_beside_wal(database, killed, tmp_path):
    write_much(database, 300)
    copy = tmp_path / "copy.sqlite"
    files.copy(database, copy)
    killed()
    shutil.copy(copy, database)


def test_database_copied_beside_the_wal_of_another_is_repaired_before_any_command(
    runner, database, killed, tmp_path
):
    copy_beside_wal(database, killed, tmp_path)
    runner.invoke(args=["user", "list"])
    assert files.find_problems(database) == []
    assert read(database) == 301


def test_command_keeps_the_wal_that_a_server_uses(runner, database, killed, tmp_path):
    copy_beside_wal(database, killed, tmp_path)
    with locks.hold(database.with_name(locks.SERVE_LOCK), shared=True):
        runner.invoke(args=["backup", str(tmp_path / "a.tar.gz")])
    assert not list(database.parent.glob("*-foreign-wal"))


def test_copy_that_the_wal_makes_newer_again_is_explained(app, database, killed, tmp_path, caplog):
    copy = tmp_path / "copy.sqlite"
    killed()
    shutil.copy(tmp_path / "flaskr.sqlite", copy)
    shutil.copy(copy, database)
    os.utime(f"{database}-wal", (1, 1))
    with app.app_context():
        init_db()
    assert "use flaskr restore" in caplog.text
    assert read(database) == 20


def test_database_without_versions_is_not_compared(tmp_path):
    database = tmp_path / "a.sqlite"
    with closing(sqlite3.connect(database)) as db:
        db.executescript("PRAGMA journal_mode = WAL; CREATE TABLE a (b);")
        os.utime(f"{database}-wal", (1, 1))
        assert not files.is_older_than_its_wal(database)


def test_wal_of_a_killed_server_is_used(app, database, killed):
    killed()
    with app.app_context():
        init_db()
    assert read(database) == 20
    assert not list(database.parent.glob("*-foreign-wal"))


def test_damaged_database_keeps_its_wal(database, killed):
    killed()
    database.write_bytes(b"x" * 4096)
    assert files.set_foreign_wal_aside(database) is None


def test_checking_changes_no_file(database, killed):
    killed()
    before = [path.read_bytes() for path in sorted(database.parent.glob("flaskr.sqlite*-wal"))]
    assert files.find_problems(database) == []
    assert [path.read_bytes() for path in database.parent.glob("flaskr.sqlite*-wal")] == before


def test_open_database_is_in_use(database):
    assert not files.in_use(database)
    with closing(sqlite3.connect(database)) as other:
        other.execute("SELECT * FROM post").fetchall()
        assert files.in_use(database)


def test_database_that_cannot_be_locked_counts_as_free(database, monkeypatch):
    monkeypatch.setattr(files, "find_problems", lambda database: [])
    database.write_bytes(b"")
    database.chmod(0o400)
    database.unlink()
    assert not files.in_use(database)


def test_missing_file_is_no_database(tmp_path):
    assert not files.is_database(tmp_path / "missing")
    assert files.find_problems(tmp_path / "missing.sqlite")
