"""Copy the blog's database to one of the other engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .. import db
from .. import errors
from ..data_folder import swapping
from ..db import copying
from ..db.copying import Copied
from ..db.copying import Progress
from . import Blog
from .creation import translate_errors
from .restoration import stopped


def move(blog: Blog, target: str, progress: Progress) -> Copied:
    """Copy all rows to the database `target`, and compare them; the source is unchanged.

    The copy appears once it is complete. Raises `Conflict` or `Unavailable`.
    """
    to_postgres = db.is_postgres(target)
    if not to_postgres and not blog.url:
        raise errors.Conflict(
            "The blog and its copy would both be files of SQLite. Use flaskr backup and flaskr"
            " restore instead."
        )
    with translate_errors(), _ready(blog):
        if to_postgres:
            source = blog.url or str(blog.database)
            with copying.replace_postgres(target, source, progress, only_empty=True) as done:
                return done
        return _copy_to_file(blog, Path(target), progress)


@contextmanager
def _ready(blog: Blog) -> Iterator[None]:
    """Check that the blog exists, and keep it from being used."""
    if not blog.url and not blog.database.is_file():
        raise errors.Conflict("There is no database. Run flaskr init-db to create one.")
    db.check_schema()
    db.close_db()
    with stopped(blog):
        yield


def _copy_to_file(blog: Blog, file: Path, progress: Progress) -> Copied:
    if file.exists():
        raise errors.Conflict(f"{file} exists. Choose another name, or move that file away.")
    unfinished = file.with_name(f"{file.name}.part")
    done = copying.copy_to_file(blog.url, unfinished, db.triggers(), progress)
    unfinished.replace(file)
    swapping.sync_folder(file.parent)
    return done
