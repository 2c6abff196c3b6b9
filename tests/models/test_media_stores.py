"""What every place for media files does, a folder and a bucket alike."""

import io

import pytest

from flaskr.models import media_storage

NAME = f"{'0' * 32}.pdf"
OTHER = f"{'0' * 32}-480.webp"


@pytest.fixture(params=("folder", "bucket", "bucket with copies"))
def store(request, instance_path):
    instance_path.mkdir()
    if request.param == "folder":
        return media_storage.open_store("", instance_path)
    address = request.getfixturevalue("s3").make_bucket()
    size = 10**6 if request.param == "bucket with copies" else 0
    return media_storage.open_store(address, instance_path, size)


def read(store, name=NAME, **options):
    with store.open(name, **options).file as file:
        return file.read()


def test_file_is_written_once(store):
    assert store.write(NAME, b"content") is True
    assert store.write(NAME, b"content") is False
    assert read(store) == read(store, keep=True) == read(store) == b"content"


def test_files_are_listed_with_their_sizes(store):
    assert store.files() == {}
    store.write(NAME, b"content")
    store.write(OTHER, b"a variant")
    assert {name: one.size for name, one in store.files().items()} == {NAME: 7, OTHER: 9}
    assert store.find(NAME) == store.files()[NAME]
    opened = store.open(NAME)
    opened.file.close()
    assert (opened.size, opened.modified) == store.find(NAME)


def test_missing_file_is_not_found(store):
    assert store.find(NAME) is None
    with pytest.raises(FileNotFoundError):
        store.open(NAME)
    store.delete([NAME])
    store.delete([])


def test_deleted_file_is_gone(store):
    store.write(NAME, b"content")
    assert read(store, keep=True) == b"content"
    store.delete([NAME, OTHER])
    assert store.files() == {}
    with pytest.raises(FileNotFoundError):
        store.open(NAME)


def test_part_of_a_file_is_read(store):
    store.write(NAME, b"0123456789")
    with store.open(NAME).file as file:
        assert file.seekable()
        assert file.seek(4) == 4
        assert file.read(3) == b"456"
        assert file.seek(-2, io.SEEK_END) == 8
        assert file.read() == b"89"


def test_staged_files_are_stored_after_the_block(store):
    store.write(OTHER, b"a variant")
    with store.stage({NAME: b"content", OTHER: b"a variant"}) as move_into_place:
        move_into_place()
    assert (read(store), read(store, OTHER)) == (b"content", b"a variant")
    assert store.notes() == {}


def test_note_is_kept_apart_from_the_files(store):
    note = store.add_note("0" * 32)
    assert set(store.notes()) == {note}
    assert store.files() == {}
    store.delete([note])
    assert store.notes() == {}


def test_file_of_another_size_is_a_damaged_one_and_replaced_in_a_bucket(store):
    store.write(NAME, b"con")
    is_replaced = store.write(NAME, b"content")
    assert is_replaced is store.is_shared
    assert read(store) == (b"content" if is_replaced else b"con")
