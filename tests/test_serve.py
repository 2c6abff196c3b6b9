import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing

import pytest

from flaskr import serve
from flaskr import upgrades
from flaskr.db import get_db
from flaskr.models import users


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def server(instance_path):
    """`flaskr serve` in a process of its own, and its address."""
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "flaskr", "serve", "--port", str(port)]
    process = subprocess.Popen(  # noqa: S603  # ours
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(os.environ)
    )
    address = f"http://127.0.0.1:{port}"
    wait_for(address)
    yield process, address
    process.kill()
    process.communicate()


def wait_for(address):
    for _ in range(100):
        try:
            return read(f"{address}/health")
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)


def read(address):
    with urllib.request.urlopen(address) as answer:  # noqa: S310  # ours
        return answer.read().decode()


def test_the_server_makes_the_database_and_answers(server, instance_path):
    process, address = server
    assert "Create the first account" in read(f"{address}/?token=a-secret")
    assert "--paper" in read(f"{address}/static/style.css")
    assert (instance_path / "flaskr.sqlite").exists()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=20)
    assert f"Your blog is at {address}/" in output
    assert re.search(r'"GET / HTTP/1.1" 200', output)
    assert "a-secret" not in output


def test_a_request_in_flight_is_finished_when_the_server_is_stopped(server):
    process, address = server
    host, port = address.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)))) as slow:
        slow.sendall(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n")
        slow.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=nob")
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        slow.sendall(b"ody&pass")
        assert b"Incorrect username." in answer(slow)
    assert process.wait(timeout=20) == 0


def answer(connection):
    received = b""
    connection.settimeout(10)
    while b"</html>" not in received:
        received += connection.recv(65536)
    return received


def test_the_greeting_says_what_to_do_next(empty_app, monkeypatch):
    monkeypatch.setenv("FLASKR_SETUP_TOKEN", "set anew below")
    with empty_app.app_context():
        lines = serve.greeting("0.0.0.0", 8000)  # noqa: S104  # no server
        token = os.environ["FLASKR_SETUP_TOKEN"]
        assert lines[0] == f"Your blog is at http://{socket.gethostname()}:8000/"
        assert lines[1].endswith(f"/auth/register?setup={token}")
        assert len(token) > 16
        users.register("ada", "a password", password_min_length=8)
        assert "account" not in " ".join(serve.greeting("::1", 8000))
        assert serve.greeting("::1", 8000)[0] == "Your blog is at http://[::1]:8000/"


def test_the_greeting_says_how_to_name_an_owner(context):
    assert "flaskr user role NAME owner" in " ".join(serve.greeting("127.0.0.1", 8000))


def test_serving_upgrades_the_database_and_hands_on_the_options(app, runner, monkeypatch):
    asked = []
    monkeypatch.setattr("flaskr.serve._run", lambda *options: asked.append(options))
    done = upgrades.Upgrade(0, 1, "a copy")
    monkeypatch.setattr("flaskr.db.init_db", lambda: done)
    port = free_port()
    result = runner.invoke(args=["serve", "--port", str(port), "--workers", "2"])
    assert "Upgraded the database from version 0 to 1. As it was before" in result.output
    assert [(name, workers, threads) for name, _, workers, threads, *_ in asked] == [
        ("granian", 2, 4)
    ]


def test_a_port_that_is_taken_is_told(runner):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = runner.invoke(args=["serve", "--port", port])
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use." in result.output
    assert result.exit_code == 1


def test_a_database_that_cannot_be_served_is_told(app, runner):
    with app.app_context():
        get_db().execute("PRAGMA user_version = 99")
    result = runner.invoke(args=["serve"])
    assert (result.exit_code, "newer flaskr" in result.output) == (1, True)
