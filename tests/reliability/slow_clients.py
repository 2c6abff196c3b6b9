"""Measure how quickly a visitor is answered while many clients stall.

`python tests/reliability/slow_clients.py --clients 500 --seconds 10` starts `flaskr serve` with a
new blog and measures one visitor alone, then with 500 stalled clients of each kind, then with 500
of all kinds. `--server waitress`, `--behind caddy` and `--behind nginx` measure those,
and `--port` a running server. It connects to this machine only.
`tests/server/test_slow_clients.py` runs a short version.
"""

import argparse
import http.client
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from itertools import cycle
from pathlib import Path

LARGE = "large.bin"
LARGE_BYTES = 20 * 1024 * 1024
BEATS_A_SECOND = 5
HOST = b"Host: 127.0.0.1\r\n"
NGINX = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/nginx-body;
  proxy_temp_path {folder}/nginx-proxy;
  fastcgi_temp_path {folder}/nginx-fastcgi;
  uwsgi_temp_path {folder}/nginx-uwsgi;
  scgi_temp_path {folder}/nginx-scgi;
  server {{
    listen 127.0.0.1:{port};
    location / {{
      proxy_pass http://127.0.0.1:{blog};
      proxy_set_header Host $host:$server_port;
      # Or nginx copies every file to the disk for its slow readers.
      proxy_max_temp_file_size 0;
    }}
  }}
}}
"""
CADDY = """
{{
  admin off
  auto_https off
}}
http://127.0.0.1:{port} {{
  reverse_proxy 127.0.0.1:{blog}
}}
"""

Step = Callable[[socket.socket], None]


def send_a_byte(connection: socket.socket) -> None:
    """Send another byte of an endless request."""
    connection.send(b"a")


def take_a_little(connection: socket.socket) -> None:
    """Receive a little of a large response."""
    connection.recv(512)


def wait(connection: socket.socket) -> None:
    """Do nothing."""


KINDS: dict[str, tuple[bytes, Step]] = {
    "silent": (b"", wait),
    "headers": (b"GET / HTTP/1.1\r\n" + HOST + b"X-Long: ", send_a_byte),
    "body": (
        b"POST /auth/login HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\n",
        send_a_byte,
    ),
    "chunked body": (
        b"POST /auth/login HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n",
        send_a_byte,
    ),
    "reading slowly": (
        b"GET /static/" + LARGE.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        take_a_little,
    ),
    "reading a part slowly": (
        b"GET /static/"
        + LARGE.encode()
        + b" HTTP/1.1\r\n"
        + HOST
        + b"Range: bytes=1-19000000\r\n\r\n",
        take_a_little,
    ),
    "reading nothing": (
        b"GET /static/" + LARGE.encode() + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        wait,
    ),
}


class Stalled:
    """Stalling clients, which reconnect when their connection is closed."""

    def __init__(self, port: int, kinds: list[str], count: int) -> None:
        self._port = port
        self._wanted = [kind for kind, _ in zip(cycle(kinds), range(count), strict=False)]
        self._connections: dict[int, socket.socket] = {}

    def open_all(self) -> None:
        """Open all connections and send the start of each request."""
        for number in range(len(self._wanted)):
            self._open(number)

    def _open(self, number: int) -> None:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(5)
        connection.connect(("127.0.0.1", self._port))
        connection.sendall(KINDS[self._wanted[number]][0])
        connection.setblocking(False)
        self._connections[number] = connection

    def go_on(self) -> None:
        """Let each client act once, and reconnect closed ones."""
        for number, connection in [*self._connections.items()]:
            try:
                KINDS[self._wanted[number]][1](connection)
                if was_hung_up(connection):
                    raise ConnectionResetError
            except BlockingIOError:
                pass
            except OSError:
                connection.close()
                with suppress(OSError):
                    self._open(number)


def stall(port: int, kinds: list[str], count: int) -> None:
    """Stall in a child process while the standard input is open."""
    clients = Stalled(port, kinds, count)
    clients.open_all()
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 1 / BEATS_A_SECOND)[0]:
        clients.go_on()


@contextmanager
def stalled(port: int, kinds: list[str], count: int) -> Iterator[None]:
    """Keep clients stalled in a separate process."""
    command = [sys.executable, __file__, "--stall", str(port), "--clients", str(count), "--kinds"]
    with subprocess.Popen(
        [*command, *kinds], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as clients:
        assert clients.stdout.readline() == "ready\n"
        yield
        clients.stdin.close()


def was_hung_up(connection: socket.socket) -> bool:
    """Return True if the server has closed the connection."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    with suppress(BlockingIOError):
        return bool(poll.poll(0)) and connection.recv(1, socket.MSG_PEEK) == b""
    return False


