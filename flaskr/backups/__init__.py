"""Back up the whole blog to one file, prove that the file is good, and restore the blog from it."""

from pathlib import Path
from typing import NamedTuple

from flask import Flask
from flask import current_app
from werkzeug.utils import import_string

from .. import errors


class Blog(NamedTuple):
    """The paths of a blog's data, and the version of flaskr."""

    instance: Path
    database: Path
    version: str


def current_blog() -> Blog:
    """Return the paths of this application's blog. Raises `Conflict` if it has no file."""
    database = current_app.config["DATABASE"]
    if database == ":memory:":
        raise errors.Conflict("The database is in memory, so there is nothing to back up.")
    return Blog(
        Path(current_app.instance_path), Path(database), import_string("flaskr:__version__")
    )


def init_app(app: Flask) -> None:
    """Make automatic backups if `BACKUP_DIR` is set, and name backups when the database is lost."""
    from . import rescue
    from . import schedule
    from . import scratch

    app.extensions["flaskr.rescue"] = rescue.advice
    app.extensions["flaskr.post_upgrade_hooks"].append(
        lambda: scratch.delete_abandoned(Path(app.instance_path))
    )
    schedule.init_app(app)
