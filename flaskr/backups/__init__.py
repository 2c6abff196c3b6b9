"""Back up the whole blog to one file, prove that the file is good, and restore the blog from it."""

from pathlib import Path
from typing import NamedTuple

from flask import Flask
from flask import current_app
from werkzeug.utils import import_string

from .. import errors
from ..models import media_storage
from ..models.media_stores import Store


class Blog(NamedTuple):
    """The paths of a blog's data, the version of flaskr, and the setting MEDIA."""

    instance: Path
    database: Path
    version: str
    media: str = ""

    def open_media(self) -> Store:
        """Return the place of the media files. Raises `Unavailable`."""
        return media_storage.open_store(self.media, self.instance)


def current_blog() -> Blog:
    """Return the paths of this application's blog. Raises `Conflict` if it has no file."""
    database = current_app.config["DATABASE"]
    if database == ":memory:":
        raise errors.Conflict("The database is in memory, so there is nothing to back up.")
    return Blog(
        Path(current_app.instance_path),
        Path(database),
        import_string("flaskr:__version__"),
        current_app.config["MEDIA"],
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
