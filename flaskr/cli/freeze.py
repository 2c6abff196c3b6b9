"""The command `flaskr freeze`: write the public blog as static files."""

import os
from pathlib import Path

import click
from flask import current_app

from .. import errors
from ..site_export import freeze
from ..web import urls
from .progress import show_progress

MAX_SHOWN = 10


def run(target: Path, url: str) -> None:
    """Write the files and print a summary, with the links that lead nowhere."""
    with show_progress() as bars:
        done = freeze.freeze(target, _use_address(url), bars.show, processes=os.cpu_count() or 1)
    _print(done, target)
    if done.failed:
        raise click.ClickException(
            f"{done.failed[0]} could not be rendered; see the log. Its former file was kept, and"
            " nothing was removed."
        )


def _use_address(url: str) -> str:
    address = (url or current_app.config["SITE_URL"]).rstrip("/")
    if not urls.is_web_address(address):
        raise errors.Invalid(
            "Where will the blog be? Add its address, such as --url https://blog.example."
        )
    # Feeds, the sitemap and canonical URLs name it.
    current_app.config["SITE_URL"] = address
    return address


def _print(done: freeze.Freezer, target: Path) -> None:
    for url, page in done.broken[:MAX_SHOWN]:
        click.echo(f"The link to {url} leads nowhere (on {page or 'no page'}).")
    if len(done.broken) > MAX_SHOWN:
        click.echo(f"and {len(done.broken) - MAX_SHOWN:,} more links that lead nowhere")
    for url in done.unfit[:MAX_SHOWN]:
        click.echo(f"{url} cannot be a file beside the others, and was left out.")
    if len(done.unfit) > MAX_SHOWN:
        click.echo(f"and {len(done.unfit) - MAX_SHOWN:,} more, all left out")
    folder = done.folder
    click.echo(
        f"{done.pages:,} pages are in {target}: {folder.written:,} files written,"
        f" {folder.unchanged:,} unchanged, {folder.removed:,} removed."
    )
