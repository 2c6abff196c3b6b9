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


def test_every_commit_gives_another_header(database):
    index = find(database)
    headers = [index.header()]
    for _ in range(5):
        commit(database)
        assert index.header() == index.header()
        headers.append(index.header())
    assert None not in headers
    assert len(set(headers)) == 6


def test_one_map_serves_all_and_the_file_stays_as_long(database):
    index = find(database)
    assert find(database) is index
    with closing(sqlite3.connect(database)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = index.header()
    assert index.is_in_place()
    commit(database)
    assert index.header() not in (before, None)


def test_a_header_in_the_midst_of_a_change_is_not_trusted(database):
    index = find(database)
    good = index.header()
    half = wal_index.HEADER
    for broken in (
        good[: half + 8] + b"\xff" * 4 + good[half + 12 :],
        (b"\0\0\0\0" + good[4:half]) * 2,
        (good[:12] + b"\0" + good[13:half]) * 2,
    ):
        index._map = broken
        assert index.header() is None


def test_a_file_that_somebody_replaced_or_took_away_is_not_trusted(database):
    assert find(database) is not None
    Path(f"{database}-shm").replace(f"{database}-away")
    assert find(database) is None
    Path(f"{database}-shm").write_bytes(bytes(100))
    assert find(database) is None


def test_there_is_no_index_without_wal_mode_or_on_other_systems(tmp_path, monkeypatch):
    path = str(tmp_path / "plain.sqlite")
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE some (thing)")
    Path(f"{path}-shm").write_bytes(bytes(100))
    assert find(path) is None
    monkeypatch.setattr(wal_index.os, "name", "nt")
    assert wal_index._open(path) is None
