import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

import pytest

from flaskr import create_app
from flaskr import migrations
from flaskr.cli import serve
from flaskr.data_folder import locks
from flaskr.db import get_db
from flaskr.models import posts
from flaskr.models import sessions
from flaskr.models import users


def free_port():
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


COMMAND = [sys.executable, "-m", "flask", "--app", "flaskr", "serve"]


@pytest.fixture
def start(instance_path):
    """Start `flaskr serve` in a new process; return the process and the blog's URL."""
    started = []

    def start(*options, **variables):
        port = free_port()
        process = subprocess.Popen(  # noqa: S603  # ours
            [*COMMAND, "--port", str(port), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **variables},
            start_new_session=True,
        )
        started.append(process)
        address = f"http://127.0.0.1:{port}"
        wait_for(address)
        return process, address

    yield start
    for process in started:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture(params=("granian", "waitress"))
def server(request, start):
    return start("--server", request.param)


def wait_for(address):
    for _ in range(600):
        try:
            return read(f"{address}/health")
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(address)


def read(address):
    with urllib.request.urlopen(address) as answer:  # noqa: S310  # ours
        return answer.read().decode()


def test_server_creates_the_database_and_answers(server, instance_path):
    process, address = server
    assert "Create your account" in read(f"{address}/?token=a-secret")
    assert "--paper" in read(f"{address}/static/style.css")
    assert (instance_path / "flaskr.sqlite").exists()
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=60)
    assert f"Your blog is at {address}/" in output
    assert re.search(r'"GET / HTTP/1.1" 200', output)
    assert "a-secret" not in output


