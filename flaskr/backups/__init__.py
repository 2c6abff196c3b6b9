"""Back up the whole blog to one file, prove that the file is good, and restore the blog from it."""

import sqlite3
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from flask import Flask
from flask import current_app
from werkzeug.utils import import_string

from .. import db
from .. import errors
from ..db import copying
from ..db import files
from ..models import media_storage
from ..models.media_stores import Store


class Blog(NamedTuple):
    """The paths of a blog's data, the version of flaskr, and the setting MEDIA.

    If the database is a PostgreSQL, it has a URL, and `database` is the path of its copies.
    """

    instance: Path
    database: Path
    version: str
    media: str = ""
    url: str = ""

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        """Open the database to read one state of it."""
        if self.url:
            with copying.open_source(self.url) as connection:
                yield connection
        else:
            with closing(files.open_read_only(self.database)) as connection:
                yield connection

    def copy(self, file: Path, triggers: Mapping[str, str]) -> None:
        """Copy the committed state of the database to a file of SQLite, also while others write."""
        if self.url:
            copying.copy_to_file(self.url, file, triggers)
        else:
            files.copy(self.database, file)

    def open_media(self) -> Store:
        """Return the place of the media files. Raises `Unavailable`."""
        return media_storage.open_store(self.media, self.instance)


def current_blog() -> Blog:
    """Return the paths of this application's blog. Raises `Conflict` if it has no file."""
    instance, database = Path(current_app.instance_path), current_app.config["DATABASE"]
    version = import_string("flaskr:__version__")
    if database == ":memory:":
        raise errors.Conflict("The database is in memory, so there is nothing to back up.")
    media = current_app.config["MEDIA"]
    if db.is_postgres():
        return Blog(instance, instance / "flaskr.sqlite", version, media, database)
    return Blog(instance, Path(database), version, media)


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
