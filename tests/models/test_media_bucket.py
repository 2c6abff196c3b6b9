"""A bucket that is slow, refuses, breaks off or is not there."""

import socket
import threading

import pytest

from flaskr import errors
from flaskr.models import media_bucket
from flaskr.models import media_storage

from .. import s3_service

NAME = f"{'0' * 32}.pdf"
SILENT = "The media store cannot be reached. Try again in a moment."
USES = {
    "find": lambda store: store.find(NAME),
    "files": lambda store: store.files(),
    "open": lambda store: store.open(NAME),
    "write": lambda store: store.write(NAME, b"content"),
    "delete": lambda store: store.delete([NAME]),
    "add_note": lambda store: store.add_note("0" * 32),
}


@pytest.fixture
def store(s3, instance_path):
    instance_path.mkdir()
    return media_storage.open_store(s3.make_bucket(), instance_path)


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize(
    ("fault", "message"),
    (
        (s3_service.fail("403 Forbidden"), "The media store refuses access."),
        (s3_service.fail("401 Unauthorized"), "The media store refuses access."),
        (s3_service.fail("500 Broken"), r"The media store has an error \(500\)"),
        (s3_service.fail("503 Slow Down"), r"The media store has an error \(503\)"),
    ),
)
def test_error_of_the_service_is_a_sentence(s3, store, use, fault, message):
    s3.fault = fault
    with pytest.raises(errors.Unavailable, match=message) as raised:
        USES[use](store)
    assert raised.value.__cause__ is None
    s3.fault = None
    store.write(NAME, b"content")
    USES[use](store)


def test_missing_bucket_is_a_sentence(s3, store):
    s3.fault = s3_service.fail("404 Not Found")
    with pytest.raises(errors.Unavailable, match="does not have this bucket"):
        store.write(NAME, b"content")
    assert store.find(NAME) is None


def test_answer_that_breaks_off_is_not_taken_for_the_file(s3, store):
    store.write(NAME, b"x" * 100)
    s3.fault = lambda *call: s3_service.cut(*call) if call[0]["REQUEST_METHOD"] == "GET" else None
    with pytest.raises(errors.Unavailable, match=SILENT):
        store.open(NAME)


def test_answer_of_another_length_is_not_taken_for_the_file(s3, store):
    store.write(NAME, b"x" * 100)
    s3.fault = s3_service.lie
    with pytest.raises(errors.Unavailable, match="sent only a part of the file"):
        store.open(NAME)


def test_service_that_says_nothing_is_given_up(s3, instance_path, monkeypatch):
    monkeypatch.setattr(media_bucket, "READ_SECONDS", 0.1)
    monkeypatch.setattr(media_bucket, "RETRY_SECONDS", 0.01)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        store = media_storage.open_store(
            f"s3://blog?endpoint=http://127.0.0.1:{port}", instance_path
        )
        with pytest.raises(errors.Unavailable, match=SILENT):
            store.find(NAME)
    # Nobody listens any more.
    with pytest.raises(errors.Unavailable, match=SILENT):
        store.find(NAME)


def test_one_request_at_a_time_tries_a_silent_service(s3, store):
    def wait(environ, start_response):
        came.set()
        may_go_on.wait()

    came, may_go_on, found = threading.Event(), threading.Event(), []
    s3.fault = s3_service.cut
    with pytest.raises(errors.Unavailable):
        store.files()
    s3.fault = wait
    trial = threading.Thread(target=lambda: found.append(store.find(NAME)))
    trial.start()
    came.wait()
    s3.requests.clear()
    with pytest.raises(errors.Unavailable, match=SILENT):
        store.find(NAME)
    assert s3.requests == []
    may_go_on.set()
    trial.join()
    assert (found, store.find(NAME)) == ([None], None)


def test_file_stored_by_another_machine_meanwhile_is_not_written_again(s3, store):
    store.write(NAME, b"content")
    s3.fault = s3_service.fail("404 Not Found", "HEAD")
    assert store.write(NAME, b"content") is False


def test_file_deleted_by_another_machine_meanwhile_is_stored_again(s3, store):
    with store.stage({NAME: b"content"}):
        store.delete([NAME])
    assert store.find(NAME).size == 7


def test_silent_service_after_the_row_was_stored_does_not_fail_the_upload(s3, store):
    with store.stage({NAME: b"content"}):
        s3.fault = s3_service.fail("500 Broken")
    s3.fault = None
    assert store.find(NAME).size == 7


def test_long_file_is_fetched_in_parts(s3, store, monkeypatch):
    monkeypatch.setattr(media_bucket, "MAX_WHOLE_BYTES", 10)
    monkeypatch.setattr(media_bucket, "PART_BYTES", 4)
    store.write(NAME, b"0123456789abcdef")
    s3.requests.clear()
    with store.open(NAME).file as file:
        assert file.seek(-6, 2) == 10
        assert (file.read(2), file.tell()) == (b"ab", 12)
        assert file.seek(2, 1) == 14
        assert file.read() == b"ef"
        assert file.read() == b""
        file.seek(0)
        assert file.read(20) == b"0123456789abcdef"
    assert {method for method, _ in s3.requests} == {"HEAD", "GET"}


def test_empty_file_needs_no_second_request(s3, store):
    store.write(NAME, b"")
    s3.requests.clear()
    with store.open(NAME).file as file:
        assert file.read() == b""
    assert [method for method, _ in s3.requests] == ["HEAD"]


@pytest.mark.parametrize("name", ("../secret", "a//b", "a\0b", "x" * 2000))
def test_strange_name_is_not_found(store, name):
    assert store.find(name) is None


def test_note_of_a_failed_upload_stays(s3, store, instance_path):
    first = store.add_note("0" * 32)
    assert first.startswith(media_bucket.NOTES)
    assert store.notes()[first].modified > 0


def test_wrong_variables_are_named(store, monkeypatch):
    monkeypatch.setenv("AWS_UNSIGNED_PAYLOAD", "perhaps")
    with pytest.raises(errors.Unavailable, match="Check MEDIA and the variables AWS_"):
        store.find(NAME)
