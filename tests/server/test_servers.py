"""Test the servers in this process; `test_serve.py` runs them as commands."""

import gc
import io
import os
import signal
import socket
import sys
import tempfile
import threading
from contextlib import closing
from pathlib import Path

import pytest

import flaskr
from flaskr.cli import serve
from flaskr.server import granian_server
from flaskr.server import listeners
from flaskr.server import waitress_server
from flaskr.server.rsgi import Adapter


@pytest.fixture(autouse=True)
def process_as_before(monkeypatch):
    """Restore what a server changes in its process."""
    monkeypatch.setattr(tempfile, "tempdir", tempfile.tempdir)
    names = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
    before = [(name, signal.getsignal(name)) for name in names]
    yield
    for name, handler in before:
        signal.signal(name, handler)
    gc.unfreeze()


@pytest.fixture
def listener(app):
    with closing(listeners.listen("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def ask_and_stop():
    """Send a request to the server, then stop it with a signal to this process."""
    answers, threads = [], []

    def ask(connect, request):
        try:
            with closing(connect()) as client:
                client.settimeout(60)
                client.sendall(request)
                answers.append(client.makefile("rb").read())
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    def start(connect, path="/hello", more=""):
        request = f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n"
        threads.append(threading.Thread(target=ask, args=(connect, request.encode())))
        threads[0].start()
        return answers

    yield start
    threads[0].join()


def to(listener):
    def connect():
        client = socket.socket(listener.family)
        client.connect(listener.getsockname())
        return client

    return connect


# Workers are forked from this process, which has threads.
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
@pytest.mark.parametrize("name", serve.SERVERS)
def test_server_answers_until_it_is_stopped(listener, ask_and_stop, name):
    answers = ask_and_stop(to(listener))
    serve.run_server(name, listener, 1, 2, True, 1024)
    assert answers[0].endswith(b"Hello, World!")


def test_waitress_works_without_an_access_log(listener, ask_and_stop):
    answers = ask_and_stop(to(listener))
    waitress_server.run(listener, threads=1, with_access_log=False, files=1024)
    assert answers[0].endswith(b"Hello, World!")


def test_waitress_sends_a_file_range(listener, ask_and_stop):
    answers = ask_and_stop(to(listener), "/static/style.css", "Range: bytes=3-9\r\n")
    waitress_server.run(listener, threads=1, with_access_log=True, files=1024)
    head, _, body = answers[0].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 206 ")
    assert (
        body == Path(flaskr.__file__).with_name("static").joinpath("style.css").read_bytes()[3:10]
    )


def test_waitress_unix_socket_client_has_no_address(app, tmp_path, ask_and_stop):
    with closing(listeners.listen_on_unix_socket(tmp_path / "blog.sock")) as listener:
        answers = ask_and_stop(to(listener))
        log = io.StringIO()
        sys_stdout, sys.stdout = sys.stdout, log
        try:
            waitress_server.run(listener, threads=1, with_access_log=True, files=1024)
        finally:
            sys.stdout = sys_stdout
    assert answers[0].endswith(b"Hello, World!")
    assert log.getvalue().startswith("- - - [")


@pytest.mark.parametrize("with_access_log", (True, False))
def test_worker_loads_the_application(app, with_access_log):
    adapter = granian_server.load_worker(
        granian_server.APPLICATION,
        threads=1,
        with_access_log=with_access_log,
        parent=os.getppid(),
    )
    assert isinstance(adapter, Adapter)
    assert signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    adapter.__rsgi_del__(None)
