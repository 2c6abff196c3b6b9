import re

import pytest

from flaskr.models import media
from flaskr.models import media_storage
from flaskr.models import media_stores

from .. import s3_service


@pytest.fixture
def picture(app, draw):
    with app.app_context():
        return media.add(draw("JPEG", (900, 600)), name="a.jpg", user_id=1, max_bytes=10**6)


@pytest.fixture
def copy(runner):
    return lambda target: runner.invoke(args=["copy-media", str(target)])


@pytest.fixture(params=("folder", "bucket"))
def target(request, tmp_path):
    if request.param == "folder":
        return str(tmp_path / "new" / "uploads")
    return request.getfixturevalue("s3").make_bucket()


def contents(store):
    return {name: b"".join(media_stores.read(store, name)) for name in store.files()}


def test_files_are_copied_there_and_back(app, picture, copy, target, tmp_path, instance_path):
    done = copy(target)
    assert done.exit_code == 0
    assert re.match(r"Copying\nCopied 4 files \([\d.]+ KB\) to the ", done.output)
    store = media_storage.open_store(target, instance_path)
    assert contents(store) == contents(media_storage.open_store("", instance_path))
    assert "set MEDIA to the target" in done.output
    app.extensions[media_storage.EXTENSION] = store
    assert "Copied 4 files" in copy(tmp_path / "back").output
    back = media_storage.open_store(str(tmp_path / "back"), instance_path)
    assert contents(back) == contents(store)


def test_copying_again_copies_what_is_left(picture, copy, target, instance_path):
    store = media_storage.open_store(target, instance_path)
    copy(target)
    store.delete([picture["name"]])
    again = copy(target)
    assert "Copied 1 file (" in again.output
    assert "; 3 were there already." in again.output
    assert "Copied 0 files (" in copy(target).output


def test_missing_and_damaged_files_are_named(picture, copy, target, instance_path):
    folder = instance_path / "media"
    content = (folder / picture["name"]).read_bytes()
    (folder / picture["name"]).write_bytes(content[:-1] + b"x")
    (folder / f"{picture['hash']}-480.webp").unlink()
    done = copy(target)
    assert done.exit_code == 1
    assert f"{picture['name']} is damaged in the folder media, and was not copied." in done.stderr
    assert f"{picture['hash']}-480.webp is missing in the folder media." in done.stderr
    assert picture["name"] not in media_storage.open_store(target, instance_path).files()


@pytest.mark.usefixtures("picture")
def test_copy_that_differs_stops_the_command(copy, s3, monkeypatch):
    address, read = s3.make_bucket(), media_stores.read

    def flip(store, name):
        return [b"other"] if store.is_shared else read(store, name)

    monkeypatch.setattr(media_stores, "read", flip)
    done = copy(address)
    assert (done.exit_code, "differs. Delete it, then try again." in done.stderr) == (1, True)


def test_failing_service_is_reported(copy, s3):
    address = s3.make_bucket()
    s3.fault = s3_service.fail("403 Forbidden")
    done = copy(address)
    assert (done.exit_code, "The media store refuses access." in done.stderr) == (1, True)


@pytest.mark.parametrize("target", ("s3://blog?key=hidden", "ftp://blog"))
def test_target_has_to_be_an_address_or_a_folder(copy, target):
    done = copy(target)
    assert done.exit_code == 2
    assert "The target must be a" in " ".join(done.stderr.split())
    assert "hidden" not in done.output


def test_files_are_not_copied_onto_themselves(copy, instance_path):
    done = copy(instance_path / "media")
    assert "The media files are in this folder already." in done.stderr
