"""Progress bars of commands."""

import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from .. import db
from .. import errors


class Bars:
    """A progress bar for each phase of a command, with the time that is left."""

    def __init__(self) -> None:
        self.phase = ""
        self.done = 0
        self.bar: Any = None

    def show(self, phase: str, done: int, total: int) -> None:
        """Show how much of a phase is done."""
        if phase != self.phase:
            self.close()
            self.phase, self.done = phase, 0
            self.bar = click.progressbar(
                length=total,
                label=phase,
                file=sys.stderr,
                show_pos=True,
                update_min_steps=total // 500 + 1,
            )
            self.bar.__enter__()
        self.bar.update(done - self.done)
        self.done = done

    def close(self) -> None:
        """End the bar."""
        if self.bar is not None:
            self.bar.__exit__(None, None, None)
            self.bar = None


@contextmanager
def show_progress() -> Iterator[Bars]:
    """Yield progress bars, and turn exceptions into errors of the command.

    After an interruption, the same command has to be able to continue.
    """
    bars = Bars()
    try:
        yield bars
    except errors.AppError as error:
        raise click.ClickException(error.message) from error
    except sqlite3.DatabaseError as error:
        raise click.ClickException(db.error_message(error) or f"{error}.") from error
    except KeyboardInterrupt:
        click.echo("\nStopped. Run the command again to continue.", err=True)
        raise click.Abort from None
    finally:
        bars.close()
