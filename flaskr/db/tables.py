"""The tables of a blog, and their values in the form that both engines store.

SQLite stores any value in any column, and PostgreSQL does not. So values become those that the blog
reads from SQLite: invalid text and dates are replaced. Whatever triggers derive is left to them.
"""

import sqlite3
from collections.abc import Callable
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from typing import NamedTuple

from . import sqlite

MAX_INTEGER = 2**63 - 1
# Triggers fill these tables and this column.
DERIVED_TABLES = ("content", "search_text")
DERIVED_COLUMN = "listed"
Value = str | int | bytes | None
Values = tuple[Value, ...]


class Table(NamedTuple):
    """A table with its columns, their types, the rows that they refer to, and required ones."""

    name: str
    types: dict[str, str]
    references: dict[str, str]
    required: frozenset[str]
    has_sequence: bool

    def select(self, *, with_orphans: bool) -> str:
        """Return the query of all rows, or of those that refer to existing ones."""
        columns, conditions = [], ["true"]
        for column in self.types:
            found = f'"{column}" IN (SELECT id FROM "{self.references.get(column)}")'
            if with_orphans or column not in self.references or self.name == "post":
                columns.append(f'"{column}"')
            elif column in self.required:
                columns.append(f'"{column}"')
                conditions.append(found)
            else:
                columns.append(f'CASE WHEN {found} THEN "{column}" END')
        return f'SELECT {", ".join(columns)} FROM "{self.name}" WHERE {" AND ".join(conditions)}'

    def read_row(self, stored: Iterable[Any]) -> Values:
        """Return the values of a row in the form that both engines store."""
        kinds = zip(self.types.values(), stored, strict=True)
        return tuple(READERS.get(kind, _read_text)(value) for kind, value in kinds)


def read_tables(db: sqlite3.Connection) -> list[Table]:
    """Return the tables to copy, as a SQLite database of the same version has them."""
    rows = db.execute(
        """
        SELECT tables.name, sql LIKE '% AUTOINCREMENT%'
        FROM pragma_table_list AS tables
        JOIN sqlite_master USING (type, name)
        WHERE tables.schema = 'main' AND type = 'table' AND tables.name NOT LIKE 'sqlite_%'
        ORDER BY sqlite_master.rowid
        """
    )
    return [
        _read_table(db, name, bool(has_sequence))
        for name, has_sequence in rows.fetchall()
        if name not in DERIVED_TABLES
    ]


def _read_table(db: sqlite3.Connection, name: str, has_sequence: bool) -> Table:
    rows = db.execute(
        """SELECT name, upper(type), "notnull" OR pk FROM pragma_table_info(?)""", (name,)
    ).fetchall()
    references = db.execute(
        """SELECT "from", "table" FROM pragma_foreign_key_list(?)""", (name,)
    ).fetchall()
    return Table(
        name,
        {column: kind for column, kind, _ in rows if column != DERIVED_COLUMN},
        dict(references),
        frozenset(column for column, _, is_required in rows if is_required),
        has_sequence,
    )


def _read_text(value: Any) -> str | None:
    if value is None:
        return None
    text = value.decode(errors="replace") if isinstance(value, bytes) else str(value)
    return text.replace("\0", "\ufffd")


def _read_time(value: Any) -> str | None:
    if value is None:
        return None
    if not isinstance(value, datetime):
        stored = value if isinstance(value, bytes) else str(value).encode()
        value = sqlite.parse_timestamp(stored)
    return str(value.isoformat(" ", "seconds"))


def read_integer(value: Any) -> int | None:
    """Return the nearest integer that both engines store."""
    if value is None:
        return None
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return 0
    return max(-MAX_INTEGER - 1, min(number, MAX_INTEGER))


def _read_bytes(value: Any) -> bytes | None:
    return value if value is None or isinstance(value, bytes) else str(value).encode()


READERS: dict[str, Callable[[Any], Value]] = {
    "INTEGER": read_integer,
    "TIMESTAMP": _read_time,
    "BLOB": _read_bytes,
}


def is_same(value: Value, stored: Any) -> bool:
    """Return True if a value is the one that is stored, in another form at most."""
    if isinstance(value, str) and isinstance(stored, bytes):
        return value.encode() == stored
    return isinstance(stored, datetime) or bool(value == stored)


def read_sequence(db: sqlite3.Connection, table: str) -> int:
    """Return the highest id that a table has ever had."""
    if isinstance(db, sqlite3.Connection):
        query = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?"
        given = db.execute(query, (table,)).fetchone()[0]
    else:
        given = db.execute(
            """
            SELECT coalesce(
                pg_sequence_last_value(CAST(pg_get_serial_sequence(?, 'id') AS REGCLASS)), 0
            )
            """,
            (f'"{table}"',),
        ).fetchone()[0]
    highest = db.execute(f'SELECT coalesce(max(id), 0) FROM "{table}"').fetchone()[0]
    return max(int(given), int(highest))


def set_sequence(db: sqlite3.Connection, table: str, highest: int) -> None:
    """Let the next id be higher."""
    if highest < 1:
        return
    if isinstance(db, sqlite3.Connection):
        db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
        db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, highest))
    else:
        db.execute(
            "SELECT setval(CAST(pg_get_serial_sequence(?, 'id') AS REGCLASS), ?)",
            (f'"{table}"', highest),
        )
