"""The commands that back up, verify and restore the blog, and undo an upgrade."""

import os
import secrets
import sys
import tempfile
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from typing import Any

import click
from flask import Flask
from flask import current_app

from .. import backups
from .. import config
from .. import db
from .. import errors
from ..backups import archives
from ..backups import creation
from ..backups import database_moves
from ..backups import restoration
from ..backups import schedule
from ..backups import undo
from ..backups import verification
from ..data_folder import INSTANCE_PATH
from ..data_folder import disk_errors
from ..data_folder.notices import with_blog
from ..db import files
from ..sizes import format_size
from .progress import Bars
from .progress import show_progress

# The name of standard input and output.
STREAM = "-"
FileArgument = click.Path(path_type=Path, allow_dash=True)


class _Target(click.Path):
    """A path whose slash at the end means a folder, which a `Path` forgets."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Return the path. Raises `BadParameter` if it means a folder that does not exist."""
        if str(value).endswith(os.sep) and not os.path.isdir(value):
            self.fail(f"There is no folder {value}. Create it first.", param, ctx)
        return super().convert(value, param, ctx)


@contextmanager
def _errors() -> Iterator[None]:
    """Turn exceptions into errors of the command, with advice if the database is lost."""
    try:
        yield
    except errors.AppError as error:
        lines = [error.message, *db.advice(error)]
        raise click.ClickException("\n".join(lines)) from error
    except OSError as error:
        raise click.ClickException(disk_errors.describe(error)) from error


