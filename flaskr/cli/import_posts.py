"""The command `flaskr import`: create posts from the files of a site."""

import sys
from pathlib import Path

import click

from .. import db
from .. import errors
from ..site_import import FILE_NAME
from ..site_import import importing
from ..site_import.report import Report
from ..site_import.report import count
from ..web import site_settings
from .progress import Bars

MAX_SHOWN = 10
# The status of a command that Ctrl+C has ended.
INTERRUPTED = 130


def run(path: Path, options: importing.Options) -> None:
    """Import the posts and print a report. Exit with status 1 if some failed."""
    bars = Bars()
    stored = ""

    def show(phase: str, done: int, total: int) -> None:
        nonlocal stored
        stored = f"{done:,} of {count(total, 'file')}" if phase == "Storing" else stored
        bars.show(phase, done, total)

    zone = site_settings.get("TIMEZONE")
    try:
        report = importing.run(path, zone, options, show, click.echo)
    except errors.AppError as error:
        raise click.ClickException(error.message) from error
    except KeyboardInterrupt:
        kept = f"{stored} are stored" if stored and not options.dry_run else "No post was stored"
        click.echo(f"\nStopped. {kept}. Run the command again to continue.", err=True)
        sys.exit(INTERRUPTED)
    finally:
        bars.close()
    _print(report, options)
    if report.has_failures:
        sys.exit(1)


def _print(report: Report, options: importing.Options) -> None:
    for line in report.lines(MAX_SHOWN):
        click.echo(line)
    if report.media:
        click.echo(_count_media(report))
    if report.anonymous:
        click.echo(
            f"{count(report.anonymous, 'post')} without an author: assigned to {report.author}."
            " (--author chooses another.)"
        )
    for hint in report.hints:
        click.echo(hint)
    click.echo(report.summary())
    click.echo(report.outcome())
    if not options.dry_run and any(report.findings.values()):
        place = "in the instance folder" if db.is_postgres() else "beside the database"
        click.echo(f"The whole report is in {FILE_NAME}, {place}.")


def _count_media(report: Report) -> str:
    verb = "Would import" if report.dry_run else "Imported"
    others = report.media - report.pictures
    parts = [count(report.pictures, "image")] if report.pictures else []
    parts += [count(others, "other file" if report.pictures else "file")] if others else []
    return f"{verb} {' and '.join(parts)}."
