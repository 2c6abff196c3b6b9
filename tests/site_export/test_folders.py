import errno
import os

import pytest

from flaskr.errors import Conflict
from flaskr.errors import Unavailable
from flaskr.models import media_storage
from flaskr.site_export.entries import Medium
from flaskr.site_export.folders import Folder
from flaskr.site_export.folders import NoRoom


@pytest.fixture
def write(tmp_path):
    """Write files into the folder, as one run does."""

    def write(files):
        folder = Folder(tmp_path / "out", ".list")
        for name, content in files.items():
            folder.write(name, content)
        folder.finish()
        return folder.written, folder.unchanged, folder.removed

    return write


def test_only_files_that_changed_are_written(write, tmp_path):
    assert write({"a/b": b"1", "c": b"2"}) == (2, 0, 0)
    written_at = (tmp_path / "out" / "c").stat().st_mtime_ns
    assert write({"a/b": b"3", "c": b"2"}) == (1, 1, 0)
    assert (tmp_path / "out" / "a" / "b").read_bytes() == b"3"
    assert (tmp_path / "out" / "c").stat().st_mtime_ns == written_at


def test_files_that_vanish_are_removed_with_their_folders_but_no_others(write, tmp_path):
    write({"a/b": b"1", "c/d": b"2"})
    (tmp_path / "out" / "c" / "mine.txt").write_text("x")
    assert write({}) == (0, 0, 2)
    assert sorted(os.listdir(tmp_path / "out")) == [".list", "c"]
    assert os.listdir(tmp_path / "out" / "c") == ["mine.txt"]


def test_folder_with_files_of_others_is_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(Conflict, match="not empty"):
        Folder(tmp_path, ".list")


def test_run_that_was_killed_leaves_no_unknown_files(write, tmp_path):
    killed = Folder(tmp_path / "out", ".list")
    killed.write("a", b"1")
    (tmp_path / "out" / ".list.part").write_text("half")
    assert write({"b": b"2"}) == (1, 0, 1)
    assert sorted(os.listdir(tmp_path / "out")) == [".list", "b"]


def test_damaged_list_leads_to_no_file_outside(write, tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    write({"a": b"1"})
    (tmp_path / "out" / ".list").write_text(f"../mine.txt\n{tmp_path}/mine.txt\na\n")
    write({"a": b"1"})
    assert (tmp_path / "mine.txt").exists()


def test_file_becomes_a_folder_and_a_folder_a_file(write, tmp_path):
    write({"a": b"1", "b/c": b"2"})
    write({"a/x": b"1", "b": b"2"})
    assert (tmp_path / "out" / "a" / "x").is_file()
    assert (tmp_path / "out" / "b").is_file()


def test_there_is_no_room_for_a_file_in_the_way_of_another(tmp_path):
    folder = Folder(tmp_path / "out", ".list")
    folder.write("a/b", b"1")
    for name in ("a", "a/b/c", ".list", ".list.part/c"):
        with pytest.raises(NoRoom, match="another file is in its place"):
            folder.write(name, b"2")
    folder.write("a/c", b"3")
    assert (tmp_path / "out" / "a" / "b").read_bytes() == b"1"


def test_name_that_differs_only_in_case_has_no_room_where_the_disk_ignores_case(tmp_path):
    (tmp_path / ".list").touch()
    (tmp_path / ".LIST").touch()
    folder = Folder(tmp_path, ".list")
    folder.write("about/index.html", b"1")
    for name in ("About/index.html", "ABOUT"):
        with pytest.raises(NoRoom):
            folder.write(name, b"2")


@pytest.mark.parametrize("name", ("a/" * 3000 + "b", "b" * 300, "mine", "mine/b", "mine.txt/b"))
def test_name_that_is_impossible_or_taken_by_others_is_refused(tmp_path, name):
    folder = Folder(tmp_path / "out", ".list")
    (tmp_path / "out" / "mine" / "b").mkdir(parents=True)
    (tmp_path / "out" / "mine.txt").touch()
    with pytest.raises(NoRoom, match="cannot be written"):
        folder.write(name, b"1")
    folder.finish()
    assert sorted(os.listdir(tmp_path / "out")) == [".list", "mine", "mine.txt"]


@pytest.mark.usefixtures("context")
def test_content_is_copied_from_the_media_library_or_joined(write, tmp_path):
    media_storage.store().write("a.png", b"123")
    medium = Medium("a.png", 3)
    assert write({"a": medium, "b": iter([b"4", b"5"])}) == (2, 0, 0)
    assert [(tmp_path / "out" / name).read_bytes() for name in "ab"] == [b"123", b"45"]
    assert write({"a": medium, "b": b"45"}) == (0, 2, 0)


def test_target_that_is_a_file_is_explained(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(Unavailable, match="cannot be written"):
        Folder(tmp_path / "out", ".list")


def test_full_disk_is_explained(tmp_path, monkeypatch):
    folder = Folder(tmp_path / "out", ".list")

    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space")

    monkeypatch.setattr(os, "replace", refuse)
    with pytest.raises(Unavailable, match="disk is full"):
        folder.write("a", b"1")


def test_private_files_are_for_their_owner_also_in_a_folder_for_all(tmp_path):
    tmp_path.chmod(0o755)
    folder = Folder(tmp_path, ".list", is_private=True)
    folder.write("draft.md", b"secret")
    assert (tmp_path / "draft.md").stat().st_mode & 0o077 == 0


def test_nothing_is_removed_while_something_cannot_be_made(write, tmp_path):
    write({"a": b"1", "b": b"2"})
    folder = Folder(tmp_path / "out", ".list")
    folder.write("a", b"3")
    folder.finish(is_complete=False)
    assert (tmp_path / "out" / "b").exists()
    assert write({}) == (0, 0, 2)