@contextmanager
def _bar(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Yield a function that advances a progress bar."""
    bars, done = Bars(), 0

    def advance(size: int) -> None:
        nonlocal done
        done += size
        bars.show(label, done, max(total, done, 1))

    try:
        yield advance
    finally:
        bars.close()


def _open_app(folder: Path) -> Flask:
    """Create the application of an unpacked blog, without running its `config.py`."""
    from .. import create_app

    before = os.environ.get(INSTANCE_PATH)
    os.environ[INSTANCE_PATH] = str(folder)
    try:
        return create_app(
            {
                "DATABASE": str(folder / archives.DATABASE),
                "SECRET_KEY": secrets.token_bytes(32),
                "PROPAGATE_EXCEPTIONS": False,
                "BACKUP_DIR": "",
                "MEDIA": "",
                "SITE_URL": "",
                "TRUSTED_HOSTS": [],
            }
        )
    finally:
        if before is None:
            del os.environ[INSTANCE_PATH]
        else:
            os.environ[INSTANCE_PATH] = before


@click.command("backup")
@click.argument("file", required=False, type=_Target(path_type=Path, allow_dash=True))
@click.option(
    "--with-secrets",
    is_flag=True,
    help="Add the secret key, with which log-ins stay valid after a restore.",
)
@click.option(
    "--keep",
    type=click.IntRange(1),
    metavar="N",
    help="Delete all but the newest N backups of this blog in the same folder.",
)
@with_blog
def backup_command(file: Path | None, with_secrets: bool, keep: int | None) -> None:
    """Back up the whole blog to FILE, to a new file in the folder FILE, or to - for stdout.

    Without FILE, the backup is written to BACKUP_DIR, else to the current folder.
    """
    with _errors():
        blog = backups.current_blog()
        if str(file) == STREAM:
            _write_to_stdout(blog, with_secrets)
            return
        name = current_app.config["BACKUP_DIR"]
        target = file or (schedule.make_folder(blog, name) if name else Path.cwd())
        if keep and not target.is_dir():
            raise click.UsageError("--keep needs a folder, in which each backup has its own name.")
        bars = Bars()
        try:
            made = creation.write(
                blog,
                target,
                with_secrets=with_secrets,
                keep=keep or 0,
                progress=lambda done, total: bars.show("Backing up", done, total),
            )
        finally:
            bars.close()
    assert made is not None, "the backup was wanted"  # noqa: S101  # for the types
    click.echo(f"Backed up the blog to {made.file} ({format_size(made.bytes)}).")
    for old in made.deleted:
        click.echo(f"Deleted {old}.")
    _warn(made.missing, made.left_out)


def _write_to_stdout(blog: backups.Blog, with_secrets: bool) -> None:
    if sys.stdout is None or sys.stdout.isatty():
        raise click.UsageError("Redirect the output to a file, or to another program.")
    backup, bars = creation.Backup(blog, with_secrets=with_secrets), Bars()
    stream = sys.stdout.buffer
    try:
        for chunk in backup.chunks(lambda done, total: bars.show("Backing up", done, total)):
            stream.write(chunk)
        stream.flush()
    finally:
        bars.close()
    _warn(backup.missing, backup.left_out)


def _warn(missing: list[str], left_out: list[str]) -> None:
    for name in left_out:
        click.echo(
            f"Warning: {verification.printable(name)} is not in the backup, which cannot contain"
            " its name. Rename the file.",
            err=True,
        )
    if missing:
        click.echo(
            f"Warning: {verification.count(len(missing), 'media file')} of the blog had been lost"
            f" before, such as {verification.printable(missing[0])}.",
            err=True,
        )


@contextmanager
def _open(file: Path) -> Iterator[tuple[IO[bytes], int]]:
    """Open a backup, or stdin, and yield it with its size."""
    if str(file) == STREAM:
        if sys.stdin is None:
            raise click.UsageError("Redirect the input from a file, or from another program.")
        yield sys.stdin.buffer, 0
        return
    with file.open("rb") as stream:
        yield stream, file.stat().st_size


@click.command("verify")
@click.argument("file", type=FileArgument)
@with_blog
def verify_command(file: Path) -> None:
    """Check that a backup is complete and unchanged, and that the blog in it works."""
    with (
        _errors(),
        tempfile.TemporaryDirectory(prefix="flaskr-verify-") as folder,
        _open(file) as (stream, size),
        _bar("Verifying", size) as advance,
    ):
        found = verification.verify(stream, Path(folder), _open_app, advance)
    click.echo(found.holds)
    for note in found.notes:
        click.echo(f"Note: {note}")
    if found.faults:
        raise click.ClickException("\n".join(found.faults))
    click.echo("The backup is good.")


@click.command("restore")
@click.argument("file", type=FileArgument)
@with_blog
def restore_command(file: Path) -> None:
    """Replace the blog by the one in the backup FILE, or its database by the snapshot FILE.

    The present blog is kept in a folder with the date in its name.
    """
    with _errors():
        blog = backups.current_blog()
        if str(file) != STREAM and files.is_database(file):
            done = restoration.restore_snapshot(blog, file, _open_app)
        else:
            with _open(file) as (stream, size), _bar("Restoring", size) as advance:
                done = restoration.restore(blog, stream, _open_app, advance)
    click.echo(f"Restored the blog from {file}.")
    for note in done.notes:
        click.echo(f"Note: {note}")
    if done.upgraded_from is not None:
        click.echo(f"Upgraded its database from version {done.upgraded_from}.")
    if done.old:
        click.echo(f"The former files are in {done.old}. Delete them once all is well.")
    for line in _about_log_ins(done):
        click.echo(line)


def _about_log_ins(done: restoration.Restored) -> Iterator[str]:
    if not done.keeps_log_ins:
        yield "The backup has no secret key: everyone has to log in again."
    if done.passwords:
        yield (
            f"These users have their former password again: {', '.join(done.passwords)}. To"
            " change it, run: flaskr user password NAME"
        )
    if done.revived:
        yield (
            "Tokens and log-ins of the backup work again, even if they were revoked since. To end"
            " them, run: flaskr token revoke --all, and flaskr user logout --all"
        )


@click.command("upgrade")
@click.option("--undo", "is_undo", is_flag=True, help="Go back to before the last upgrade.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@with_blog
def upgrade_command(is_undo: bool, yes: bool) -> None:
    """Upgrade the database, or go back to before the last upgrade."""
    with _errors():
        blog = backups.current_blog()
        if is_undo:
            _undo(blog, yes)
            return
        if not (db.version() if blog.url else blog.database.is_file()):
            raise errors.Conflict("There is no database. Run flaskr init-db to create one.")
        done = db.init_db()
    click.echo(done.message if done else "The database is up to date.")


def _undo(blog: backups.Blog, yes: bool) -> None:
    if blog.url:
        raise errors.Conflict(undo.explain_on_postgres(blog))
    snapshot = undo.find_snapshot(blog)
    changes = undo.describe_changes(blog, snapshot)
    since = f"Since then: {', '.join(changes)}." if changes else "Nothing was written since then."
    click.echo(f"This goes back to {snapshot}. {since}")
    if not yes:
        click.confirm("Continue?", abort=True)
    kept = undo.undo(blog, snapshot)
    click.echo(
        f"The database is as it was before the upgrade. The upgraded one is in {kept}."
        " Install the earlier release now: this one would upgrade the database again."
    )


@click.command("move")
@click.argument("database")
@with_blog
def move_command(database: str) -> None:
    """Copy the database to DATABASE: the URL of an empty PostgreSQL, or from there to a new file.

    All rows are compared. The blog uses the copy once the setting DATABASE names it.
    """
    with _errors(), show_progress() as bars:
        blog = backups.current_blog()
        target = config.database_path(str(blog.instance), database)
        done = database_moves.move(blog, target, bars.show)
    is_postgres = db.is_postgres(target)
    place = "PostgreSQL" if is_postgres else click.format_filename(target)
    click.echo(f"Copied {done.rows:,} rows to {place}, and compared them.")
    for note in done.notes:
        click.echo(f"Note: {note}")
    # A URL may contain a password.
    click.echo(
        "The former database is unchanged. To use the copy, set DATABASE or FLASKR_DATABASE to"
        f" {'that URL' if is_postgres else place} on every machine, then start the blog."
    )


COMMANDS = (move_command, backup_command, verify_command, restore_command, upgrade_command)
