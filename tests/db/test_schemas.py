"""schema.sql and schema.postgresql.sql describe the same database."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import flaskr

SCHEMAS = Path(flaskr.__file__).parent
# What types and defaults are named in SQLite.
SAME = {
    "bigint": "integer",
    "bytea": "blob",
    "timestamp(0) without time zone": "timestamp",
    "utc_now()": "current_timestamp",
}
TABLES = "SELECT name FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
# Begins the part of the schema on PostgreSQL that is for full-text search.
FULL_TEXT = "-- Full-text search,"
# The tables of full-text search, which are virtual in SQLite. Some are views in PostgreSQL.
SEARCH = "SELECT name FROM pragma_table_list WHERE type = 'virtual'"


def read(name):
    return (SCHEMAS / name).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def lite():
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(read("schema.sql"))
        yield db


@pytest.fixture(scope="module")
def postgres(connect_to_postgresql):
    with connect_to_postgresql() as db:
        db.execute("CREATE SCHEMA alike")
        db.execute("SET search_path = alike")
        db.execute(read("schema.postgresql.sql"))
        yield db


def test_both_have_the_same_tables(lite, postgres):
    found = postgres.execute(
        """
        SELECT relname
        FROM pg_class
        WHERE relnamespace = 'alike'::regnamespace AND relkind IN ('r', 'v')
        """
    )
    wanted = lite.execute(f"{TABLES} UNION ALL {SEARCH} UNION ALL VALUES ('post_media')")
    assert {*found} == {*wanted, ("schema_version",), ("search_word",)}


def test_both_have_the_same_columns_and_defaults(lite, postgres):
    found = postgres.execute(
        """
        SELECT relname, attnum - 1, attname, format_type(atttypid, atttypmod), attnotnull,
            coalesce(pg_get_expr(adbin, adrelid), '')
        FROM pg_attribute
        JOIN pg_class ON pg_class.oid = attrelid AND relkind = 'r'
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relnamespace = 'alike'::regnamespace AND attnum > 0 AND relname <> ALL (%s)
        """,
        (without(lite),),
    )
    wanted = lite.execute(
        f"""
        SELECT tables.name, cid, columns.name, lower(type), "notnull" OR pk,
            lower(coalesce(dflt_value, ''))
        FROM ({TABLES}) AS tables
        JOIN pragma_table_info(tables.name) AS columns
        """
    )
    assert {
        (*names, SAME.get(kind, kind), required, SAME.get(default, default.partition("::")[0]))
        for *names, kind, required, default in found
    } == {*wanted}


def test_both_have_the_same_keys_and_indexes(lite, postgres):
    found = postgres.execute(
        """
        SELECT relname, indisunique, indkey::text
        FROM pg_index
        JOIN pg_class ON pg_class.oid = indrelid
        WHERE relnamespace = 'alike'::regnamespace AND indexprs IS NULL AND relname <> ALL (%s)
        """,
        (without(lite),),
    )
    assert sorted(
        (table, unique, [int(number) - 1 for number in columns.split()])
        for table, unique, columns in found
    ) == sorted(indexes(lite))


def without(lite):
    """Return the names of the tables that are not the same."""
    return ["schema_version", "search_word", *(name for (name,) in lite.execute(SEARCH))]


def indexes(lite):
    """Yield the table, uniqueness and column numbers of each key and index."""
    for (table,) in lite.execute(TABLES).fetchall():
        for _, index, unique, *_ in lite.execute(f"PRAGMA index_list('{table}')").fetchall():
            yield (
                table,
                bool(unique),
                [row[1] for row in lite.execute(f"PRAGMA index_info('{index}')")],
            )
        # SQLite needs no index for a key that is an integer.
        keys = lite.execute(
            "SELECT cid, type FROM pragma_table_info(?) WHERE pk", (table,)
        ).fetchall()
        if [kind for _, kind in keys] == ["INTEGER"]:
            yield table, True, [keys[0][0]]


def test_both_have_the_same_foreign_keys(lite, postgres):
    found = postgres.execute(
        """
        SELECT source.relname, conkey[1] - 1, target.relname,
            CASE confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'NO ACTION' END
        FROM pg_constraint
        JOIN pg_class AS source ON source.oid = conrelid
        JOIN pg_class AS target ON target.oid = confrelid
        WHERE contype = 'f' AND connamespace = 'alike'::regnamespace
        """
    )
    wanted = lite.execute(
        f"""
        SELECT tables.name, cid, "table", on_delete
        FROM ({TABLES}) AS tables
        JOIN pragma_foreign_key_list(tables.name)
        JOIN pragma_table_info(tables.name) AS columns ON columns.name = "from"
        """
    )
    assert sorted(found) == sorted(wanted)


@pytest.mark.parametrize("statement", (r"CHECK .*", r"CREATE (?:UNIQUE )?(?:INDEX|VIEW) [\w\"]+"))
def test_both_have_the_same_checks_and_names(statement):
    found, wanted = (
        [text.replace('"', "") for text in re.findall(statement, read(name).split(FULL_TEXT)[0])]
        for name in ("schema.postgresql.sql", "schema.sql")
    )
    assert found == wanted != []
