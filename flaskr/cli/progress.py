"""Progress bars of commands."""

import sys
from typing import Any

import click


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