def test_running_requests_finish_when_the_server_stops(start):
    process, address = start()
    with connect(address) as slow:
        slow.sendall(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n")
        slow.sendall(b"Content-Type: application/x-www-form-urlencoded\r\n")
        slow.sendall(b"Expect: 100-continue\r\n\r\n")
        # The server says so once it reads the body.
        assert slow.recv(100).startswith(b"HTTP/1.1 100 ")
        slow.sendall(b"username=nob")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        slow.sendall(b"ody&pass")
        assert b"Incorrect username." in answer(slow)
    assert process.wait(timeout=60) == 0


def connect(address):
    host, port = address.removeprefix("http://").split(":")
    return closing(socket.create_connection((host, int(port)), timeout=60))


def test_stopping_does_not_wait_for_stalled_clients(start):
    process, address = start()
    with connect(address) as body, connect(address) as reader:
        body.sendall(b"POST /auth/login HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\na")
        reader.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-")
        time.sleep(0.3)
        process.terminate()
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("name", ("granian", "waitress"))
@pytest.mark.parametrize("way", (signal.SIGINT, signal.SIGHUP))
def test_server_stops_with_its_terminal(start, name, way):
    # These tests may themselves run under nohup, or in the background.
    with handler(way, signal.SIG_DFL):
        process, _ = start("--server", name)
    os.killpg(process.pid, way)
    assert process.wait(timeout=60) == 0


@contextmanager
def handler(way, action):
    """Processes that are started in this context handle a signal like this."""
    before = signal.signal(way, action)
    try:
        yield
    finally:
        signal.signal(way, before)


@pytest.mark.parametrize("name", ("granian", "waitress"))
def test_server_under_nohup_outlives_its_terminal(start, name):
    with handler(signal.SIGHUP, signal.SIG_IGN):
        process, address = start("--server", name)
    os.killpg(process.pid, signal.SIGHUP)
    time.sleep(0.5)
    assert answers(address)


def test_workers_exit_after_their_parent_was_killed(start):
    process, address = start("--workers", "2")
    process.kill()
    deadline = time.monotonic() + 60
    while answers(address):
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(address):
    try:
        return read(f"{address}/health") == "OK\n"
    except OSError:
        return False


def test_events_take_no_thread_and_do_not_delay_the_end(start):
    process, address = start("--threads", "1", FLASKR_SESSION_COOKIE_NAME="session")
    app = create_app({"SESSION_COOKIE_NAME": "session"})
    with app.app_context():
        user = users.register("ada", "correct horse", password_min_length=8)
        values = {"user_id": user, "token": sessions.start(user)}
    cookie = app.session_interface.get_signing_serializer(app).dumps(values)
    request = f"GET /api/v1/events HTTP/1.1\r\nHost: x\r\nCookie: session={cookie}\r\n\r\n"
    with connect(address) as page, page.makefile("rb") as events, connect(address) as other:
        for connection in (page, other):
            connection.sendall(request.encode())
        wait_for_line(events, b"retry: 5000")
        assert answers(address)
        with app.app_context():
            posts.create(author_id=user, title="New", body="")
        wait_for_line(events, b"event: posts")
        process.terminate()
        assert events.read().endswith(b"0\r\n\r\n")
    output, _ = process.communicate(timeout=60)
    assert '"GET /api/v1/events HTTP/1.1" 200 0' in output
    assert "Killing" not in output


def wait_for_line(stream, wanted):
    assert any(line.strip() == wanted for line in stream)


def test_killed_worker_is_replaced(start):
    process, address = start()
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    if not children.exists():
        pytest.skip("This system does not tell the children of a process.")
    os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
    time.sleep(0.5)
    wait_for(address)


def test_access_log_can_be_turned_off(start):
    process, address = start("--no-access-log")
    read(f"{address}/hello")
    process.terminate()
    output, _ = process.communicate(timeout=60)
    assert "/hello" not in output


def test_access_log_has_the_client_behind_a_trusted_proxy(start):
    process, address = start(FLASKR_TRUSTED_PROXIES="127.0.0.1")
    asked = urllib.request.Request(  # noqa: S310  # ours
        f"{address}/hello", headers={"X-Forwarded-For": "192.0.2.7"}
    )
    urllib.request.urlopen(asked).close()  # noqa: S310  # ours
    process.terminate()
    output, _ = process.communicate(timeout=60)
    assert re.search(r'^192\.0\.2\.7 - - \[.*\] "GET /hello HTTP/1.1" 200 13 ', output, re.M)


@pytest.mark.parametrize("name", ("granian", "waitress"))
def test_unix_socket_is_served_and_removed_at_the_end(start, tmp_path, name):
    path = tmp_path / "blog.sock"
    process = subprocess.Popen(  # noqa: S603  # ours
        [*COMMAND, "--unix-socket", str(path), "--server", name],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == f"Your blog listens on the socket {path}\n"
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))
        client.sendall(b"GET /hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        client.settimeout(60)
        assert client.makefile("rb").read().endswith(b"Hello, World!")
    process.terminate()
    output, _ = process.communicate(timeout=60)
    assert "- - - [" in output
    assert not path.exists()


def test_systemd_socket_is_served(instance_path):
    with closing(socket.socket()) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        # Like systemd, pass the socket as descriptor 3 and name the process in a variable.
        program = (
            "import os, sys; os.dup2(int(sys.argv[1]), 3, True);"
            " os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid()));"
            " os.execv(sys.executable, [sys.executable, *sys.argv[2:]])"
        )
        process = subprocess.Popen(  # noqa: S603  # ours
            [sys.executable, "-c", program, str(listener.fileno()), *COMMAND[1:]],
            pass_fds=[listener.fileno()],
            stdout=subprocess.PIPE,
            text=True,
        )
    assert process.stdout.readline() == f"Your blog is at http://127.0.0.1:{port}/\n"
    wait_for(f"http://127.0.0.1:{port}")
    process.terminate()
    process.communicate(timeout=60)


def answer(connection):
    received = b""
    connection.settimeout(60)
    while b"</html>" not in received:
        received += connection.recv(65536)
    return received


def test_greeting_says_what_to_do_next(empty_app, instance_path):
    with empty_app.app_context():
        lines = serve.greeting("0.0.0.0", 8000)  # noqa: S104  # no server
        assert lines[0] == f"Your blog is at http://{socket.gethostname()}:8000/"
        token = (instance_path / "setup_token").read_text()
        assert lines[1].endswith(f":8000/auth/register?setup={token}")
        users.register("ada", "a password", password_min_length=8)
        assert "account" not in " ".join(serve.greeting("::1", 8000))
        assert serve.greeting("::1", 8000)[0] == "Your blog is at http://[::1]:8000/"


def test_greeting_says_how_to_name_an_owner(context):
    assert "flaskr user role NAME owner" in " ".join(serve.greeting("127.0.0.1", 8000))


def test_serving_upgrades_the_database_and_passes_the_options(app, runner, monkeypatch):
    asked = []
    monkeypatch.setattr("flaskr.cli.serve.run_server", lambda *options: asked.append(options))
    done = migrations.Upgrade(0, 1, "a copy")
    monkeypatch.setattr("flaskr.db.init_db", lambda: done)
    port = free_port()
    result = runner.invoke(args=["serve", "--port", str(port), "--workers", "2"])
    assert "Upgraded the database from version 0 to 1. The previous database" in result.output
    assert [(name, workers, threads) for name, _, workers, threads, *_ in asked] == [
        ("granian", 2, 4)
    ]


def test_used_port_is_reported(runner):
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        result = runner.invoke(args=["serve", "--port", port])
    assert f"Cannot listen on 127.0.0.1 port {port}: Address already in use." in result.output
    assert re.search(r"try --port \d+\.", result.output)
    assert result.exit_code == 1


def test_unusable_database_is_reported(app, runner):
    with app.app_context():
        get_db().execute("PRAGMA user_version = 99")
    result = runner.invoke(args=["serve"])
    assert (result.exit_code, "newer flaskr" in result.output) == (1, True)


@pytest.mark.parametrize("damage", (b"x" * 9999, None))
def test_lost_database_is_reported_and_a_page_says_so(app, runner, served, instance_path, damage):
    database = instance_path / "flaskr.sqlite"
    shutil.copy(database, instance_path / "flaskr-2026-before-version-1.sqlite")
    database.unlink()
    if damage:
        database.write_bytes(damage)
    result = runner.invoke(args=["serve", "--port", str(free_port())])
    assert "restore" in result.stderr
    assert "flaskr-2026-before-version-1.sqlite" in result.stderr
    assert len(served) == 1
    assert app.test_client().get("/").status_code == 503
    assert not damage or database.read_bytes() == damage


def test_blog_that_is_being_restored_is_not_served(runner, served, instance_path):
    with locks.hold(instance_path / locks.SERVE_LOCK):
        result = runner.invoke(args=["serve"])
    assert (result.exit_code, "is being restored" in result.stderr, served) == (1, True, [])


def test_printed_url_includes_the_prefix(app, monkeypatch):
    monkeypatch.setenv(serve.URL_PREFIX, "")
    runs = []
    monkeypatch.setattr(
        serve, "run_server", lambda *arguments: runs.append(os.environ[serve.URL_PREFIX])
    )
    runner = app.test_cli_runner()
    done = runner.invoke(args=["serve", "--port", str(free_port()), "--prefix", "blog/"])
    assert re.search(r"http://127\.0\.0\.1:\d+/blog/\n", done.output)
    assert runs == ["blog/"]
    done = runner.invoke(args=["serve", "--prefix", "/a b"])
    assert "URL_PREFIX" in done.output


def test_missing_server_is_reported(runner, monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = runner.invoke(args=["serve"])
    assert (result.exit_code, "pip install granian" in result.output) == (1, True)
    result = runner.invoke(args=["serve", "--server", "waitress"])
    assert (result.exit_code, "pip install waitress" in result.output) == (1, True)


def test_waitress_is_used_without_granian(app, runner, monkeypatch):
    asked = []
    monkeypatch.setattr("flaskr.cli.serve.run_server", lambda *options: asked.append(options[0]))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name == "waitress" or None)
    runner.invoke(args=["serve", "--port", str(free_port())])
    assert asked == ["waitress"]


def test_waitress_rejects_several_workers(runner):
    result = runner.invoke(args=["serve", "--server", "waitress", "--workers", "2"])
    assert (result.exit_code, "Omit --workers" in result.output) == (1, True)


@pytest.fixture
def served(monkeypatch):
    """Record the addresses of the sockets to serve instead of serving them."""
    addresses = []
    monkeypatch.setattr(
        "flaskr.cli.serve.run_server", lambda _, one, *__: addresses.append(one.getsockname())
    )
    return addresses


def test_unix_socket_path_is_printed(app, runner, served, tmp_path):
    path = str(tmp_path / "blog.sock")
    result = runner.invoke(args=["serve", "--unix-socket", path])
    assert result.output.startswith(f"Your blog listens on the socket {path}\n")
    assert served == [path]


def test_file_in_place_of_the_unix_socket_is_reported(app, runner, served, tmp_path):
    result = runner.invoke(args=["serve", "--unix-socket", str(tmp_path)])
    assert (result.exit_code, "is not a socket" in result.output, served) == (1, True, [])


def test_host_name_is_printed_as_given(app, runner, served):
    port = free_port()
    result = runner.invoke(args=["serve", "--host", "localhost", "--port", str(port)])
    assert f"Your blog is at http://localhost:{port}/" in result.output
    assert served == [("127.0.0.1", port)]


def test_systemd_socket_takes_precedence(app, runner, served, monkeypatch):
    passed = socket.create_server(("127.0.0.1", 0))
    address = passed.getsockname()
    monkeypatch.setattr("flaskr.server.listeners.get_systemd_socket", lambda _: passed)
    result = runner.invoke(args=["serve", "--host", "0.0.0.0", "--port", "80"])  # noqa: S104
    assert f"Your blog is at http://127.0.0.1:{address[1]}/" in result.output
    assert served == [address]
