import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from flaskr import db
from flaskr.page_cache import wal_index


@pytest.fixture
def database(tmp_path):
    path = str(tmp_path / "some.sqlite")
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("CREATE TABLE some (thing)")
    return path


def find(database):
    return wal_index.find(database, db.sqlite.file_id(os.stat(database)))


def commit(database):
    with closing(sqlite3.connect(database)) as db, db:
        db.execute("INSERT INTO some VALUES (1)")


def test_every_commit_changes_the_header(database):
    index = find(database)
    headers = [index.read_header()]
    for _ in range(5):
        commit(database)
        assert index.read_header() == index.read_header()
        headers.append(index.read_header())
    assert None not in headers
    assert len(set(headers)) == 6


def test_index_is_shared_and_keeps_the_file_alive(database):
    index = find(database)
    assert find(database) is index
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = index.read_header()
    assert index.is_current_file()
    commit(database)
    assert index.read_header() not in (before, None)


def test_inconsistent_header_is_rejected(database):
    index = find(database)
    good = index.read_header()
    half = wal_index.HEADER_BYTES
    for broken in (
        good[: half + 8] + b"\xff" * 4 + good[half + 12 :],
        (b"\0\0\0\0" + good[4:half]) * 2,
        (good[:12] + b"\0" + good[13:half]) * 2,
    ):
        with open(f"{database}-shm", "r+b") as file:
            file.write(broken)
        assert index.read_header() is None


def test_replaced_or_missing_file_is_rejected(database):
    assert find(database) is not None
    Path(f"{database}-shm").replace(f"{database}-away")
    assert find(database) is None
    Path(f"{database}-shm").write_bytes(bytes(100))
    assert find(database) is None


def test_no_index_without_wal_mode_or_posix(tmp_path, database, monkeypatch):
    path = str(tmp_path / "plain.sqlite")
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE some (thing)")
    Path(f"{path}-shm").write_bytes(bytes(100))
    assert find(path) is None
    monkeypatch.setattr(wal_index.os, "name", "nt")
    assert find(database) is None
