"""Go back to the database from before an upgrade."""

import re
import shlex
import sqlite3
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from .. import errors
from .. import migrations
from ..db import copying
from ..db import files
from ..models import backup_contents
from ..models import revocations
from . import Blog
from .creation import translate_errors
from .restoration import stopped

NAMES = {"post": "post", "user": "user", "media": "file", "setting": "setting"}
VERBS = ("added", "changed", "deleted")
Value = TypeVar("Value")


def explain_on_postgres(blog: Blog) -> str:
    """Return a sentence that tells how to go back. Raises `Conflict` if there was no upgrade."""
    with translate_errors(), blog.open() as database:
        copying.check_version(database)
        name = backup_contents.snapshot_name(database)
    if not name:
        raise errors.Conflict("This database has never been upgraded, so there is no way back.")
    snapshot = blog.instance / name
    where = "" if snapshot.is_file() else ", in the instance folder of the machine that upgraded it"
    return (
        f"An upgrade of a PostgreSQL cannot be undone in place. The database from before it is in"
        f" {snapshot}{where}. To go back to it, stop the blog on every machine, create an empty"
        " database, set DATABASE to it, install the earlier release, and run: flaskr restore"
        f" {shlex.quote(str(snapshot))}"
    )


def find_snapshot(blog: Blog) -> Path:
    """Return the snapshot taken before the last upgrade. Raises `Conflict`.

    The database names it, unless an earlier flaskr has upgraded it. Then it is the one with the
    highest ids, because the dates in names come from clocks.
    """
    version, named = 0, ""
    with translate_errors():
        if blog.database.is_file():
            version = files.version(blog.database)
            named = _read(blog.database, backup_contents.snapshot_name)
    suffix = re.compile(rf"-before-version-{version}\.[^.]+\Z")
    found = [
        snapshot
        for snapshot in files.snapshots(blog.database)
        if suffix.search(snapshot.name) and named in ("", snapshot.name)
    ]
    if not found:
        raise errors.Conflict(
            f"There is no snapshot from before the upgrade to version {version} next to"
            f" {blog.database}."
        )
    for snapshot in found:
        if problems := files.find_problems(snapshot):
            raise errors.Conflict(f"{snapshot} is damaged: {problems[0]}.")
    with translate_errors():
        return max(found, key=lambda snapshot: _read(snapshot, backup_contents.sum_of_ids))


def _read(database: Path, read: Callable[[sqlite3.Connection], Value]) -> Value:
    with closing(files.open_read_only(database)) as db:
        return read(db)


def describe_changes(blog: Blog, snapshot: Path) -> list[str]:
    """Return the changes since the snapshot, like `2 posts added`."""
    with translate_errors(), closing(sqlite3.connect(blog.database)) as db:
        found = backup_contents.count_changes(db, str(snapshot))
    return list(_describe(found))


def _describe(found: dict[str, tuple[int, int, int]]) -> Iterator[str]:
    for table, numbers in found.items():
        for number, verb in zip(numbers, VERBS, strict=True):
            if number:
                yield f"{number} {NAMES[table]}{'' if number == 1 else 's'} {verb}"


def undo(blog: Blog, snapshot: Path) -> str:
    """Put the snapshot back, and return the path of a copy of the upgraded database.

    SQLite replaces the content in one transaction: a crash leaves one database or the other.
    """
    with translate_errors(), stopped(blog):
        with closing(sqlite3.connect(blog.database)) as db:
            kept = migrations.take_snapshot(db, "before-undo")
        with (
            closing(files.open_read_only(snapshot)) as source,
            closing(sqlite3.connect(blog.database)) as target,
        ):
            source.backup(target)
            revocations.keep(target, kept)
    return kept