def ask(port: int, path: str, timeout: float = 30) -> float:
    """Return the duration of a request on a new connection, in seconds."""
    began = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
    finally:
        connection.close()
    assert answer.status == 200, (path, answer.status)
    return time.perf_counter() - began


def read(port: int, path: str, seconds: float) -> list[float]:
    """Repeat a request; return the durations in seconds, shortest first."""
    ends, took = time.monotonic() + seconds, []
    while time.monotonic() < ends:
        took.append(ask(port, path))
        time.sleep(0.002)
    return sorted(took)


@contextmanager
def process(*command: str, port: int, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server, and wait for its first response."""
    running = subprocess.Popen(
        command,
        env={**os.environ, **variables},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            with suppress(OSError, AssertionError):
                ask(port, "/health", timeout=2)
                break
            time.sleep(0.05)
        else:
            raise SystemExit(f"This does not answer: {' '.join(command)}")
        yield running
    finally:
        running.terminate()
        running.wait(timeout=30)


@contextmanager
def blog(folder: Path, *options: str) -> Iterator[int]:
    """Serve a blog with a large file; yield the port."""
    (folder / "static").mkdir(parents=True, exist_ok=True)
    (folder / "static" / LARGE).write_bytes(os.urandom(LARGE_BYTES))
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "flaskr", "serve", f"--port={port}"]
    with process(*command, *options, port=port, FLASKR_INSTANCE_PATH=str(folder)):
        yield port


@contextmanager
def proxy(name: str | None, folder: Path, behind: int) -> Iterator[int]:
    """Run a web server as a proxy; yield its port."""
    port = free_port()
    if name == "nginx":
        folder.chmod(0o755)
        file = folder / "nginx.conf"
        file.write_text(NGINX.format(port=port, blog=behind, folder=folder))
        command = [shutil.which("nginx") or "", "-p", str(folder), "-c", str(file)]
    elif name == "caddy":
        file = folder / "Caddyfile"
        file.write_text(CADDY.format(port=port, blog=behind))
        caddy = shutil.which("caddy") or ""
        command = [caddy, "run", "--adapter", "caddyfile", "--config", str(file)]
    else:
        yield behind
        return
    with process(*command, port=port, HOME=str(folder)):
        yield port


def free_port() -> int:
    """Return a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def report(port: int, what: str, seconds: float) -> None:
    """Measure a cached and an uncached page, and print both."""
    for path in ("/", "/health"):
        took = read(port, path, seconds / 2)
        p50, p99 = (1000 * took[int(len(took) * share)] for share in (0.5, 0.99))
        print(
            f"{what:<26} {path:<8} {len(took):>6} answers  p50 {p50:7.2f} ms  p99 {p99:7.2f} ms"
            f"  longest {1000 * took[-1]:7.1f} ms",
            flush=True,
        )


def main() -> None:
    """Measure without stalled clients, with each kind, and with all kinds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument(
        "--settle", type=float, default=1, help="seconds before measuring; proxies fill buffers"
    )
    parser.add_argument("--server", choices=("granian", "waitress"), default="granian")
    parser.add_argument("--behind", choices=("nginx", "caddy"))
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=[*KINDS])
    parser.add_argument("--port", type=int, help="of a server that runs already")
    parser.add_argument("--stall", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stall:
        stall(options.stall, options.kinds, options.clients)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if options.port:
            measure(options.port, options)
            return
        with (
            blog(folder, "--server", options.server) as behind,
            proxy(options.behind, folder, behind) as port,
        ):
            measure(port, options)


def measure(port: int, options: argparse.Namespace) -> None:
    """Print the figures for one server."""
    read(port, "/", 1)
    report(port, "alone", options.seconds)
    for kinds in (*([kind] for kind in options.kinds), options.kinds):
        with stalled(port, kinds, options.clients):
            time.sleep(options.settle)
            name = "of all kinds" if len(kinds) > 1 else kinds[0]
            report(port, f"{options.clients} {name}", options.seconds)
    report(port, "alone again", options.seconds)


if __name__ == "__main__":
    main()
