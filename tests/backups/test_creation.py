import os
import shutil
import socket
import stat
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from flaskr import errors
from flaskr.backups import creation
from flaskr.backups import records
from flaskr.backups import scratch
from flaskr.data_folder import locks
from flaskr.models import media
from flaskr.models.permissions import SYSTEM

from .conftest import content
from .conftest import names


def delete(app, medium):
    with app.app_context():
        media.delete(medium["id"], SYSTEM)


def test_backup_contains_everything_but_the_secret_key(make):
    found = names(make())
    assert found[0] == "backup.json"
    assert found[-2:] == ["flaskr.sqlite", "manifest.json"]
    assert {"config.py", "templates/blog/extra.html"} < set(found)
    assert len([name for name in found if name.startswith("media/")]) > 0
    assert "secret_key" not in found


def test_secret_key_is_added_on_request(make, instance_path):
    backup = make(with_secrets=True)
    assert content(backup, "secret_key") == (instance_path / "secret_key").read_bytes()


CONFIG = """\
KEY = "höchst geheim"; SITE_TITLE = "Titel"
SECRET_KEY = KEY
SECRET_KEY_FALLBACKS = [b"\\x01old",
    "older"]
if True:
    SETUP_TOKEN = (
        "to"
        "ken"
    )
"""


def test_secrets_in_the_settings_are_left_out(make, instance_path):
    (instance_path / "config.py").write_text(CONFIG, encoding="utf-8")
    stored = content(make(), "config.py").decode()
    for secret in ("geheim", "old", '"to"', '"ken"'):
        assert secret not in stored
    values = {}
    exec(stored, values)  # noqa: S102  # it was stored by the test
    assert (values["SITE_TITLE"], values["SECRET_KEY"], values["SETUP_TOKEN"]) == ("Titel", "", "")
    assert content(make(with_secrets=True), "config.py").decode() == CONFIG


@pytest.mark.parametrize(
    "value",
    (
        '"geh" + "eim"',
        'b"geh" + b"eim"',
        'bytes.fromhex("67656865696d")',
        '"".join(["geh", "eim"])',
        """f"geh{'eim'}\"""",
    ),
)
def test_computed_secrets_are_left_out(make, instance_path, value):
    config = f"SECRET_KEY: object = {value}\nSECRET_KEY_FALLBACKS = ['old', {value}]\nDEBUG = 0\n"
    (instance_path / "config.py").write_text(config)
    stored = content(make(), "config.py").decode()
    assert stored == 'SECRET_KEY: object = ""\nSECRET_KEY_FALLBACKS = ["", ""]\nDEBUG = 0\n'


def test_names_of_variables_with_secrets_stay(make, instance_path):
    config = 'import os\nSECRET_KEY: str\nSECRET_KEY = os.environ.get("KEY", "geheim")\n'
    config += 'SECRET_KEY_FALLBACKS = [""]\n'
    (instance_path / "config.py").write_text(config)
    assert content(make(), "config.py").decode() == config.replace("geheim", "")


def test_broken_settings_are_reported(make, instance_path):
    (instance_path / "config.py").write_text("SECRET_KEY = nothing")
    with pytest.raises(errors.Invalid, match=r"config.py, line 1 has an error"):
        make()


def test_blog_without_settings_is_backed_up(make, instance_path):
    (instance_path / "config.py").unlink()
    assert "config.py" not in names(make())


def test_file_that_is_deleted_meanwhile_is_no_problem(app, blog, upload):
    first, second = upload("red"), upload("blue")
    backup = creation.Backup(blog)
    chunks = backup.chunks()
    next(chunks)
    delete(app, first)
    delete(app, second)
    assert b"".join(chunks)
    assert backup.missing == []


def test_file_that_is_uploaded_meanwhile_is_in_the_backup(blog, upload, make):
    backup = creation.Backup(blog)
    chunks = backup.chunks()
    parts = [next(chunks)]
    medium = upload("red")
    parts += chunks
    assert medium["name"].encode() in b"".join(parts)
    assert backup.missing == []


def test_file_that_is_uploaded_and_deleted_meanwhile_needs_another_copy(
    app, blog, upload, monkeypatch
):
    copies, copy = [], creation.files.copy

    def delete_after_copying(source, target):
        uploaded = upload("red") if not copies else None
        copy(source, target)
        copies.append(target)
        if uploaded:
            delete(app, uploaded)

    monkeypatch.setattr(creation.files, "copy", delete_after_copying)
    backup = creation.Backup(blog)
    assert b"".join(backup.chunks())
    assert (len(copies), backup.missing) == (2, [])


def test_file_that_the_blog_has_lost_is_reported(blog, upload, instance_path):
    medium = upload("red")
    (instance_path / "media" / medium["name"]).unlink()
    backup = creation.Backup(blog)
    assert b"".join(backup.chunks())
    assert backup.missing == [medium["name"]]


def test_links_are_followed_but_not_in_circles(make, instance_path, tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "a.css").write_text("a")
    (elsewhere / "a\\b.css").write_text("no name for every system")
    (elsewhere / "again").symlink_to(elsewhere)
    (instance_path / "static").symlink_to(elsewhere)
    monkeypatch.chdir(elsewhere)
    with closing(socket.socket(socket.AF_UNIX)) as listener:
        listener.bind("s")
        assert [name for name in names(make()) if "static" in name] == ["static/a.css"]


def test_file_appears_when_it_is_complete_and_only_its_owner_reads_it(blog, tmp_path):
    seen = []
    target = tmp_path / "a.tar.gz"
    made = creation.write(blog, target, progress=lambda *_: seen.append(target.exists()))
    assert seen
    assert not any(seen)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert (made.file, made.bytes) == (target, target.stat().st_size)
    assert records.last(blog.instance)["file"] == str(target)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tar.gz", "instance"]


