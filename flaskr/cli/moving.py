"""Move a blog to another folder. An interrupted move can be repeated."""

import filecmp
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from datetime import UTC
from datetime import datetime
from pathlib import Path

from .. import errors
from ..data_folder import MOVE_MARKER
from ..data_folder import holds_blog
from ..data_folder import unfinished_move

# SQLite's companion files belong to an open database, and the marker belongs to the move.
IGNORED_FILES = ("*-wal", "*-shm", "*-journal", MOVE_MARKER)
BUSY_TIMEOUT_SECONDS = 1


def move(source: Path, target: Path, database: Path) -> Path:
    """Move the blog in `source` to `target`, and return the new path of the old folder.

    All files are copied and compared before the old folder is renamed, which completes the move.
    Before that, a marker in `target` keeps the unfinished copy from being used. Raises `Conflict`
    or `Unavailable`, and then leaves the blog in `source`.
    """
    _check(source, target)
    with _translate_errors(), _locked(database) as db:
        _begin(source, target)
        _copy(source, target, database, db)
    old = source.with_name(f"{source.name}-moved-{datetime.now(UTC):%Y-%m-%d-%H%M%S}")
    try:
        source.rename(old)
    except OSError as error:
        raise errors.Conflict(
            f"The blog was copied to {target}, but {source} cannot be renamed: {error.strerror}."
            f" Stop using {source} and delete the files in it: this completes the move."
        ) from error
    with suppress(OSError):
        # The marker has no effect once the old folder is renamed.
        (target / MOVE_MARKER).unlink()
    return old


def _check(source: Path, target: Path) -> None:
    if not holds_blog(source):
        raise errors.Conflict(f"There is no blog in {source}.")
    if hasattr(os, "geteuid") and source.stat().st_uid != os.geteuid():
        raise errors.Conflict(
            f"{source} belongs to another user. Run this command as the user that runs the blog."
        )
    real_source, real_target = source.resolve(), target.resolve()
    if real_target.is_relative_to(real_source) or real_source.is_relative_to(real_target):
        raise errors.Conflict(f"Choose a folder that is neither in {source} nor contains it.")
    if holds_blog(target):
        raise errors.Conflict(
            f"{target} already contains a blog. Choose another folder, or move that blog first."
        )


@contextmanager
def _translate_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise errors.Unavailable(
            f"The blog was not moved, because it could not be copied: {_reason(error)}."
        ) from error


def _reason(error: OSError | sqlite3.Error) -> str:
    if isinstance(error, shutil.Error):
        # Each error is a tuple of the file, its copy and the reason.
        file, _, reason = error.args[0][0]
        return f"{file}: {reason}"
    return getattr(error, "strerror", None) or str(error)


@contextmanager
def _locked(database: Path) -> Iterator[sqlite3.Connection | None]:
    """Lock the database against all other programs. Yields None if there is no database."""
    if not database.is_file():
        yield None
        return
    with closing(
        sqlite3.connect(database, timeout=BUSY_TIMEOUT_SECONDS, isolation_level=None)
    ) as db:
        try:
            # In this mode, the lock outlasts the transaction, and open connections prevent it.
            db.execute("PRAGMA locking_mode = EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            db.execute("COMMIT")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            raise errors.Conflict("The blog is in use. Stop its server, then try again.") from error
        yield db


def _begin(source: Path, target: Path) -> None:
    """Create the target folder, or remove an earlier unfinished copy from it."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    earlier = unfinished_move(target)
    found = {path.name for path in target.iterdir()}
    if earlier is None and found - {"secret_key", MOVE_MARKER}:
        raise errors.Conflict(f"{target} is not empty. Choose another folder.")
    if earlier is not None and earlier.resolve() != source.resolve():
        raise errors.Conflict(
            f"{target} contains an unfinished copy of {earlier}. Choose another folder."
        )
    (target / MOVE_MARKER).write_bytes(os.fsencode(source))
    for name in found - {MOVE_MARKER}:
        _remove(target / name)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


def _copy(source: Path, target: Path, database: Path, db: sqlite3.Connection | None) -> None:
    def ignore(folder: str, names: list[str]) -> set[str]:
        special = {name for name in names if _is_special(Path(folder, name), database)}
        return special | shutil.ignore_patterns(*IGNORED_FILES)(folder, names)

    def copy(file: str, to: str) -> str:
        shutil.copy2(file, to)
        if not filecmp.cmp(file, to, shallow=False):
            raise OSError(0, f"the copy {to} differs")
        return to

    shutil.copytree(
        source, target, symlinks=True, ignore=ignore, copy_function=copy, dirs_exist_ok=True
    )
    if db is not None and database.is_relative_to(source):
        _copy_database(db, target / database.relative_to(source))


def _is_special(path: Path, database: Path) -> bool:
    """Return True for the database, which is copied separately, and for sockets and devices."""
    return path == database or not (path.is_file() or path.is_dir() or path.is_symlink())


def _copy_database(db: sqlite3.Connection, to: Path) -> None:
    # SQLite would create a file that every user of the machine can read.
    to.touch(mode=0o600)
    with closing(sqlite3.connect(to)) as copy:
        db.backup(copy)
        if copy.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise OSError(0, "the database is damaged")
