"""Make backups in the background of the server, without a scheduler.

The first request of each process starts a thread. A lock and the record of the last backup let one
of several processes make each backup.
"""

import time
from pathlib import Path

from flask import Flask

from .. import errors
from ..data_folder import disk_errors
from ..web import background
from . import Blog
from . import current_blog
from . import records
from .creation import write

CHECK_SECONDS = 60
RETRY_SECONDS = 60 * 60


def init_app(app: Flask) -> None:
    """Start the thread with the first request if `BACKUP_DIR` is set."""
    if not app.config["BACKUP_DIR"] or not app.config["BACKUP_EVERY"]:
        return
    background.start_with_first_request(app, "backups", _run)


def _run(app: Flask) -> None:  # pragma: no cover  # it never ends
    while True:
        run_if_due(app)
        time.sleep(CHECK_SECONDS)


def run_if_due(app: Flask) -> bool:
    """Make a backup if the last one is too old, and return True if it was made."""
    with app.app_context():
        try:
            blog = current_blog()
            hours = app.config["BACKUP_EVERY"]
            if not is_due(blog, hours):
                return False
            made = write(
                blog,
                make_folder(blog, app.config["BACKUP_DIR"]),
                keep=app.config["BACKUP_KEEP"],
                # Another process may have made one since.
                is_wanted=lambda: is_due(blog, hours),
            )
        except errors.Conflict:
            # Another process is making one.
            return False
        except (errors.AppError, OSError) as error:
            message = disk_errors.describe(error) if isinstance(error, OSError) else str(error)
            app.logger.error("The backup failed: %s", message)
        except Exception as error:
            # The next backup may work, so the thread must not end.
            message = f"{type(error).__name__}: {error}"
            app.logger.exception("The backup failed")
        else:
            for name in made.left_out if made else ():
                app.logger.warning("%r is not in the backup: rename the file.", name)
            return made is not None
        records.add_error(Path(app.instance_path), message)
        return False


def make_folder(blog: Blog, name: str) -> Path:
    """Return the folder `BACKUP_DIR`, which is created if it is missing. Raises `OSError`."""
    folder = Path(blog.instance, name)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def is_due(blog: Blog, hours: int) -> bool:
    """Return True if it is time for a backup. One that failed is repeated after an hour."""
    found, now = records.load(blog.instance), time.time()
    if _is_recent(found.get("error_time"), now, RETRY_SECONDS):
        return False
    last = found["made"][-1]["time"] if found["made"] else None
    return not _is_recent(last, now, hours * 60 * 60)


def _is_recent(moment: object, now: float, seconds: float) -> bool:
    # A time in the future comes from a clock that was wrong.
    return isinstance(moment, int | float) and 0 <= now - moment < seconds
