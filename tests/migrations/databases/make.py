"""Print a small blog of the flaskr on PYTHONPATH as SQL, as a fixture for upgrade tests.

Run it with the last commit of a version, before that is released, and keep what it prints:

    git worktree add /tmp/release COMMIT
    cd tests/migrations/databases
    PYTHONPATH=/tmp/release python make.py > VERSION.sql
"""

import os
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path

ROWS = Path(__file__).with_name("rows.txt").read_text(encoding="utf-8")


def main() -> None:
    """Create the blog in a temporary folder."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FLASKR_INSTANCE_PATH"] = folder
        from flaskr import create_app
        from flaskr.db import init_db

        app = create_app({"TESTING": True, "DATABASE": str(Path(folder, "flaskr.sqlite"))})
        with app.app_context():
            init_db()
        with closing(sqlite3.connect(app.config["DATABASE"])) as db:
            fill(db)
        with app.app_context():
            init_db()
        app.test_client().get("/")
        with closing(sqlite3.connect(app.config["DATABASE"])) as db:
            sys.stdout.writelines(f"{line}\n" for line in dump(db))


def fill(db: sqlite3.Connection) -> None:
    """Insert those of `ROWS` whose table and columns this version has."""
    statement = ""
    for line in ROWS.splitlines(keepends=True):
        statement += line
        if not sqlite3.complete_statement(statement):
            continue
        try:
            db.execute(statement)
        except sqlite3.OperationalError as error:
            if "no such" not in str(error) and "no column" not in str(error):
                raise
        statement = ""
    db.commit()


def dump(db: sqlite3.Connection) -> list[str]:
    """Return statements that create the database again: tables, rows, the rest, the version."""
    objects = db.execute(
        "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
    ).fetchall()
    virtual = [name for _, name, sql in objects if sql.startswith("CREATE VIRTUAL TABLE")]
    shadows = tuple(f"{name}_" for name in virtual)
    tables = [
        (name, sql)
        for kind, name, sql in objects
        if kind == "table"
        and name != "sqlite_sequence"
        and not (name.startswith(shadows) and not sql.startswith("CREATE VIRTUAL"))
    ]
    lines = [f"{sql};" for _, sql in tables] + ["DELETE FROM sqlite_sequence;"]
    for name, sql in [*tables, ("sqlite_sequence", "")]:
        if "fts5vocab" not in sql:
            lines += rows(db, name, "rowid, " if name in virtual else "")
    lines += [f"{sql};" for kind, _, sql in objects if kind != "table"]
    return [*lines, f"PRAGMA user_version = {db.execute('PRAGMA user_version').fetchone()[0]};"]


def rows(db: sqlite3.Connection, table: str, rowid: str) -> list[str]:
    """Return an INSERT for each row."""
    names = [row[1] for row in db.execute(f'PRAGMA table_info("{table}")')]
    quoted = ", ".join(f"quote({name})" for name in [*filter(None, [rowid.strip(", ")]), *names])
    return [
        f'INSERT INTO "{table}" ({rowid}{", ".join(names)}) VALUES ({", ".join(row)});'
        for row in db.execute(f'SELECT {quoted} FROM "{table}"')
    ]


if __name__ == "__main__":
    main()
