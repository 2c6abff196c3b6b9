import os
import threading

import pytest

from flaskr.server import pipes


class Body:
    """A body that is made while it is sent, and tells when it is closed."""

    def __init__(self, chunks):
        self.chunks = chunks
        self.closed = threading.Event()

    def __iter__(self):
        yield from self.chunks

    def close(self):
        self.closed.set()


def is_gone(path):
    return not os.path.exists(path) and not os.path.exists(os.path.dirname(path))


def finish():
    for thread in threading.enumerate():
        if thread.name == "response":
            thread.join(60)


def test_reader_gets_the_whole_body():
    body = Body([b"a" * 200_000, b"b"])
    path = pipes.feed(body)
    with open(path, "rb") as pipe:
        assert pipe.read() == b"a" * 200_000 + b"b"
    finish()
    assert body.closed.is_set()
    assert is_gone(path)


def test_reader_that_goes_ends_the_body():
    body = Body(iter([b"a" * 200_000] * 100))
    path = pipes.feed(body)
    with open(path, "rb", buffering=0) as pipe:
        pipe.read(10)
    finish()
    assert body.closed.is_set()
    assert is_gone(path)


@pytest.mark.parametrize("error", (ValueError("x"), None))
def test_failure_is_logged_and_leaves_nothing(caplog, error):
    def fail():
        yield b"a"
        raise error

    path = pipes.feed(fail() if error else [b"a"], open_seconds=5 if error else 0)
    if error:
        with open(path, "rb") as pipe:
            assert pipe.read() == b"a"
    finish()
    assert "could not be sent to its end" in caplog.text
    assert is_gone(path)


def test_pipe_that_cannot_be_opened_is_logged(caplog, monkeypatch):
    monkeypatch.setattr(pipes.os, "mkfifo", lambda *_: None)
    path = pipes.feed([b"a"])
    finish()
    assert "could not be sent to its end" in caplog.text
    assert is_gone(path)
