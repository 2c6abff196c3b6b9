import os
import re
import sqlite3
import sys
import threading
from contextlib import closing

import click
import pytest
from click import testing

from flaskr import create_app
from flaskr import migrations
from flaskr.backups import archives
from flaskr.db import files
from flaskr.models import tokens
from flaskr.models import users


@pytest.fixture
def run(app, instance_path, monkeypatch, tmp_path):
    """Runs a command of the blog, in a folder of its own."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("_FLASKR_NOTICES_PRINTED", raising=False)

    def run(*arguments, instance=instance_path, **options):
        monkeypatch.setenv("FLASKR_INSTANCE_PATH", str(instance))
        blog = create_app({"TESTING": True, **options.pop("config", {})})
        return blog.test_cli_runner().invoke(args=list(arguments), **options)

    return run


def test_backup_is_verified_and_restored(run, tmp_path):
    made = run("backup")
    (file,) = (tmp_path / "here").iterdir()
    assert re.match(rf"Backed up the blog to {file} \([\d.,]+ KB\)\.", made.stdout)
    verified = run("verify", str(file))
    assert verified.stdout.endswith("The backup is good.\n")
    assert "1 post, 2 users, 0 files" in verified.stdout
    restored = run("restore", str(file), instance=tmp_path / "new")
    assert restored.stdout == (
        f"Restored the blog from {file}.\n"
        "The backup has no secret key: everyone has to log in again.\n"
    )
    again = run("restore", str(file))
    assert "The former files are in" in again.stdout


def test_restore_names_former_passwords_and_what_was_revoked(run, app, instance_path, tmp_path):
    with app.app_context():
        tokens.create(users.find(1), name="x", scopes=["read"])
    run("backup", "a.tar.gz")
    elsewhere = run("restore", "a.tar.gz", instance=tmp_path / "new")
    assert "run: flaskr token revoke --all, and flaskr user logout --all" in elsewhere.stdout
    run("user", "password", "test", input="another\nanother\n")
    here = run("restore", "a.tar.gz")
    assert "their former password again: test." in here.stdout
    assert "revoke" not in here.stdout


def test_file_whose_name_a_backup_cannot_contain_is_named(run, instance_path):
    (instance_path / "static").mkdir()
    (instance_path / "static" / "a\nb.txt").touch()
    warning = "is not in the backup, which cannot contain its name. Rename the file."
    assert warning in run("backup", "-").stderr


def test_backup_goes_through_pipes(run, tmp_path):
    made = run("backup", "-", "--with-secrets")
    assert made.exit_code == 0
    restored = run("restore", "-", input=made.stdout_bytes, instance=tmp_path / "new")
    assert restored.stdout == "Restored the blog from -.\n"
    assert (tmp_path / "new" / "flaskr.sqlite").exists()


def test_backup_is_not_written_to_a_terminal(run, monkeypatch):
    stream = testing._NamedTextIOWrapper
    monkeypatch.setattr(stream, "isatty", lambda self: True, raising=False)
    result = run("backup", "-")
    assert (result.exit_code, "Redirect the output" in result.stderr) == (2, True)


def test_backup_goes_into_the_folder_of_the_settings(run, tmp_path, instance_path):
    (tmp_path / "kept").mkdir()
    config = {"BACKUP_DIR": str(tmp_path / "kept")}
    for _ in range(2):
        assert run("backup", config=config).exit_code == 0
    assert len(list((tmp_path / "kept").iterdir())) >= 1


def test_folder_of_the_settings_is_created(run, tmp_path):
    for _ in range(2):
        assert run("backup", config={"BACKUP_DIR": str(tmp_path / "new")}).exit_code == 0
    assert (tmp_path / "new").is_dir()


def test_backup_from_a_pipe_is_restored(run, tmp_path):
    made = run("backup", "-", "--with-secrets")
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(made.stdout_bytes,))
    writer.start()
    restored = run("restore", str(tmp_path / "pipe"), instance=tmp_path / "new")
    writer.join()
    assert restored.exit_code == 0, restored.output


@pytest.mark.parametrize("command", ("verify", "restore"))
@pytest.mark.parametrize("content", (b"", b"hello\n", b"text " * 100, files.HEADER * 99))
def test_other_files_are_no_backups(run, tmp_path, command, content):
    result = run(command, "-", input=content, instance=tmp_path / "new")
    assert result.exit_code == 1
    assert result.stderr.endswith("Error: This is not a backup of flaskr.\n")


@pytest.mark.parametrize(
    ("target", "message"),
    (
        ("pipe", "pipe is not a backup. Choose another name."),
        ("/dev/full", "/dev/full is not a backup. Choose another name."),
        ("missing/a.tar.gz", "There is no folder missing. Create it first."),
        ("missing/", "There is no folder missing/. Create it first."),
        ("b.tar.gz", "b.tar.gz.part exists. Delete it, unless another backup"),
    ),
)
def test_place_where_no_backup_can_be_written_is_explained(run, tmp_path, target, message):
    os.mkfifo(tmp_path / "here" / "pipe")
    (tmp_path / "here" / "b.tar.gz.part").touch()
    result = run("backup", target)
    assert (result.exit_code > 0, message in result.stderr) == (True, True), result.output
    assert {file.name for file in (tmp_path / "here").iterdir()} == {"pipe", "b.tar.gz.part"}


@pytest.mark.parametrize(
    ("arguments", "stream"),
    ((["backup", "-"], "stdout"), (["verify", "-"], "stdin"), (["restore", "-"], "stdin")),
)
def test_closed_streams_are_explained(instance_path, app, arguments, stream):
    with app.app_context():
        command = app.cli.commands[arguments[0]]
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, stream, None)
            with pytest.raises(click.UsageError, match="Redirect the"):
                command.main(arguments[1:], standalone_mode=False)


def test_old_backups_are_deleted(run, tmp_path, monkeypatch):
    stamps = iter("12")
    monkeypatch.setattr(files, "stamp", lambda: next(stamps))
    run("backup")
    result = run("backup", "--keep", "1")
    assert f"Deleted {tmp_path / 'here' / 'flaskr-backup-1.tar.gz'}." in result.stdout
    refused = run("backup", "one.tar.gz", "--keep", "1")
    assert (refused.exit_code, "--keep needs a folder" in refused.output) == (2, True)


def test_lost_files_are_a_warning(run, instance_path):
    with closing(sqlite3.connect(instance_path / "flaskr.sqlite")) as db:
        db.execute(
            """
            INSERT INTO media (hash, name, type, original_name, alt, words, size)
            VALUES ('a', 'a.png', 'image/png', 'a', '', '', 1)
            """
        )
        db.commit()
    result = run("backup", "a.tar.gz")
    assert "1 media file of the blog had been lost before, such as a.png." in result.stderr
    assert "Note: 1 media file had been lost" in run("verify", "a.tar.gz").stdout


@pytest.mark.parametrize("command", ("verify", "restore"))
def test_damaged_and_missing_files_are_reported(run, command):
    run("backup", "a.tar.gz")
    with open("a.tar.gz", "r+b") as file:
        file.seek(100)
        file.write(b"damage")
    result = run(command, "a.tar.gz")
    assert (result.exit_code, "The backup is damaged" in result.stderr) == (1, True)
    missing = run(command, "missing.tar.gz")
    assert (missing.exit_code, "missing.tar.gz: No such file" in missing.stderr) == (1, True)


def test_faults_of_the_blog_in_a_backup_are_reported(run, monkeypatch):
    run("backup", "a.tar.gz")
    monkeypatch.setattr("flaskr.backups.verification.PAGES", ("/missing",))
    result = run("verify", "a.tar.gz")
    assert (result.exit_code, "/missing answers with the status 404" in result.stderr) == (1, True)


def test_verifying_works_without_a_named_instance(run, monkeypatch):
    run("backup", "a.tar.gz")
    blog = create_app({"TESTING": True})
    monkeypatch.delenv("FLASKR_INSTANCE_PATH")
    assert blog.test_cli_runner().invoke(args=["verify", "a.tar.gz"]).exit_code == 0
    assert "FLASKR_INSTANCE_PATH" not in os.environ


def test_backup_of_a_lost_database_names_another(run, instance_path):
    run("backup", "a.tar.gz")
    (instance_path / "flaskr.sqlite").write_bytes(b"x" * 9999)
    result = run("backup", "b.tar.gz")
    assert (result.exit_code, "damaged" in result.stderr) == (1, True)


@pytest.mark.parametrize("is_missing", (True, False))
def test_backup_of_no_database_is_explained(run, instance_path, is_missing):
    run("backup", "a.tar.gz")
    (instance_path / "flaskr.sqlite").write_bytes(b"")
    if is_missing:
        (instance_path / "flaskr.sqlite").unlink()
    result = run("backup", "b.tar.gz")
    assert result.exit_code == 1
    assert "There is no database to back up" in result.stderr
    assert "The newest good backup is" in result.stderr


def test_snapshot_is_restored(run, instance_path):
    files.copy(instance_path / "flaskr.sqlite", instance_path.parent / "copy.sqlite")
    result = run("restore", str(instance_path.parent / "copy.sqlite"))
    assert "The former files are in" in result.stdout


@pytest.fixture
def old(instance_path):
    """The database of an earlier version."""
    database = instance_path / "flaskr.sqlite"
    database.unlink()
    for end in files.COMPANIONS:
        database.with_name(database.name + end).unlink(missing_ok=True)
    with closing(sqlite3.connect(database)) as db:
        db.executescript(
            """
            CREATE TABLE user (
                id INTEGER PRIMARY KEY AUTOINCREMENT, username TEXT UNIQUE NOT NULL,
                password TEXT NOT NULL
            );
            CREATE TABLE post (
                id INTEGER PRIMARY KEY AUTOINCREMENT, author_id INTEGER NOT NULL,
                created TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, title TEXT NOT NULL,
                body TEXT NOT NULL, FOREIGN KEY (author_id) REFERENCES user (id)
            );
            INSERT INTO user (username, password) VALUES ('ada', 'x');
            INSERT INTO post (author_id, title, body) VALUES (1, 'Old', 'b');
            """
        )
    return database


def test_upgrade_is_undone(run, old):
    upgraded = run("upgrade")
    assert f"Upgraded the database from version 0 to {migrations.latest()}." in upgraded.stdout
    assert "flaskr upgrade --undo" in upgraded.stdout
    assert run("upgrade").stdout == "The database is up to date.\n"
    with closing(sqlite3.connect(old)) as db:
        db.execute("UPDATE post SET title = 'New'")
        db.commit()
    refused = run("upgrade", "--undo", input="n\n")
    assert "Since then: 1 post changed. " in refused.stdout.replace("\n", " ")
    assert files.version(old) == migrations.latest()
    undone = run("upgrade", "--undo", "--yes")
    assert "Install the earlier release now" in undone.stdout
    assert files.version(old) == 0


def test_undo_says_that_nothing_was_written_since(run, old):
    run("upgrade")
    assert "Nothing was written since then." in run("upgrade", "--undo", "--yes").stdout


def test_upgrade_needs_a_database(run, tmp_path):
    result = run("upgrade", instance=tmp_path / "new")
    assert (result.exit_code, "There is no database" in result.stderr) == (1, True)


def test_database_in_memory_is_not_backed_up(run):
    result = run("backup", config={"DATABASE": ":memory:"})
    assert (result.exit_code, "is in memory" in result.stderr) == (1, True)


def test_older_backup_is_upgraded_when_it_is_restored(run, old, tmp_path):
    run("backup", "a.tar.gz")
    result = run("restore", "a.tar.gz", instance=tmp_path / "new")
    assert "Upgraded its database from version 0." in result.stdout
    assert archives.is_intact(tmp_path / "here" / "a.tar.gz")
