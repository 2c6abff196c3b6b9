"""The command `flaskr doctor`."""

import sys
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

import click

from .. import doctor
from .. import errors
from ..data_folder.notices import with_blog


@click.command("doctor")
@click.option("--fix", is_flag=True, help="Repair what can be repaired without a risk.")
@with_blog
def doctor_command(fix: bool) -> None:
    """Examine the blog and this machine, and advise how to fix each fault.

    The exit status is 1 if faults remain.
    """
    remaining = 0
    for heading, findings in doctor.examine(_track):
        click.echo(f"{heading}:" if findings else f"{heading}: no faults")
        remaining += sum(not _report(finding, fix) for finding in findings)
    click.echo(_summarize(remaining))
    if remaining:
        raise click.exceptions.Exit(1)


def _track(items: Sequence[Any]) -> Iterable[Any]:
    return _show_progress(items) if sys.stderr.isatty() else items


def _show_progress(items: Sequence[Any]) -> Iterator[Any]:
    with click.progressbar(items, file=sys.stderr) as bar:
        yield from bar


def _report(finding: doctor.Finding, fix: bool) -> bool:
    """Print a finding, and return True if it has been repaired."""
    click.echo(f"  {finding.fault}")
    repair = finding.repair
    if fix and repair is not None:
        try:
            repair()
        except OSError as error:
            click.echo(f"    It could not be repaired: {error.strerror}.")
            return False
        except errors.AppError as error:
            click.echo(f"    It could not be repaired. {error.message}")
            return False
        click.echo("    Repaired.")
        return True
    click.echo(f"    {finding.remedy}")
    return False


def _summarize(remaining: int) -> str:
    if not remaining:
        return "Everything is in order."
    return f"{remaining} fault{'' if remaining == 1 else 's'} found."
