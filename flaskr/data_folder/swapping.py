"""Replace files of the instance folder so that a crash leaves either the old ones or the new ones.

The moves are first written to a journal, which is the point of no return: from then on, the next
process that opens the blog completes them.
"""

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from . import locks

JOURNAL = "restore.unfinished"
LOCK_SECONDS = 60


class Move(NamedTuple):
    """A file or folder to replace: its path, that of the new one, if any, and of the old one."""

    current: str
    new: str
    old: str


def swap(instance: Path, moves: Iterable[Move]) -> None:
    """Replace files. Raises `OSError`, after undoing the moves made so far."""
    moves = list(moves)
    _write_journal(instance, moves)
    try:
        finish(instance)
    except OSError:
        for move in reversed(moves):
            _undo(move)
        (instance / JOURNAL).unlink()
        raise


def _write_journal(instance: Path, moves: list[Move]) -> None:
    partial = instance / f"{JOURNAL}.part"
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "w", encoding="utf-8") as file:
        json.dump(moves, file)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(instance / JOURNAL)
    sync_folder(instance)


def finish(instance: Path) -> None:
    """Complete an interrupted swap, if there is one. Raises `OSError`."""
    if not (instance / JOURNAL).exists():
        return
    with locks.hold(instance / locks.RESTORE_LOCK, wait_seconds=LOCK_SECONDS):
        # Another process may have completed it during the wait.
        if not (instance / JOURNAL).exists():
            return
        moves = json.loads((instance / JOURNAL).read_text(encoding="utf-8"))
        for move in moves:
            _replace(Move(*move))
        sync_folder(instance)
        (instance / JOURNAL).unlink()
        sync_folder(instance)


def _replace(move: Move) -> None:
    """Move the old file away and the new one into place, unless this was done before."""
    is_pending = os.path.lexists(move.new) if move.new else True
    if is_pending and os.path.lexists(move.current):
        os.makedirs(os.path.dirname(move.old), mode=0o700, exist_ok=True)
        os.rename(move.current, move.old)
    if move.new and is_pending:
        os.rename(move.new, move.current)


def _undo(move: Move) -> None:
    if move.new and not os.path.lexists(move.new) and os.path.lexists(move.current):
        os.rename(move.current, move.new)
    if os.path.lexists(move.old):
        os.rename(move.old, move.current)


def sync_folder(folder: Path) -> None:
    """Make renames in a folder survive a power cut."""
    # Windows cannot open a folder, and does not need to.
    with suppress(PermissionError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
