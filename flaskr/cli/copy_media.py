"""The command `flaskr copy-media`."""

import os
from pathlib import Path

import click

from .. import errors
from ..data_folder.notices import with_blog
from ..models import media_copies
from ..models import media_storage
from ..models.media_stores import Store
from ..sizes import format_size
from .progress import show_progress
from .rule_errors import rule_errors


@click.command("copy-media")
@click.argument("target")
@with_blog
def copy_media_command(target: str) -> None:
    """Copy the files of the media library to TARGET, a folder or a bucket like s3://bucket/prefix.

    Every copy is read again and compared. Copying again copies what is new.
    """
    with rule_errors(), show_progress() as bars:
        source, store = media_storage.store(), _open(target)
        done = media_copies.copy_all(
            source, store, lambda number, total: bars.show("Copying", number, total)
        )
    click.echo(
        f"Copied {done.copied:,} file{'' if done.copied == 1 else 's'} ({format_size(done.bytes)})"
        f" to {store.name}; {done.present:,} were there already."
    )
    for name in done.missing:
        click.echo(f"{name} is missing in {source.name}.", err=True)
    for name in done.damaged:
        click.echo(f"{name} is damaged in {source.name}, and was not copied.", err=True)
    click.echo(
        "To use them, stop the blog, run this command again for what was uploaded meanwhile, set"
        " MEDIA to the target, and start the blog."
    )
    if done.missing or done.damaged:
        raise click.exceptions.Exit(1)


def _open(target: str) -> Store:
    try:
        store = media_storage.open_store(target, Path(os.getcwd()))
    except errors.Invalid as error:
        raise click.UsageError(f"The target must be {error.message}.") from None
    if store.folder == media_storage.store().folder and store.folder is not None:
        raise click.UsageError("The media files are in this folder already.")
    return store
