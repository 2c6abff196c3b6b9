"""Open the socket that `flaskr serve` listens on: a port, a Unix socket, or one from systemd."""

import errno
import os
import socket
import stat
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

from .. import errors

BACKLOG = 1024
# Without a limit, Linux buffers up to 4 MB for each client that reads slowly.
SEND_BUFFER_BYTES = 256 * 1024
# Connections are closed when the client has acknowledged nothing for this long.
STALLED_READER_MILLISECONDS = 60_000
# Any user who can open the folder may connect, like to a port of this machine.
SOCKET_MODE = 0o666
MAX_PORTS_TO_TRY = 20
FIRST_PASSED_DESCRIPTOR = 3


def listen(host: str, port: int) -> socket.socket:
    """Listen on a port. Raises `Unavailable` with advice."""
    problem: OSError | None = None
    for family, address in _addresses(host, port):
        try:
            return _bind(family, address)
        except OSError as error:
            problem = problem or error
    assert problem is not None, "getaddrinfo returns at least one address"  # noqa: S101  # for the types
    raise errors.Unavailable(_explain(problem, host, port)) from problem


def _addresses(host: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
    """Return the addresses of a host name, IPv4 first."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise errors.Unavailable(
            f"{host} is not a known name or address. Use --host 127.0.0.1 to serve this machine"
            " only, or --host 0.0.0.0 to serve the network."
        ) from error
    addresses = [(family, address) for family, _, _, _, address in found]
    return sorted(addresses, key=lambda pair: pair[0] != socket.AF_INET)


def _bind(family: int, address: tuple[object, ...]) -> socket.socket:
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        # On Windows, this option would let two programs share the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, int(os.name == "posix"))
        if family == socket.AF_INET6 and address[0] == "::":
            # Listen on all IPv4 addresses, too.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _explain(error: OSError, host: str, port: int) -> str:
    where = f"Cannot listen on {host} port {port}: {error.strerror}."
    if error.errno == errno.EADDRINUSE:
        free = _free_port(host, port)
        remedy = f"try --port {free}" if free else "choose another with --port"
        return f"{where} Stop the program that uses the port, or {remedy}."
    if error.errno == errno.EACCES:
        return f"{where} Choose a port above 1023, such as --port 8000."
    return f"{where} Choose another address with --host, such as 127.0.0.1."


def _free_port(host: str, port: int) -> int | None:
    """Return the next free port, if one is near."""
    for candidate in range(port + 1, min(port + MAX_PORTS_TO_TRY, 65536)):
        with suppress(OSError):
            _bind(*_addresses(host, candidate)[0]).close()
            return candidate
    return None


def listen_on_unix_socket(path: Path) -> socket.socket:
    """Listen on a Unix socket, replacing that of a stopped server. Raises `Unavailable`."""
    if not hasattr(socket, "AF_UNIX"):
        raise errors.Unavailable(
            "This system does not support Unix sockets. Use --host and --port."
        )
    _remove_stale_socket(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(str(path))
        path.chmod(SOCKET_MODE)
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        reason = error.strerror or str(error)
        raise errors.Unavailable(
            f"Cannot listen on {path}: {reason}. Choose a path of at most 100 characters in an"
            " existing folder that you can write to."
        ) from error
    return listener


def _remove_stale_socket(path: Path) -> None:
    try:
        is_socket = stat.S_ISSOCK(path.lstat().st_mode)
    except OSError:
        return
    if not is_socket:
        raise errors.Unavailable(
            f"{path} is not a socket, so it was not replaced. Choose another path."
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except ConnectionRefusedError:
            path.unlink(missing_ok=True)
        except OSError:
            raise errors.Unavailable(
                f"Another server listens on {path}. Stop it, or choose another path."
            ) from None
        else:
            raise errors.Unavailable(
                f"Another server listens on {path}. Stop it, or choose another path."
            )


def get_systemd_socket(
    environment: MutableMapping[str, str], descriptor: int = FIRST_PASSED_DESCRIPTOR
) -> socket.socket | None:
    """Return the socket that systemd passed to this process from a `.socket` unit, if any."""
    process, count = environment.pop("LISTEN_PID", ""), environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()) or not count.isdecimal() or count == "0":
        return None
    if count != "1":
        raise errors.Unavailable(
            f"systemd passed {count} sockets, but flaskr listens on one. Keep a single Listen… line"
            " in the .socket unit."
        )
    try:
        passed = socket.socket(fileno=descriptor)
        is_listening = passed.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    except OSError as error:
        raise errors.Unavailable("systemd did not pass a usable socket.") from error
    if not is_listening:
        passed.close()
        raise errors.Unavailable(
            "systemd passed a connection instead of a listening socket. Set Accept=no in the"
            " .socket unit."
        )
    return passed


def limit_slow_readers(listener: socket.socket) -> None:
    """Limit the send buffer and the stalled time of the connections that the socket accepts."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
    if listener.family != getattr(socket, "AF_UNIX", None) and hasattr(socket, "TCP_USER_TIMEOUT"):
        listener.setsockopt(
            socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STALLED_READER_MILLISECONDS
        )


def raise_file_limit() -> int:
    """Raise the limit of open files as far as allowed, and return it."""
    try:
        import resource
    except ImportError:
        # Windows has no limit to raise.
        return 8192
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if hard != resource.RLIM_INFINITY else max(soft, 10_240)
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
