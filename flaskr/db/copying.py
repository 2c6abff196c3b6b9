"""Copy all rows of a blog to another database, of the same engine or not, and compare them."""

import hashlib
import sqlite3
import time
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from contextlib import closing
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from typing import NamedTuple

from flask import current_app

from .. import errors
from .. import migrations
from ..data_folder import disk_errors
from ..data_folder import swapping
from . import close_db
from . import connect
from . import files
from . import is_postgres
from . import tables
from . import triggers
from .tables import Table
from .tables import Values

ROWS_AT_ONCE = 200
CONNECTION_CHECKS = 20
# Plain SQL may have deleted the author of a post from SQLite. The copy gets a user of this name.
LOST_AUTHOR = "someone-"
Progress = Callable[[str, int, int], None]


class Copied(NamedTuple):
    """A completed copy: the number of rows, and sentences about those that changed."""

    rows: int
    notes: list[str]


class _Sum:
    """A checksum of rows in any order."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, row: Values) -> None:
        self.rows += 1
        digest = hashlib.sha256(repr(row).encode()).digest()
        self._sum = (self._sum + int.from_bytes(digest, "big")) % 2**256

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sum) and (self.rows, self._sum) == (other.rows, other._sum)


@contextmanager
def open_source(database: str) -> Iterator[sqlite3.Connection]:
    """Open a database, and read one state of it while others write."""
    if is_postgres(database):
        with closing(connect(database)) as db:
            db.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield db
        return
    with closing(files.open_read_only(Path(database))) as db:
        db.text_factory = bytes
        db.execute("BEGIN")
        yield db


def find_version(db: sqlite3.Connection) -> int:
    """Return the version of the schema in either engine, or 0 without a schema."""
    if isinstance(db, sqlite3.Connection):
        return migrations.version(db)
    return int(db.version)


def check_version(db: sqlite3.Connection) -> int:
    """Return the version of the schema. Raises `Unavailable` if this program cannot read it."""
    version = find_version(db)
    if not 0 < version <= migrations.latest():
        migrations.check_version(version)
    return version


def _show_nothing(phase: str, done: int, total: int) -> None:
    pass


def copy_to_file(
    database: str, file: Path, wanted: Mapping[str, str], progress: Progress = _show_nothing
) -> Copied:
    """Copy a PostgreSQL to a new file of SQLite, which has the version of the original.

    `wanted` are the generated triggers. Raises `Unavailable` if this program cannot read it.
    """
    # SQLite would create a file that every user of the machine can read.
    for suffix in ("", *files.COMPANIONS):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
    file.touch(mode=0o600)
    with open_source(database) as source, closing(sqlite3.connect(file)) as target:
        create_schema(target, check_version(source), wanted)
        done = copy(source, target, progress)
        target.commit()
    return done


def create_schema(db: sqlite3.Connection, version: int, wanted: Mapping[str, str]) -> None:
    """Create the schema of a version in an empty file of SQLite, with these triggers."""
    db.execute("BEGIN")
    if version == migrations.latest():
        migrations.upgrade(db, wanted)
    else:
        # The triggers fit the newest version only. Restoring this file fills the search index.
        migrations.create(db, version)


def require_unused(url: str) -> None:
    """Raise `Conflict` if other programs are connected to a PostgreSQL."""
    from . import postgres
    from . import postgres_schema

    close_db()
    postgres.close_idle()
    with closing(connect(url)) as opened:
        db: Any = opened
        # A closed connection takes a moment to end.
        for _ in range(CONNECTION_CHECKS):
            if not (number := postgres_schema.count_others(db)):
                return
            time.sleep(0.1)
    raise errors.Conflict(
        f"The database is in use ({number} connection{'' if number == 1 else 's'}). Stop the blog"
        " on every machine, and close other programs that are connected."
    )


@contextmanager
def replace_postgres(
    url: str, source: str, progress: Progress = _show_nothing, *, only_empty: bool = False
) -> Iterator[Copied]:
    """Replace the content of a PostgreSQL, and commit when the caller is done.

    Raises `Conflict` if it is newer than this program, or if it holds a blog and `only_empty`.
    """
    from . import postgres_schema

    with closing(connect(url)) as opened, open_source(source) as original:
        target: Any = opened
        postgres_schema.check_settings(target)
        if target.version > migrations.latest():
            raise errors.Conflict(migrations.newer_version_message(target.version))
        with postgres_schema.changes(target):
            if only_empty and target.version and postgres_schema.holds_blog(target):
                raise errors.Conflict("That database holds a blog already. Choose an empty one.")
            postgres_schema.create_again(target)
            yield copy(original, target, progress)


def take_snapshot(occasion: str) -> str:
    """Copy this blog's PostgreSQL to a file in the instance folder, and return its path.

    Raises `Unavailable` if the file cannot be written.
    """
    folder = Path(current_app.instance_path)
    file = folder / f"flaskr-{files.stamp()}-{occasion}.sqlite"
    unfinished = file.with_name(f"{file.name}.part")
    try:
        copy_to_file(current_app.config["DATABASE"], unfinished, triggers())
        unfinished.replace(file)
        swapping.sync_folder(folder)
    except OSError as error:
        raise errors.Unavailable(disk_errors.describe(error)) from error
    finally:
        unfinished.unlink(missing_ok=True)
    return str(file)


def copy(
    source: sqlite3.Connection,
    target: sqlite3.Connection,
    progress: Progress = _show_nothing,
) -> Copied:
    """Copy the rows of tables into new ones, in the caller's transaction, and compare them.

    Raises `Conflict` if the target cannot store them as they are.
    """
    with closing(sqlite3.connect(":memory:")) as model:
        create_schema(model, find_version(source), {})
        copied = tables.read_tables(model)
    work = _Copy(source, target, progress)
    work.total = sum(_count(source, table) for table in copied)
    sums = {table.name: work.copy_table(table) for table in copied}
    for table in copied:
        if table.has_sequence:
            tables.set_sequence(target, table.name, tables.read_sequence(source, table.name))
    work.done = 0
    for table in copied:
        if work.add_up(table) != sums[table.name]:
            raise errors.Conflict(
                f"The rows of the table {table.name} are others after copying. Nothing was changed."
            )
    return Copied(sum(one.rows for one in sums.values()), list(work.notes()))


class _Copy:
    """The state of a copy."""

    def __init__(
        self, source: sqlite3.Connection, target: sqlite3.Connection, progress: Progress
    ) -> None:
        self.total = self.done = 0
        self._source = source
        self._target = target
        self._progress = progress
        # PostgreSQL has no row that refers to a missing one.
        self._with_orphans = not isinstance(source, sqlite3.Connection)
        self._replaced: dict[str, int] = {}
        self._left_out: dict[str, int] = {}
        self._authors: list[str] = []

    def notes(self) -> Iterator[str]:
        """Yield a sentence for each kind of change."""
        for column, number in self._replaced.items():
            yield f"Invalid text or dates were replaced in {column}: {number}."
        for table, number in self._left_out.items():
            yield f"Rows of {table} that refer to missing ones were left out: {number}."
        if self._authors:
            yield f"Posts whose author was missing belong to: {', '.join(self._authors)}."

    def copy_table(self, table: Table) -> _Sum:
        """Copy the rows of a table, and return their checksum."""
        found = _Sum()
        columns = ", ".join(f'"{column}"' for column in table.types)
        places = ", ".join("?" * len(table.types))
        try:
            # Triggers and the schema itself have added rows.
            self._target.execute(f'DELETE FROM "{table.name}"')
            for rows in _batches(self._rows(table)):
                self._target.executemany(
                    f'INSERT INTO "{table.name}" ({columns}) VALUES ({places})', rows
                )
                for row in rows:
                    found.add(row)
                self._advance("Copying", len(rows))
        except (sqlite3.DataError, sqlite3.IntegrityError, sqlite3.NotSupportedError) as error:
            raise errors.Conflict(
                f"A row of the table {table.name} cannot be copied, so nothing was changed: {error}"
            ) from error
        return found

    def _rows(self, table: Table) -> Iterator[Values]:
        names = [f"{table.name}.{column}" for column in table.types]
        left = _count(self._source, table)
        for raw in _read(self._source, table, with_orphans=self._with_orphans):
            left -= 1
            row = table.read_row(raw)
            for name, value, stored in zip(names, row, raw, strict=True):
                if not tables.is_same(value, stored):
                    self._replaced[name] = self._replaced.get(name, 0) + 1
            yield row
        if left:
            self._left_out[table.name] = left
        if table.name == "user" and not self._with_orphans:
            yield from self._lost_authors(table)

    def _lost_authors(self, table: Table) -> Iterator[Values]:
        """Yield users for the authors of posts that the source lacks."""
        known = {id for (id,) in self._source.execute('SELECT id FROM "user"').fetchall()}
        rows = self._source.execute("SELECT DISTINCT author_id FROM post").fetchall()
        for id in dict.fromkeys(tables.read_integer(author_id) for (author_id,) in rows):
            if id in known:
                continue
            values = {"id": id, "username": f"{LOST_AUTHOR}{id}", "password": "!", "role": "author"}
            self._authors.append(str(values["username"]))
            empty = {column: "" if column in table.required else None for column in table.types}
            yield tuple({**empty, **values}.values())

    def add_up(self, table: Table) -> _Sum:
        """Return the checksum of the rows that the target has now."""
        found = _Sum()
        for rows in _batches(_read(self._target, table, with_orphans=True)):
            for raw in rows:
                found.add(table.read_row(raw))
            self._advance("Comparing", len(rows))
        return found

    def _advance(self, phase: str, rows: int) -> None:
        self.done += rows
        self._progress(phase, self.done, max(self.total, self.done))


def _read(db: sqlite3.Connection, table: Table, *, with_orphans: bool) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table, a few at a time."""
    query = table.select(with_orphans=with_orphans)
    if isinstance(db, sqlite3.Connection):
        yield from db.execute(query)
        return
    # A prepared FETCH would expect the columns of the first table.
    cursor = f'"rows of {table.name}"'
    db.execute(f"DECLARE {cursor} NO SCROLL CURSOR FOR {query}")
    while rows := db.execute(f"FETCH {ROWS_AT_ONCE} FROM {cursor}").fetchall():
        yield from rows
    db.execute(f"CLOSE {cursor}")


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    batch: list[Any] = []
    for row in rows:
        batch.append(row)
        if len(batch) == ROWS_AT_ONCE:
            yield batch
            batch = []
    if batch:
        yield batch


def _count(db: sqlite3.Connection, table: Table) -> int:
    return int(db.execute(f'SELECT count(*) FROM "{table.name}"').fetchone()[0])
