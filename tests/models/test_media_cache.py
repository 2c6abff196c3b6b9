import os
import time

import pytest

from flaskr.models.media_cache import Cache


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "copies"


@pytest.fixture
def cache(folder):
    return Cache(folder, 1000)


def use(folder, name, days_ago):
    os.utime(folder / name, (time.time() - days_ago * 86400, 1))


def test_copy_is_returned_with_the_time_of_the_file(cache, folder):
    cache.add("a.png", b"content", 12.0)
    assert cache.read("a.png") == (b"content", 12.0)
    assert folder.stat().st_mode & 0o777 == 0o700
    assert cache.read("b.png") is None


def test_least_recently_used_copies_go(cache, folder):
    for number in range(10):
        cache.add(f"{number}.png", b"x" * 100, 1)
        use(folder, f"{number}.png", 30 - number)
    assert len(os.listdir(folder)) == 10
    cache.read("0.png")
    cache.add("new.png", b"x" * 100, 1)
    assert {"0.png", "new.png"} <= set(os.listdir(folder))
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 1000
    assert cache.read("1.png") is None


def test_large_file_is_not_copied(cache, folder):
    cache.add("a.mp4", b"x" * 126, 1)
    assert not folder.exists()


def test_copies_of_an_earlier_process_count(folder):
    folder.mkdir()
    (folder / "old.png").write_bytes(b"x" * 2000)
    use(folder, "old.png", 1)
    Cache(folder, 1000).add("a.png", b"x", 1)
    assert os.listdir(folder) == ["a.png"]


def test_copies_can_be_deleted_at_any_time(cache, folder):
    cache.add("a.png", b"content", 1)
    cache.discard(["a.png", "b.png"])
    assert cache.read("a.png") is None
    folder.rmdir()
    cache.add("a.png", b"content", 1)
    assert cache.read("a.png") == (b"content", 1.0)


def test_full_disk_keeps_no_copy(cache, folder, monkeypatch):
    def fail(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    cache.add("a.png", b"content", 1)
    assert os.listdir(folder) == []


def test_folder_that_cannot_be_made_is_no_error(cache, folder):
    folder.write_text("in the way")
    cache.add("a.png", b"content", 1)
    assert cache.read("a.png") is None
