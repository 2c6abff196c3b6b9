"""Go back to the database from before an upgrade."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from .. import errors
from .. import migrations
from ..db import files
from ..models import backup_contents
from . import Blog
from .creation import translate_errors
from .restoration import stopped

NAMES = {"post": "post", "user": "user", "media": "file", "setting": "setting"}
VERBS = ("added", "changed", "deleted")


def find_snapshot(blog: Blog) -> Path:
    """Return the snapshot taken before the last upgrade. Raises `Conflict`."""
    with translate_errors():
        version = files.version(blog.database) if blog.database.is_file() else 0
    for snapshot in files.snapshots(blog.database):
        if re.search(rf"-before-version-{version}\.[^.]+\Z", snapshot.name):
            if problems := files.find_problems(snapshot):
                raise errors.Conflict(f"{snapshot} is damaged: {problems[0]}.")
            return snapshot
    raise errors.Conflict(
        f"There is no snapshot from before the upgrade to version {version} next to"
        f" {blog.database}."
    )


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
    return kept
