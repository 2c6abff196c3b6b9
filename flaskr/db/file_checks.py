"""Check the files of the database before they are opened."""

from pathlib import Path

from flask import current_app
from flask import g

from .. import errors
from ..data_folder import locks
from . import files


def check_files() -> None:
    """Raise `Damaged` if the database has been lost, and set a `-wal` of another one aside."""
    database = Path(current_app.config["DATABASE"])
    if "db" in g or str(database) == ":memory:":
        return
    if not _set_foreign_wal_aside(database) and files.is_older_than_its_wal(database):
        current_app.logger.warning(
            "%s is newer than %s-wal, but lacks changes that are in it. They are used. If you have"
            " put a copy into place to go back to it, stop the blog and use flaskr restore.",
            database.name,
            database.name,
        )
    if files.is_lost(database, Path(current_app.instance_path, "media")):
        raise errors.Damaged(
            "The database is missing, but there are uploads or snapshots of a blog. Restore it from"
            " a backup. To start a new blog, choose an empty folder."
        )


def _set_foreign_wal_aside(database: Path) -> bool:
    aside = files.set_foreign_wal_aside(database)
    if aside:
        current_app.logger.warning(
            "The database was copied into place next to the file %s-wal of an earlier one, which"
            " does not belong to it. That file is now %s, and can be deleted.",
            database.name,
            aside,
        )
    return aside is not None


def prepare_command() -> None:
    """Set a `-wal` of another database aside, which the first query would mix into this one."""
    database = Path(current_app.config["DATABASE"])
    if "db" in g or not files.has_wal(database):
        return
    with locks.hold(Path(current_app.instance_path, locks.SERVE_LOCK)) as is_free:
        pass
    # A server has checked it, and is using it.
    if is_free:
        _set_foreign_wal_aside(database)