def test_other_files_are_not_overwritten_but_backups_are(blog, tmp_path):
    target = tmp_path / "a.tar.gz"
    creation.write(blog, target)
    creation.write(blog, target)
    assert len(records.load(blog.instance)["made"]) == 1
    target.write_text("My thesis")
    with pytest.raises(errors.Conflict, match="is not a backup"):
        creation.write(blog, target)
    assert target.read_text() == "My thesis"


@pytest.mark.parametrize(
    ("code", "sentence"),
    (
        (28, "The disk is full."),
        (27, "larger than this system allows"),
        (30, "The disk is read-only"),
        (13, "Permission denied"),
    ),
)
def test_disk_error_is_a_sentence_and_leaves_nothing(blog, tmp_path, monkeypatch, code, sentence):
    def fail(*_):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(creation.os, "fsync", fail)
    with pytest.raises(errors.Unavailable, match=sentence):
        creation.write(blog, tmp_path / "a.tar.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["instance"]
    assert not list(blog.instance.glob("unfinished*"))


def test_database_error_is_a_sentence(blog):
    blog.database.write_bytes(b"no database" * 1000)
    with pytest.raises(errors.Unavailable, match="is damaged"):
        list(creation.Backup(blog).chunks())


def test_only_one_process_writes_a_backup(blog, tmp_path):
    with locks.hold(blog.instance / locks.BACKUP_LOCK) as is_free:
        assert is_free
        with pytest.raises(errors.Conflict, match="Another backup is running"):
            creation.write(blog, tmp_path)


def test_backup_that_is_not_wanted_any_more_is_not_made(blog, tmp_path):
    assert creation.write(blog, tmp_path, is_wanted=lambda: False) is None


def test_old_backups_are_deleted_but_no_other_files(blog, tmp_path, monkeypatch):
    stamps = iter("12345")
    monkeypatch.setattr(creation.files, "stamp", lambda: next(stamps))
    made = [creation.write(blog, tmp_path).file for _ in range(3)]
    theirs = tmp_path / "flaskr-backup-0.tar.gz"
    theirs.write_bytes(made[0].read_bytes())
    made[1].write_bytes(b"replaced")
    last = creation.write(blog, tmp_path, keep=1)
    assert last.deleted == [made[0], made[2]]
    assert theirs.exists()
    assert made[1].exists()
    assert last.file.exists()


def test_what_a_killed_process_left_is_deleted(blog, tmp_path):
    partial = tmp_path / "a.tar.gz.part"
    records.begin(blog.instance, partial)
    partial.write_text("half")
    left, busy, new = (blog.instance / f"{scratch.PREFIX}{name}" for name in "abc")
    for folder in (left, busy, new):
        folder.mkdir()
    (left / scratch.LOCK).touch()
    with locks.hold(busy / scratch.LOCK):
        creation.write(blog, tmp_path / "b.tar.gz")
        assert (partial.exists(), left.exists(), busy.exists(), new.exists()) == (
            False,
            False,
            True,
            True,
        )
    os.utime(new, (0, 0))
    scratch.delete_abandoned(blog.instance)
    assert not new.exists()


def test_blogs_share_a_folder(blog, tmp_path, monkeypatch):
    monkeypatch.setattr(creation.files, "stamp", lambda: "now")
    theirs = tmp_path / "flaskr-backup-now.tar.gz.part"
    theirs.write_text("another blog's")
    first = creation.write(blog, tmp_path).file
    theirs.rename(tmp_path / "flaskr-backup-now.tar.gz")
    second = creation.write(blog, tmp_path).file
    assert [first.name, second.name] == [
        "flaskr-backup-now-2.tar.gz",
        "flaskr-backup-now-3.tar.gz",
    ]
    assert sorted(tmp_path.glob("*.part")) == []


def test_partial_file_of_another_blog_is_kept(blog, tmp_path):
    theirs = tmp_path / "a.tar.gz.part"
    theirs.write_text("another blog's")
    with pytest.raises(errors.Conflict, match="a.tar.gz.part exists. Delete it"):
        creation.write(blog, tmp_path / "a.tar.gz")
    assert theirs.read_text() == "another blog's"


def test_backup_leaves_room_on_the_disk(blog, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=10**7))
    with pytest.raises(errors.Unavailable, match="The disk is full"):
        creation.write(blog, tmp_path / "a.tar.gz")
    assert not list(tmp_path.glob("a.tar.gz*"))


def test_file_whose_name_cannot_be_stored_is_named(blog, instance_path, tmp_path):
    (instance_path / "static").mkdir()
    for name in ("10:30.txt", "a\nb.txt", os.fsdecode(b"\xff.txt")):
        (instance_path / "static" / name).write_text("mine")
    made = creation.write(blog, tmp_path / "a.tar.gz")
    assert made.left_out == ["static/a\nb.txt"]
    with tarfile.open(made.file) as archive:
        assert {"static/10:30.txt", "static/\udcff.txt"} < set(archive.getnames())


@pytest.mark.parametrize(
    "damage", ("", "[]", "{}", '{"made": 1}', '{"made": [1, {"file": 1, "digest": "a"}]}')
)
def test_damaged_records_are_no_records(blog, damage):
    (blog.instance / records.FILE).write_text(damage)
    assert records.load(blog.instance)["made"] == []
    assert records.last(blog.instance) is None


def test_paths_of_files_are_absolute(blog, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    creation.write(blog, Path("a.tar.gz"))
    assert records.last(blog.instance)["file"] == str(tmp_path / "a.tar.gz")
