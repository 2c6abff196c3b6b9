import threading
import time

import pytest

from flaskr.backups import archives
from flaskr.backups import creation
from flaskr.backups import records
from flaskr.backups import schedule
from flaskr.data_folder import locks


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "backups"


@pytest.fixture
def scheduled(blog, folder, open_app):
    return open_app(blog.instance, BACKUP_DIR=str(folder), BACKUP_KEEP=1)


def age(blog, hours):
    """Let the last backup be older."""
    found = records.load(blog.instance)
    found["made"][-1]["time"] -= hours * 3600
    (blog.instance / records.FILE).write_text(records.json.dumps(found))


def test_record_that_cannot_be_stored_leaves_no_file(blog):
    (blog.instance / records.FILE).mkdir()
    records.add_error(blog.instance, "The disk is full.")
    assert not [*blog.instance.glob("*.part")]


def test_backup_is_made_when_it_is_due(blog, scheduled, folder, monkeypatch):
    assert schedule.run_if_due(scheduled)
    assert not schedule.run_if_due(scheduled)
    (first,) = folder.iterdir()
    assert archives.is_intact(first)
    age(blog, 25)
    monkeypatch.setattr(schedule.write.__globals__["files"], "stamp", lambda: "2999")
    assert schedule.run_if_due(scheduled)
    assert [path.name for path in folder.iterdir()] == ["flaskr-backup-2999.tar.gz"]


def test_clock_that_goes_back_deletes_no_new_backup(blog, scheduled, folder, monkeypatch):
    scheduled.config["BACKUP_KEEP"] = 2
    year = 365 * 24 * 3600
    now = time.time()
    made = []
    for moment, stamp in ((now, "2026-1"), (now + year, "2027-1"), (now, "2026-2")):
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        monkeypatch.setattr(creation.files, "stamp", lambda stamp=stamp: stamp)
        assert schedule.run_if_due(scheduled)
        made.append(records.last(blog.instance)["file"])
    assert not schedule.run_if_due(scheduled)
    assert sorted(made[1:]) == sorted(map(str, folder.iterdir()))


def test_one_of_several_processes_makes_it(blog, scheduled, folder):
    with locks.hold(blog.instance / locks.BACKUP_LOCK):
        assert not schedule.run_if_due(scheduled)
    threads = [threading.Thread(target=schedule.run_if_due, args=(scheduled,)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(list(folder.iterdir())) == 1


def test_failure_is_remembered_and_repeated_after_an_hour(blog, scheduled, folder, caplog):
    folder.write_text("a file")
    assert not schedule.run_if_due(scheduled)
    assert "The backup failed" in caplog.text
    assert "File exists" in records.load(blog.instance)["error"]
    folder.unlink()
    assert not schedule.run_if_due(scheduled)
    error = records.load(blog.instance)
    error["error_time"] = time.time() - 3601
    (blog.instance / records.FILE).write_text(records.json.dumps(error))
    assert schedule.run_if_due(scheduled)
    assert "error" not in records.load(blog.instance)


def test_unexpected_error_does_not_end_the_backups(blog, scheduled, monkeypatch, caplog):
    monkeypatch.setattr(schedule, "write", lambda *_, **__: 1 / 0)
    assert not schedule.run_if_due(scheduled)
    assert "ZeroDivisionError" in records.load(blog.instance)["error"]
    assert "Traceback" in caplog.text


def test_name_that_is_left_out_is_logged(blog, scheduled, caplog):
    (blog.instance / "static").mkdir()
    (blog.instance / "static" / "a\nb").write_text("mine")
    assert schedule.run_if_due(scheduled)
    assert "'static/a\\nb' is not in the backup" in caplog.text


def test_wrong_settings_are_remembered(blog, scheduled):
    (blog.instance / "config.py").write_text("nonsense(")
    assert not schedule.run_if_due(scheduled)
    assert "config.py, line 1 has an error" in records.load(blog.instance)["error"]


def test_thread_starts_with_the_first_request(blog, open_app, monkeypatch):
    started = []
    monkeypatch.setattr(schedule, "_run", started.append)
    scheduled = open_app(blog.instance, BACKUP_DIR="x")
    scheduled.test_client().get("/hello")
    assert started == [scheduled]


def test_without_a_folder_no_thread_is_started(app, blog, open_app, monkeypatch):
    started = []
    monkeypatch.setattr(schedule, "_run", started.append)
    app.test_client().get("/hello")
    never = open_app(blog.instance, BACKUP_DIR="x", BACKUP_EVERY=0)
    never.test_client().get("/hello")
    assert started == []


def test_database_in_memory_is_not_backed_up(blog, open_app):
    app = open_app(blog.instance, BACKUP_DIR="x", DATABASE=":memory:")
    assert not schedule.run_if_due(app)
