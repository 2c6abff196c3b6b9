import io
import sqlite3
from contextlib import closing

import pytest

from flaskr import __version__
from flaskr import errors
from flaskr import migrations
from flaskr import text
from flaskr.backups import verification

from .conftest import content
from .conftest import forge


@pytest.fixture
def verify(tmp_path, open_app):
    def verify(backup):
        folder = tmp_path / "unpacked"
        folder.mkdir()
        return verification.verify(backup, folder, open_app, lambda done: None)

    return verify


@pytest.fixture
def change(make, tmp_path):
    """Makes a backup of the blog's database after changing it by SQL."""

    def change(*statements):
        file = tmp_path / "changed.sqlite"
        file.write_bytes(content(make(), "flaskr.sqlite"))
        with closing(sqlite3.connect(file)) as db:
            for statement in statements:
                db.execute(statement)
            db.commit()
        return forge({"flaskr.sqlite": file.read_bytes()})

    return change


def test_good_backup_has_no_faults(make, verify):
    found = verify(make())
    assert (found.faults, found.notes) == ([], [])
    holds = f"by flaskr {__version__}: 2 posts, 2 users, 1 file, without the secret key."
    assert found.holds.endswith(holds)


def test_backup_with_the_secret_key_says_so(make, verify):
    assert "1 file, with the secret key." in verify(make(with_secrets=True)).holds


def test_missing_database_is_a_fault(verify):
    assert verify(forge({})).faults == ["The backup has no database."]


def test_damaged_database_is_a_fault(verify, make):
    damaged = bytearray(content(make(), "flaskr.sqlite"))
    damaged[4096:40960] = b"x" * 36864
    (fault, *_) = verify(forge({"flaskr.sqlite": bytes(damaged)})).faults
    assert fault.startswith("The database is damaged: ")


def test_empty_database_is_a_fault(verify):
    assert verify(forge({"flaskr.sqlite": b""})).faults == ["The database is damaged: it is empty."]


def test_missing_media_file_is_a_fault(verify, change):
    (fault, *_) = verify(change()).faults
    assert fault.endswith("is missing, which the database names.")


def test_newer_database_is_refused(verify, change):
    with pytest.raises(errors.Conflict, match="made by a newer flaskr"):
        verify(change(f"PRAGMA user_version = {migrations.latest() + 1}", "DELETE FROM media"))


def test_database_that_cannot_be_upgraded_is_a_fault(verify, change):
    (fault,) = verify(change("DELETE FROM media", "PRAGMA user_version = 12")).faults
    assert fault.startswith("The database was not changed")


def test_post_that_cannot_be_rendered_is_a_fault(verify, make, monkeypatch):
    def fail(body, *_):
        raise ValueError("too odd")

    backup = make()
    monkeypatch.setattr(text, "render", fail)
    faults = verify(backup).faults
    assert faults[:2] == [
        "Post 1 cannot be rendered: too odd.",
        "Post 2 cannot be rendered: too odd.",
    ]
    assert "The page / answers with the status 500." in faults


def test_what_was_amiss_in_the_blog_is_noted(verify, change):
    backup = change(
        "PRAGMA foreign_keys = OFF",
        "DELETE FROM media",
        "INSERT INTO post (author_id, title, body) VALUES (99, 'An orphan', 'x')",
    )
    found = verify(backup)
    assert found.notes == ["1 row of the database named something that no longer existed."]


def test_lost_files_are_noted(verify, make, instance_path):
    (lost,) = (instance_path / "media").glob("*.png")
    lost.unlink()
    (note,) = verify(io.BytesIO(make().getvalue())).notes
    assert note.startswith("1 media file had been lost before the backup was made")
