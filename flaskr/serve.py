"""`flaskr serve`: the server that one blog on one machine needs."""

import gc
import os
import socket

import click
from flask import current_app

from . import db
from . import errors
from . import proxies
from . import setup_token
from .notices import with_blog

URL_PREFIX = "FLASKR_URL_PREFIX"
# Requests in flight when the server is told to stop have this long to finish.
SECONDS_TO_FINISH = 30


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes.")
@click.option("--threads", default=4, show_default=True, type=click.IntRange(1), help="For each.")
@click.option("--prefix", default="", metavar="PATH", help="The path of the blog, such as /blog.")
@with_blog
def serve_command(host: str, port: int, workers: int, threads: int, prefix: str) -> None:
    """Serve the blog, after making or upgrading its database."""
    if prefix:
        _set_prefix(prefix)
    _prepare()
    _check_port(host, port)
    for line in greeting(host, port):
        click.echo(line)
    _run(host, port, workers, threads)


def _set_prefix(prefix: str) -> None:
    # The workers find it in their environment.
    os.environ[URL_PREFIX] = current_app.config["URL_PREFIX"] = prefix
    proxies.check(current_app.config)


def _prepare() -> None:
    try:
        done = db.init_db()
    except errors.Problem as error:
        raise click.ClickException(error.message) from error
    if done:
        click.echo(done.message)


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise click.ClickException(
                f"Cannot listen on {host} port {port}: {error.strerror}. Choose another with"
                " --host and --port."
            ) from error


def greeting(host: str, port: int) -> list[str]:
    """What to say at the start: the address, and what to do next."""
    prefix = proxies.check(current_app.config).prefix
    address = f"http://{_spoken(host)}:{port}{prefix}/"
    return [
        f"Your blog is at {address}",
        *setup_token.next_steps(address),
        "To stop it, press Ctrl+C.",
    ]


def _spoken(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104  # compared, not bound
        return socket.gethostname()
    return f"[{host}]" if ":" in host else host


# Runs in the server's own process, which tests start and stop from outside.
def _run(host: str, port: int, workers: int, threads: int) -> None:  # pragma: no cover
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    # What is here by now stays shared with the workers: the collector does not write into it.
    gc.freeze()
    Granian(
        "flaskr.cli:application",
        factory=True,
        interface=Interfaces.WSGI,
        address=host,
        port=port,
        workers=workers,
        blocking_threads=threads,
        websockets=False,
        log_level=LogLevels.warning,
        log_access=True,
        workers_kill_timeout=SECONDS_TO_FINISH,
        respawn_failed_workers=True,
    ).serve()
