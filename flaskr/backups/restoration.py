"""Bring a blog back from a backup, or its database from a snapshot.

Everything is unpacked, checked and upgraded in a temporary folder first. Then `swapping` moves the
new files into place, and the old ones into a folder with the date, which is a complete blog too.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import closing
from contextlib import contextmanager
from contextlib import suppress
from pathlib import Path
from typing import IO
from typing import Any
from typing import NamedTuple

import click

from .. import config
from .. import data_folder
from .. import db
from .. import errors
from .. import migrations
from ..data_folder import locks
from ..data_folder import swapping
from ..data_folder.swapping import Move
from ..db import copying
from ..db import files
from ..models import backup_contents
from ..models import media_storage
from ..models import revocations
from ..sizes import format_size
from . import Blog
from . import archives
from . import scratch
from .creation import translate_errors
from .verification import OpenApp
from .verification import check_database
from .verification import check_version
from .verification import write_member

REPLACED = "replaced-"
# A copy of the former PostgreSQL, moved to the folder of the old blog.
PRESENT = "present.sqlite"
# A backup replaces these, even by nothing. A secret key is only replaced by another.
ENTRIES = ("config.py", "templates", "static")
STOP = (
    "The blog is being served. Stop its server first: press Ctrl+C where it runs, or run"
    " systemctl stop with the name of its service."
)

TWICE = "Another command is restoring this blog. Wait until it has ended."
# Two commands that lock at the same moment refuse each other, and one of them gets the next try.
LOCK_SECONDS = 0.5


class Restored(NamedTuple):
    """A completed restore: where the old blog is now, and whether log-ins are still valid.

    `passwords` are the users who had another password. `revived` is the number of log-ins and
    tokens that may have been revoked since.
    """

    old: Path | None
    upgraded_from: int | None
    keeps_log_ins: bool
    passwords: Sequence[str] = ()
    revived: int = 0
    notes: Sequence[str] = ()


@contextmanager
def stopped(blog: Blog) -> Iterator[None]:
    """Keep the blog from being served. Raises `Conflict` if it is."""
    lock = blog.instance / locks.SERVE_LOCK
    with locks.hold(lock, wait_seconds=LOCK_SECONDS) as is_free:
        if is_free and (blog.url or not files.in_use(blog.database)):
            if blog.url:
                copying.require_unused(blog.url)
            yield
            return
    # Servers share the lock.
    with locks.hold(lock, shared=True) as is_served:
        raise errors.Conflict(STOP if is_served else TWICE)


def restore(
    blog: Blog,
    source: IO[bytes],
    open_app: OpenApp,
    progress: Callable[[int], None] = lambda done: None,
) -> Restored:
    """Replace the blog by a backup. Raises `Invalid`, `Conflict`, `Unavailable`.

    If it raises, the blog is unchanged.
    """
    info: dict[str, Any] = {}

    def begin(found: dict[str, Any]) -> None:
        info.update(found)
        _check_space(blog.instance, found.get("bytes"))

    with translate_errors(), stopped(blog), scratch.folder(blog.instance) as folder:
        manifest = archives.read(
            source,
            lambda name, chunks: write_member(folder, name, chunks),
            begin=begin,
            progress=progress,
        )
        if faults := check_database(folder, manifest):
            raise errors.Invalid(" ".join(faults))
        _delete_surplus_media(folder)
        target = _new_database(blog, folder)
        before = _upgrade(folder, open_app)
        present = _present_database(blog, folder)
        revoked = _keep_revocations(present, folder)
        with_secrets = (folder / "secret_key").is_file()
        keeps_log_ins = with_secrets or present.is_file()
        with_media = not _copy_media(blog, folder)
        with _new_content(blog, folder) as notes:
            old = _swap(blog, folder, target, with_secrets=with_secrets, with_media=with_media)
    return Restored(old, before, keeps_log_ins, *revoked, notes)


def _check_space(folder: Path, needed: Any) -> None:
    free = shutil.disk_usage(folder).free
    if isinstance(needed, int) and needed > free:
        raise errors.Unavailable(
            f"The blog needs {format_size(needed)}, and the disk has only {format_size(free)} left."
            " Free some space, then try again."
        )


def _delete_surplus_media(folder: Path) -> None:
    """Delete files that were deleted from the blog during the backup."""
    with closing(files.open_read_only(folder / archives.DATABASE)) as copy:
        named = set(backup_contents.media_files(copy))
    with suppress(FileNotFoundError):
        for path in (folder / archives.MEDIA).iterdir():
            if path.name not in named:
                path.unlink()


def _upgrade(folder: Path, open_app: OpenApp) -> int | None:
    """Upgrade the unpacked database if it is older, and return its former version."""
    database = folder / archives.DATABASE
    before = files.version(database)
    if before == migrations.latest():
        return None
    with open_app(folder).app_context():
        db.init_db()
    # The backup itself keeps the older database.
    for snapshot in files.snapshots(database):
        snapshot.unlink()
    return before


def _present_database(blog: Blog, folder: Path) -> Path:
    """Return the file of the database that is replaced, or of a copy of a PostgreSQL."""
    if not blog.url:
        return blog.database
    copy = folder / PRESENT
    with blog.open() as database:
        is_empty = not copying.find_version(database)
    if not is_empty:
        blog.copy(copy, db.triggers())
    return copy


@contextmanager
def _new_content(blog: Blog, folder: Path) -> Iterator[list[str]]:
    """Replace the content of a PostgreSQL, and commit when the files are in place."""
    if not blog.url:
        yield []
        return
    with copying.replace_postgres(blog.url, str(folder / archives.DATABASE)) as done:
        yield done.notes


def _keep_revocations(present: Path, folder: Path) -> tuple[list[str], int]:
    """Delete the log-ins and tokens that have ended since, as far as the present database tells.

    Returns the values of `Restored`.
    """
    with closing(sqlite3.connect(folder / archives.DATABASE)) as copy:
        passwords = None
        if present.is_file() and not files.find_problems(present):
            passwords = revocations.keep(copy, str(present))
        return passwords or [], revocations.count(copy) if passwords is None else 0


def _new_settings(folder: Path) -> dict[str, Any]:
    """Return the settings that the restored blog will have. Raises `Conflict`."""
    try:
        return config.read_config(folder / "config.py") | config.read_environment(os.environ)
    except click.ClickException as error:
        raise errors.Conflict(f"The backup's {error.message}") from error


def _copy_media(blog: Blog, folder: Path) -> bool:
    """Copy the media files, unless the restored blog keeps them in its own folder.

    Return True if they were copied. Files that are there already are the same, and others stay.
    Raises `Unavailable`.
    """
    setting = str(_new_settings(folder).get("MEDIA", ""))
    try:
        store = media_storage.open_store(setting, blog.instance)
    except errors.Invalid as error:
        raise errors.Conflict(f"The setting MEDIA must be {error.message}.") from error
    if store.folder == blog.instance / media_storage.FOLDER:
        return False
    media = folder / archives.MEDIA
    for path in sorted(media.iterdir()) if media.is_dir() else ():
        store.write(path.name, path.read_bytes())
    return True


def _new_database(blog: Blog, folder: Path) -> Path:
    """Return where the restored blog will look for its database. Raises `Conflict`."""
    values = _new_settings(folder)
    database = config.database_path(str(blog.instance), str(values.get("DATABASE", "")))
    if (blog.url or db.is_postgres(database)) and database != blog.url:
        raise errors.Conflict(
            "After this, the blog would look for its database elsewhere, because the backup brings"
            " its own config.py. Set FLASKR_DATABASE to the URL of the PostgreSQL to restore into,"
            " or to flaskr.sqlite for a file, then try again."
        )
    path = blog.database if blog.url else Path(database)
    if not path.parent.is_dir():
        raise errors.Conflict(
            f"The backup's config.py keeps the database in {path.parent}, which does not exist."
            " Create that folder, or set FLASKR_DATABASE to another path, then try again."
        )
    return path


def _swap(
    blog: Blog, folder: Path, database: Path, *, with_secrets: bool, with_media: bool
) -> Path | None:
    old = _old_folder(blog)
    entries = [
        *ENTRIES,
        *(["secret_key"] if with_secrets else []),
        *([media_storage.FOLDER] if with_media else []),
    ]
    moves = [_move(blog.instance / name, folder / name, old / name) for name in entries]
    moves += _database_moves(blog, folder, database, old)
    return _replace(blog, folder, moves, old)


def _old_folder(blog: Blog) -> Path:
    return blog.instance / f"{REPLACED}{files.stamp()}"


def _replace(blog: Blog, folder: Path, moves: list[Move], old: Path) -> Path | None:
    """Make the moves, and return the folder of the old blog, if there was one."""
    has_blog = data_folder.holds_blog(blog.instance) or blog.database.exists()
    _sync(folder)
    try:
        swapping.swap(blog.instance, moves)
    except OSError:
        with suppress(OSError):
            old.rmdir()
        raise
    return old if has_blog else None


def _move(current: Path, new: Path, old: Path) -> Move:
    return Move(str(current), str(new) if new.exists() else "", str(old))


def _database_moves(blog: Blog, folder: Path, target: Path, old: Path) -> list[Move]:
    """Return the moves of the database and SQLite's files next to it.

    A database outside the instance folder may be on another disk: its files stay in their folder.
    Of a PostgreSQL, the copy is moved.
    """
    if blog.url:
        return _move_copy(folder / PRESENT, old)
    new = folder / archives.DATABASE
    if target.parent != blog.instance:
        beside = target.with_name(f"{target.stem}-{files.stamp()}-restored{target.suffix}.part")
        files.copy(new, beside)
        new = beside
    # The changes in the old database's companions would damage the new one.
    moves = []
    for path in dict.fromkeys((blog.database, target)):
        for end in files.COMPANIONS:
            current = path.with_name(path.name + end)
            moves.append(Move(str(current), "", str(_old_path(blog, current, old))))
    if blog.database != target:
        moves.append(Move(str(blog.database), "", str(_old_path(blog, blog.database, old))))
    moves.append(Move(str(target), str(new), str(_old_path(blog, target, old))))
    return moves


def _move_copy(copy: Path, old: Path) -> list[Move]:
    if not copy.exists():
        return []
    old.mkdir(mode=0o700)
    return [Move(str(old / archives.DATABASE), str(copy), "")]


def _old_path(blog: Blog, current: Path, old: Path) -> Path:
    if current.parent == blog.instance:
        return old / current.name
    stem, dot, rest = current.name.partition(".")
    return current.with_name(f"{stem}-{old.name.removeprefix(REPLACED)}-before-restore{dot}{rest}")


def _sync(folder: Path) -> None:
    """Write all new files to the disk before the point of no return."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for path in folder.rglob("*"):  # pragma: no cover  # on Windows
        if path.is_file():
            with path.open("rb+") as file:
                os.fsync(file.fileno())


def restore_snapshot(blog: Blog, snapshot: Path, open_app: OpenApp) -> Restored:
    """Replace the database by a copy of a snapshot, upgraded if it is older; all else stays."""
    with translate_errors(), stopped(blog), scratch.folder(blog.instance) as folder:
        copy = folder / archives.DATABASE
        files.copy(snapshot, copy)
        if problems := files.find_problems(copy):
            raise errors.Invalid(f"{snapshot} is damaged: {problems[0]}.")
        check_version(files.version(copy))
        before = _upgrade(folder, open_app)
        revoked = _keep_revocations(_present_database(blog, folder), folder)
        old = _old_folder(blog)
        moves = _database_moves(blog, folder, blog.database, old)
        with _new_content(blog, folder) as notes:
            kept = _replace(blog, folder, moves, old)
    return Restored(kept, before, True, *revoked, notes)
