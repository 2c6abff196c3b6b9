"""Many rows by one statement: what SQLite does for each statement it then does once."""

import sqlite3
from collections.abc import Iterator
from collections.abc import Sequence
from typing import Any

# With twelve columns, a fifth of the values that the oldest SQLite takes at once.
AT_ONCE = 500


def insert(
    db: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Any]],
    returning: str = "",
) -> list[sqlite3.Row]:
    """Insert rows of constants and values; give what they return, in no certain order."""
    returned = []
    for some in _parts(rows):
        one = f"({', '.join('?' * len(columns))})"
        found = db.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join([one] * len(some))}"
            f"{f' RETURNING {returning}' if returning else ''}",
            [value for row in some for value in row],
        )
        returned += found.fetchall()
    return returned


def _parts(rows: Sequence[Sequence[Any]]) -> Iterator[Sequence[Sequence[Any]]]:
    for start in range(0, len(rows), AT_ONCE):
        yield rows[start : start + AT_ONCE]
