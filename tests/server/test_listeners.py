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
def test_listens_on_addresses_and_names(host, family):
    with closing(listeners.listen(host, 0)) as listener:
        assert listener.family == family
        port = listener.getsockname()[1]
        socket.create_connection((host, port), timeout=60).close()


def test_ipv6_wildcard_includes_ipv4():
    with closing(listeners.listen("::", 0)) as listener:
        port = listener.getsockname()[1]
        socket.create_connection(("127.0.0.1", port), timeout=60).close()


@pytest.mark.parametrize("host", ("no such name", "a" * 70, "nowhere.invalid", "\x00"))
def test_unknown_name_is_reported(host):
    with pytest.raises(errors.Unavailable, match="is not a known name or address"):
        listeners.listen(host, 0)


def test_foreign_address_is_reported():
    with pytest.raises(errors.Unavailable, match="Choose another address with --host"):
        listeners.listen("192.0.2.1", 0)


def test_used_port_is_reported_with_a_free_one():
    with closing(listeners.listen("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(errors.Unavailable, match=f"port {port}: .*try --port") as told:
            listeners.listen("127.0.0.1", port)
    free = int(told.value.message.rpartition("--port ")[2].rstrip("."))
    listeners.listen("127.0.0.1", free).close()


def test_no_port_is_suggested_if_none_is_free(monkeypatch):
    monkeypatch.setattr(listeners, "MAX_PORTS_TO_TRY", 1)
    with (
        closing(listeners.listen("127.0.0.1", 0)) as taken,
        pytest.raises(errors.Unavailable, match="choose another with --port"),
    ):
        listeners.listen("127.0.0.1", taken.getsockname()[1])


def test_privileged_port_is_reported(monkeypatch):
    def bind(*_):
        raise PermissionError(13, "Permission denied")

    # Root may use the port.
    monkeypatch.setattr(listeners, "_bind", bind)
    with pytest.raises(errors.Unavailable, match="above 1023"):
        listeners.listen("127.0.0.1", 80)


def test_unix_socket_is_open_to_all_users(tmp_path):
    path = tmp_path / "blog.sock"
    with closing(listeners.listen_on_unix_socket(path)) as listener:
        assert listener.getsockname() == str(path)
        assert path.stat().st_mode & 0o777 == 0o666


def test_stale_unix_socket_is_replaced(tmp_path):
    path = tmp_path / "blog.sock"
    listeners.listen_on_unix_socket(path).close()
    listeners.listen_on_unix_socket(path).close()


def test_used_unix_socket_is_not_replaced(tmp_path):
    path = tmp_path / "blog.sock"
    with closing(listeners.listen_on_unix_socket(path)):
        with pytest.raises(errors.Unavailable, match="Another server listens on"):
            listeners.listen_on_unix_socket(path)
        with closing(socket.socket(socket.AF_UNIX)) as client:
            client.connect(str(path))


def test_datagram_socket_is_not_replaced(tmp_path):
    path = tmp_path / "blog.sock"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as other:
        other.bind(str(path))
        with pytest.raises(errors.Unavailable, match="Another server listens on"):
            listeners.listen_on_unix_socket(path)
    assert path.exists()


def test_regular_file_is_not_replaced(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("notes")
    with pytest.raises(errors.Unavailable, match="is not a socket"):
        listeners.listen_on_unix_socket(path)
    assert path.read_text() == "notes"


@pytest.mark.parametrize("name", ("no/such/folder/blog.sock", "a" * 200))
def test_unix_socket_error_is_reported(tmp_path, name):
    with pytest.raises(errors.Unavailable, match="Cannot listen on"):
        listeners.listen_on_unix_socket(tmp_path / name)


def test_missing_unix_socket_support_is_reported(tmp_path, monkeypatch):
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(errors.Unavailable, match="does not support Unix sockets"):
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
def test_no_socket_without_systemd(variables):
    assert listeners.get_systemd_socket(variables) is None
    assert variables == {}


def test_several_systemd_sockets_are_rejected():
    with pytest.raises(errors.Unavailable, match="passed 2 sockets"):
        listeners.get_systemd_socket({"LISTEN_FDS": "2", "LISTEN_PID": str(os.getpid())})


@pytest.fixture
def passed():
    """Call `get_systemd_socket` with a descriptor."""
    return lambda descriptor: listeners.get_systemd_socket(
        {"LISTEN_FDS": "1", "LISTEN_PID": str(os.getpid())}, descriptor
    )


def test_systemd_socket_is_used(passed):
    with (
        closing(listeners.listen("127.0.0.1", 0)) as listener,
        closing(passed(os.dup(listener.fileno()))) as taken,
    ):
        assert taken.getsockname() == listener.getsockname()


def test_systemd_connection_is_rejected(passed):
    with (
        closing(socket.socket()) as connection,
        pytest.raises(errors.Unavailable, match="Accept=no"),
    ):
        passed(os.dup(connection.fileno()))


def test_systemd_descriptor_must_be_a_socket(passed, tmp_path):
    with (
        (tmp_path / "file").open("w") as file,
        pytest.raises(errors.Unavailable, match="did not pass a usable socket"),
    ):
        passed(file.fileno())


@pytest.mark.parametrize("kind", ("port", "Unix socket"))
def test_send_buffer_is_limited(tmp_path, kind):
    listener = (
        listeners.listen("127.0.0.1", 0)
        if kind == "port"
        else listeners.listen_on_unix_socket(tmp_path / "blog.sock")
    )
    with closing(listener):
        listeners.limit_slow_readers(listener)
        size = listener.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
        # Linux doubles the value for its own records.
        assert listeners.SEND_BUFFER_BYTES <= size <= 2 * listeners.SEND_BUFFER_BYTES


def test_file_limit_is_raised():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(512, before[1]), before[1]))
    try:
        assert listeners.raise_file_limit() in (before[1], 10_240)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_systems_without_a_file_limit_are_supported(monkeypatch):
    monkeypatch.setitem(sys.modules, "resource", None)
    assert listeners.raise_file_limit() > 1024
