"""Backups of a blog whose media are in a bucket, and restored blogs whose media are."""

import io

import pytest

from flaskr import errors
from flaskr.backups import Blog
from flaskr.backups import creation
from flaskr.backups import current_blog
from flaskr.backups import restoration
from flaskr.models import media_storage

from .. import s3_service

pytestmark = pytest.mark.usefixtures("bucket_address")


@pytest.fixture
def target(tmp_path):
    folder = tmp_path / "new"
    folder.mkdir()
    return Blog(folder, folder / "flaskr.sqlite", "0.6.0")


def contents(setting, folder):
    store = media_storage.open_store(setting, folder)
    found = {}
    for name in store.files():
        with store.open(name).file as file:
            found[name] = file.read()
    return found


def test_backup_of_a_bucket_is_restored_into_a_folder(blog, make, target, open_app, bucket_address):
    restoration.restore(target, make(), open_app)
    restored = contents("", target.instance)
    assert restored == contents(bucket_address, blog.instance)
    assert restored


def test_backup_is_restored_into_a_bucket(
    blog, make, target, open_app, s3, monkeypatch, bucket_address
):
    backup, other = make(), s3.make_bucket()
    monkeypatch.setenv("FLASKR_MEDIA", other)
    media_storage.open_store(other, target.instance).write("mine.txt", b"mine")
    restoration.restore(target, backup, open_app)
    expected = {**contents(bucket_address, blog.instance), "mine.txt": b"mine"}
    assert contents(other, target.instance) == expected
    assert not (target.instance / "media").exists()


def test_backup_without_files_is_restored_into_a_bucket(app, target, open_app, s3, monkeypatch):
    with app.app_context():
        backup = io.BytesIO(b"".join(creation.Backup(current_blog()).chunks()))
    monkeypatch.setenv("FLASKR_MEDIA", s3.make_bucket())
    restoration.restore(target, backup, open_app)
    assert target.database.is_file()


def test_failing_service_changes_nothing(make, target, open_app, s3, monkeypatch):
    backup = make()
    monkeypatch.setenv("FLASKR_MEDIA", s3.make_bucket())
    s3.fault = s3_service.fail("403 Forbidden")
    with pytest.raises(errors.Unavailable, match="refuses access"):
        restoration.restore(target, backup, open_app)
    with pytest.raises(errors.Unavailable, match="refuses access"):
        make()
    assert not target.database.exists()


def test_bad_address_changes_nothing(make, target, open_app, monkeypatch):
    backup = make()
    monkeypatch.setenv("FLASKR_MEDIA", "ftp://blog")
    with pytest.raises(errors.Conflict, match="MEDIA must be a folder, or an address"):
        restoration.restore(target, backup, open_app)
    assert not target.database.exists()


def test_file_that_is_gone_before_the_copy_of_the_database_is_missing(
    blog, make, bucket_address, s3
):
    def lose(environ, start_response):
        is_file = environ["REQUEST_METHOD"] == "HEAD"
        return s3_service.fail("404 Not Found")(environ, start_response) if is_file else None

    s3.fault = lose
    backup = creation.Backup(blog)
    b"".join(backup.chunks())
    s3.fault = None
    assert backup.missing == list(contents(bucket_address, blog.instance))
