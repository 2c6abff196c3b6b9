import sys

import click
import pytest

from flaskr import create_app
from flaskr import errors
from flaskr.db import transaction
from flaskr.models import media
from flaskr.models import media_storage
from flaskr.models.permissions import SYSTEM


def test_files_are_in_the_folder_that_the_setting_names(instance_path, tmp_path, new_database):
    for setting in ("uploads", str(tmp_path / "elsewhere")):
        app = create_app({"TESTING": True, "MEDIA": setting, "DATABASE": str(new_database)})
        with app.app_context():
            assert media_storage.store().folder == instance_path / setting
            media_storage.store().write("a.pdf", b"content")
        assert (instance_path / setting / "a.pdf").read_bytes() == b"content"


def test_missing_library_is_named(instance_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "flaskr.models.media_bucket", None)
    with pytest.raises(errors.Unavailable, match=r"pip install 'flaskr\[cluster\]'"):
        media_storage.open_store("s3://blog", instance_path)


@pytest.mark.usefixtures("context")
def test_unreadable_files_are_reported(instance_path):
    store = media_storage.store()
    store.folder.mkdir()
    (store.folder / "a.pdf").mkdir()
    with pytest.raises(errors.Unavailable, match="a.pdf cannot be read"):
        store.open("a.pdf")
    (store.folder / "a.pdf").rmdir()
    store.folder.rmdir()
    store.folder.write_text("in the way")
    with pytest.raises(errors.Unavailable, match="media cannot be read"):
        store.files()
    media.tidy_up_folder()
    media.tidy_up_bucket()


@pytest.mark.usefixtures("context")
def test_file_uploaded_again_during_its_deletion_is_kept(monkeypatch):
    def upload():
        return media.add(b"%PDF-1", name="a.pdf", user_id=1, max_bytes=100)

    def transact():
        started.append(True)
        if len(started) == 2:
            monkeypatch.undo()
            upload()
        return transaction()

    first, started = upload(), []
    monkeypatch.setattr(media, "transaction", transact)
    media.delete(first["id"], SYSTEM)
    assert len(started) == 2
    assert media_storage.find(first["name"])


@pytest.mark.parametrize(
    "setting", ("s3://key:hidden@blog", "s3://blog?secret=hidden", "s3://blog?endpoint=hidden")
)
def test_invalid_address_is_refused_without_showing_it(monkeypatch, setting):
    monkeypatch.setenv("FLASKR_MEDIA", setting)
    with pytest.raises(click.ClickException, match="MEDIA is an address, set by the") as refusal:
        create_app()
    assert "hidden" not in refusal.value.message
    assert "It must be an address such as s3://bucket/prefix" in refusal.value.message
