import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing

import pytest
from click.testing import CliRunner

from flaskr import cli
from flaskr import create_app
from flaskr import data_folder
from flaskr import errors
from flaskr.cli import moving
from flaskr.db import get_db


@pytest.fixture
def source(app, instance_path):
    """Create a blog with a post, an upload, settings and overrides."""
    (instance_path / "media").mkdir()
    (instance_path / "media" / "picture.png").write_bytes(b"\x89PNG" * 1000)
    (instance_path / "templates" / "blog").mkdir(parents=True)
    (instance_path / "templates" / "blog" / "show.html").write_text("mine")
    (instance_path / "config.py").write_text("SITE_TITLE = 'mine'\n")
    (instance_path / "secret_key").write_bytes(b"k" * 32)
    return instance_path


@pytest.fixture
def target(tmp_path):
    return tmp_path / "data" / "flaskr"


def files(folder):
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".sqlite"
    }


def titles(folder):
    with closing(sqlite3.connect(folder / "flaskr.sqlite")) as db:
        return [title for (title,) in db.execute("SELECT title FROM post")]


def move(source, target):
    return moving.move(source, target, source / "flaskr.sqlite")


def run(*arguments):
    return CliRunner().invoke(cli.main, list(arguments))


def test_everything_is_moved_and_the_old_folder_is_renamed(source, target):
    before, mode = files(source), source.stat().st_mode
    old = move(source, target)
    assert not source.exists()
    assert (files(target), titles(target)) == (before, ["test title"])
    assert (files(old), titles(old)) == (before, ["test title"])
    assert stat.S_IMODE((target / "flaskr.sqlite").stat().st_mode) == 0o600
    assert target.stat().st_mode == mode


def test_uncheckpointed_writes_are_moved(source, target):
    with closing(sqlite3.connect(source / "flaskr.sqlite")) as db:
        db.execute("INSERT INTO post (author_id, title, body) VALUES (1, 'last', '')")
        db.commit()
        (source / "flaskr.sqlite-wal").stat()
    move(source, target)
    assert titles(target) == ["test title", "last"]


def test_command_reports_the_move(source, target):
    result = run("--instance", str(source), "move-instance", str(target))
    first, second, third = result.stdout.splitlines()
    assert first == f"Moved the blog from {source} to {target}."
    assert second.startswith(f"The old folder is now {source}-moved-")
    assert f"flaskr --instance {target} serve" in third
    listed = run("--instance", str(target), "user", "list")
    assert "test (author, 1 post)" in listed.stdout


@pytest.mark.parametrize("journal_mode", ("WAL", "DELETE"))
def test_blog_in_use_is_not_moved(source, target, journal_mode):
    with closing(sqlite3.connect(source / "flaskr.sqlite")) as db:
        db.execute(f"PRAGMA journal_mode = {journal_mode}")
        db.execute("BEGIN IMMEDIATE")
        result = run("--instance", str(source), "move-instance", str(target))
    assert (result.exit_code, "Error: The blog is in use." in result.stderr) == (1, True)
    assert titles(source) == ["test title"]
    assert not target.exists()


