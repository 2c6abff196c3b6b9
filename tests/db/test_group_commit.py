"""A change is on the disk before it is acknowledged, and others can write while that is awaited."""

import os
import sqlite3
import threading
from contextlib import closing

import pytest

from flaskr import errors
from flaskr.db import get_db
from flaskr.db import transaction

if not hasattr(os, "fdatasync"):
    pytest.skip("SQLite waits by itself.", allow_module_level=True)
FULL, NORMAL = 2, 1


@pytest.fixture
def on_sync(monkeypatch):
    """Call a function in place of each wait for the disk."""

    def on_sync(work):
        monkeypatch.setattr(os, "fdatasync", lambda file: work())

    return on_sync


def mode():
    return get_db().execute("PRAGMA synchronous").fetchone()[0]


def add_tag(name):
    with transaction() as db:
        db.execute("INSERT INTO tag (name, name_key, slug) VALUES (?, ?, ?)", (name, name, name))


def test_others_write_while_a_commit_waits_for_the_disk(context, on_sync):
    def write():
        with closing(sqlite3.connect(context.config["DATABASE"], timeout=0)) as other, other:
            written.extend(other.execute("UPDATE tag SET name = 'other' RETURNING slug"))

    written = []
    on_sync(write)
    add_tag("sea")
    assert written == [("sea",)]


def test_change_that_the_disk_may_not_have_is_not_acknowledged(context, on_sync):
    def fail():
        raise OSError

    on_sync(fail)
    with pytest.raises(errors.Unavailable, match="The disk failed"):
        add_tag("sea")


def test_one_wait_serves_all_commits_before_it(context, on_sync):
    def write(name):
        with context.app_context():
            add_tag(name)

    def wait():
        waits.append(1)
        if len(waits) == 1:
            writers.extend(threading.Thread(target=write, args=(name,)) for name in "abcdef")
            for writer in writers:
                writer.start()
            with closing(sqlite3.connect(context.config["DATABASE"])) as db:
                while db.execute("SELECT count(*) FROM tag").fetchone()[0] < 7:
                    pass

    waits, writers = [], []
    on_sync(wait)
    add_tag("sea")
    for writer in writers:
        writer.join()
    assert 1 < len(waits) < 7


def test_failed_transaction_waits_for_nothing(context, on_sync):
    on_sync(pytest.fail)
    with pytest.raises(ZeroDivisionError), transaction():
        _ = 1 / 0
    assert mode() == FULL


@pytest.mark.parametrize(("journal", "expected"), (("WAL", NORMAL), ("DELETE", FULL)))
def test_sqlite_waits_by_itself_without_a_write_ahead_log(context, journal, expected):
    get_db().execute(f"PRAGMA journal_mode = {journal}")
    with transaction():
        assert mode() == expected
    assert mode() == FULL
