import os
import resource
import socket
import sys
from contextlib import closing

import pytest

from flaskr import errors
from flaskr.server import listeners


@pytest.mark.parametrize(
    ("host", "family"),
    (
        ("127.0.0.1", socket.AF_INET),
        ("localhost", socket.AF_INET),
        ("0.0.0.0", socket.AF_INET),  # noqa: S104  # one of the cases
        ("::1", socket.AF_INET6),
        ("::", socket.AF_INET6),
    ),
)
def test_addresses_and_names_are_listened_on(host, family):
    with closing(listeners.listen(host, 0)) as listener:
        assert listener.family == family
        port = listener.getsockname()[1]
        socket.create_connection((host, port), timeout=5).close()


def test_all_addresses_of_ipv6_are_those_of_ipv4_too():
    with closing(listeners.listen("::", 0)) as listener:
        port = listener.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=5).close()


@pytest.mark.parametrize("host", ("no such name", "a" * 70, "nowhere.invalid", "\x00"))
def test_a_name_without_an_address_is_told(host):
    with pytest.raises(errors.Unavailable, match="is not a name or address"):
        listeners.listen(host, 0)


def test_an_address_of_another_machine_is_told():
    with pytest.raises(errors.Unavailable, match="Choose another address with --host"):
        listeners.listen("192.0.2.1", 0)


def test_a_taken_port_is_told_with_a_free_one():
    with closing(listeners.listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(errors.Unavailable, match=f"port {port}: .*try --port") as told:
            listeners.listen("127.0.0.1", port)
    free = int(told.value.message.rpartition("--port ")[2].rstrip("."))
    listeners.listen("127.0.0.1", free).close()


def test_no_port_is_named_where_none_is_free(monkeypatch):
    monkeypatch.setattr(listeners, "PORTS_TO_TRY", 1)
    with (
        closing(listeners.listen("127.0.0.1", 0)) as taken,
        pytest.raises(errors.Unavailable, match="choose another with --port"),
    ):
        listeners.listen("127.0.0.1", taken.getsockname()[1])


def test_a_port_that_needs_the_administrator_is_told(monkeypatch):
    def bind(*_):
        raise PermissionError(13, "Permission denied")

    # Where root runs the tests, it may.
    monkeypatch.setattr(listeners, "_bind", bind)
    with pytest.raises(errors.Unavailable, match="from 1024 on"):
        listeners.listen("127.0.0.1", 80)


def test_a_unix_socket_may_be_used_by_whoever_may_open_its_folder(tmp_path):
    path = tmp_path / "blog.sock"
    with closing(listeners.listen_on_unix_socket(path)) as listener:
        assert listener.getsockname() == str(path)
        assert path.stat().st_mode & 0o777 == 0o666


def test_a_unix_socket_that_nobody_serves_is_replaced(tmp_path):
    path = tmp_path / "blog.sock"
    listeners.listen_on_unix_socket(path).close()
    listeners.listen_on_unix_socket(path).close()


def test_a_unix_socket_that_another_server_has_is_left_alone(tmp_path):
    path = tmp_path / "blog.sock"
    with closing(listeners.listen_on_unix_socket(path)):
        with pytest.raises(errors.Unavailable, match="Another server listens on"):
            listeners.listen_on_unix_socket(path)
        with closing(socket.socket(socket.AF_UNIX)) as client:
            client.connect(str(path))


def test_a_unix_socket_of_another_kind_is_left_alone(tmp_path):
    path = tmp_path / "blog.sock"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as other:
        other.bind(str(path))
        with pytest.raises(errors.Unavailable, match="Another server listens on"):
            listeners.listen_on_unix_socket(path)
    assert path.exists()


def test_a_file_is_not_replaced_by_a_unix_socket(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("notes")
    with pytest.raises(errors.Unavailable, match="is not a socket"):
        listeners.listen_on_unix_socket(path)
    assert path.read_text() == "notes"


@pytest.mark.parametrize("name", ("no/such/folder/blog.sock", "a" * 200))
def test_a_unix_socket_that_cannot_be_made_is_told(tmp_path, name):
    with pytest.raises(errors.Unavailable, match="Cannot listen on"):
        listeners.listen_on_unix_socket(tmp_path / name)


def test_a_system_without_unix_sockets_is_told(tmp_path, monkeypatch):
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(errors.Unavailable, match="has no Unix sockets"):
        listeners.listen_on_unix_socket(tmp_path / "blog.sock")


@pytest.mark.parametrize(
    "variables",
    (
        {},
        {"LISTEN_FDS": "1"},
        {"LISTEN_FDS": "1", "LISTEN_PID": "1"},
        {"LISTEN_FDS": "0", "LISTEN_PID": str(os.getpid())},
        {"LISTEN_FDS": "x", "LISTEN_PID": str(os.getpid())},
    ),
)
def test_a_process_that_systemd_passed_no_socket_finds_none(variables):
    assert listeners.get_systemd_socket(variables) is None
    assert variables == {}


def test_several_sockets_of_systemd_are_refused():
    with pytest.raises(errors.Unavailable, match="passed 2 sockets"):
        listeners.get_systemd_socket({"LISTEN_FDS": "2", "LISTEN_PID": str(os.getpid())})


@pytest.fixture
def passed():
    """What `passed_by_systemd` makes of a descriptor."""
    return lambda descriptor: listeners.get_systemd_socket(
        {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}, descriptor
    )


def test_a_socket_of_systemd_is_listened_on(passed):
    with (
        closing(listeners.listen("127.0.0.1", 0)) as listener,
        closing(passed(os.dup(listener.fileno()))) as taken,
    ):
        assert taken.getsockname() == listener.getsockname()


def test_a_socket_of_one_connection_is_refused(passed):
    with (
        closing(socket.socket()) as connection,
        pytest.raises(errors.Unavailable, match="Accept=no"),
    ):
        passed(os.dup(connection.fileno()))


def test_a_file_in_place_of_a_socket_is_refused(passed, tmp_path):
    with (
        (tmp_path / "file").open("w") as file,
        pytest.raises(errors.Unavailable, match="no socket that can be used"),
    ):
        passed(file.fileno())


@pytest.mark.parametrize("kind", ("port", "Unix socket"))
def test_each_connection_holds_little_ready(tmp_path, kind):
    listener = (
        listeners.listen("127.0.0.1", 0)
        if kind == "port"
        else listeners.listen_on_unix_socket(tmp_path / "blog.sock")
    )
    with closing(listener):
        listeners.limit_slow_readers(listener)
        size = listener.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        # Linux counts its own records too.
        assert listeners.SEND_BUFFER_BYTES <= size <= 2 * listeners.SEND_BUFFER_BYTES


def test_as_many_files_may_be_open_as_the_system_lets():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, before[1]), before[1]))
    try:
        assert listeners.raise_file_limit() in (before[1], 10_240)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_a_system_without_that_limit_is_no_problem(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    assert listeners.raise_file_limit() > 1024
