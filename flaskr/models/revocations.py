"""Keep an older copy of the database from reviving revoked sessions and tokens."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

# The column that identifies the secret of a log-in or a program, by table.
SECRETS = {"session": "token_hash", "token": "hash"}


def keep(db: sqlite3.Connection, newer: str) -> list[str] | None:
    """Delete the log-ins and tokens that a newer database of the same blog no longer has.

    Those that it never had are kept. Returns the names of users whose password is another one, or
    None if the databases are not of the same blog.
    """
    # Names written by other programs may be invalid UTF-8.
    db.text_factory = lambda value: value.decode(errors="replace")
    with _attached(db, newer), db:
        if not _same_blog(db):
            return None
        for table, column in SECRETS.items():
            if _have_both(db, table):
                db.execute(
                    f"""
                    DELETE FROM main.{table}
                    WHERE {column} NOT IN (SELECT {column} FROM newer.{table})
                        AND id <= (SELECT seq FROM newer.sqlite_sequence WHERE name = ?)
                    """,
                    (table,),
                )
        rows = db.execute(
            """
            SELECT old.username
            FROM main."user" AS old
            JOIN newer."user" AS new ON new.id = old.id
            WHERE new.password <> old.password
            ORDER BY old.username
            """
        )
        return [str(name) for (name,) in rows]


@contextmanager
def _attached(db: sqlite3.Connection, newer: str) -> Iterator[None]:
    db.execute("ATTACH ? AS newer", (newer,))
    try:
        yield
    finally:
        db.execute("DETACH newer")


def _same_blog(db: sqlite3.Connection) -> bool:
    """Return True unless the ids of the blogs differ, which old databases have none of."""
    if not _have_both(db, "site"):
        return _have_both(db, "user")
    query = "SELECT count(*) FROM main.site JOIN newer.site AS other USING (uuid)"
    return bool(db.execute(query).fetchone()[0])


def _have_both(db: sqlite3.Connection, table: str) -> bool:
    rows = db.execute(
        """
        SELECT name FROM main.sqlite_master WHERE name = ?
        UNION ALL
        SELECT name FROM newer.sqlite_master WHERE name = ?
        """,
        (table, table),
    )
    return len(rows.fetchall()) == 2


def count(db: sqlite3.Connection) -> int:
    """Return the number of log-ins and tokens in a database of the current version."""
    query = "SELECT (SELECT count(*) FROM session) + (SELECT count(*) FROM token)"
    return int(db.execute(query).fetchone()[0])
