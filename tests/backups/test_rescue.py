import os

import pytest

from flaskr import errors
from flaskr.backups import creation
from flaskr.backups import rescue
from flaskr.db import files
from flaskr.db import init_db


@pytest.fixture
def backup(blog, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()
    return creation.write(blog, folder).file


@pytest.fixture
def snapshot(blog):
    path = blog.database.with_name("flaskr-2026-before-version-9.sqlite")
    files.copy(blog.database, path)
    os.utime(path, (1, 1))
    return path


def test_newest_good_backup_is_named_with_the_command(app, blog, backup, snapshot):
    with app.app_context():
        first, second = rescue.advice()
    assert first == f"The newest good backup is {backup}. Nothing was changed."
    assert second.endswith(f"flaskr restore {backup}")


def test_damaged_backup_is_skipped(app, backup, snapshot):
    backup.write_bytes(backup.read_bytes()[:-1])
    with app.app_context():
        (line, _) = rescue.advice()
    assert line.startswith(f"The newest good snapshot of the database is {snapshot}.")


def test_backups_in_the_folder_of_the_settings_are_found(blog, backup):
    (blog.instance / "backups.json").unlink()
    found = rescue.find_newest(blog.instance, blog.database, str(backup.parent))
    assert found == backup


def test_without_a_backup_it_says_so(app, blog):
    with app.app_context():
        (line,) = rescue.advice()
    assert line.startswith("Neither a good backup nor a snapshot was found.")


@pytest.mark.parametrize("is_empty", (True, False))
def test_lost_database_is_not_replaced_by_a_new_one(app, blog, is_empty):
    blog.database.unlink()
    if is_empty:
        blog.database.touch()
    with app.app_context(), pytest.raises(errors.Damaged, match="The database is missing"):
        init_db()
    assert not blog.database.exists() or not blog.database.stat().st_size


def test_lost_database_beside_its_snapshot_is_reported(app, blog, snapshot):
    blog.database.unlink()
    for path in (blog.instance / "media").iterdir():
        path.unlink()
    with app.app_context(), pytest.raises(errors.Damaged, match="The database is missing"):
        init_db()


def test_init_db_names_the_backup_to_restore(app, blog, backup):
    blog.database.unlink()
    result = app.test_cli_runner().invoke(args=["init-db"])
    assert result.exit_code == 1
    assert f"flaskr restore {backup}" in result.output
    assert not blog.database.exists()
