"""Find a backup to restore when the database is missing or damaged."""

import shlex
from pathlib import Path

from flask import current_app

from .. import data_folder
from ..db import files
from . import archives
from . import current_blog
from . import records
from .creation import PREFIX
from .creation import SUFFIX


def advice() -> list[str]:
    """Return lines that name the newest good backup or snapshot, and the command to restore it."""
    blog = current_blog()
    found = find_newest(blog.instance, blog.database, current_app.config["BACKUP_DIR"])
    if found is None:
        return ["Neither a good backup nor a snapshot was found. Nothing was changed."]
    command = f"{data_folder.command_prefix()} restore {shlex.quote(str(found))}"
    kind = "snapshot of the database" if found.suffix == blog.database.suffix else "backup"
    return [
        f"The newest good {kind} is {found}. Nothing was changed.",
        f"To restore it, stop the blog and run: {command}",
    ]


def find_newest(instance: Path, database: Path, backup_folder: str) -> Path | None:
    """Return the newest backup or snapshot that is intact."""
    candidates = {Path(entry["file"]) for entry in records.load(instance)["made"]}
    if backup_folder:
        candidates.update(Path(instance, backup_folder).glob(f"{PREFIX}*{SUFFIX}"))
    candidates.update(files.snapshots(database))
    existing = [path for path in candidates if path.is_file()]
    for path in sorted(existing, key=lambda path: path.stat().st_mtime, reverse=True):
        if archives.is_intact(path) or (files.is_database(path) and not files.find_problems(path)):
            return path
    return None
