"""The command `flaskr serve`."""

import gc
import importlib.util
import os
import socket
from pathlib import Path

import click
from flask import current_app

from .. import db
from .. import errors
from ..data_folder import locks
from ..data_folder.notices import with_blog
from ..server import listeners
from ..web import proxies
from ..web import setup_token

URL_PREFIX = "FLASKR_URL_PREFIX"
SERVERS = ("granian", "waitress")


@click.command("serve")
@click.option(
    "--host", default="127.0.0.1", show_default=True, help="The address or name to listen on."
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--unix-socket",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Listen on a Unix socket instead of a port.",
)
@click.option(
    "--workers",
    default=1,
    show_default=True,
    type=click.IntRange(1),
    help="Number of worker processes.",
)
@click.option(
    "--threads",
    default=4,
    show_default=True,
    type=click.IntRange(1),
    help="Number of threads per worker.",
)
@click.option(
    "--prefix", default="", metavar="PATH", help="The path prefix of the blog, such as /blog."
)
@click.option(
    "--server",
    type=click.Choice(SERVERS),
    help="The server to use. By default, granian if it is installed.",
)
@click.option("--access-log/--no-access-log", default=True, help="Print a line for each request.")
@with_blog
def serve_command(
    host: str,
    port: int,
    unix_socket: Path | None,
    workers: int,
    threads: int,
    prefix: str,
    server: str | None,
    access_log: bool,
) -> None:
    """Serve the blog. Creates or upgrades its database first."""
    if prefix:
        _set_prefix(prefix)
    server = _choose_server(server, workers)
    with locks.hold(Path(current_app.instance_path, locks.SERVE_LOCK), shared=True) as is_free:
        if not is_free:
            raise click.ClickException("The blog is being restored. Wait until that has finished.")
        _serve(server, host, port, unix_socket, workers, threads, access_log)


def _serve(
    server: str,
    host: str,
    port: int,
    unix_socket: Path | None,
    workers: int,
    threads: int,
    access_log: bool,
) -> None:
    _prepare_database()
    files = listeners.raise_file_limit()
    listener, name = _listen(host, port, unix_socket)
    with listener:
        for line in _make_greeting(listener, name):
            click.echo(line)
        listeners.limit_slow_readers(listener)
        try:
            run_server(server, listener, workers, threads, access_log, files)
        finally:
            if unix_socket:
                unix_socket.unlink(missing_ok=True)


def _choose_server(server: str | None, workers: int) -> str:
    """Return the name of the server to use."""
    installed = [name for name in SERVERS if importlib.util.find_spec(name)]
    if not installed or (server and server not in installed):
        missing = server or "granian"
        raise click.ClickException(
            f"{missing} is not installed. To install it, run: pip install {missing}"
        )
    server = server or installed[0]
    if server == "waitress" and workers > 1:
        raise click.ClickException("waitress runs in a single process. Omit --workers.")
    return server


def _set_prefix(prefix: str) -> None:
    # Worker processes read the prefix from their environment.
    os.environ[URL_PREFIX] = current_app.config["URL_PREFIX"] = prefix
    proxies.read_settings(current_app.config)


def _prepare_database() -> None:
    """Create or upgrade the database. A lost one is reported, and pages then say so too."""
    try:
        done = db.init_db()
    except errors.Damaged as error:
        for line in (error.message, *db.advice(error)):
            click.echo(line, err=True)
        return
    except errors.AppError as error:
        raise click.ClickException(error.message) from error
    if done:
        click.echo(done.message)


def _listen(host: str, port: int, unix_socket: Path | None) -> tuple[socket.socket, str]:
    """Return the socket to serve, and the host name for its URL."""
    try:
        passed = listeners.get_systemd_socket(os.environ)
        if passed:
            return passed, str(passed.getsockname()[0])
        if unix_socket:
            return listeners.listen_on_unix_socket(unix_socket), "localhost"
        return listeners.listen(host, port), host
    except errors.AppError as error:
        raise click.ClickException(error.message) from error


def _make_greeting(listener: socket.socket, host: str) -> list[str]:
    address = listener.getsockname()
    if isinstance(address, tuple):
        return greeting(host, address[1])
    # The web server in front listens on port 80.
    return [f"Your blog listens on the socket {address}", *greeting("localhost", 80)[1:]]


def greeting(host: str, port: int) -> list[str]:
    """Return the lines to print at the start: the URL and the next steps."""
    prefix = proxies.read_settings(current_app.config).prefix
    address = f"http://{_url_host(host)}:{port}{prefix}/"
    return [
        f"Your blog is at {address}",
        *setup_token.next_steps(address),
        "To stop it, press Ctrl+C.",
    ]


def _url_host(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


def run_server(
    server: str,
    listener: socket.socket,
    workers: int,
    threads: int,
    access_log: bool,
    files: int,
) -> None:
    if server == "waitress":
        from ..server import waitress_server

        waitress_server.run(listener, threads=threads, with_access_log=access_log, files=files)
        return
    from ..server import granian_server

    # Frozen objects are not touched by the garbage collector, so workers share their memory.
    gc.freeze()
    granian_server.run(
        listener, workers=workers, threads=threads, with_access_log=access_log, files=files
    )
