"""Temporary folders in the instance folder, deleted by the next command if a process was killed."""

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path

from ..data_folder import locks
from ..data_folder.swapping import JOURNAL

PREFIX = "unfinished-backup-"
LOCK = "lock"
# A folder without a lock is that of a process about to make one.
NEW_SECONDS = 60


@contextmanager
def folder(instance: Path) -> Iterator[Path]:
    """Yield a new folder that only the blog's own user can read, and delete it afterwards."""
    delete_abandoned(instance)
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=instance))
    try:
        with locks.hold(path / LOCK):
            yield path
    finally:
        # An interrupted restore is completed with the files in it.
        if not (instance / JOURNAL).exists():
            shutil.rmtree(path, ignore_errors=True)


def delete_abandoned(instance: Path) -> None:
    """Delete the folders of processes that were killed."""
    if (instance / JOURNAL).exists():
        return
    for path in instance.glob(f"{PREFIX}*"):
        with suppress(OSError):
            lock = path / LOCK
            if not lock.exists():
                if path.stat().st_mtime < time.time() - NEW_SECONDS:
                    shutil.rmtree(path, ignore_errors=True)
                continue
            with locks.hold(lock) as is_free:
                if is_free:
                    shutil.rmtree(path, ignore_errors=True)