def test_blog_with_an_idle_server_is_not_moved(source, target):
    program = (
        f"import sqlite3, sys; db = sqlite3.connect({str(source / 'flaskr.sqlite')!r});"
        "db.execute('SELECT * FROM post').fetchall(); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(  # noqa: S603  # ours
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        process.stdout.readline()
        with pytest.raises(errors.Conflict, match="in use"):
            move(source, target)
        process.stdin.close()
    move(source, target)
    assert titles(target) == ["test title"]


@pytest.mark.parametrize("sign", data_folder.BLOG_FILES)
def test_target_with_a_blog_is_rejected(source, target, sign):
    target.mkdir(parents=True)
    (target / sign).write_text("theirs")
    with pytest.raises(errors.Conflict, match="already contains a blog"):
        move(source, target)
    assert (target / sign).read_text() == "theirs"
    assert titles(source) == ["test title"]


def test_target_with_other_files_is_rejected(source, target):
    target.mkdir(parents=True)
    (target / "thesis.txt").write_text("years")
    with pytest.raises(errors.Conflict, match="is not empty"):
        move(source, target)
    assert os.listdir(target) == ["thesis.txt"]


def test_target_with_only_a_secret_key_is_accepted(source, target):
    target.mkdir(parents=True)
    (target / "secret_key").write_bytes(b"x" * 32)
    move(source, target)
    assert (target / "secret_key").read_bytes() == b"k" * 32


@pytest.mark.parametrize("name", (".", "inside", "inside/more", ".."))
def test_target_inside_or_around_the_blog_is_rejected(source, name):
    with pytest.raises(errors.Conflict, match="neither in"):
        move(source, source / name)
    assert titles(source) == ["test title"]


def test_moving_without_a_blog_is_rejected(tmp_path, target):
    result = run("--instance", str(tmp_path / "new"), "move-instance", str(target))
    assert (result.exit_code, "There is no blog in" in result.stderr) == (1, True)


def interrupt(source, target, after, monkeypatch):
    """Interrupt a move at the given file, like a power cut."""
    copies = []

    def copy(*arguments, **options):
        copies.append(arguments)
        if len(copies) > after:
            raise KeyboardInterrupt
        return original(*arguments, **options)

    original = moving.shutil.copy2
    with monkeypatch.context() as patch:
        patch.setattr(moving.shutil, "copy2", copy)
        with pytest.raises(KeyboardInterrupt):
            move(source, target)


@pytest.mark.parametrize("after", (0, 1, 2, 3))
def test_interrupted_move_keeps_the_blog_and_can_be_finished(source, target, after, monkeypatch):
    before = files(source)
    interrupt(source, target, after, monkeypatch)
    assert data_folder.holds_blog(source)
    assert not data_folder.holds_blog(target)
    (source / "media" / "picture.png").rename(source / "media" / "other.png")
    move(source, target)
    assert titles(target) == ["test title"]
    before["media/other.png"] = before.pop("media/picture.png")
    assert files(target) == before


def test_unfinished_copy_is_not_opened(source, target, monkeypatch):
    interrupt(source, target, 1, monkeypatch)
    result = run("--instance", str(target), "user", "list")
    finish = f"flaskr --instance {source} move-instance {target}"
    assert (result.exit_code, finish in result.stderr) == (1, True)


def test_unfinished_copy_of_another_blog_is_not_replaced(source, target, tmp_path, monkeypatch):
    interrupt(source, target, 1, monkeypatch)
    other = tmp_path / "other"
    other.mkdir()
    (other / "config.py").touch()
    (other / "config.py").write_text("SITE_TITLE = 'other'")
    with pytest.raises(errors.Conflict, match="contains an unfinished copy of"):
        move(other, target)


def test_move_interrupted_before_removing_the_marker_is_complete(source, target):
    old = move(source, target)
    (target / data_folder.MOVE_MARKER).write_bytes(os.fsencode(source))
    assert data_folder.holds_blog(target)
    again = move(target, target.with_name("next"))
    assert again.exists()
    assert old.exists()
    assert not (target.with_name("next") / data_folder.MOVE_MARKER).exists()


def test_rename_error_is_reported(source, target, monkeypatch):
    def refuse(*_):
        raise OSError(16, "Device or resource busy")

    monkeypatch.setattr(moving.Path, "rename", refuse)
    with pytest.raises(errors.Conflict, match="was copied .* delete the files in it"):
        move(source, target)
    assert not data_folder.holds_blog(target)
    shutil.rmtree(source)
    assert data_folder.holds_blog(target)


def test_links_and_sockets_do_not_prevent_a_move(source, target, monkeypatch):
    (source / "static").symlink_to("templates")
    monkeypatch.chdir(source)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind("s")
    move(source, target)
    assert (target / "static").readlink().name == "templates"
    assert not (target / "s").exists()


def test_disk_error_is_reported_and_the_blog_stays(source, target, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(moving.shutil, "copy2", fail)
    with pytest.raises(errors.Unavailable, match="was not moved.* No space left on device"):
        move(source, target)
    assert data_folder.holds_blog(source)


@pytest.mark.parametrize("trouble", ("target", "database"))
def test_unreadable_database_is_reported_and_the_blog_stays(source, target, trouble):
    if trouble == "target":
        target.parent.write_text("no folder")
    else:
        # SQLite cannot open the WAL file.
        (source / "flaskr.sqlite-wal").mkdir()
    with pytest.raises(errors.Unavailable, match="was not moved"):
        move(source, target)
    assert (source / "flaskr.sqlite").exists()


@pytest.mark.parametrize(
    ("place", "damage"), ((4096, b"x" * 4096 * 20), (36, b"\0\0\0\5")), ids=("pages", "header")
)
def test_damaged_database_is_not_moved(source, target, place, damage):
    with closing(sqlite3.connect(source / "flaskr.sqlite")) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with open(source / "flaskr.sqlite", "r+b") as file:
        file.seek(place)
        file.write(damage)
    with pytest.raises(errors.Unavailable, match="was not moved"):
        move(source, target)
    assert not data_folder.holds_blog(target)


def test_differing_copy_is_reported(source, target, monkeypatch):
    monkeypatch.setattr(moving.shutil, "copy2", lambda file, to: to and open(to, "w").close())
    with pytest.raises(errors.Unavailable, match="differs"):
        move(source, target)


def test_database_outside_of_the_folder_is_not_moved(source, target, tmp_path):
    database = (source / "flaskr.sqlite").rename(tmp_path / "elsewhere.sqlite")
    (source / "config.py").write_text(f"DATABASE = {str(database)!r}\n")
    result = run("--instance", str(source), "move-instance", str(target))
    assert f"The database was not moved, because DATABASE is {database}." in result.stdout
    assert "test (author, 1 post)" in run("--instance", str(target), "user", "list").stdout


def test_absolute_database_path_in_the_folder_is_rejected(source, target):
    (source / "config.py").write_text(f"DATABASE = {str(source / 'flaskr.sqlite')!r}\n")
    result = run("--instance", str(source), "move-instance", str(target))
    assert result.exit_code == 1
    assert "Set it to 'flaskr.sqlite'" in result.stderr


def test_blog_without_a_database_is_moved(tmp_path, target):
    source = tmp_path / "new"
    source.mkdir()
    (source / "config.py").write_text("SITE_TITLE = 'new'\n")
    move(source, target)
    assert os.listdir(target) == ["config.py"]


def test_blog_of_another_user_is_not_moved(source, target, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 54321)
    with pytest.raises(errors.Conflict, match="belongs to another user"):
        move(source, target)


def test_default_target_is_the_user_folder(source, target, monkeypatch):
    monkeypatch.setattr(data_folder, "user_folder", lambda: target)
    assert "Moved the blog" in run("--instance", str(source), "move-instance").stdout
    monkeypatch.setattr(data_folder, "user_folder", lambda: None)
    result = run("--instance", str(target), "move-instance")
    assert (result.exit_code, "Add the folder" in result.stderr) == (2, True)


@pytest.mark.skipif(os.name != "posix", reason="Only POSIX has XDG_DATA_HOME.")
def test_blog_is_found_in_the_default_target(source, tmp_path, monkeypatch):
    flask_folder = tmp_path / "prefix" / "var" / "flaskr-instance"
    flask_folder.parent.mkdir(parents=True)
    source.rename(flask_folder)
    monkeypatch.setattr(data_folder, "find_package", lambda _: (tmp_path / "prefix", tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("FLASKR_INSTANCE_PATH")
    result = run("move-instance")
    assert len(result.stdout.splitlines()) == 2
    listed = run("user", "list")
    assert listed.stderr == f"Blog: {tmp_path / 'home' / 'flaskr'}\n"
    assert "test (author, 1 post)" in listed.stdout


def test_moved_blog_is_served(source, target, monkeypatch):
    move(source, target)
    monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(target))
    app = create_app({"TESTING": True})
    with app.app_context():
        assert get_db().execute("SELECT count(*) FROM post").fetchone()[0] == 1
    assert "test title" in app.test_client().get("/").text
